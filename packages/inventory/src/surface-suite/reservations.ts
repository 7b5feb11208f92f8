import { expect, test } from 'bun:test'
import { DEFAULT_WAREHOUSE } from '../domain/warehouse.ts'
import { type Shop, succeeded } from './shop.ts'

/** Stock that is held, handed over and given back. */
export function reservationsSuite(shop: () => Shop): void {
  test('stock is held over several warehouses, and whoever buys gets only the rest', async () => {
    const { asked, inventory, stocked, warehouse, level } = shop()
    const [lamp, cellar] = [await stocked(5), await warehouse()]
    succeeded(await inventory.openLevel(asked(), { productId: lamp, warehouseId: cellar, quantity: 2 }))
    const lines = [
      { productId: lamp, quantity: 4 },
      { productId: lamp, quantity: 2, warehouseId: cellar },
    ]
    const context = asked()

    const held = await inventory.reserveStock(context, { lines, reference: 'cart 7' })

    const { id, createdAt, expiresAt } = succeeded(held)
    expect(held).toEqual({
      ok: true,
      value: {
        id,
        status: 'held',
        reference: 'cart 7',
        lines: [
          { productId: lamp, warehouseId: DEFAULT_WAREHOUSE, quantity: 4, status: 'held' },
          { productId: lamp, warehouseId: cellar, quantity: 2, status: 'held' },
        ],
        expiresAt,
        version: 1,
        actor: context.caller.id,
        operationId: context.operationId,
        createdAt,
        updatedAt: createdAt,
      },
    })
    expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(600_000)
    expect(JSON.stringify(await inventory.getReservation(asked(), id))).toBe(JSON.stringify(held))
    expect(await level(lamp)).toMatchObject({ onHand: 5, reserved: 4, nextExpiryAt: expiresAt })
    expect(await inventory.sell(asked(), { lines: [{ productId: lamp, quantity: 2 }] })).toMatchObject({
      error: { code: 'insufficient_stock', details: { productId: lamp, requested: 2, available: 1 } },
    })
    expect(await inventory.reserveStock(context, { lines, reference: 'cart 7' })).toEqual({ ...held, replayed: true })
  })

  test('a reservation that is short of one line holds nothing, and says which', async () => {
    const { asked, inventory, product, stocked, level } = shop()
    const [lamp, chair, table] = [await stocked(5), await stocked(1), await product()]
    const first = { productId: lamp, quantity: 1 }
    const hold = (line: { productId: string; quantity: number }) =>
      inventory.reserveStock(asked(), { lines: [first, line] })

    expect(await hold({ productId: chair, quantity: 2 })).toEqual({
      ok: false,
      error: {
        kind: 'conflict',
        code: 'insufficient_stock',
        message: '2 asked for, 1 available.',
        at: ['lines', 1, 'quantity'],
        details: { productId: chair, requested: 2, available: 1 },
      },
    })
    expect(await hold({ productId: lamp, quantity: 5 })).toMatchObject({ error: { details: { requested: 6 } } })
    expect(await hold({ productId: table, quantity: 1 })).toMatchObject({ error: { code: 'no_inventory' } })
    expect(await hold({ productId: Bun.randomUUIDv7(), quantity: 1 })).toMatchObject({
      error: { code: 'product_not_found', at: ['lines', 1, 'productId'] },
    })
    expect(await level(lamp)).toMatchObject({ reserved: 0, sequence: 1 })
  })

  test('how many lines are held, and for how long, has bounds', async () => {
    const { asked, inventory, stocked } = shop()
    const productId = await stocked(500)
    const line = { productId, quantity: 1 }
    const lines = (count: number) => Array.from({ length: count }, () => line)

    for (const count of [0, 101]) {
      expect(await inventory.reserveStock(asked(), { lines: lines(count) })).toEqual({
        ok: false,
        error: {
          kind: 'invalid',
          code: 'invalid_value',
          message: `A reservation has 1 to 100 lines, not ${count}.`,
          at: ['lines'],
        },
      })
    }
    const { id } = succeeded(await inventory.reserveStock(asked(), { lines: lines(100), ttlSeconds: 30 * 86_400 }))
    for (const ttlSeconds of [0, -1, 30 * 86_400 + 1]) {
      const refusal = {
        kind: 'invalid',
        code: 'invalid_value',
        message: `Stock is held for 1 to 2592000 seconds, not ${ttlSeconds}.`,
        at: ['ttlSeconds'],
      } as const
      expect(await inventory.reserveStock(asked(), { lines: lines(1), ttlSeconds })).toEqual({
        ok: false,
        error: refusal,
      })
      expect(await inventory.extendReservation(asked(), { id, ttlSeconds })).toEqual({ ok: false, error: refusal })
    }
    for (const named of [[], lines(101)]) {
      expect(await inventory.commitReservation(asked(), { id, lines: named })).toMatchObject({
        error: { at: ['lines'] },
      })
      expect(await inventory.releaseReservation(asked(), { id, lines: named })).toMatchObject({
        error: { at: ['lines'] },
      })
    }
  })

  test('what was held is handed over once', async () => {
    const { asked, inventory, stocked, level } = shop()
    const productId = await stocked(5)
    const lines = [{ productId, quantity: 2 }]
    const { id, version } = succeeded(await inventory.reserveStock(asked(), { lines }))
    const context = asked()

    const committed = await inventory.commitReservation(context, { id })

    expect(committed).toMatchObject({ value: { id, status: 'committed', version: version + 1 } })
    expect(await level(productId)).toMatchObject({ onHand: 3, reserved: 0 })
    expect(await inventory.commitReservation(context, { id })).toEqual({ ...committed, replayed: true })
    for (const again of [
      await inventory.commitReservation(asked(), { id }),
      await inventory.extendReservation(asked(), { id }),
      await inventory.releaseReservation(asked(), { id }),
    ]) {
      expect(again).toMatchObject({ error: { kind: 'conflict', code: 'reservation_committed', details: { id } } })
    }
    const { items } = succeeded(await inventory.listInventoryMovements(asked(), { productId, page: { size: 10 } }))
    expect(items.slice(1)).toMatchObject([
      { kind: 'reservation', onHandChange: 0, reservedChange: 2, reservationId: id, purchaseId: null },
      { kind: 'commit', onHandChange: -2, reservedChange: -2, reservationId: id, operationId: context.operationId },
    ])
  })

  test('of a reservation some lines are handed over and the others given back', async () => {
    const { asked, inventory, stocked, warehouse, level } = shop()
    const [lamp, chair, cellar] = [await stocked(5), await stocked(5), await warehouse()]
    succeeded(await inventory.openLevel(asked(), { productId: chair, warehouseId: cellar, quantity: 5 }))
    const lines = [
      { productId: lamp, quantity: 2 },
      { productId: chair, quantity: 3, warehouseId: cellar },
    ]
    const { id } = succeeded(await inventory.reserveStock(asked(), { lines }))
    const theLamp = { id, lines: [{ productId: lamp }] }
    const theChair = { id, lines: [{ productId: chair, warehouseId: cellar }] }

    expect(await inventory.commitReservation(asked(), { id, lines: [{ productId: chair }] })).toMatchObject({
      error: { kind: 'invalid', code: 'line_not_reserved', at: ['lines', 0] },
    })
    expect(await inventory.commitReservation(asked(), theLamp)).toMatchObject({
      value: { status: 'held', lines: [{ status: 'committed' }, { status: 'held' }] },
    })
    expect(await inventory.commitReservation(asked(), theLamp)).toMatchObject({
      error: { kind: 'conflict', code: 'line_not_held', at: ['lines', 0] },
    })
    expect(await inventory.releaseReservation(asked(), theChair)).toMatchObject({
      value: { status: 'committed', lines: [{ status: 'committed' }, { status: 'released' }] },
    })
    expect(await level(lamp)).toMatchObject({ onHand: 3, reserved: 0 })
    expect(await level(chair, cellar)).toMatchObject({ onHand: 5, reserved: 0 })
  })

  test('what was held is given back, and giving it back once more changes nothing', async () => {
    const { asked, inventory, stocked, level } = shop()
    const productId = await stocked(5)
    const { id } = succeeded(await inventory.reserveStock(asked(), { lines: [{ productId, quantity: 5 }] }))
    const context = asked()

    const released = await inventory.releaseReservation(context, { id })

    expect(released).toMatchObject({ value: { status: 'released', lines: [{ status: 'released' }] } })
    expect(await inventory.releaseReservation(context, { id })).toEqual({ ...released, replayed: true })
    expect(await inventory.releaseReservation(asked(), { id })).toEqual(released)
    expect(await inventory.commitReservation(asked(), { id })).toMatchObject({
      error: { code: 'reservation_released' },
    })
    expect(await level(productId)).toMatchObject({ onHand: 5, reserved: 0, sequence: 3 })
  })

  test('reservations are found by what became of them, and by what their callers know them by', async () => {
    const { asked, inventory, stocked } = shop()
    const productId = await stocked(9)
    const [cart, other] = [Bun.randomUUIDv7(), Bun.randomUUIDv7()]
    const hold = async (reference: string) =>
      succeeded(await inventory.reserveStock(asked(), { lines: [{ productId, quantity: 1 }], reference }))
    const [first, second, third] = [await hold(cart), await hold(cart), await hold(other)]
    const done = succeeded(await inventory.commitReservation(asked(), { id: second.id }))
    const list = async (filter: Parameters<typeof inventory.listReservations>[1]['filter']) =>
      succeeded(await inventory.listReservations(asked(), { filter, page: { size: 10 } })).items

    expect(await list({ references: [cart] })).toEqual([first, done])
    expect(await list({ references: [cart, other], statuses: ['held'] })).toEqual([first, third])
    expect(await list({ references: [other], statuses: ['committed', 'released'] })).toEqual([])
    expect(await list({ references: [] })).toEqual([])
    const page = { size: 1, after: first.id }
    expect(await inventory.listReservations(asked(), { filter: { references: [cart] }, page })).toEqual({
      ok: true,
      value: { items: [done], hasPrevious: true, hasNext: false },
    })
    expect(await inventory.listReservations(asked(), { filter: {}, page: { size: 1, after: 'x' } })).toMatchObject({
      error: { code: 'invalid_cursor' },
    })
  })
}
