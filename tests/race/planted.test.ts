import { afterAll, describe, expect, test } from 'bun:test'
import { createCommitter } from '../../packages/inventory/src/application/committer.ts'
import { DEFAULT_WAREHOUSE } from '../../packages/inventory/src/domain/warehouse.ts'
import { memoryStock } from '../../packages/inventory/src/infrastructure/memory.ts'
import { createInventory, type Inventory } from '../../packages/inventory/src/inventory.ts'
import { fail, ok, type Uuid } from '../../packages/kernel/src/kernel.ts'
import type { PricedProduct } from '../../packages/products/src/domain/product.ts'
import { context, each } from '../stock/seller.ts'
import { found } from '../stock/size.ts'
import { buy, fillCart } from './customers.ts'
import { judged } from './judged.ts'
import { createRecorder } from './recorder.ts'

/** What a wrong shop does otherwise than a right one. */
type Fault = (right: Inventory) => Partial<Inventory>

const FAULTS: Readonly<Record<string, Fault>> = {
  'shows a level as it was a moment ago': ({ getLevel }) => {
    const shown = new Map<Uuid, Awaited<ReturnType<Inventory['getLevel']>>>()
    return {
      getLevel: async (own, key) => {
        const current = await getLevel(own, key)
        const before = shown.get(key.productId) ?? current
        shown.set(key.productId, current)
        return before
      },
    }
  },
  'forgets under which key a sale was sent': ({ sell }) => ({
    sell: (own, input) => sell({ ...own, operationId: Bun.randomUUIDv7() }, input),
  }),
  'sends every twentieth customer away': ({ sell }) => {
    let asked = 0
    return {
      sell: async (own, input) => {
        const { productId } = input.lines[0]!
        const details = { productId, requested: 1, available: 0 }
        const refusal = {
          kind: 'conflict',
          code: 'insufficient_stock',
          message: '',
          at: ['lines', 0],
          details,
        } as const
        return ++asked % 20 === 0 ? fail(refusal) : sell(own, input)
      },
    }
  },
  'says that it has sold before it has': ({ sell }) => ({
    sell: async (own, input) => {
      setTimeout(() => sell(own, input), 5)
      return ok([])
    },
  }),
  'holds the first line of a cart, and says that it holds all': ({ reserveStock }) => ({
    reserveStock: async (own, input) => {
      const reserved = await reserveStock(own, { ...input, lines: input.lines.slice(0, 1) })
      if (!reserved.ok) return reserved
      const lines = input.lines.map((line) => ({ ...reserved.value.lines[0]!, productId: line.productId }))
      return { ...reserved, value: { ...reserved.value, lines } }
    },
  }),
  'puts back what was held, and one more': ({ releaseReservation, changeLevel }) => ({
    releaseReservation: async (own, input) => {
      const released = await releaseReservation(own, input)
      if (!released.ok) return released
      const { productId, warehouseId } = released.value.lines[0]!
      await changeLevel(context(), { productId, warehouseId, quantityDelta: 1, reason: 'return' })
      return released
    },
  }),
}

describe('customers race in one process', () => {
  test('and a right shop is found to be right', async () => {
    const { faults, circle, figures } = await raceIn(() => ({}))

    expect(faults).toEqual([])
    expect(circle).toEqual([])
    expect(figures['operations in the histories']).toBeGreaterThan(500)
  })

  const foundOut: string[] = []
  afterAll(() => found('wrong shops that the checker found out', { 'a shop that': foundOut }))

  test.each(Object.entries(FAULTS))(
    'and a shop that %s is found out',
    async (what, fault) => {
      const { faults } = await raceIn(fault)

      expect(faults.join()).toContain(': illegal: ')
      foundOut.push(what)
    },
    60_000,
  )
})

/** Buyers and carts at once, over three products of one shop in memory. */
async function raceIn(fault: Fault) {
  const stock = memoryStock()
  const right = createInventory({
    stock,
    commit: createCommitter(stock).commit,
    products: { priceProducts: pricesOf, findProducts: async () => ok(new Map()) },
    newId: () => Bun.randomUUIDv7(),
    announce: () => {},
  })
  const products = Array.from({ length: 5 }, () => Bun.randomUUIDv7() as Uuid)
  for (const productId of products) {
    await right.openLevel(context(), { productId, warehouseId: DEFAULT_WAREHOUSE, quantity: 60 })
  }
  const recorder = createRecorder({ ...right, ...fault(right) })

  const buyers = Array.from({ length: 200 }, () => ({ key: Bun.randomUUIDv7() as Uuid, isHasty: false }))
  const twice = buyers.flatMap((buyer, index) => (index % 10 === 0 ? [buyer, buyer] : [buyer]))
  await Promise.all([buy(recorder, products[0]!, twice, 8), each(150, 8, () => fillCart(recorder, products))])
  await Bun.sleep(20)
  for (const product of products) await recorder.read(product)

  const moves = await stock.movements({}, { size: 100_000 })
  const places = new Map(moves.items.map((move) => [`${move.operationId} ${move.productId}`, move.sequence]))
  return judged(recorder.sent, products, { onHand: 60, sequence: 1 }, (key, product) => places.get(`${key} ${product}`))
}

const pricesOf = async (_: unknown, ids: readonly Uuid[]) =>
  ok(
    new Map(ids.map((id): [Uuid, PricedProduct] => [id, { id, active: true, price: { minor: 250, currency: 'EUR' } }])),
  )
