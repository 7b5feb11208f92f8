import type { ClientSession, Db } from 'mongodb'
import { keyOf } from '../../domain/command.ts'
import type { Decision } from '../../domain/state.ts'
import { isSame, type StockLevel } from '../../domain/stock-level.ts'
import { type Collections, levelOf, reservationOf, warehouseOf } from './documents.ts'
import { isSameReservation, isSameWarehouse, isValid } from './guards.ts'
import { clockOf } from './schema.ts'

/** Whether a decision is still about what is there, and the levels that were seen. */
export type Look = Readonly<{
  isAsRead: (decision: Decision) => boolean
  levels: ReadonlyMap<string, StockLevel>
}>

/**
 * Looks, in the transaction that is to write them, whether what the decisions read is still there. What the transaction
 * then writes to cannot change between this look and its end: the server lets the first of two writers through and tells
 * the other that there was a conflict.
 *
 * A filter in each update instead would save this round trip, but the server plans each such update anew, which costs it
 * more than all of this, and it would not say which of them found nothing.
 */
export async function lookAt(
  db: Db,
  session: ClientSession | undefined,
  decisions: readonly Decision[],
): Promise<Look> {
  const names = decisions.flatMap(({ read }) => read.map(({ key }) => keyOf(key)))
  const promises = decisions.flatMap(({ reservations }) => reservations)
  const places = decisions.flatMap(({ warehouses }) => warehouses)
  const clock = promises.some(({ validBefore }) => validBefore !== null) ? clockOf(db) : undefined
  // In a transaction one command follows the other; the clock is nothing of it.
  const [now, found] = await Promise.all([
    clock?.then((moment) => moment.toISOString()),
    (async () => ({
      levels: await find(db, session, 'stock_levels', names, levelOf),
      reservations: await find(db, session, 'reservations', promises.map(idOf), reservationOf),
      warehouses: await find(db, session, 'warehouses', places.map(idOf), warehouseOf),
    }))(),
  ])
  return {
    levels: found.levels,
    isAsRead: ({ read, reservations, warehouses }) =>
      read.every(({ key, before }) => isSame(found.levels.get(keyOf(key)), before)) &&
      reservations.every(
        (change) => isSameReservation(found.reservations.get(change.id), change.before) && isValid(change, now),
      ) &&
      warehouses.every(({ id, before }) => isSameWarehouse(found.warehouses.get(id), before)),
  }
}

const idOf = ({ id }: Readonly<{ id: string }>): string => id

async function find<Name extends keyof Collections, Row>(
  db: Db,
  session: ClientSession | undefined,
  name: Name,
  ids: readonly string[],
  rowOf: (document: Collections[Name]) => Row,
): Promise<ReadonlyMap<string, Row>> {
  if (ids.length === 0) return new Map()
  const filter = { _id: ids.length === 1 ? ids[0]! : { $in: [...new Set(ids)] } }
  // The command itself: a cursor costs more than what it is for here.
  const command = { find: name, filter, batchSize: ids.length + 1, singleBatch: true }
  const { cursor } = await db.command(command, session ? { session } : {})
  const documents: Collections[Name][] = cursor.firstBatch
  return new Map(documents.map((document) => [document._id, rowOf(document)]))
}
