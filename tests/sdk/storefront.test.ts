import { afterAll, beforeAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { Abasto, type Product } from '@abasto/sdk'
import { openStorefront } from '../../examples/storefront/storefront.ts'
import { type RunningShop, runShop, temporaryFolder } from '../running-shop.ts'
import { root } from '../tidy/project.ts'

const { folder, remove } = temporaryFolder()
let shop: RunningShop
let abasto: Abasto
let storefront: ReturnType<typeof openStorefront>
let lamp: Product

beforeAll(async () => {
  shop = await runShop(folder)
  abasto = new Abasto({ apiKey: shop.apiKey, baseUrl: shop.urls })
  storefront = openStorefront(abasto, 0)
  lamp = await abasto.products.create({ sku: 'LAMP-1', name: '"Desk" <lamp>', price: '12.50', currency: 'EUR' })
  await abasto.inventory.create({ productId: lamp.id, quantity: 5 })
}, 60_000)
afterAll(async () => {
  await storefront?.stop(true)
  await shop?.stop()
  remove()
})

test('the window shows what is for sale and how much of it there is', async () => {
  const page = await (await fetch(storefront.url)).text()

  expect(page).toContain('<td>&quot;Desk&quot; &lt;lamp&gt;</td>')
  expect(page).toContain('<td>12.50 EUR</td>')
  expect(page).toContain('5 left')
}, 30_000)

test('a customer who presses twice buys once, and another who comes back buys again', async () => {
  const form = await formFor(2)

  const pages = [await send(form), await send(form), await send(await formFor(2))]

  expect(pages.map(statusOf)).toEqual(Array(3).fill('Thank you: 2 for 25.00 EUR.'))
  expect((await abasto.inventory.get(lamp.id)).available).toBe(1)
  expect(await Array.fromAsync(abasto.purchases.list())).toHaveLength(2)
}, 30_000)

test('a customer who wants more than there is, or what nobody sells, is told so', async () => {
  const other = { ...(await formFor(1)), productId: Bun.randomUUIDv7() }

  expect(statusOf(await send(await formFor(3)))).toBe('Sorry, only 1 left.')
  expect(statusOf(await send(other))).toBe('Sorry, we have that no longer.')
  expect(statusOf(await send(await formFor(0)))).toContain('quantity')
}, 30_000)

test('a shop that cannot be reached is closed, and the window says so', async () => {
  const nobody = new Abasto({ apiKey: 'none', baseUrl: 'http://127.0.0.1:1', maxRetries: 0 })
  const closed = openStorefront(nobody, 0)
  const response = await fetch(closed.url)
  await closed.stop(true)

  expect([response.status, statusOf(await response.text())]).toEqual([
    503,
    expect.stringContaining('The shop is closed for a moment'),
  ])
})

test('it opens with one command', async () => {
  const command = [process.execPath, join(root, 'examples/storefront/storefront.ts')]
  const env = { ...process.env, ABASTO_URL: shop.urls.inventory, ABASTO_API_KEY: shop.apiKey, PORT: '0' }
  const child = Bun.spawn(command, { env, stdin: 'ignore', stdout: 'pipe' })
  const { value: said } = await child.stdout.getReader().read()
  const page = await fetch(new TextDecoder().decode(said).trim().split(' ').at(-1)!)
  child.kill()

  expect(await page.text()).toContain('<h1>Storefront</h1>')
}, 30_000)

type Form = Readonly<{ productId: string; saleKey: string; quantity: string }>

/** The form of the lamp as the window shows it, filled in. */
async function formFor(quantity: number): Promise<Form> {
  const page = await (await fetch(storefront.url)).text()
  const fieldOf = (name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(page)?.[1] ?? ''
  return { productId: fieldOf('productId'), saleKey: fieldOf('saleKey'), quantity: String(quantity) }
}

async function send(form: Form): Promise<string> {
  const response = await fetch(new URL('/buy', storefront.url), { method: 'POST', body: new URLSearchParams(form) })
  return response.text()
}

const statusOf = (page: string): string => /<p role="status">([^<]*)<\/p>/.exec(page)?.[1] ?? ''
