import { expect, test } from 'bun:test'
import { DEFAULT_WAREHOUSE } from '../domain/warehouse.ts'
import { type Shop, succeeded } from './shop.ts'

/** When a promise ends, and what is promised before it is there. */
export function promisesSuite(shop: () => Shop): void {
  test('a promise is prolonged, and never shortened', async () => {
    const { asked, inventory, stocked, level } = shop()
    const productId = await stocked(5)
    const held = succeeded(
      await inventory.reserveStock(asked(), { lines: [{ productId, quantity: 1 }], ttlSeconds: 60 }),
    )
    const { id } = held
    const context = asked()

    const extended = await inventory.extendReservation(context, { id, ttlSeconds: 120 })

    const { expiresAt } = succeeded(extended)
    expect(Date.parse(expiresAt)).toBeGreaterThanOrEqual(Date.parse(held.expiresAt) + 60_000)
    expect(await inventory.extendReservation(context, { id, ttlSeconds: 120 })).toEqual({ ...extended, replayed: true })
    expect(await inventory.extendReservation(asked(), { id, ttlSeconds: 5 })).toMatchObject({ value: { expiresAt } })
    expect(await level(productId)).toMatchObject({ reserved: 1 })
    expect(await inventory.extendReservation(asked(), { id: Bun.randomUUIDv7() })).toMatchObject({
      error: { kind: 'not_found', code: 'reservation_not_found' },
    })
  })

  test('what is past its time counts no more, and can be neither handed over nor prolonged', async () => {
    const { asked, inventory, stocked, level } = shop()
    const productId = await stocked(5)
    const { id, expiresAt } = succeeded(
      await inventory.reserveStock(asked(), { lines: [{ productId, quantity: 5 }], ttlSeconds: 1 }),
    )
    await Bun.sleep(Date.parse(expiresAt) - Date.now() + 50)

    const expired = { status: 'expired', lines: [{ status: 'expired' }] }
    expect(await inventory.getReservation(asked(), id)).toMatchObject({ value: expired })
    expect(await level(productId)).toMatchObject({ onHand: 5, reserved: 0 })
    const tooLate = { error: { kind: 'conflict', code: 'reservation_expired', details: { id } } }
    expect(await inventory.commitReservation(asked(), { id })).toMatchObject(tooLate)
    expect(await inventory.extendReservation(asked(), { id })).toMatchObject(tooLate)
    expect(await inventory.releaseReservation(asked(), { id })).toMatchObject({ value: expired })

    succeeded(await inventory.sell(asked(), { lines: [{ productId, quantity: 5 }] }))
    const { items } = succeeded(await inventory.listInventoryMovements(asked(), { productId, page: { size: 10 } }))
    expect(items.map(({ kind, reservationId }) => [kind, reservationId])).toEqual([
      ['receipt', null],
      ['reservation', id],
      ['expiry', id],
      ['sale', null],
    ])
  })

  test('the caller may choose the id of a reservation, once', async () => {
    const { asked, inventory, stocked } = shop()
    const id = Bun.randomUUIDv7()
    const input = { id, lines: [{ productId: await stocked(5), quantity: 1 }] }

    expect(await inventory.reserveStock(asked(), input)).toMatchObject({ value: { id, status: 'held' } })
    expect(await inventory.reserveStock(asked(), input)).toMatchObject({
      error: { kind: 'conflict', code: 'reservation_exists', details: { id } },
    })
  })

  test('what is given back before it was held can never be held', async () => {
    const { asked, inventory, stocked, level } = shop()
    const [productId, id] = [await stocked(5), Bun.randomUUIDv7()]
    const notFound = { error: { kind: 'not_found', code: 'reservation_not_found', details: { id } } }

    expect(await inventory.getReservation(asked(), id)).toMatchObject(notFound)
    expect(await inventory.commitReservation(asked(), { id })).toMatchObject(notFound)
    expect(await inventory.releaseReservation(asked(), { id })).toMatchObject(notFound)

    expect(await inventory.reserveStock(asked(), { id, lines: [{ productId, quantity: 1 }] })).toMatchObject({
      error: { kind: 'conflict', code: 'reservation_released', details: { id } },
    })
    expect(await inventory.releaseReservation(asked(), { id })).toMatchObject(notFound)
    expect(await inventory.getReservation(asked(), id)).toMatchObject(notFound)
    expect(await level(productId)).toMatchObject({ reserved: 0, sequence: 1 })
  })

  test('what is promised beyond what is there waits its turn until more comes in', async () => {
    const { asked, inventory, stocked } = shop()
    const productId = await stocked(3)
    const key = { productId, warehouseId: DEFAULT_WAREHOUSE }
    succeeded(await inventory.configureLevel(asked(), { ...key, settings: { backorderLimit: 4 } }))
    const hold = (quantity: number) => inventory.reserveStock(asked(), { lines: [{ productId, quantity }] })
    const backorders = async () =>
      succeeded(await inventory.listBackorders(asked(), { filter: { productIds: [productId] }, page: { size: 10 } }))
    const first = succeeded(await hold(2))
    await Bun.sleep(2)
    const second = succeeded(await hold(3))
    await Bun.sleep(2)
    const third = succeeded(await hold(2))

    expect(await hold(1)).toMatchObject({ error: { code: 'insufficient_stock', details: { available: 0 } } })
    const { items, hasNext } = await backorders()
    const owed = (reservation: typeof first, quantity: number, owed: number) => ({
      ...key,
      reservationId: reservation.id,
      quantity,
      owed,
      expiresAt: reservation.expiresAt,
      createdAt: reservation.createdAt,
    })
    expect(items).toEqual([owed(second, 3, 2), owed(third, 2, 2)])
    expect(hasNext).toBe(false)

    const [oldest] = items
    const after = `${oldest!.createdAt}_${second.id}_${productId}_${DEFAULT_WAREHOUSE}`
    const filter = { warehouseIds: [DEFAULT_WAREHOUSE], productIds: [productId] }
    expect(await inventory.listBackorders(asked(), { filter, page: { size: 5, after } })).toMatchObject({
      value: { items: [{ reservationId: third.id }], hasPrevious: true },
    })
    expect(await inventory.listBackorders(asked(), { filter, page: { size: 5, after: second.id } })).toMatchObject({
      error: { code: 'invalid_cursor', at: ['page', 'after'] },
    })

    succeeded(await inventory.commitReservation(asked(), { id: first.id }))
    expect(await inventory.commitReservation(asked(), { id: second.id })).toMatchObject({
      error: { kind: 'conflict', code: 'insufficient_stock', details: { requested: 3, available: 1 } },
    })
    succeeded(await inventory.changeLevel(asked(), { ...key, quantityDelta: 2, reason: 'receipt' }))
    expect((await backorders()).items).toMatchObject([{ reservationId: third.id, owed: 2 }])
    expect(await inventory.commitReservation(asked(), { id: second.id })).toMatchObject({
      value: { status: 'committed' },
    })
  })
}
