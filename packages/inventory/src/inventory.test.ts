import { expect, test } from 'bun:test'
import { type Context, fail, ok, type Result, type Uuid, unavailable } from '@abasto/kernel'
import { lamp } from '@abasto/products/domain/examples'
import type { Product } from '@abasto/products/domain/product'
import { createCommitter } from './application/committer.ts'
import { memoryStock } from './infrastructure/memory.ts'
import { productsClient } from './infrastructure/products-client.ts'
import { createInventory } from './inventory.ts'

const LAMP = '11111111-1111-7111-8111-111111111111'
const CHAIR = '22222222-2222-7222-8222-222222222222'

test('sells lines at the price that their products have now, and tells the log', async () => {
  const { inventory, events } = await shop({ [LAMP]: 5, [CHAIR]: 5 })

  const sold = await inventory.sell(asked(), { lines: [lineOf(LAMP, 2), lineOf(CHAIR, 1)] })

  expect(sold).toMatchObject({
    value: [
      { productId: LAMP, quantity: 2, unitPrice: { minor: 1250 }, total: { minor: 2500, currency: 'EUR' } },
      { productId: CHAIR, quantity: 1, total: { minor: 1250 } },
    ],
  })
  expect(events.map(([event]) => event)).toEqual([
    'stock.changed',
    'purchase.completed',
    'stock.changed',
    'purchase.completed',
  ])
  expect(events[1]![1]).toMatchObject({ product_id: LAMP, quantity: 2, unit_price: '12.50', total: '25.00' })
})

test('sells nothing when one of the lines cannot be sold, and says which', async () => {
  const { inventory, onHand, products } = await shop({ [LAMP]: 5, [CHAIR]: 1 })
  const lines = [lineOf(LAMP, 1), lineOf(CHAIR, 2)]

  expect(await inventory.sell(asked(), { lines })).toMatchObject({
    error: { code: 'insufficient_stock', at: ['lines', 1, 'quantity'] },
  })
  products.set(CHAIR, { ...products.get(CHAIR)!, active: false })
  expect(await inventory.sell(asked(), { lines })).toMatchObject({
    error: { code: 'product_inactive', at: ['lines', 1, 'productId'] },
  })
  products.delete(CHAIR)
  expect(await inventory.sell(asked(), { lines })).toMatchObject({ error: { code: 'product_not_found' } })
  expect(await onHand(LAMP)).toBe(5)
})

test('a sale has 1 to 100 lines', async () => {
  const { inventory } = await shop({ [LAMP]: 500 })
  const lines = (count: number) => ({ lines: Array.from({ length: count }, () => lineOf(LAMP, 1)) })

  expect(await inventory.sell(asked(), lines(0))).toMatchObject({ error: { kind: 'invalid', at: ['lines'] } })
  expect(await inventory.sell(asked(), lines(101))).toMatchObject({ error: { kind: 'invalid' } })
  expect(await inventory.sell(asked(), lines(100))).toMatchObject({ ok: true })
})

test('a total that cannot be held exactly is refused', async () => {
  const { inventory, products } = await shop({ [LAMP]: 1_000 })
  products.set(LAMP, { ...products.get(LAMP)!, price: { minor: Number.MAX_SAFE_INTEGER, currency: 'EUR' } })

  expect(await inventory.sell(asked(), { lines: [lineOf(LAMP, 2)] })).toMatchObject({
    error: { code: 'total_out_of_range' },
  })
})

test('a sale that is sent again is answered as it was, at the price of then, and tells the log nothing new', async () => {
  const { inventory, products, events, onHand } = await shop({ [LAMP]: 5 })
  const context = asked()
  const first = await inventory.sell(context, { lines: [lineOf(LAMP, 2)] })
  const told = events.length
  products.set(LAMP, { ...products.get(LAMP)!, price: { minor: 9_900, currency: 'EUR' } })

  expect(await inventory.sell(context, { lines: [lineOf(LAMP, 2)] })).toEqual({ ...first, replayed: true })
  expect([await onHand(LAMP), events.length]).toEqual([3, told])
})

test('while the products cannot be asked, what was decided before is still answered, and nothing new is sold', async () => {
  const { inventory, peer } = await shop({ [LAMP]: 5 })
  const context = asked()
  const first = await inventory.sell(context, { lines: [lineOf(LAMP, 2)] })
  peer.isDown = true

  expect(await inventory.sell(context, { lines: [lineOf(LAMP, 2)] })).toEqual({ ...first, replayed: true })
  expect(await inventory.sell(asked(), { lines: [lineOf(LAMP, 1)] })).toMatchObject({ error: { kind: 'unavailable' } })
  expect(await inventory.openInventory(asked(), { productId: CHAIR, quantity: 1 })).toMatchObject({ ok: false })
})

test('only a product that exists can be counted, and only once', async () => {
  const { inventory } = await shop({ [LAMP]: 5 })
  const nobody = Bun.randomUUIDv7()

  expect(await inventory.openInventory(asked(), { productId: nobody, quantity: 1 })).toMatchObject({
    error: { code: 'product_not_found' },
  })
  expect(await inventory.openInventory(asked(), { productId: LAMP, quantity: 1 })).toMatchObject({
    error: { code: 'inventory_exists' },
  })
})

test('stock is changed by hand for a reason, and the log is told', async () => {
  const { inventory, events } = await shop({ [LAMP]: 5 })

  const changed = await inventory.adjustStock(asked(), { productId: LAMP, quantityDelta: -2, reason: 'damage' })

  expect(changed).toMatchObject({ value: { productId: LAMP, onHand: 3, version: 2 } })
  expect(events.at(-1)).toEqual([
    'stock.changed',
    { product_id: LAMP, kind: 'adjustment', change: -2, on_hand: 3, reserved: 0 },
  ])
})

test('what is asked for is found, and what is not there is said to be missing', async () => {
  const { inventory } = await shop({ [LAMP]: 5 })
  const sold = await inventory.sell(asked(), { lines: [lineOf(LAMP, 1)] })
  const purchase = sold.ok ? sold.value[0]! : undefined
  const page = { size: 10 }

  expect(await inventory.getInventory(asked(), LAMP)).toMatchObject({ value: { onHand: 4 } })
  expect(await inventory.getPurchase(asked(), purchase!.id)).toEqual({ ok: true, value: purchase! })
  expect(await inventory.listPurchases(asked(), page)).toMatchObject({ value: { items: [{ id: purchase!.id }] } })
  expect(await inventory.listInventory(asked(), page)).toMatchObject({ value: { items: [{ productId: LAMP }] } })
  expect(await inventory.listInventoryMovements(asked(), { productId: LAMP, page })).toMatchObject({
    value: { items: [{ kind: 'receipt' }, { kind: 'sale', purchaseId: purchase!.id }] },
  })
  expect(await inventory.getInventory(asked(), CHAIR)).toMatchObject({ error: { code: 'no_inventory' } })
  expect(await inventory.getPurchase(asked(), CHAIR)).toMatchObject({ error: { code: 'purchase_not_found' } })
  expect(await inventory.listInventoryMovements(asked(), { productId: CHAIR, page })).toMatchObject({ ok: false })
})

test('a cursor of another list is refused', async () => {
  const { inventory } = await shop({ [LAMP]: 5 })
  const page = { size: 10, after: 'nonsense' }

  for (const answer of [
    await inventory.listInventory(asked(), page),
    await inventory.listPurchases(asked(), page),
    await inventory.listInventoryMovements(asked(), { productId: LAMP, page }),
    await inventory.listInventoryMovements(asked(), { productId: LAMP, page: { size: 1, before: `${LAMP}.0` } }),
    await inventory.listInventoryMovements(asked(), { productId: LAMP, page: { size: 1, before: `${LAMP}.1.1` } }),
  ]) {
    expect(answer).toMatchObject({ error: { code: 'invalid_cursor' } })
  }
})

test('customers of one moment ask for their prices together', async () => {
  const { inventory, peer } = await shop({ [LAMP]: 50 })
  peer.calls = 0

  await Promise.all(Array.from({ length: 20 }, () => inventory.sell(asked(), { lines: [lineOf(LAMP, 1)] })))

  expect(peer.calls).toBe(1)
})

const lineOf = (productId: Uuid, quantity: number) => ({ productId, quantity })

const asked = (): Context => ({
  requestId: 'test',
  caller: { id: 'tester', permissions: ['*'] },
  deadlineMs: Date.now() + 5_000,
  operationId: Bun.randomUUIDv7(),
  fingerprint: 'f'.repeat(32),
})

/** A shop in memory with this much of each product, all at 12.50 EUR. */
async function shop(quantities: Readonly<Record<Uuid, number>>) {
  const stock = memoryStock()
  const products = new Map([LAMP, CHAIR].map((id) => [id, lamp(id)]))
  const peer = { isDown: false, calls: 0 }
  const events: [string, Readonly<Record<string, unknown>>][] = []
  const find = async (_: Context, ids: readonly Uuid[]): Promise<Result<ReadonlyMap<Uuid, Product>>> => {
    peer.calls++
    if (peer.isDown) return fail(unavailable('The products do not answer.'))
    return ok(new Map(ids.flatMap((id) => (products.has(id) ? [[id, products.get(id)!]] : []))))
  }
  const inventory = createInventory({
    stock,
    commit: createCommitter(stock).commit,
    products: productsClient({ findProducts: find, priceProducts: find }),
    newId: () => Bun.randomUUIDv7(),
    announce: (event, _, fields) => events.push([event, fields]),
  })
  for (const [productId, quantity] of Object.entries(quantities)) {
    await inventory.openInventory(asked(), { productId, quantity })
  }
  events.splice(0)
  const onHand = async (productId: Uuid) => (await stock.inventory(productId))!.onHand
  return { inventory, products, peer, events, onHand }
}
