import { expect, test } from 'bun:test'
import { DEFAULT_WAREHOUSE } from '../domain/warehouse.ts'
import { type Shop, succeeded } from './shop.ts'

/** The ledger. */
export function movementsSuite(shop: () => Shop): void {
  test('movements are found by product, warehouse, kind and period', async () => {
    const { asked, inventory, stocked, warehouse } = shop()
    const [lamp, chair, cellar] = [await stocked(5), await stocked(5), await warehouse()]
    const [purchase] = succeeded(await inventory.sell(asked(), { lines: [{ productId: lamp, quantity: 1 }] }))
    await Bun.sleep(20)
    succeeded(
      await inventory.transferStock(asked(), {
        lines: [{ productId: chair, from: DEFAULT_WAREHOUSE, to: cellar, quantity: 2 }],
      }),
    )
    const list = async (filter: Parameters<typeof inventory.listMovements>[1]['filter']) =>
      succeeded(await inventory.listMovements(asked(), { filter, page: { size: 100 } })).items
    const productIds = [lamp, chair]

    const all = await list({ productIds })
    expect(all.map(({ productId, warehouseId, kind }) => [productId, warehouseId, kind])).toEqual([
      [lamp, DEFAULT_WAREHOUSE, 'receipt'],
      [lamp, DEFAULT_WAREHOUSE, 'sale'],
      [chair, DEFAULT_WAREHOUSE, 'receipt'],
      [chair, DEFAULT_WAREHOUSE, 'transfer_out'],
      [chair, cellar, 'transfer_in'],
    ])
    const [, sale, , , arrival] = all
    expect(sale).toMatchObject({
      sequence: 2,
      onHandAfter: 4,
      reason: null,
      purchaseId: purchase!.id,
      reservationId: null,
    })
    expect(await list({ productIds: [lamp] })).toEqual(all.slice(0, 2))
    expect(await list({ productIds: [] })).toEqual([])
    expect(await list({ warehouseIds: [cellar] })).toEqual([arrival!])
    expect(await list({ productIds, kinds: ['sale', 'transfer_in'] })).toEqual([sale!, arrival!])
    expect(await list({ productIds, from: arrival!.createdAt })).toEqual(all.slice(3))
    expect(await list({ productIds, until: arrival!.createdAt })).toEqual(all.slice(0, 3))
  })

  test('the ledger is walked in either direction, over levels and products', async () => {
    const { asked, inventory, stocked } = shop()
    const [lamp, chair] = [await stocked(5), await stocked(5)]
    const change = { productId: lamp, quantityDelta: 1, reason: 'receipt' } as const
    succeeded(await inventory.adjustStock(asked(), change))
    const filter = { productIds: [lamp, chair] }
    const position = (productId: string, sequence: number) => `${productId}.${DEFAULT_WAREHOUSE}.${sequence}`
    const list = (page: { size: number; after?: string; before?: string }) =>
      inventory.listMovements(asked(), { filter, page })

    expect(await list({ size: 2, after: position(lamp, 1) })).toMatchObject({
      value: {
        items: [
          { productId: lamp, sequence: 2 },
          { productId: chair, sequence: 1 },
        ],
        hasPrevious: true,
        hasNext: false,
      },
    })
    expect(await list({ size: 1, before: position(chair, 1) })).toMatchObject({
      value: { items: [{ productId: lamp, sequence: 2 }], hasPrevious: true, hasNext: true },
    })
    expect(await list({ size: 1, after: `${DEFAULT_WAREHOUSE}.1` })).toMatchObject({
      error: { code: 'invalid_cursor', at: ['page', 'after'] },
    })
  })

  test('a product that is not counted has no movements to speak of', async () => {
    const { asked, inventory, product } = shop()
    const productId = await product()
    const page = { size: 5 }

    expect(await inventory.listInventoryMovements(asked(), { productId, page })).toMatchObject({
      error: { kind: 'not_found', code: 'no_inventory' },
    })
    expect(await inventory.listMovements(asked(), { filter: { productIds: [productId] }, page })).toEqual({
      ok: true,
      value: { items: [], hasPrevious: false, hasNext: false },
    })
  })
}
