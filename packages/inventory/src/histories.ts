import { type Failure, fail, type Uuid } from '@abasto/kernel'
import fc from 'fast-check'
import type { Command, LevelSettings } from './domain/command.ts'
import {
  adjustment,
  commitment,
  configuration,
  counting,
  creation,
  deletion,
  expiry,
  extension,
  line,
  lineHeld,
  opening,
  releasing,
  renaming,
  reservation,
  sale,
  transfer,
} from './domain/examples.ts'
import type { Step } from './domain/played.ts'
import type { LevelKey, Reason } from './domain/stock-level.ts'
import { DEFAULT_WAREHOUSE } from './domain/warehouse.ts'

export const PRODUCTS: readonly Uuid[] = ids('a', 3)

/** The second and the third are there only once they were created. */
export const WAREHOUSES: readonly Uuid[] = [DEFAULT_WAREHOUSE, ...ids('b', 2)]

export const RESERVATIONS: readonly Uuid[] = ids('c', 4)

/**
 * Random histories of a small shop for the proofs: few products, warehouses and reservations, so that commands meet;
 * small numbers, so that stock runs out; operation ids that come twice, now and then for another command.
 */
export const steps = (most: number, mostAtOnce: number): fc.Arbitrary<readonly Step[]> =>
  fc
    .tuple(prelude(), fc.array(step(mostAtOnce), { minLength: 1, maxLength: most, size: 'max' }))
    .map(([first, rest]) => [first, ...rest])

const step = (mostAtOnce: number): fc.Arbitrary<Step> =>
  fc.record({
    // Moments of expiry end in 5, those of commands in 0, so no clock can be in doubt which comes first.
    seconds: oneOf([0, 10, 20, 30], [9, 2, 1, 1]),
    commands: fc.array(command(), { minLength: 1, maxLength: mostAtOnce, size: 'max' }),
  })

/** A shop that is open already: two products, perhaps another warehouse, and a cart that somebody has filled. */
const prelude = (): fc.Arbitrary<Step> =>
  fc
    .record({ lamps: amount(), chairs: amount(), there: amount(), backorderLimit: fc.nat(6), isTwo: fc.boolean() })
    .map(({ lamps, chairs, there, backorderLimit, isTwo }) => {
      const [lamp, chair] = PRODUCTS as [Uuid, Uuid]
      const [, warehouseId] = WAREHOUSES as [Uuid, Uuid]
      const cart = [lineHeld(lamp, 2), lineHeld(chair, 1), ...(isTwo ? [lineHeld(lamp, 1, warehouseId)] : [])]
      const commands: Command[] = [opening(lamp, lamps, { backorderLimit }), opening(chair, chairs)]
      if (isTwo) commands.push(creation(warehouseId), { ...opening(lamp, there, { warehouseId }), shown: 'level' })
      commands.push(reservation(cart, { id: RESERVATIONS[0]!, ttlSeconds: 25 }))
      return { seconds: 0, commands }
    })

function command(): fc.Arbitrary<Command> {
  return fc
    .oneof(
      { weight: 1, arbitrary: open() },
      { weight: 3, arbitrary: adjust() },
      { weight: 2, arbitrary: count() },
      { weight: 2, arbitrary: configure() },
      { weight: 2, arbitrary: move() },
      { weight: 4, arbitrary: sell() },
      { weight: 8, arbitrary: reserve() },
      { weight: 5, arbitrary: ofReservation((id, lines) => commitment(id, lines ? { lines } : {})) },
      { weight: 3, arbitrary: ofReservation((id, lines) => releasing(id, lines ? { lines } : {})) },
      { weight: 2, arbitrary: fc.tuple(oneReservation(), ttl()).map(([id, seconds]) => extension(id, seconds)) },
      { weight: 2, arbitrary: oneReservation().map((id) => expiry(id)) },
      { weight: 2, arbitrary: place() },
    )
    .chain((own) => seldom(fc.record({ operationId: operation(), fingerprint: print() })).map(named(own)))
}

/** Most commands have an operation id of their own; some share one of a few. */
const named =
  (own: Command) =>
  (name: Pick<Command, 'operationId' | 'fingerprint'> | undefined): Command =>
    name ? { ...own, ...name } : own

const operation = () => fc.constantFrom(...ids('d', 6))

const print = () => fc.constantFrom('f'.repeat(32), 'f'.repeat(32), 'f'.repeat(32), '0'.repeat(32))

const open = () =>
  fc
    .record({ key: level(), quantity: amount(), settings: settings(), shown: shown(), obstacle: obstacle() })
    .map(({ key: { productId, warehouseId }, quantity, settings, shown, obstacle }): Command => {
      const opened = opening(productId, quantity, { warehouseId })
      return { ...opened, settings, obstacle, ...shownAs(shown, productId, warehouseId) }
    })

const adjust = () =>
  fc
    .record({
      key: level(),
      delta: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -8, max: 8 }) }, { weight: 1, arbitrary: large() }),
      reason: fc.constantFrom<Reason>('receipt', 'return', 'correction', 'damage', 'loss'),
      expectedVersion: version(),
      shown: shown(),
    })
    .map(({ key: { productId, warehouseId }, delta, reason, expectedVersion, shown }): Command => {
      const changed = adjustment(productId, delta, { reason })
      return { ...changed, warehouseId, expectedVersion, ...shownAs(shown, productId, warehouseId) }
    })

const count = () =>
  fc
    .record({
      key: level(),
      counted: amount(),
      expectedVersion: version(),
      expectedOnHand: seldom(fc.nat(9)),
    })
    .map(({ key, counted, expectedVersion, expectedOnHand }): Command => {
      return { ...counting(key.productId, counted), ...key, expectedVersion, expectedOnHand }
    })

const configure = () =>
  fc
    .record({ key: level(), settings: settings(), expectedVersion: version() })
    .map(({ key, settings, expectedVersion }): Command => {
      return { ...configuration(key.productId, settings), ...key, expectedVersion }
    })

const move = () =>
  fc
    .array(fc.record({ productId: product(), from: warehouse(), to: warehouse(), quantity: some() }), few)
    .map((lines): Command => transfer(lines))

const sell = () =>
  fc.array(fc.record({ key: level(), quantity: some(), obstacle: obstacle() }), few).map(
    (lines): Command =>
      sale(
        lines.map(({ key, quantity, obstacle: refusal }) => {
          const own = line(key.productId, quantity, key.warehouseId)
          return refusal ? { ...own, offer: fail(refusal) } : own
        }),
      ),
  )

const reserve = () =>
  fc
    .record({
      id: oneReservation(),
      isIdChosen: fc.boolean(),
      lines: fc.array(fc.record({ key: level(), quantity: some(), obstacle: obstacle() }), few),
      ttlSeconds: ttl(),
      reference: fc.constantFrom(null, 'cart 1', 'cart "2", {é}'),
    })
    .map(({ lines, ...rest }): Command => {
      const held = lines.map(({ key, quantity, obstacle }) => {
        return { ...lineHeld(key.productId, quantity, key.warehouseId), obstacle }
      })
      return reservation(held, rest)
    })

const ofReservation = (make: (id: Uuid, lines: readonly LevelKey[] | undefined) => Command) =>
  fc
    .tuple(oneReservation(), fc.option(fc.array(level(), few), { freq: 2, nil: undefined }))
    .map(([id, lines]) => make(id, lines))

const place = () =>
  fc
    .record({
      which: warehouse(),
      what: fc.constantFrom('create', 'create', 'create', 'rename', 'delete'),
      expectedVersion: version(),
      obstacle: obstacle(),
    })
    .map(({ which: warehouseId, what, expectedVersion, obstacle }): Command => {
      if (what === 'create') return creation(warehouseId)
      if (what === 'rename') return { ...renaming(warehouseId, '"renamed"'), expectedVersion }
      return { ...deletion(warehouseId), expectedVersion, obstacle }
    })

// Mostly what is there; the third product and the third warehouse are there only if somebody opens them.
const product = () => oneOf(PRODUCTS, [12, 6, 1])
const warehouse = () => oneOf(WAREHOUSES, [12, 4, 1])
const oneOf = <T>(values: readonly T[], weights: readonly number[]): fc.Arbitrary<T> =>
  fc.oneof(...values.map((value, index) => ({ weight: weights[index]!, arbitrary: fc.constant(value) })))
const level = (): fc.Arbitrary<LevelKey> => fc.record({ productId: product(), warehouseId: warehouse() })
const oneReservation = () => oneOf(RESERVATIONS, [6, 4, 2, 1])

const some = () => fc.integer({ min: 1, max: 4 })
const large = () => fc.constantFrom(2 ** 53 - 3, 2 ** 52)
const amount = () => fc.oneof({ weight: 19, arbitrary: fc.nat(12) }, { weight: 1, arbitrary: large() })
const version = () => seldom(fc.integer({ min: 1, max: 6 }))
const ttl = () => fc.constantFrom(5, 15, 25, 605)

const few = { minLength: 1, maxLength: 3 } as const

/** Something in one case of eight. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

const settings = (): fc.Arbitrary<LevelSettings> =>
  fc.record({
    reorderPoint: fc.constantFrom(undefined, null, 2),
    backorderLimit: fc.option(fc.oneof({ weight: 19, arbitrary: fc.nat(6) }, { weight: 1, arbitrary: large() }), {
      nil: undefined,
    }),
    incoming: fc.constantFrom(undefined, 0, 7),
  })

const soldOut: Failure = { kind: 'conflict', code: 'not_at_present', message: 'Not "now", {é}\\.', at: ['productId'] }

const obstacle = (): fc.Arbitrary<Failure | undefined> =>
  fc.integer({ min: 1, max: 40 }).map((number) => (number === 40 ? soldOut : undefined))

const shown = () => fc.constantFrom('level', 'inventory')

function shownAs(shown: string, productId: Uuid, warehouseId: Uuid) {
  if (shown === 'level') return { shown: 'level' } as const
  const siblings = WAREHOUSES.filter((id) => id !== warehouseId).map((id) => ({ productId, warehouseId: id }))
  return { shown: 'inventory', siblings } as const
}

function ids(letter: string, count: number): Uuid[] {
  return Array.from({ length: count }, (_, index) => `${letter.repeat(7)}${index}-0000-7000-8000-000000000000`)
}
