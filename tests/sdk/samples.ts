/** What a program does with the SDK once it has it; `how` brings the names in. Prints one line of JSON. */
const sampleAfter = (how: string): string => `${how}

const abasto = new Abasto({ apiKey: process.env.ABASTO_API_KEY, baseUrl: JSON.parse(process.env.ABASTO_URLS) })

async function main() {
  const sku = process.env.SKU
  const lamp = await abasto.products.create({ sku, name: 'Desk lamp', price: '12.50', currency: 'EUR' })
  await abasto.inventory.create({ productId: lamp.id, quantity: 10 })
  const sale = { productId: lamp.id, quantity: 2 }
  const replays = []
  for (let send = 0; send < 2; send++) {
    const onResponse = ({ replayed }) => replays.push(replayed)
    await abasto.purchases.create(sale, { idempotencyKey: sku, onResponse })
  }
  const { items } = await abasto.products.list({ filter: { id: [lamp.id] } }).page()
  const changes = []
  for await (const movement of abasto.inventory.movements(lamp.id, { pageSize: 1 })) changes.push(movement.onHandChange)
  const failure = await abasto.purchases.create({ productId: lamp.id, quantity: 9 }).catch((error) => error)
  const caught = [failure instanceof AbastoError, failure instanceof ConflictError, failure instanceof NotFoundError]
  const { name, code, details } = failure
  console.log(JSON.stringify({ found: items.length, replays, changes, caught, name, code, available: details.available }))
}

main()
`

export const moduleSample = sampleAfter(
  "import { Abasto, AbastoError, ConflictError, NotFoundError } from '@abasto/sdk'",
)

export const commonJsSample = sampleAfter(
  "const { Abasto, AbastoError, ConflictError, NotFoundError } = require('@abasto/sdk')",
)

/** One half is loaded as a module, the other as CommonJS: two copies of the package in one process. */
export const bothSample = sampleAfter(`import { createRequire } from 'node:module'
import { Abasto } from '@abasto/sdk'
const { AbastoError, ConflictError, NotFoundError } = createRequire(import.meta.url)('@abasto/sdk')
if (Abasto === createRequire(import.meta.url)('@abasto/sdk').Abasto) throw new Error('They are one copy.')`)

/** What every sample prints. */
export const SAMPLE_PRINTS = {
  found: 1,
  replays: [false, true],
  changes: [10, -2],
  caught: [true, true, false],
  name: 'ConflictError',
  code: 'insufficient_stock',
  available: 8,
}

/** Many sales of one product, several at once, through whatever connection there is. Prints their ids and the failures. */
export const sellingSample = `import { Abasto } from '@abasto/sdk'

const { ABASTO_URLS, ABASTO_API_KEY, PRODUCT, SALES } = process.env
const limits = { attemptTimeoutMs: 500, maxRetries: 20, timeoutMs: 120_000 }
const abasto = new Abasto({ apiKey: ABASTO_API_KEY, baseUrl: JSON.parse(ABASTO_URLS), ...limits })
const told = { sold: [], failures: [] }
let next = 0

async function sell() {
  while (next++ < Number(SALES)) {
    await abasto.purchases.create({ productId: PRODUCT, quantity: 1 }).then(
      ({ id }) => told.sold.push(id),
      (error) => told.failures.push(String(error)),
    )
  }
}

await Promise.all(Array.from({ length: 8 }, sell))
console.log(JSON.stringify(told))
`

/** What a type checker must accept, and the lines that it must refuse. */
export const typedSample = `import { Abasto, AbastoError, NotFoundError, type Product, type Versioned } from '@abasto/sdk'

const abasto = new Abasto({ apiKey: 'key', fetch: (url, init) => fetch(url, init) })

export async function sell(): Promise<string> {
  const lamp: Versioned<Product> = await abasto.products.get('id')
  const level = await abasto.inventory.get(lamp.id, { include: ['product'] })
  const name: string | undefined = level.product?.name
  // @ts-expect-error a price is a decimal string
  const price: number = lamp.price
  // @ts-expect-error an inventory leads to no warehouse
  await abasto.inventory.get(lamp.id, { include: ['warehouse'] })
  for await (const product of abasto.products.list({ filter: { id: [lamp.id] } })) return product.sku + name + price
  return ''
}

export function told(error: unknown): number {
  if (error instanceof NotFoundError) return error.status
  if (error instanceof AbastoError && error.code === 'insufficient_stock') return error.details.available
  // @ts-expect-error it is not known to be a failure of the SDK
  return error.status
}
`
