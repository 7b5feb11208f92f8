import { Abasto, AbastoError, InvalidRequestError, NotFoundError } from '@abasto/sdk'
import { type Offer, windowPage } from './page.ts'

/** Opens the window on a port: `/` shows what is for sale, and `/buy` sells it. */
export function openStorefront(abasto: Abasto, port: number) {
  return Bun.serve({
    hostname: '127.0.0.1',
    port,
    routes: {
      '/': { GET: async () => html(windowPage(await offersOf(abasto))) },
      '/buy': {
        POST: async (request) => {
          const message = await buy(abasto, await request.formData())
          return html(windowPage(await offersOf(abasto), message))
        },
      },
    },
    error: (failure) => html(windowPage([], `The shop is closed for a moment: ${failure.message}`), 503),
  })
}

/** What is for sale: one call brings the stock of a page of products, and the products with it. */
async function offersOf(abasto: Abasto): Promise<Offer[]> {
  const { items } = await abasto.inventory.list({ include: ['product'], pageSize: 100 }).page()
  return items.flatMap(({ product, available }) =>
    product?.active
      ? {
          productId: product.id,
          name: product.name,
          price: `${product.price} ${product.currency}`,
          available,
          saleKey: crypto.randomUUID(),
        }
      : [],
  )
}

/** Sells what a form asks for, and says what became of it. The form's key makes it one sale, however often it comes. */
async function buy(abasto: Abasto, form: FormData): Promise<string> {
  const [productId, idempotencyKey, quantity] = ['productId', 'saleKey', 'quantity'].map((name) =>
    String(form.get(name)),
  )
  if (!productId || !idempotencyKey) return 'Please choose something.'
  try {
    const sale = { productId, quantity: Number(quantity) }
    const { total, currency } = await abasto.purchases.create(sale, { idempotencyKey })
    return `Thank you: ${quantity} for ${total} ${currency}.`
  } catch (error) {
    if (error instanceof AbastoError && error.code === 'insufficient_stock')
      return `Sorry, only ${error.details.available} left.`
    if (error instanceof NotFoundError) return 'Sorry, we have that no longer.'
    if (error instanceof InvalidRequestError) return error.message
    throw error
  }
}

const html = (text: string, status = 200): Response =>
  new Response(text, { status, headers: { 'Content-Type': 'text/html; charset=utf-8' } })

if (import.meta.main) {
  const { ABASTO_URL: baseUrl = 'http://localhost:8080', ABASTO_API_KEY, PORT = '3000' } = process.env
  const apiKey = ABASTO_API_KEY ?? (await Bun.file('.abasto/api-key').text()).trim()
  const { url } = openStorefront(new Abasto({ apiKey, baseUrl }), Number(PORT))
  console.log(`The storefront is open: ${url}`)
}
