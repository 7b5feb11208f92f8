import { expect, test } from 'bun:test'
import { Abasto, type Product, type RetryInfo } from '@abasto/sdk'
import { runShop, temporaryFolder } from '../running-shop.ts'
import { found, size } from '../stock/size.ts'
import { builtPackage } from './built-package.ts'
import { customerProject, installWith } from './customer-project.ts'
import { FAULTS, noFaults, openFaultProxy } from './fault-proxy.ts'
import { sellingSample } from './samples.ts'

const WRITES = size({ usual: 600, full: 10_000 })
const LEAST_OF_EACH = size({ usual: 20, full: 500 })
const SALES_ON_NODE = size({ usual: 200, full: 2_000 })
const AT_ONCE = 24
const OPENING_STOCK = 1_000_000

test(
  'every write through a connection that drops, delays, doubles and cuts takes effect exactly once',
  async () => {
    await using shop = await openShop()
    const direct = clientOf(shop.urls, shop.apiKey)
    const products = await openCatalogue(direct)
    await using road = await badRoad(shop)
    const retries: string[] = []
    const abasto = clientOf(road.urls, shop.apiKey, ({ code, status }) => retries.push(code ?? String(status)))

    const made = await writeAll(abasto, products)

    const books = await booksOf(direct, products)
    found('writes of the SDK through a faulty connection, each exactly once', {
      writes: WRITES,
      failed: made.failures.length,
      faults: road.counts,
      'sent again because of': tally(retries),
    })
    expect(made.failures).toEqual([])
    expect(books).toEqual(made.books)
    for (const fault of FAULTS) expect(road.counts[fault]).toBeGreaterThanOrEqual(LEAST_OF_EACH)
    expect(retries.length).toBeGreaterThan(LEAST_OF_EACH)
  },
  size({ usual: 120_000, full: 900_000 }),
)

if (!Bun.which('node') || !Bun.which('npm'))
  console.log('The faulty connection from Node was not tested: there is no node.')
else {
  test(
    'and so does every sale of a customer on Node, with the package as it is published',
    async () => {
      await using shop = await openShop()
      const direct = clientOf(shop.urls, shop.apiKey)
      const [product] = (await openCatalogue(direct)) as [Product]
      await using road = await badRoad(shop)
      const project = customerProject()
      const installed = await installWith('npm', project, (await builtPackage()).tarball)
      expect(installed.status).toBe(0)
      project.write('selling.mjs', sellingSample)

      const outcome = await project.run(['node', 'selling.mjs'], {
        ABASTO_URLS: JSON.stringify(road.urls),
        ABASTO_API_KEY: shop.apiKey,
        PRODUCT: product.id,
        SALES: String(SALES_ON_NODE),
      })
      project.remove()

      expect(outcome).toMatchObject({ status: 0, problems: '' })
      const { sold, failures } = JSON.parse(outcome.out) as { sold: string[]; failures: string[] }
      const { purchases } = await booksOf(direct, [product])
      found('sales from Node through a faulty connection', { sales: sold.length, faults: road.counts })
      expect([failures, sold.length]).toEqual([[], SALES_ON_NODE])
      expect(purchases).toEqual(sold.toSorted())
      for (const fault of FAULTS) expect(road.counts[fault]).toBeGreaterThan(0)
    },
    size({ usual: 120_000, full: 600_000 }),
  )
}

/** What a shop must show after the writes: every one of them, and none twice. */
type Books = Readonly<{
  /** How many units each product has lost and gained, and by how many movements. */
  stock: Readonly<Record<string, Readonly<{ sales: number; receipts: number; onHand: number }>>>
  /** The ids of all purchases, in order. */
  purchases: readonly string[]
  /** The SKUs of all products that were created on the way. */
  skus: readonly string[]
  /** How often each product was changed: its name says the last of them, its `etag` counts them. */
  versions: Readonly<Record<string, number>>
}>

async function writeAll(abasto: Abasto, products: readonly Product[]) {
  const stock = Object.fromEntries(products.map(({ id }) => [id, { sales: 0, receipts: 1, onHand: OPENING_STOCK }]))
  const versions = Object.fromEntries(products.map(({ id }) => [id, 1]))
  const purchases: string[] = []
  const skus: string[] = []
  const failures: string[] = []

  const write = async (number: number) => {
    const product = products[number % products.length]!
    const level = stock[product.id]!
    const turn = Math.floor(number / products.length) % 10
    if (turn < 6) {
      const { id } = await abasto.purchases.create({ productId: product.id, quantity: 2 })
      purchases.push(id)
      level.sales++
      level.onHand -= 2
    } else if (turn < 8) {
      await abasto.inventory.adjust(product.id, { quantityDelta: 3, reason: 'receipt' })
      level.receipts++
      level.onHand += 3
    } else if (turn < 9) {
      const { sku } = await abasto.products.create({ ...lamp, sku: `NEW-${number}` })
      skus.push(sku)
    } else {
      await abasto.products.update(product.id, { name: `Lamp ${number}` })
      versions[product.id]!++
    }
  }

  let next = 0
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < WRITES) await write(next++).catch((error) => failures.push(String(error)))
    }),
  )
  const books: Books = { stock, purchases: purchases.toSorted(), skus: skus.toSorted(), versions }
  return { failures, books }
}

/** What the shop itself says, asked without the faulty connection. */
async function booksOf(abasto: Abasto, products: readonly Product[]): Promise<Books> {
  const stock: Record<string, { sales: number; receipts: number; onHand: number }> = {}
  const versions: Record<string, number> = {}
  for (const { id } of products) {
    const movements = await Array.fromAsync(abasto.inventory.movements(id, { pageSize: 100 }))
    const count = (kind: string) => movements.filter((movement) => movement.kind === kind).length
    const { quantity } = await abasto.inventory.get(id)
    expect(movements.reduce((sum, { onHandChange }) => sum + onHandChange, 0)).toBe(quantity)
    stock[id] = { sales: count('sale'), receipts: count('receipt'), onHand: quantity }
    versions[id] = Number(JSON.parse((await abasto.products.get(id)).etag))
  }
  const purchases = await Array.fromAsync(abasto.purchases.list({ pageSize: 100 }), ({ id }) => id)
  const all = await Array.fromAsync(abasto.products.list({ pageSize: 100 }), ({ sku }) => sku)
  const skus = all.filter((sku) => sku.startsWith('NEW-'))
  return { stock, purchases: purchases.toSorted(), skus: skus.toSorted(), versions }
}

async function openCatalogue(abasto: Abasto): Promise<Product[]> {
  const numbers = Array.from({ length: 10 }, (_, number) => number)
  return Array.fromAsync(numbers, async (number) => {
    const product = await abasto.products.create({ ...lamp, sku: `LAMP-${number}` })
    await abasto.inventory.create({ productId: product.id, quantity: OPENING_STOCK })
    return product
  })
}

async function openShop() {
  const { folder, remove } = temporaryFolder()
  const { urls, apiKey, stop } = await runShop(folder)
  return { urls, apiKey, [Symbol.asyncDispose]: () => stop().finally(remove) }
}

/** One faulty proxy before each service; half of the delays are longer than the client waits for an attempt. */
async function badRoad({ urls }: { urls: Readonly<{ products: string; inventory: string }> }) {
  const counts = noFaults()
  const random = randomNumbers(20_261_121)
  const open = (target: string) =>
    openFaultProxy({ target, share: 0.3, counts, random, delaysMs: [20, ATTEMPT_MS * 1.5] })
  const [products, inventory] = await Promise.all([open(urls.products), open(urls.inventory)])
  const close = () => Promise.all([products.close(), inventory.close()])
  return {
    urls: { products: products.url, inventory: inventory.url },
    counts,
    [Symbol.asyncDispose]: async () => void (await close()),
  }
}

const ATTEMPT_MS = 500

const clientOf = (baseUrl: { products: string; inventory: string }, apiKey: string, onRetry = (_: RetryInfo) => {}) =>
  new Abasto({ apiKey, baseUrl, onRetry, attemptTimeoutMs: ATTEMPT_MS, maxRetries: 20, timeoutMs: 120_000 })

const lamp = { name: 'Desk lamp', price: '12.50', currency: 'EUR' } as const

/** The same row of numbers in every run (mulberry32), so that a failure can be seen again. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}
