import { expect, test } from 'bun:test'
import { asOf, ended, isPast, isTombstone, later, type Reservation, type ReservationStatus } from './reservation.ts'

const NINE = '2026-01-31T09:00:00.000Z'

test('a promise is over at its moment, not only after it', () => {
  expect([isPast(NINE, NINE), isPast(later(NINE, 1), NINE), isPast(NINE, later(NINE, 1))]).toEqual([true, false, true])
})

test('a moment later passes into the next month', () => {
  expect(later('2026-01-31T23:59:59.500Z', 30)).toBe('2026-02-01T00:00:29.500Z')
})

test('a reservation is what it is until its time, and then expired in all that it still held', () => {
  const cart = reservationWith('held', 'released')

  expect(asOf(cart, later(NINE, 59))).toBe(cart)
  expect(asOf(cart, later(NINE, 60))).toMatchObject({
    status: 'expired',
    lines: [{ status: 'expired' }, { status: 'released' }],
    version: 1,
  })
})

test('what came to its end before its time does not expire', () => {
  const taken = { ...reservationWith('committed'), status: 'committed' } as const

  expect(asOf(taken, later(NINE, 3_600))).toBe(taken)
})

test('it is held until its last line ends; then it is committed if any line was, else what the last became', () => {
  const cart = reservationWith('held', 'held')
  const [first] = cart.lines

  const half = ended(cart, 'released', (line) => line === first)
  expect(half).toMatchObject({ status: 'held', lines: [{ status: 'released' }, { status: 'held' }] })
  expect(ended(half, 'expired', () => true)).toMatchObject({ status: 'expired' })
  expect(ended(half, 'committed', () => true)).toMatchObject({ status: 'committed' })
  const taken = ended(cart, 'committed', (line) => line === first)
  expect(ended(taken, 'released', () => true)).toMatchObject({
    status: 'committed',
    lines: [{ status: 'committed' }, { status: 'released' }],
  })
})

test('only an id that was never reserved has a stone', () => {
  expect([isTombstone(reservationWith()), isTombstone(reservationWith('held'))]).toEqual([true, false])
})

function reservationWith(...statuses: ReservationStatus[]): Reservation {
  const line = { productId: 'lamp', warehouseId: 'attic', quantity: 1 }
  return {
    id: 'cart',
    status: 'held',
    reference: null,
    lines: statuses.map((status) => ({ ...line, status })),
    expiresAt: later(NINE, 60),
    version: 1,
    actor: 'tester',
    operationId: 'operation',
    createdAt: NINE,
    updatedAt: NINE,
  }
}
