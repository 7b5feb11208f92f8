import { expect, test } from 'bun:test'
import { keyOf } from './command.ts'
import { decide } from './decide.ts'
import { ATTIC, CHAIR, exampleShop, LAMP, NINE } from './example-shop.ts'
import {
  adjustment,
  commitment,
  configuration,
  counting,
  expiry,
  extension,
  levelOf,
  line,
  lineHeld,
  releasing,
  reservation,
  sale,
  transfer,
} from './examples.ts'
import { later } from './reservation.ts'
import { DEFAULT_WAREHOUSE } from './warehouse.ts'

const CART = 'cccccccc-0000-7000-8000-000000000001'

test('what is past its time is free for whoever comes next, and is written down with what they do', () => {
  const shop = shopWithCart(60)

  const { verdicts, movements, holds } = shop.tell(sale([line(LAMP, 5)]))

  expect(verdicts).toMatchObject([{ ok: true }])
  expect(movements).toMatchObject([
    { kind: 'expiry', reservedChange: -4, reservedAfter: 0, actor: 'abasto', reservationId: CART },
    { kind: 'sale', onHandChange: -5, onHandAfter: 0 },
  ])
  expect(holds.ended).toEqual([{ ...levelOf(LAMP), reservationId: CART }])
  expect(shop.level(LAMP)).toMatchObject({ onHand: 0, reserved: 0, nextExpiryAt: null, sequence: 4, version: 4 })
})

test('it ends at its very moment, and not a second before', () => {
  const shop = exampleShop({ [LAMP]: 5 })
  shop.tell(cart(60))
  shop.wait(59)
  expect(shop.refusals(sale([line(LAMP, 2)]))).toEqual(['insufficient_stock'])
  expect(shop.refusals(extension(CART, 1))).toEqual([undefined])

  shop.wait(1)

  expect(shop.refusals(extension(CART, 60), commitment(CART))).toEqual(['reservation_expired', 'reservation_expired'])
  expect(shop.refusals(sale([line(LAMP, 2)]))).toEqual([undefined])
})

test('what is past its time is neither taken nor held longer, whoever has noticed', () => {
  for (const noticed of [false, true]) {
    const shop = shopWithCart(60)
    if (noticed) shop.tell(expiry(CART))

    expect(shop.verdict(commitment(CART))).toMatchObject({
      error: { kind: 'conflict', code: 'reservation_expired', details: { id: CART, status: 'expired' } },
    })
    expect(shop.verdict(extension(CART, 60))).toMatchObject({ error: { code: 'reservation_expired' } })
    expect(shop.verdict(releasing(CART))).toMatchObject({ value: { reservation: { status: 'expired' } } })
    expect(shop.level(LAMP)).toMatchObject({ onHand: 5 })
  }
})

test('every use of a level ends what is past its time on it', () => {
  const uses = [
    adjustment(LAMP, -5),
    counting(LAMP, 5, { expectedOnHand: 5 }),
    configuration(LAMP, { reorderPoint: 1 }),
    reservation([lineHeld(LAMP, 5)]),
    sale([line(LAMP, 9)]),
    transfer([{ productId: LAMP, from: DEFAULT_WAREHOUSE, to: ATTIC, quantity: 5 }]),
  ]
  for (const use of uses) {
    const { movements } = shopWithCart(60).tell(use)

    expect(movements[0]).toMatchObject({ kind: 'expiry', reservedChange: -4 })
  }
})

test('a level that is only looked at by a refused command is cleared all the same', () => {
  const shop = shopWithCart(60)

  const { verdicts, movements } = shop.tell(sale([line(LAMP, 6)]))

  expect(verdicts).toMatchObject([{ error: { details: { available: 5 } } }])
  expect(movements).toMatchObject([{ kind: 'expiry' }])
  expect(shop.level(LAMP).reserved).toBe(0)
})

test('once for a batch: what expired is ended by its first command', () => {
  const { movements } = shopWithCart(60).tell(sale([line(LAMP, 2)]), sale([line(LAMP, 3)]))

  expect(movements.map(({ kind }) => kind)).toEqual(['expiry', 'sale', 'sale'])
})

test('what expired makes good what was short', () => {
  const shop = exampleShop({ [LAMP]: 5 })
  shop.tell(cart(60), counting(LAMP, 1, { expectedOnHand: 5 }))
  expect(shop.level(LAMP).short).toBe(3)
  shop.wait(60)

  shop.tell(sale([line(LAMP, 1)]))

  expect(shop.level(LAMP)).toMatchObject({ onHand: 0, reserved: 0, short: 0 })
})

test('of a cart that was taken in part only the rest expires, and it counts as taken', () => {
  const shop = exampleShop({ [LAMP]: 5, [CHAIR]: 2 })
  shop.tell(reservation([lineHeld(LAMP, 3), lineHeld(CHAIR, 2)], { id: CART, ttlSeconds: 60 }))
  shop.tell(commitment(CART, { lines: [levelOf(LAMP)] }))
  shop.wait(60)

  expect(shop.reservation(CART)).toMatchObject({
    status: 'committed',
    lines: [{ status: 'committed' }, { status: 'expired' }],
  })
  expect(shop.refusals(commitment(CART), releasing(CART))).toEqual(['reservation_committed', 'reservation_committed'])
  shop.tell(expiry(CART))
  expect(shop.level(CHAIR)).toMatchObject({ onHand: 2, reserved: 0 })
  expect(shop.level(LAMP)).toMatchObject({ onHand: 2, reserved: 0 })
})

test('that a cart expired is written down for all its levels and for itself, once', () => {
  const shop = exampleShop({ [LAMP]: 5, [CHAIR]: 2 })
  shop.tell(reservation([lineHeld(LAMP, 3), lineHeld(CHAIR, 2), lineHeld(LAMP, 1)], { id: CART, ttlSeconds: 60 }))
  expect(shop.tell(expiry(CART)).movements).toEqual([])
  shop.wait(60)

  const { verdicts, movements } = shop.tell(expiry(CART))

  expect(verdicts).toMatchObject([{ value: { reservation: { status: 'expired', version: 2 } } }])
  expect(movements.map(({ productId, reservedChange }) => [productId, reservedChange])).toEqual([
    [LAMP, -4],
    [CHAIR, -2],
  ])
  const again = shop.tell(expiry(CART))
  expect(again.verdicts).toMatchObject([{ value: { reservation: { version: 2 } } }])
  expect([again.movements, again.reservations[0]!.after]).toEqual([[], undefined])
  expect(shop.refusals(expiry(CHAIR))).toEqual(['reservation_not_found'])
})

test('of very many that expired the oldest are ended first; the others count no more either', () => {
  const shop = exampleShop({ [LAMP]: 6 }, 2)
  const carts = [30, 10, 20, 40].map((ttlSeconds) => reservation([lineHeld(LAMP, 1)], { ttlSeconds }))
  shop.tell(...carts)
  shop.wait(40)

  const { movements } = shop.tell(sale([line(LAMP, 6)]))

  expect(movements.map(({ kind, reservationId }) => [kind, reservationId])).toEqual([
    ['expiry', carts[1]!.reservationId],
    ['expiry', carts[2]!.reservationId],
    ['sale', null],
  ])
  expect(shop.level(LAMP)).toMatchObject({ onHand: 0, reserved: 2, short: 2, nextExpiryAt: later(NINE, 20) })
  expect(shop.refusals(sale([line(LAMP, 1)]))).toEqual(['insufficient_stock'])
  expect(shop.level(LAMP)).toMatchObject({ onHand: 0, reserved: 0, short: 0, nextExpiryAt: null })
})

test('a cart is written down as expired only once none of its levels holds anything for it', () => {
  const shop = exampleShop({ [LAMP]: 6 }, 1)
  const carts = [10, 20].map((ttlSeconds) => reservation([lineHeld(LAMP, 1)], { ttlSeconds }))
  shop.tell(...carts)
  shop.wait(20)
  const { reservationId } = carts[1]!

  shop.tell(expiry(reservationId))
  expect(shop.shelf().reservations.get(reservationId)).toMatchObject({ status: 'held' })
  shop.tell(expiry(reservationId))
  expect(shop.shelf().reservations.get(reservationId)).toMatchObject({ status: 'expired' })
})

test('whoever is shown a level is not shown what lapsed', () => {
  const shop = exampleShop({ [LAMP]: 6 }, 1)
  shop.tell(...[10, 20, 30].map((ttlSeconds) => reservation([lineHeld(LAMP, 2)], { ttlSeconds })))
  shop.wait(20)

  expect(shop.verdict({ ...adjustment(LAMP, 1), shown: 'level' })).toMatchObject({
    value: { level: { onHand: 7, reserved: 2, short: 0 } },
  })
  expect(shop.level(LAMP).reserved).toBe(4)
})

test('a backorder limit may be lowered when what was owed has lapsed', () => {
  const shop = exampleShop({ [LAMP]: { onHand: 0, backorderLimit: 4 } }, 1)
  shop.tell(...[10, 20].map((ttlSeconds) => reservation([lineHeld(LAMP, 2)], { ttlSeconds })))
  shop.wait(20)

  expect(shop.refusals(configuration(LAMP, { backorderLimit: 0 }))).toEqual([undefined])
  const { reserved, short, backorderLimit } = shop.level(LAMP)
  expect({ reserved, short, backorderLimit }).toEqual({ reserved: 2, short: 2, backorderLimit: 0 })
})

test('a level that holds nothing any more at its moment of expiry learns the next one', () => {
  const shop = exampleShop({ [LAMP]: 6 })
  const [first, second] = [10, 30].map((ttlSeconds) => reservation([lineHeld(LAMP, 2)], { ttlSeconds }))
  shop.tell(first!, second!, releasing(first!.reservationId))
  expect(shop.level(LAMP).nextExpiryAt).toBe(later(NINE, 10))
  shop.wait(10)

  shop.tell(sale([line(LAMP, 1)]))

  expect(shop.level(LAMP).nextExpiryAt).toBe(later(NINE, 30))
  expect(shop.state().due.has(keyOf(levelOf(LAMP)))).toBe(false)
  expect(decide(shop.state(), [sale([line(LAMP, 1)])]).read[0]!.after!.nextExpiryAt).toBe(later(NINE, 30))
})

/** A shop with five lamps, four of which were held for a cart that expired just now. */
function shopWithCart(ttlSeconds: number) {
  const shop = exampleShop({ [LAMP]: 5 })
  shop.tell(cart(ttlSeconds))
  shop.wait(ttlSeconds)
  return shop
}

const cart = (ttlSeconds: number) => reservation([lineHeld(LAMP, 4)], { id: CART, isIdChosen: true, ttlSeconds })
