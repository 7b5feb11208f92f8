import { expect, test } from 'bun:test'
import { DEFAULT_WAREHOUSE } from '../domain/warehouse.ts'
import { type Shop, succeeded } from './shop.ts'

/** What there is of one product in one warehouse, and how it is changed by hand. */
export function levelsSuite(shop: () => Shop): void {
  test('a product is counted in each warehouse for itself, and its inventory is their sum', async () => {
    const { asked, inventory, stocked, warehouse } = shop()
    const [productId, warehouseId] = [await stocked(5), await warehouse()]
    const settings = { reorderPoint: 2, backorderLimit: 3, incoming: 10 }

    const opened = succeeded(await inventory.openLevel(asked(), { productId, warehouseId, quantity: 4, settings }))

    const { updatedAt } = opened
    const none = { reserved: 0, short: 0, nextExpiryAt: null }
    const first = { sequence: 1, version: 1, updatedAt }
    expect(opened).toEqual({ productId, warehouseId, onHand: 4, ...none, ...settings, ...first })
    const read = await inventory.getLevel(asked(), { productId, warehouseId })
    expect(JSON.stringify(read)).toBe(JSON.stringify({ ok: true, value: opened }))
    expect(await inventory.getInventory(asked(), productId)).toMatchObject({ value: { onHand: 9, version: 2 } })
    expect(await inventory.openLevel(asked(), { productId, warehouseId, quantity: 4 })).toMatchObject({
      error: { kind: 'conflict', code: 'stock_level_exists', details: { productId, warehouseId } },
    })
  })

  test('a level needs a product and a warehouse, and what is not counted has none', async () => {
    const { asked, inventory, product } = shop()
    const [productId, nothing] = [await product(), Bun.randomUUIDv7()]
    const key = { productId, warehouseId: DEFAULT_WAREHOUSE }

    expect(await inventory.openLevel(asked(), { ...key, productId: nothing, quantity: 1 })).toMatchObject({
      error: { kind: 'not_found', code: 'product_not_found', at: ['productId'] },
    })
    expect(await inventory.openLevel(asked(), { ...key, warehouseId: nothing, quantity: 1 })).toMatchObject({
      error: { kind: 'not_found', code: 'warehouse_not_found', at: ['warehouseId'] },
    })
    const notFound = { error: { kind: 'not_found', code: 'stock_level_not_found', details: key } }
    expect(await inventory.getLevel(asked(), key)).toMatchObject(notFound)
    expect(await inventory.changeLevel(asked(), { ...key, quantityDelta: 1, reason: 'receipt' })).toMatchObject(
      notFound,
    )
    expect(await inventory.configureLevel(asked(), { ...key, settings: { incoming: 1 } })).toMatchObject(notFound)
  })

  test('a level is changed by hand for a reason, by whom the movement says', async () => {
    const { asked, inventory, stocked, level } = shop()
    const productId = await stocked(5)
    const change = { productId, warehouseId: DEFAULT_WAREHOUSE, quantityDelta: -2, reason: 'damage' } as const

    const changed = await inventory.changeLevel(asked(), { ...change, actor: 'Ada', expectedVersion: 1 })

    expect(changed).toEqual({ ok: true, value: await level(productId) })
    expect(changed).toMatchObject({ value: { onHand: 3, version: 2, sequence: 2 } })
    const { items } = succeeded(await inventory.listInventoryMovements(asked(), { productId, page: { size: 10 } }))
    expect(items[1]).toMatchObject({ kind: 'adjustment', reason: 'damage', actor: 'Ada', onHandChange: -2 })
    expect(await inventory.changeLevel(asked(), { ...change, expectedVersion: 1 })).toMatchObject({
      error: { kind: 'precondition', code: 'version_mismatch' },
    })
    expect(await inventory.changeLevel(asked(), { ...change, quantityDelta: 2 })).toMatchObject({
      error: { kind: 'invalid', code: 'reason_mismatch', at: ['reason'] },
    })
    expect(await inventory.changeLevel(asked(), { ...change, quantityDelta: -4 })).toMatchObject({
      error: { kind: 'conflict', code: 'insufficient_stock', details: { productId, requested: 4, available: 3 } },
    })
  })

  test('a count says what is there, and is refused when somebody sold in the meantime', async () => {
    const { asked, inventory, stocked } = shop()
    const productId = await stocked(5)
    const key = { productId, warehouseId: DEFAULT_WAREHOUSE }

    expect(await inventory.changeLevel(asked(), { ...key, countedOnHand: 4, expectedOnHand: 5 })).toMatchObject({
      value: { onHand: 4, version: 2 },
    })
    expect(await inventory.changeLevel(asked(), { ...key, countedOnHand: 6, expectedVersion: 2 })).toMatchObject({
      value: { onHand: 6, version: 3 },
    })
    succeeded(await inventory.sell(asked(), { lines: [{ productId, quantity: 1 }] }))

    expect(await inventory.changeLevel(asked(), { ...key, countedOnHand: 6, expectedVersion: 3 })).toMatchObject({
      error: { kind: 'precondition', code: 'version_mismatch' },
    })
    expect(await inventory.changeLevel(asked(), { ...key, countedOnHand: 6, expectedOnHand: 6 })).toMatchObject({
      error: { kind: 'precondition', code: 'quantity_mismatch', at: ['expectedOnHand'], details: { onHand: 5 } },
    })
    expect(await inventory.changeLevel(asked(), { ...key, countedOnHand: 6 })).toMatchObject({
      error: { kind: 'invalid', code: 'count_without_base' },
    })
    const { items } = succeeded(await inventory.listInventoryMovements(asked(), { productId, page: { size: 10 } }))
    expect(items.map(({ kind, reason, onHandChange }) => [kind, reason, onHandChange])).toEqual([
      ['receipt', 'receipt', 5],
      ['adjustment', 'count', -1],
      ['adjustment', 'count', 2],
      ['sale', null, -1],
    ])
  })

  test('a count of less than what is promised is taken, and the rest is short until more comes in', async () => {
    const { asked, inventory, stocked } = shop()
    const productId = await stocked(5)
    const key = { productId, warehouseId: DEFAULT_WAREHOUSE }
    succeeded(await inventory.reserveStock(asked(), { lines: [{ productId, quantity: 4 }] }))

    expect(await inventory.changeLevel(asked(), { ...key, countedOnHand: 1, expectedOnHand: 5 })).toMatchObject({
      value: { onHand: 1, reserved: 4, short: 3 },
    })
    const filter = { productIds: [productId], states: ['short'] } as const
    expect(await inventory.listLevels(asked(), { filter, page: { size: 5 } })).toMatchObject({
      value: { items: [{ productId, short: 3 }] },
    })
    expect(await inventory.changeLevel(asked(), { ...key, quantityDelta: 2, reason: 'receipt' })).toMatchObject({
      value: { onHand: 3, short: 1 },
    })
  })

  test('a level is set up, and what is not said stays as it is', async () => {
    const { asked, inventory, stocked } = shop()
    const productId = await stocked(5)
    const configure = (settings: { reorderPoint?: number | null; backorderLimit?: number; incoming?: number }) =>
      inventory.configureLevel(asked(), { productId, warehouseId: DEFAULT_WAREHOUSE, settings })

    expect(await configure({ reorderPoint: 0, incoming: 7 })).toMatchObject({
      value: { reorderPoint: 0, incoming: 7, backorderLimit: 0, version: 2 },
    })
    expect(await configure({ backorderLimit: 3 })).toMatchObject({ value: { reorderPoint: 0, incoming: 7 } })
    expect(await configure({ reorderPoint: null, incoming: 0 })).toMatchObject({
      value: { reorderPoint: null, incoming: 0, backorderLimit: 3, onHand: 5, sequence: 1, version: 4 },
    })
    succeeded(await inventory.reserveStock(asked(), { lines: [{ productId, quantity: 7 }] }))
    expect(await configure({ backorderLimit: 1 })).toMatchObject({
      error: { kind: 'conflict', code: 'backorder_limit_too_low', at: ['backorderLimit'], details: { owed: 2 } },
    })
    const stale = { productId, warehouseId: DEFAULT_WAREHOUSE, settings: { incoming: 1 }, expectedVersion: 1 }
    expect(await inventory.configureLevel(asked(), stale)).toMatchObject({
      error: { kind: 'precondition', code: 'version_mismatch' },
    })
  })

  test('levels are listed by product and warehouse, and by what is the matter with them', async () => {
    const { asked, inventory, stocked, warehouse, level } = shop()
    const [many, none] = [await stocked(9), await stocked(0)]
    const warehouseId = await warehouse()
    const settings = { reorderPoint: 3 }
    const few = succeeded(await inventory.openLevel(asked(), { productId: many, warehouseId, quantity: 3, settings }))
    const list = async (filter: Parameters<typeof inventory.listLevels>[1]['filter'], size = 10) =>
      succeeded(await inventory.listLevels(asked(), { filter, page: { size } })).items
    const productIds = [many, none]

    const all = await list({ productIds })
    expect(all).toEqual([await level(many), few, await level(none)])
    expect(await list({ warehouseIds: [warehouseId] })).toEqual([few])
    expect(await list({ productIds: [none], warehouseIds: [warehouseId] })).toEqual([])
    expect(await list({ productIds, states: [] })).toEqual([])
    expect(await list({ productIds, states: ['reorder'] })).toEqual([few])
    expect(await list({ productIds, states: ['out'] })).toEqual([await level(none)])
    expect(await list({ productIds, states: ['out', 'reorder'] })).toEqual([few, await level(none)])

    const after = `${many}.${DEFAULT_WAREHOUSE}`
    const page = await inventory.listLevels(asked(), { filter: { productIds }, page: { size: 1, after } })
    expect(page).toEqual({ ok: true, value: { items: [few], hasPrevious: true, hasNext: true } })
    expect(await inventory.listLevels(asked(), { filter: {}, page: { size: 1, after: many } })).toMatchObject({
      error: { code: 'invalid_cursor', at: ['page', 'after'] },
    })
  })

  test('a level can be read as it was', async () => {
    const { asked, inventory, stocked, level } = shop()
    const productId = await stocked(5)
    const key = { productId, warehouseId: DEFAULT_WAREHOUSE }
    const opened = await level(productId)
    const momentAfter = (moment: string, ms: number) => new Date(Date.parse(moment) + ms).toISOString()
    await Bun.sleep(20)
    succeeded(await inventory.reserveStock(asked(), { lines: [{ productId, quantity: 2 }] }))
    const held = await level(productId)

    const at = async (moment: string) => inventory.getLevelAt(asked(), { ...key, moment })
    expect(await at(momentAfter(opened.updatedAt, 10))).toEqual({
      ok: true,
      value: { ...key, onHand: 5, reserved: 0, sequence: 1, updatedAt: opened.updatedAt },
    })
    expect(await at(momentAfter(held.updatedAt, 10))).toMatchObject({ value: { onHand: 5, reserved: 2, sequence: 2 } })
    expect(await at(momentAfter(opened.updatedAt, -10_000))).toMatchObject({
      error: { kind: 'not_found', code: 'stock_level_not_found' },
    })
  })
}
