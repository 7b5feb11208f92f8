import type { Mongo } from '@abasto/chassis/database/mongo'
import type { Trace, Uuid } from '@abasto/kernel'
import type { Db } from 'mongodb'
import type { Wanted } from '../../application/ports.ts'
import { keyOf } from '../../domain/command.ts'
import type { Reservation } from '../../domain/reservation.ts'
import { type Due, MOST_DUE, type RecordedOperation, type StockState } from '../../domain/state.ts'
import type { LevelKey, StockLevel } from '../../domain/stock-level.ts'
import type { Warehouse } from '../../domain/warehouse.ts'
import { purchasesIn, verdictFromText } from '../verdict.ts'
import { type Collections, holdOf, levelOf, purchaseOf, reservationOf, warehouseOf } from './documents.ts'
import { clockOf } from './schema.ts'

/**
 * Reads what `decide` needs: everything that is named at once, then the levels of the reservations that were found, then
 * what is past its time. Nothing holds these together but the guard of the write: what changed in between makes it lose.
 */
export const readStock = (mongo: Mongo, wanted: Wanted, trace?: Trace): Promise<StockState> =>
  mongo.ask({ name: 'read stock', trace }, () => read(mongo.db, wanted))

async function read(
  db: Db,
  { levels: keys = [], operations: ids = [], reservations: promises = [], warehouses: places = [] }: Wanted,
): Promise<StockState> {
  const [clock, named, reservations, warehouses, operations] = await Promise.all([
    clockOf(db),
    readLevels(db, keys),
    readReservations(db, promises),
    readWarehouses(db, places),
    readOperations(db, ids),
  ])
  const held = [...reservations.values()].flatMap(({ lines }) => lines.filter(({ status }) => status === 'held'))
  const asked = new Set(keys.map(keyOf))
  const others = held.filter((line) => !asked.has(keyOf(line)))
  const levels = others.length === 0 ? named : new Map([...named, ...(await readLevels(db, others))])
  return {
    now: clock.toISOString(),
    levels,
    due: await readDue(db, [...levels.values()], clock),
    reservations,
    warehouses,
    operations,
  }
}

/** The documents of a collection that have these ids. */
function find<Name extends keyof Collections>(
  db: Db,
  name: Name,
  ids: readonly string[],
): Promise<Collections[Name][]> {
  if (ids.length === 0) return Promise.resolve([])
  const filter = { _id: ids.length === 1 ? ids[0] : { $in: [...new Set(ids)] } }
  const found = db.collection(name).find(filter as object, { batchSize: ids.length + 1 })
  return found.toArray() as unknown as Promise<Collections[Name][]>
}

async function readLevels(db: Db, keys: readonly LevelKey[]): Promise<ReadonlyMap<string, StockLevel>> {
  const found = await find(db, 'stock_levels', keys.map(keyOf))
  return new Map(found.map((document) => [document._id, levelOf(document)]))
}

async function readReservations(db: Db, ids: readonly Uuid[]): Promise<ReadonlyMap<Uuid, Reservation>> {
  const found = await find(db, 'reservations', ids)
  return new Map(found.map((document) => [document._id, reservationOf(document)]))
}

async function readWarehouses(db: Db, ids: readonly Uuid[]): Promise<ReadonlyMap<Uuid, Warehouse>> {
  const found = await find(db, 'warehouses', ids)
  return new Map(found.map((document) => [document._id, warehouseOf(document)]))
}

async function readOperations(db: Db, ids: readonly Uuid[]): Promise<ReadonlyMap<Uuid, RecordedOperation>> {
  const found = await find(db, 'operations', ids)
  const bought = await find(
    db,
    'purchases',
    found.flatMap(({ verdict }) => purchasesIn(verdict)),
  )
  const purchases = new Map(bought.map((document) => [document._id, purchaseOf(document)]))
  return new Map(
    found.map(({ _id: id, fingerprint, verdict }) => {
      return [id, { id, fingerprint, verdict: verdictFromText(verdict, purchases) }]
    }),
  )
}

async function readDue(db: Db, levels: readonly StockLevel[], now: Date): Promise<ReadonlyMap<string, Due>> {
  const due = levels.filter(({ nextExpiryAt }) => nextExpiryAt !== null && Date.parse(nextExpiryAt) <= now.getTime())
  return new Map(await Promise.all(due.map(async (level) => [keyOf(level), await dueOf(db, level, now)] as const)))
}

async function dueOf(db: Db, { productId, warehouseId }: LevelKey, now: Date): Promise<Due> {
  const holds = db.collection<Collections['holds']>('holds')
  const ofLevel = { product_id: productId, warehouse_id: warehouseId }
  const expired = { ...ofLevel, expires_at: { $lte: now } }
  const [found, [next]] = await Promise.all([
    holds
      .find(expired)
      .sort({ expires_at: 1, reservation_id: 1 })
      .limit(MOST_DUE + 1)
      .batchSize(MOST_DUE + 2)
      .toArray(),
    holds
      .find({ ...ofLevel, expires_at: { $gt: now } })
      .sort({ expires_at: 1 })
      .limit(1)
      .toArray(),
  ])
  const first = found.slice(0, MOST_DUE).map(holdOf)
  if (found.length <= MOST_DUE) return { holds: first, lapsed: 0, nextExpiryAt: next?.expires_at.toISOString() ?? null }
  const [sum] = await holds
    .aggregate<{ units: number }>([{ $match: expired }, { $group: { _id: null, units: { $sum: '$quantity' } } }])
    .toArray()
  const ended = first.reduce((units, { quantity }) => units + quantity, 0)
  return { holds: first, lapsed: Number(sum?.units ?? 0) - ended, nextExpiryAt: first.at(-1)!.expiresAt }
}
