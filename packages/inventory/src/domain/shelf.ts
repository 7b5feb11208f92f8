import { keyOf } from './command.ts'
import type { Movement } from './movement.ts'
import type { Purchase } from './purchase.ts'
import { type Hold, isPast } from './reservation.ts'
import type { Decision, Due, HoldKey, StockState } from './state.ts'
import type { LevelKey, StockLevel } from './stock-level.ts'
import { DEFAULT_WAREHOUSE, type Warehouse } from './warehouse.ts'

/** What a store would have written down, for tests of the rule alone: decisions go in, what `decide` reads comes out. */
export type Shelf = Readonly<{
  levels: ReadonlyMap<string, StockLevel>
  /** What is held of levels, by `nameOf`. */
  holds: ReadonlyMap<string, Hold>
  reservations: StockState['reservations']
  warehouses: StockState['warehouses']
  operations: StockState['operations']
  movements: readonly Movement[]
  purchases: readonly Purchase[]
}>

/** A shop in which nothing has happened yet. */
export function emptyShelf(now: string): Shelf {
  const place: Warehouse = {
    id: DEFAULT_WAREHOUSE,
    name: 'default',
    version: 1,
    createdAt: now,
    updatedAt: now,
    deletedAt: null,
  }
  return {
    levels: new Map(),
    holds: new Map(),
    reservations: new Map(),
    warehouses: new Map([[place.id, place]]),
    operations: new Map(),
    movements: [],
    purchases: [],
  }
}

/** What is read at a moment, all of it; of what is past its time at most `mostDue` holds of each level. */
export function stateOf(shelf: Shelf, now: string, mostDue: number): StockState {
  const { levels, reservations, warehouses, operations } = shelf
  const due = [...levels.values()].filter(({ nextExpiryAt }) => nextExpiryAt !== null && isPast(nextExpiryAt, now))
  return {
    now,
    levels,
    due: new Map(due.map((level) => [keyOf(level), dueOf(holdsOf(shelf, level), now, mostDue)])),
    reservations,
    warehouses,
    operations,
  }
}

/** What is there once a decision has taken effect. */
export function after(shelf: Shelf, decision: Decision): Shelf {
  const { read, reservations, warehouses, holds, operations, movements, purchases } = decision
  const written = new Set(read.flatMap(({ key, after }) => (after ? [keyOf(key)] : [])))
  for (const each of [...movements, ...holds.placed, ...holds.extended, ...holds.ended]) {
    if (!written.has(keyOf(each))) throw new Error('a level moves that the write neither guards nor changes')
  }
  const held = new Map(shelf.holds)
  for (const key of holds.ended) held.delete(nameOf(key))
  for (const { expiresAt, ...key } of holds.extended) {
    const hold = held.get(nameOf(key))
    if (!hold) throw new Error('a hold was extended that is not there')
    held.set(nameOf(key), { ...hold, expiresAt })
  }
  for (const hold of holds.placed) held.set(nameOf(hold), hold)
  return {
    levels: changed(
      shelf.levels,
      read.map(({ key, after }) => [keyOf(key), after]),
    ),
    holds: held,
    reservations: changed(
      shelf.reservations,
      reservations.map(({ id, after }) => [id, after]),
    ),
    warehouses: changed(
      shelf.warehouses,
      warehouses.map(({ id, after }) => [id, after]),
    ),
    operations: new Map([...shelf.operations, ...operations.map((each) => [each.id, each] as const)]),
    movements: [...shelf.movements, ...movements],
    purchases: [...shelf.purchases, ...purchases],
  }
}

/** What is held of one level, the first to expire first. */
export const holdsOf = ({ holds }: Shelf, key: LevelKey): Hold[] =>
  [...holds.values()]
    .filter((hold) => keyOf(hold) === keyOf(key))
    .toSorted((one, other) =>
      `${one.expiresAt} ${one.reservationId}` < `${other.expiresAt} ${other.reservationId}` ? -1 : 1,
    )

export const unitsIn = (holds: readonly Hold[]): number => holds.reduce((sum, { quantity }) => sum + quantity, 0)

const nameOf = (hold: HoldKey): string => `${keyOf(hold)}.${hold.reservationId}`

function dueOf(holds: readonly Hold[], now: string, mostDue: number): Due {
  const expired = holds.filter(({ expiresAt }) => isPast(expiresAt, now))
  const [first, rest] = [expired.slice(0, mostDue), expired.slice(mostDue)]
  const next = rest.length > 0 ? (first.at(-1) ?? rest[0]) : holds[expired.length]
  return { holds: first, lapsed: unitsIn(rest), nextExpiryAt: next?.expiresAt ?? null }
}

function changed<T>(
  rows: ReadonlyMap<string, T>,
  changes: readonly (readonly [string, T | undefined])[],
): ReadonlyMap<string, T> {
  return new Map([...rows, ...changes.flatMap(([name, row]) => (row ? [[name, row] as const] : []))])
}
