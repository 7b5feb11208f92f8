import { Contention } from '@abasto/chassis/database/database'
import { readPage, type Uuid } from '@abasto/kernel'
import { movementPosition } from '../application/movements.ts'
import type { Backorder, LevelState, Stock } from '../application/ports.ts'
import { backorderPosition } from '../application/reservations.ts'
import { keyOf } from '../domain/command.ts'
import type { Movement } from '../domain/movement.ts'
import type { Purchase } from '../domain/purchase.ts'
import { asOf, type Hold, isPast, isTombstone, type Reservation } from '../domain/reservation.ts'
import { type Decision, type Due, MOST_DUE, type ProductTotals, type RecordedOperation } from '../domain/state.ts'
import { available, isSame, type LevelKey, type StockLevel, withoutLapsed } from '../domain/stock-level.ts'
import { DEFAULT_WAREHOUSE, type Warehouse } from '../domain/warehouse.ts'

/** The stock in plain maps, with the same promises as a database. For tests and for trying a rule out. */
export function memoryStock({ now = () => new Date().toISOString() } = {}): Stock {
  const levels = new Map<string, StockLevel>()
  const holds = new Map<string, Map<Uuid, Hold>>()
  const reservations = new Map<Uuid, Reservation>()
  const warehouses = new Map<Uuid, Warehouse>([[DEFAULT_WAREHOUSE, defaultWarehouse(now())]])
  const operations = new Map<Uuid, RecordedOperation>()
  const movements: Movement[] = []
  const purchases = new Map<Uuid, Purchase>()

  const isCurrent = (decision: Decision) =>
    decision.read.every(({ key, before }) => isSame(levels.get(keyOf(key)), before)) &&
    decision.reservations.every(({ id, before }) => reservations.get(id)?.version === before?.version) &&
    decision.reservations.every(({ validBefore }) => validBefore === null || !isPast(validBefore, now())) &&
    decision.warehouses.every(({ id, before }) => warehouses.get(id)?.version === before?.version)

  function apply(decision: Decision): void {
    for (const { key, after } of decision.read) if (after) levels.set(keyOf(key), after)
    for (const { id, after } of decision.reservations) if (after) reservations.set(id, after)
    for (const { id, after } of decision.warehouses) if (after) warehouses.set(id, after)
    for (const hold of decision.holds.ended) holdsOf(hold).delete(hold.reservationId)
    for (const { expiresAt, ...hold } of decision.holds.extended) {
      holdsOf(hold).set(hold.reservationId, { ...holdsOf(hold).get(hold.reservationId)!, expiresAt })
    }
    for (const hold of decision.holds.placed) holdsOf(hold).set(hold.reservationId, hold)
    for (const operation of decision.operations) operations.set(operation.id, operation)
    for (const movement of decision.movements) movements.push(movement)
    for (const purchase of decision.purchases) purchases.set(purchase.id, purchase)
  }

  function holdsOf(key: LevelKey): Map<Uuid, Hold> {
    const own = holds.get(keyOf(key)) ?? new Map<Uuid, Hold>()
    holds.set(keyOf(key), own)
    return own
  }

  const lapsedOf = (key: LevelKey, moment: string): number =>
    sumOf([...holdsOf(key).values()].filter(({ expiresAt }) => isPast(expiresAt, moment)))

  function dueOf(key: LevelKey, moment: string): Due {
    const inOrder = [...holdsOf(key).values()].toSorted(byText((hold) => `${hold.expiresAt} ${hold.reservationId}`))
    const expired = inOrder.filter(({ expiresAt }) => isPast(expiresAt, moment))
    const [first, rest] = [expired.slice(0, MOST_DUE), expired.slice(MOST_DUE)]
    const next = rest.length > 0 ? first.at(-1) : inOrder[expired.length]
    return { holds: first, lapsed: sumOf(rest), nextExpiryAt: next?.expiresAt ?? null }
  }

  const currentLevels = (): StockLevel[] => {
    const moment = now()
    return [...levels.values()].map((level) => withoutLapsed(level, lapsedOf(level, moment)))
  }

  function totalsOf(productId: Uuid): ProductTotals | undefined {
    const own = currentLevels().filter((level) => level.productId === productId)
    if (own.length === 0) return undefined
    return own.reduce(
      (sum, level) => ({
        productId,
        onHand: sum.onHand + level.onHand,
        reserved: sum.reserved + level.reserved,
        version: sum.version + level.version,
        updatedAt: sum.updatedAt > level.updatedAt ? sum.updatedAt : level.updatedAt,
      }),
      { productId, onHand: 0, reserved: 0, version: 0, updatedAt: '' },
    )
  }

  const currentReservations = (): Reservation[] => {
    const moment = now()
    return [...reservations.values()].filter((each) => !isTombstone(each)).map((each) => asOf(each, moment))
  }

  /** What is held of a level beyond what is there; the oldest holds are served first. */
  function owedOf(level: StockLevel, moment: string): Backorder[] {
    const alive = [...holdsOf(level).values()].filter(({ expiresAt }) => !isPast(expiresAt, moment))
    let left = level.onHand
    return alive.toSorted(byText((hold) => `${hold.createdAt} ${hold.reservationId}`)).flatMap((hold) => {
      const owed = hold.quantity - Math.min(hold.quantity, left)
      left -= hold.quantity - owed
      const { operationId: _, ...backorder } = hold
      return owed === 0 ? [] : [{ ...backorder, owed }]
    })
  }

  return {
    read: async (wanted) => {
      const found = pick(reservations, wanted.reservations)
      const held = [...found.values()].flatMap(({ lines }) => lines.filter(({ status }) => status === 'held'))
      const moment = now()
      const read = pick(levels, [...(wanted.levels ?? []), ...held].map(keyOf))
      const due = [...read.values()].filter(({ nextExpiryAt }) => nextExpiryAt !== null && isPast(nextExpiryAt, moment))
      return {
        now: moment,
        levels: read,
        due: new Map(due.map((level) => [keyOf(level), dueOf(level, moment)])),
        reservations: found,
        warehouses: pick(warehouses, wanted.warehouses),
        operations: pick(operations, wanted.operations),
      }
    },
    write: async (decisions) => {
      const lost = new Set(decisions.keys().filter((index) => !isCurrent(decisions[index]!)))
      const winners = decisions.filter((_, index) => !lost.has(index))
      if (winners.some((decision) => decision.operations.some(({ id }) => operations.has(id)))) {
        throw new Contention('23505', 'operations_pkey', undefined)
      }
      winners.forEach(apply)
      return { lost, levels: new Map() }
    },
    inventory: async (productId) => totalsOf(productId),
    inventories: (page) => {
      const ids = [...new Set([...levels.values()].map(({ productId }) => productId))]
      const totals = ids.map((id) => totalsOf(id)!)
      return readPage(
        page,
        slice(totals, ({ productId }) => productId),
      )
    },
    levelsOf: async (productId) =>
      [...levels.values()]
        .filter((level) => level.productId === productId)
        .map((level) => ({ productId, warehouseId: level.warehouseId }))
        .toSorted(byText(keyOf)),
    level: async (key) => currentLevels().find((level) => keyOf(level) === keyOf(key)),
    levels: ({ productIds, warehouseIds, states }, page) => {
      const wanted = currentLevels().filter(
        (level) =>
          isOneOf(level.productId, productIds) &&
          isOneOf(level.warehouseId, warehouseIds) &&
          (!states || states.some((state) => isInState[state](level))),
      )
      return readPage(page, slice(wanted, keyOf))
    },
    levelAt: async (key, moment) => {
      const until = movements.filter((each) => keyOf(each) === keyOf(key) && isPast(each.createdAt, moment))
      const last = until.at(-1)
      if (!last) return undefined
      const { onHandAfter: onHand, reservedAfter: reserved, sequence, createdAt: updatedAt } = last
      return { productId: key.productId, warehouseId: key.warehouseId, onHand, reserved, sequence, updatedAt }
    },
    movements: ({ productIds, warehouseIds, kinds, from, until }, page) => {
      const wanted = movements.filter(
        (movement) =>
          isOneOf(movement.productId, productIds) &&
          isOneOf(movement.warehouseId, warehouseIds) &&
          isOneOf(movement.kind, kinds) &&
          (from === undefined || isPast(from, movement.createdAt)) &&
          (until === undefined || !isPast(until, movement.createdAt)),
      )
      return readPage(
        page,
        slice(wanted, (movement) => padded(movementPosition(movement)), padded),
      )
    },
    purchase: async (id) => purchases.get(id),
    purchases: (page) =>
      readPage(
        page,
        slice([...purchases.values()], ({ id }) => id),
      ),
    reservation: async (id) => currentReservations().find((each) => each.id === id),
    reservations: ({ statuses, references }, page) => {
      const wanted = currentReservations().filter(
        ({ status, reference }) => isOneOf(status, statuses) && (!references || references.includes(reference ?? '')),
      )
      return readPage(
        page,
        slice(wanted, ({ id }) => id),
      )
    },
    expired: async (limit) => {
      const moment = now()
      const held = [...reservations.values()].filter(({ status }) => status === 'held')
      const past = held.filter(({ expiresAt }) => isPast(expiresAt, moment))
      return past
        .toSorted(byText(({ expiresAt }) => expiresAt))
        .slice(0, limit)
        .map(({ id }) => id)
    },
    backorders: ({ productIds, warehouseIds }, page) => {
      const moment = now()
      const owed = [...levels.values()]
        .filter((level) => isOneOf(level.productId, productIds) && isOneOf(level.warehouseId, warehouseIds))
        .flatMap((level) => owedOf(level, moment))
      return readPage(page, slice(owed, backorderPosition))
    },
    warehouse: async (id) => warehouses.get(id),
    warehouses: (page) => {
      const open = [...warehouses.values()].filter(({ deletedAt }) => deletedAt === null)
      return readPage(
        page,
        slice(open, ({ id }) => id),
      )
    },
    holdsStock: async (warehouseId) =>
      currentLevels().some((level) => level.warehouseId === warehouseId && (level.onHand > 0 || level.reserved > 0)),
  }
}

const defaultWarehouse = (now: string): Warehouse => ({
  id: DEFAULT_WAREHOUSE,
  name: 'default',
  version: 1,
  createdAt: now,
  updatedAt: now,
  deletedAt: null,
})

const isInState: Readonly<Record<LevelState, (level: StockLevel) => boolean>> = {
  reorder: (level) => level.reorderPoint !== null && available(level) <= level.reorderPoint,
  out: (level) => available(level) <= 0,
  short: ({ short }) => short > 0,
}

const isOneOf = <T>(value: T, wanted: readonly T[] | undefined): boolean => !wanted || wanted.includes(value)

const sumOf = (holds: readonly Hold[]): number => holds.reduce((sum, { quantity }) => sum + quantity, 0)

const pick = <T>(rows: ReadonlyMap<string, T>, names: readonly string[] = []): Map<string, T> =>
  new Map(names.flatMap((name) => (rows.has(name) ? [[name, rows.get(name)!] as const] : [])))

const byText =
  <T>(textOf: (row: T) => string) =>
  (one: T, other: T): number =>
    textOf(one) < textOf(other) ? -1 : 1

/** Text compares like the numbers in it only at equal length. */
const padded = (position: string): string => {
  const parts = position.split('.')
  return [...parts.slice(0, -1), parts.at(-1)!.padStart(16, '0')].join('.')
}

const slice =
  <T>(rows: T[], positionOf: (row: T) => string, read = (position: string) => position) =>
  async (direction: 'forward' | 'backward', position: string | undefined, limit: number): Promise<T[]> => {
    const sign = direction === 'forward' ? 1 : -1
    const ordered = rows.toSorted((a, b) => sign * (positionOf(a) < positionOf(b) ? -1 : 1))
    const from = position === undefined ? undefined : read(position)
    return ordered
      .filter(
        (row) => from === undefined || (direction === 'forward' ? positionOf(row) > from : positionOf(row) < from),
      )
      .slice(0, limit)
  }
