import type { Uuid } from '@abasto/kernel'
import type { ClientSession, Db } from 'mongodb'
import { keyOf } from '../../domain/command.ts'
import type { Reservation } from '../../domain/reservation.ts'
import type { Decision } from '../../domain/state.ts'
import { isSame, type StockLevel } from '../../domain/stock-level.ts'
import type { Warehouse } from '../../domain/warehouse.ts'
import { type Collections, levelOf, reservationOf, warehouseOf } from './documents.ts'
import { isSameReservation, isSameWarehouse, isStill, isValid } from './guards.ts'
import { clockOf } from './schema.ts'

/** Whether a decision is still about what is there, as far as was looked, and the levels that were seen. */
export type Look = Readonly<{
  isAsRead: (decision: Decision) => boolean
  levels: ReadonlyMap<string, StockLevel>
}>

/**
 * Looks, in the transaction that is to write them, whether what the decisions read is still there. `everything` is for
 * when something is known to be otherwise. Mostly only that is looked at which the write itself cannot guard: what was
 * not there and is not made, and what decisions read that change nothing at all. One moment is enough for those; whoever
 * changes something makes sure of all that it read by writing to it.
 */
export async function lookAt(
  db: Db,
  session: ClientSession,
  decisions: readonly Decision[],
  everything: boolean,
): Promise<Look> {
  const levels = new Set<string>()
  const reservations = new Set<Uuid>()
  const warehouses = new Set<Uuid>()
  let clock: Promise<Date> | undefined
  for (const decision of decisions) {
    const isAsked = everything || isStill(decision)
    for (const { key, before, after } of decision.read) if (isAsked || !(before ?? after)) levels.add(keyOf(key))
    for (const { id, before, after, validBefore } of decision.reservations) {
      if (isAsked || !(before ?? after)) reservations.add(id)
      if (isAsked && validBefore !== null) clock ??= clockOf(db)
    }
    for (const { id, before, after } of decision.warehouses) if (isAsked || !(before ?? after)) warehouses.add(id)
  }
  const foundLevels = await find(db, session, 'stock_levels', levels, levelOf)
  const foundReservations = await find(db, session, 'reservations', reservations, reservationOf)
  const foundWarehouses = await find(db, session, 'warehouses', warehouses, warehouseOf)
  const now = (await clock)?.toISOString()

  return {
    levels: foundLevels,
    isAsRead: (decision) =>
      decision.read.every(({ key, before }) => {
        const name = keyOf(key)
        return !levels.has(name) || isSame(foundLevels.get(name), before)
      }) &&
      decision.reservations.every(
        (change) =>
          (!reservations.has(change.id) || isSameReservation(foundReservations.get(change.id), change.before)) &&
          (now === undefined || isValid(change, now)),
      ) &&
      decision.warehouses.every(
        ({ id, before }) => !warehouses.has(id) || isSameWarehouse(foundWarehouses.get(id), before),
      ),
  }
}

type Found = StockLevel | Reservation | Warehouse

/** In a transaction one command follows the other. */
async function find<Name extends keyof Collections, Row extends Found>(
  db: Db,
  session: ClientSession,
  name: Name,
  ids: ReadonlySet<string>,
  rowOf: (document: Collections[Name]) => Row,
): Promise<ReadonlyMap<string, Row>> {
  if (ids.size === 0) return new Map()
  const filter = { _id: { $in: [...ids] } } as object
  const found = await db
    .collection(name)
    .find(filter, { session, batchSize: ids.size + 1 })
    .toArray()
  const documents = found as unknown as Collections[Name][]
  return new Map(documents.map((document) => [document._id, rowOf(document)]))
}
