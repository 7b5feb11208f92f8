import { expect, test } from 'bun:test'
import { DEFAULT_WAREHOUSE } from '../domain/warehouse.ts'
import { type Shop, succeeded } from './shop.ts'

/** Stock that moves from warehouse to warehouse. */
export function transfersSuite(shop: () => Shop): void {
  test('stock moves to another warehouse, with a movement at either end', async () => {
    const { asked, inventory, stocked, warehouse, level } = shop()
    const [lamp, chair, cellar] = [await stocked(5), await stocked(2), await warehouse()]
    const lines = [
      { productId: lamp, from: DEFAULT_WAREHOUSE, to: cellar, quantity: 3 },
      { productId: chair, from: DEFAULT_WAREHOUSE, to: cellar, quantity: 2 },
    ]
    const context = asked()

    const moved = await inventory.transferStock(context, { lines, actor: 'Ada' })

    const { id, createdAt } = succeeded(moved)
    const { operationId } = context
    expect(moved).toEqual({ ok: true, value: { id, lines, actor: 'Ada', operationId, createdAt } })
    expect(await level(lamp)).toMatchObject({ onHand: 2 })
    expect(await level(lamp, cellar)).toMatchObject({ onHand: 3, sequence: 1 })
    expect(await level(chair, cellar)).toMatchObject({ onHand: 2 })
    expect(await inventory.getInventory(asked(), lamp)).toMatchObject({ value: { onHand: 5 } })
    const filter = { productIds: [lamp], kinds: ['transfer_out', 'transfer_in'] } as const
    const { items } = succeeded(await inventory.listMovements(asked(), { filter, page: { size: 10 } }))
    expect(items).toMatchObject([
      { kind: 'transfer_out', warehouseId: DEFAULT_WAREHOUSE, onHandChange: -3, actor: 'Ada', operationId },
      { kind: 'transfer_in', warehouseId: cellar, onHandChange: 3, actor: 'Ada', operationId },
    ])
    expect(await inventory.transferStock(context, { lines, actor: 'Ada' })).toEqual({ ...moved, replayed: true })
  })

  test('nothing moves when one line cannot, and the refusal says which', async () => {
    const { asked, inventory, stocked, warehouse, level } = shop()
    const [lamp, chair, cellar] = [await stocked(5), await stocked(2), await warehouse()]
    succeeded(await inventory.reserveStock(asked(), { lines: [{ productId: chair, quantity: 1 }] }))
    const first = { productId: lamp, from: DEFAULT_WAREHOUSE, to: cellar, quantity: 3 }
    const second = { productId: chair, from: DEFAULT_WAREHOUSE, to: cellar, quantity: 2 }
    const move = (line: typeof first) => inventory.transferStock(asked(), { lines: [first, line] })

    expect(await move(second)).toMatchObject({
      error: { code: 'insufficient_stock', at: ['lines', 1, 'quantity'], details: { productId: chair, available: 1 } },
    })
    expect(await move({ ...second, to: DEFAULT_WAREHOUSE })).toMatchObject({
      error: { kind: 'invalid', code: 'same_warehouse', at: ['lines', 1, 'to'] },
    })
    expect(await move({ ...second, to: Bun.randomUUIDv7() })).toMatchObject({
      error: { kind: 'not_found', code: 'warehouse_not_found', at: ['lines', 1, 'to'] },
    })
    expect(await move({ ...second, from: cellar, to: DEFAULT_WAREHOUSE })).toMatchObject({
      error: { kind: 'not_found', code: 'stock_level_not_found' },
    })
    for (const count of [0, 101]) {
      const lines = Array.from({ length: count }, () => ({ ...first, quantity: 1 }))
      expect(await inventory.transferStock(asked(), { lines })).toMatchObject({
        error: { kind: 'invalid', at: ['lines'], message: `A transfer has 1 to 100 lines, not ${count}.` },
      })
    }
    expect(await level(lamp)).toMatchObject({ onHand: 5, sequence: 1 })
  })
}
