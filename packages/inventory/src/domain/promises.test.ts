import { expect, test } from 'bun:test'
import { ATTIC, CHAIR, exampleShop, inAttic, LAMP, NINE, SOFA } from './example-shop.ts'
import {
  adjustment,
  commitment,
  counting,
  extension,
  levelOf,
  line,
  lineHeld,
  opening,
  releasing,
  reservation,
  sale,
} from './examples.ts'
import { later } from './reservation.ts'

const CART = 'cccccccc-0000-7000-8000-000000000001'

test('holds all lines of a cart, and says until when', () => {
  const shop = exampleShop({ [LAMP]: 5, [CHAIR]: 2 })

  const { verdicts, movements } = shop.tell(cart([lineHeld(LAMP, 3), lineHeld(CHAIR, 2)]))

  expect(verdicts).toMatchObject([
    { value: { reservation: { id: CART, status: 'held', version: 1, expiresAt: later(NINE, 600), reference: null } } },
  ])
  expect(shop.level(LAMP)).toMatchObject({ onHand: 5, reserved: 3, nextExpiryAt: later(NINE, 600) })
  expect(movements.map(({ kind, onHandChange, reservedChange }) => [kind, onHandChange, reservedChange])).toEqual([
    ['reservation', 0, 3],
    ['reservation', 0, 2],
  ])
})

test('holds nothing when one line is short, and says which and how many there are', () => {
  const shop = exampleShop({ [LAMP]: 5, [CHAIR]: 1 })

  const { verdicts, movements } = shop.tell(cart([lineHeld(LAMP, 3), lineHeld(CHAIR, 2)]))

  expect(verdicts).toMatchObject([
    {
      error: {
        kind: 'conflict',
        code: 'insufficient_stock',
        at: ['lines', 1, 'quantity'],
        details: { productId: CHAIR, requested: 2, available: 1 },
      },
    },
  ])
  expect(movements).toEqual([])
  expect(shop.level(LAMP).reserved).toBe(0)
})

test('adds the lines of one level up before it holds them, as one hold', () => {
  const shop = exampleShop({ [LAMP]: 5 })

  expect(shop.verdict(cart([lineHeld(LAMP, 3), lineHeld(LAMP, 3)]))).toMatchObject({
    error: { at: ['lines', 1, 'quantity'], details: { requested: 6, available: 5 } },
  })
  const { movements, holds } = shop.tell(cart([lineHeld(LAMP, 3), lineHeld(LAMP, 2)]))

  expect(movements).toMatchObject([{ reservedChange: 5 }])
  expect(holds.placed).toMatchObject([{ quantity: 5, reservationId: CART }])
  expect(shop.reservation(CART).lines).toHaveLength(2)
})

test('does not hold what nobody counts, or what its owner does not sell', () => {
  const shop = exampleShop({ [LAMP]: 5 })
  const obstacle = { kind: 'conflict', code: 'product_inactive', message: 'Not sold.' } as const

  expect(shop.verdict(cart([lineHeld(LAMP, 1), lineHeld(SOFA, 1)]))).toMatchObject({
    error: { kind: 'not_found', code: 'no_inventory', at: ['lines', 1, 'productId'] },
  })
  expect(shop.verdict(cart([lineHeld(LAMP, 1), lineHeld(LAMP, 1, ATTIC)]))).toMatchObject({
    error: { code: 'no_inventory' },
  })
  expect(shop.verdict(cart([{ ...lineHeld(LAMP, 1), obstacle }]))).toMatchObject({
    error: { code: 'product_inactive', at: ['lines', 0, 'productId'] },
  })
})

test('an id that is taken already is refused', () => {
  const shop = exampleShop({ [LAMP]: 5 })
  shop.tell(cart([lineHeld(LAMP, 1)]))

  expect(shop.verdict(cart([lineHeld(LAMP, 1)]))).toMatchObject({
    error: { kind: 'conflict', code: 'reservation_exists', at: ['id'] },
  })
  expect(shop.level(LAMP).reserved).toBe(1)
})

test('a cart that was held over two warehouses is taken from both', () => {
  const shop = exampleShop({ [LAMP]: 5 })
  shop.tell(opening(CHAIR, 4, { warehouseId: ATTIC }))
  shop.tell(cart([lineHeld(LAMP, 3), lineHeld(CHAIR, 4, ATTIC)]))

  const { verdicts, movements } = shop.tell(commitment(CART))

  expect(verdicts).toMatchObject([{ value: { reservation: { status: 'committed', version: 2 } } }])
  expect(shop.level(LAMP)).toMatchObject({ onHand: 2, reserved: 0 })
  expect(shop.level(CHAIR, ATTIC)).toMatchObject({ onHand: 0, reserved: 0 })
  expect(movements.map(({ kind, onHandChange, reservedChange }) => [kind, onHandChange, reservedChange])).toEqual([
    ['commit', -3, -3],
    ['commit', -4, -4],
  ])
})

test('a cart that is taken line by line stays held until the last is taken', () => {
  const shop = exampleShop({ [LAMP]: 5, [CHAIR]: 2 })
  shop.tell(cart([lineHeld(LAMP, 3), lineHeld(CHAIR, 2), lineHeld(LAMP, 1)]))

  shop.tell(commitment(CART, { lines: [levelOf(LAMP)] }))

  expect(shop.reservation(CART)).toMatchObject({ status: 'held', lines: statuses('committed', 'held', 'committed') })
  expect(shop.level(LAMP)).toMatchObject({ onHand: 1, reserved: 0 })
  expect(shop.level(CHAIR)).toMatchObject({ onHand: 2, reserved: 2 })

  const { movements } = shop.tell(releasing(CART))
  expect(movements).toMatchObject([{ kind: 'release', productId: CHAIR, reservedChange: -2 }])
  expect(shop.reservation(CART)).toMatchObject({
    status: 'committed',
    lines: statuses('committed', 'released', 'committed'),
  })
  expect(shop.level(LAMP)).toMatchObject({ onHand: 1, reserved: 0 })
  expect(shop.level(CHAIR)).toMatchObject({ onHand: 2, reserved: 0 })
})

test('a line that is not held, or not of this cart, is neither taken nor given back', () => {
  const shop = exampleShop({ [LAMP]: 5, [CHAIR]: 2 })
  shop.tell(cart([lineHeld(LAMP, 3), lineHeld(CHAIR, 2)]))
  shop.tell(commitment(CART, { lines: [levelOf(LAMP)] }))

  for (const again of [commitment, releasing]) {
    expect(shop.verdict(again(CART, { lines: [levelOf(CHAIR), levelOf(LAMP)] }))).toMatchObject({
      error: { kind: 'conflict', code: 'line_not_held', at: ['lines', 1], details: { status: 'committed' } },
    })
    expect(shop.verdict(again(CART, { lines: [inAttic(CHAIR)] }))).toMatchObject({
      error: { kind: 'invalid', code: 'line_not_reserved', at: ['lines', 0] },
    })
  }
  expect(shop.level(CHAIR)).toMatchObject({ onHand: 2, reserved: 2 })
  expect(shop.level(LAMP)).toMatchObject({ onHand: 2, reserved: 0 })
})

test('what was taken or given back is so once', () => {
  const shop = exampleShop({ [LAMP]: 5 })
  shop.tell(cart([lineHeld(LAMP, 3)]))
  shop.tell(commitment(CART))

  expect(shop.refusals(commitment(CART), releasing(CART), extension(CART, 60))).toEqual([
    'reservation_committed',
    'reservation_committed',
    'reservation_committed',
  ])

  const other = reservation([lineHeld(LAMP, 2)])
  shop.tell(other, releasing(other.reservationId))
  const again = shop.tell(releasing(other.reservationId))
  expect(again.verdicts).toMatchObject([{ value: { reservation: { status: 'released' } } }])
  expect(again.movements).toEqual([])
  expect(shop.refusals(commitment(other.reservationId))).toEqual(['reservation_released'])
  expect(shop.level(LAMP)).toMatchObject({ onHand: 2, reserved: 0 })
})

test('who gives back an id that nobody knows is told so, and nobody may reserve under it any more', () => {
  const shop = exampleShop({ [LAMP]: 5 })

  const early = shop.tell(releasing(CART))

  expect(early.verdicts).toMatchObject([{ error: { kind: 'not_found', code: 'reservation_not_found' } }])
  expect(early.reservations).toMatchObject([{ before: undefined, after: { id: CART, lines: [], status: 'released' } }])
  expect(shop.verdict(cart([lineHeld(LAMP, 1)]))).toMatchObject({
    error: { kind: 'conflict', code: 'reservation_released', at: ['id'] },
  })
  expect(shop.refusals(commitment(CART), extension(CART, 60), releasing(CART))).toEqual([
    'reservation_not_found',
    'reservation_not_found',
    'reservation_not_found',
  ])
  expect(shop.level(LAMP).reserved).toBe(0)
})

test('what nobody knows is neither taken nor held longer', () => {
  expect(exampleShop().refusals(commitment(CART), extension(CART, 60))).toEqual([
    'reservation_not_found',
    'reservation_not_found',
  ])
})

test('is held longer, never shorter, and every level learns of it', () => {
  const shop = exampleShop({ [LAMP]: 5, [CHAIR]: 2 })
  shop.tell(cart([lineHeld(LAMP, 3), lineHeld(CHAIR, 2)]))
  shop.wait(300)
  const { version } = shop.level(LAMP)

  const { verdicts, movements, holds } = shop.tell(extension(CART, 600))

  expect(verdicts).toMatchObject([{ value: { reservation: { expiresAt: later(NINE, 900), version: 2 } } }])
  expect(movements).toEqual([])
  expect(holds.extended.map(({ expiresAt }) => expiresAt)).toEqual([later(NINE, 900), later(NINE, 900)])
  expect(shop.level(LAMP)).toMatchObject({ version: version + 1, reserved: 3 })
  shop.tell(extension(CART, 10))
  expect(shop.reservation(CART).expiresAt).toBe(later(NINE, 900))
})

test('goes on backorder as far as the limit goes, and not further', () => {
  const shop = exampleShop({ [LAMP]: { onHand: 2, backorderLimit: 3 } })

  expect(shop.verdict(cart([lineHeld(LAMP, 6)]))).toMatchObject({ error: { details: { requested: 6, available: 5 } } })
  shop.tell(cart([lineHeld(LAMP, 5)]))

  expect(shop.level(LAMP)).toMatchObject({ onHand: 2, reserved: 5, short: 0 })
  expect(shop.refusals(reservation([lineHeld(LAMP, 1)]), sale([line(LAMP, 1)]))).toEqual([
    'insufficient_stock',
    'insufficient_stock',
  ])
})

test('what is owed is handed over once it has come in', () => {
  const shop = exampleShop({ [CHAIR]: 9, [LAMP]: { onHand: 2, backorderLimit: 3 } })
  shop.tell(cart([lineHeld(CHAIR, 1), lineHeld(LAMP, 2), lineHeld(LAMP, 3)]))

  const early = shop.tell(commitment(CART))

  expect(early.verdicts).toMatchObject([
    {
      error: {
        kind: 'conflict',
        code: 'insufficient_stock',
        at: ['lines', 1, 'quantity'],
        details: { requested: 5, available: 2 },
      },
    },
  ])
  expect(shop.level(CHAIR)).toMatchObject({ onHand: 9, reserved: 1 })
  expect(shop.refusals(adjustment(LAMP, 3, { reason: 'receipt' }), commitment(CART))).toEqual([undefined, undefined])
  expect(shop.level(LAMP)).toMatchObject({ onHand: 0, reserved: 0, short: 0 })
})

test('a commit that names lines says which of them is not there yet', () => {
  const shop = exampleShop({ [CHAIR]: 9, [LAMP]: { onHand: 2, backorderLimit: 3 } })
  shop.tell(cart([lineHeld(CHAIR, 1), lineHeld(LAMP, 5)]))

  expect(shop.verdict(commitment(CART, { lines: [levelOf(LAMP)] }))).toMatchObject({
    error: { at: ['lines', 0, 'quantity'] },
  })
  expect(shop.refusals(commitment(CART, { lines: [levelOf(CHAIR)] }))).toEqual([undefined])
})

test('what was counted short is made good by whatever is given back', () => {
  const shop = exampleShop({ [LAMP]: 5 })
  shop.tell(cart([lineHeld(LAMP, 4)]))
  shop.tell(counting(LAMP, 1, { expectedOnHand: 5 }))
  expect(shop.level(LAMP)).toMatchObject({ onHand: 1, reserved: 4, short: 3 })

  shop.tell(adjustment(LAMP, 1, { reason: 'receipt' }))
  expect(shop.level(LAMP)).toMatchObject({ short: 2 })
  shop.tell(releasing(CART))
  expect(shop.level(LAMP)).toMatchObject({ onHand: 2, reserved: 0, short: 0 })
})

test('is held, taken and given back within one batch, and leaves no hold behind', () => {
  const shop = exampleShop({ [LAMP]: 5 })

  const taken = shop.tell(cart([lineHeld(LAMP, 3)]), extension(CART, 900), commitment(CART))

  expect(taken.verdicts).toMatchObject([
    { ok: true },
    { ok: true },
    { value: { reservation: { status: 'committed' } } },
  ])
  expect(taken.holds).toMatchObject({ placed: [], extended: [] })
  expect(taken.reservations).toMatchObject([{ before: undefined, after: { version: 3 }, validBefore: null }])
  expect(shop.level(LAMP)).toMatchObject({ onHand: 2, reserved: 0, sequence: 3 })
})

test('what one gives back, another may have in the same batch', () => {
  const shop = exampleShop({ [LAMP]: 5 })
  shop.tell(cart([lineHeld(LAMP, 5)]))

  expect(shop.refusals(releasing(CART), reservation([lineHeld(LAMP, 5)]), sale([line(LAMP, 1)]))).toEqual([
    undefined,
    undefined,
    'insufficient_stock',
  ])
})

test('taking and holding longer are written only while the promise lives; giving back always', () => {
  const shop = exampleShop({ [LAMP]: 5 })
  shop.tell(cart([lineHeld(LAMP, 3)]))
  const end = later(NINE, 600)

  expect(shop.tell(extension(CART, 900)).reservations).toMatchObject([{ before: { version: 1 }, validBefore: end }])
  expect(shop.tell(commitment(CART, { lines: [levelOf(LAMP)] })).reservations).toMatchObject([
    { validBefore: later(NINE, 900) },
  ])
  const other = reservation([lineHeld(LAMP, 2)])
  shop.tell(other)
  expect(shop.tell(releasing(other.reservationId)).reservations).toMatchObject([{ validBefore: null }])
})

test('the same command sent again is answered as before, though its reservation has gone by now', () => {
  const shop = exampleShop({ [LAMP]: 5 })
  const [hold, take] = [cart([lineHeld(LAMP, 3)]), commitment(CART)]
  const first = shop.tell(hold, take)

  const again = shop.tell(hold, take, take)

  const [held, taken] = first.verdicts.map((verdict) => ({ ...verdict, replayed: true }))
  expect(again.verdicts).toEqual([held!, taken!, taken!])
  expect([...again.movements, ...again.operations, ...again.holds.placed]).toEqual([])
  expect(shop.level(LAMP)).toMatchObject({ onHand: 2, reserved: 0 })
})

test('no more is promised than there is, whatever number of expired promises is in the way', () => {
  const shop = exampleShop({ [LAMP]: 9 }, 2)
  for (let held = 0; held < 6; held++) shop.tell(reservation([lineHeld(LAMP, 1)], { ttlSeconds: 60 }))
  shop.wait(60)

  // Two are ended by the first write; four units are still among what is reserved, and promised anew all the same.
  expect(shop.refusals(cart([lineHeld(LAMP, 9)]))).toEqual([undefined])

  const { onHand, reserved, short } = shop.level(LAMP)
  expect([onHand, reserved, short]).toEqual([9, 13, 4])
  while (shop.level(LAMP).reserved > 9) shop.tell(sale([line(LAMP, 1)]))
  expect(shop.level(LAMP)).toMatchObject({ onHand: 9, reserved: 9, short: 0 })
})

const cart = (lines: Parameters<typeof reservation>[0]) => reservation(lines, { id: CART, isIdChosen: true })

const statuses = (...each: string[]) => each.map((status) => ({ status }))
