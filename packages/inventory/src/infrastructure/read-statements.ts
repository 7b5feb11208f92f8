import { plainArray } from '@abasto/chassis/database/array'
import type { Database } from '@abasto/chassis/database/database'
import type { Trace, Uuid } from '@abasto/kernel'
import type { Wanted } from '../application/ports.ts'
import { keyOf } from '../domain/command.ts'
import type { Hold, Reservation } from '../domain/reservation.ts'
import { type Due, MOST_DUE, type RecordedOperation, type StockState } from '../domain/state.ts'
import type { LevelKey, StockLevel } from '../domain/stock-level.ts'
import type { Warehouse } from '../domain/warehouse.ts'
import { findPurchases } from './queries.ts'
import { addLevel, type LevelRow, type ReservationRow, reservationOf, type WarehouseRow, warehouseOf } from './rows.ts'
import { purchasesIn, verdictFromText } from './verdict.ts'

/**
 * Reads what `decide` needs: the reservations first, because they say which levels belong to them, and then the
 * levels. Nothing holds the two together but the guard of the write: what changed in between makes it lose.
 */
export async function readStock(
  database: Database,
  { levels: keys = [], operations = [], reservations: ids = [], warehouses: places = [] }: Wanted,
  trace: Trace | undefined,
): Promise<StockState> {
  const reservations = await readReservations(database, ids, trace)
  const held = [...reservations.values()].flatMap(({ lines }) => lines.filter(({ status }) => status === 'held'))
  const wanted = held.length === 0 ? keys : [...new Map([...keys, ...held].map((key) => [keyOf(key), key])).values()]
  const { now, levels, due, recorded } = await readLevels(database, wanted, operations, trace)
  return {
    now,
    levels,
    due,
    reservations,
    warehouses: await readWarehouses(database, places, trace),
    operations: await recordedOperations(database, recorded, trace),
  }
}

async function readReservations(
  database: Database,
  ids: readonly Uuid[],
  trace: Trace | undefined,
): Promise<ReadonlyMap<Uuid, Reservation>> {
  if (ids.length === 0) return NONE
  const rows = await database.query<ReservationRow>(
    `SELECT id, status, reference, lines, expires_at, version, actor, operation_id, created_at, updated_at
     FROM inventory.reservations WHERE id = ANY ($1::text::uuid[])`,
    [plainArray(ids)],
    { name: 'read reservations', trace },
  )
  return new Map(rows.map((row) => [row.id, reservationOf(row)]))
}

/*
 * One round trip for the clock, the levels, what is past its time on those that say that something is, and the
 * operations that were decided before. Each row says what it is in `part`: of a hold, `id` is its reservation and
 * `fingerprint` the operation that made it; of a sum, `reserved` is what all expired holds of a level hold, and
 * `next_expiry_at` when the first of the others expires.
 */
const stockStatement = `
WITH clock AS MATERIALIZED (
  SELECT clock_timestamp() AS now
), levels AS MATERIALIZED (
  SELECT l.product_id, l.warehouse_id, l.on_hand, l.reserved, l.short, l.backorder_limit, l.incoming, l.reorder_point,
         l.next_expiry_at, l.sequence, l.version, l.updated_at
  FROM unnest($1::text::uuid[], $2::text::uuid[]) AS k (product_id, warehouse_id)
    JOIN inventory.stock_levels l ON l.product_id = k.product_id AND l.warehouse_id = k.warehouse_id
), due AS MATERIALIZED (
  SELECT l.product_id, l.warehouse_id, clock.now FROM levels l, clock WHERE l.next_expiry_at <= clock.now
)
SELECT 'clock' AS part, NULL::uuid AS product_id, NULL::uuid AS warehouse_id, NULL::bigint AS on_hand,
       NULL::bigint AS reserved, NULL::bigint AS short, NULL::bigint AS backorder_limit, NULL::bigint AS incoming,
       NULL::bigint AS reorder_point, NULL::timestamptz AS next_expiry_at, NULL::bigint AS sequence,
       NULL::bigint AS version, now AS updated_at, NULL::uuid AS id, NULL::uuid AS fingerprint, NULL::text AS verdict
FROM clock
UNION ALL
SELECT 'level', l.*, NULL, NULL, NULL FROM levels l
UNION ALL
SELECT 'sum', d.product_id, d.warehouse_id, NULL, (
         SELECT sum(h.quantity)::bigint FROM inventory.holds h
         WHERE h.product_id = d.product_id AND h.warehouse_id = d.warehouse_id AND h.expires_at <= d.now
       ), NULL, NULL, NULL, NULL, (
         SELECT min(h.expires_at) FROM inventory.holds h
         WHERE h.product_id = d.product_id AND h.warehouse_id = d.warehouse_id AND h.expires_at > d.now
       ), NULL, NULL, NULL, NULL, NULL, NULL
FROM due d
UNION ALL
SELECT 'hold', d.product_id, d.warehouse_id, NULL, h.quantity, NULL, NULL, NULL, NULL, h.expires_at, NULL, NULL,
       h.created_at, h.reservation_id, h.operation_id, NULL
FROM due d CROSS JOIN LATERAL (
  SELECT h.* FROM inventory.holds h
  WHERE h.product_id = d.product_id AND h.warehouse_id = d.warehouse_id AND h.expires_at <= d.now
  ORDER BY h.expires_at, h.reservation_id LIMIT ${MOST_DUE}
) h
UNION ALL
SELECT 'operation', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, o.id, o.fingerprint,
       o.verdict
FROM inventory.operations o WHERE o.id = ANY ($3::text::uuid[])`

type StockRow = LevelRow &
  Readonly<{ part: 'clock' | 'level' | 'sum' | 'hold' | 'operation'; id: Uuid; fingerprint: string; verdict: string }>

type StoredOperation = Readonly<{ id: Uuid; fingerprint: string; verdict: string }>

async function readLevels(
  database: Database,
  keys: readonly LevelKey[],
  ids: readonly Uuid[],
  trace: Trace | undefined,
): Promise<{ now: string; levels: Map<string, StockLevel>; due: Map<string, Due>; recorded: StoredOperation[] }> {
  const [productIds, warehouseIds] = [
    keys.map(({ productId }) => productId),
    keys.map(({ warehouseId }) => warehouseId),
  ]
  const parameters = [plainArray(productIds), plainArray(warehouseIds), plainArray(ids)]
  const rows = await database.query<StockRow>(stockStatement, parameters, { name: 'read stock', trace })
  let now = ''
  const levels = new Map<string, StockLevel>()
  const sums: StockRow[] = []
  const holds = new Map<string, Hold[]>()
  const recorded: StoredOperation[] = []
  for (const row of rows) {
    if (row.part === 'clock') now = row.updated_at
    else if (row.part === 'level') addLevel(levels, row)
    else if (row.part === 'sum') sums.push(row)
    else if (row.part === 'operation') recorded.push(row)
    else {
      const hold = holdOf(row)
      const known = holds.get(keyOf(hold))
      if (known) known.push(hold)
      else holds.set(keyOf(hold), [hold])
    }
  }
  const due = new Map(
    sums.map((sum) => {
      const name = keyOf({ productId: sum.product_id, warehouseId: sum.warehouse_id })
      return [name, dueOf(sum, holds.get(name) ?? [])]
    }),
  )
  return { now, levels, due, recorded }
}

const holdOf = (row: StockRow): Hold => ({
  productId: row.product_id,
  warehouseId: row.warehouse_id,
  reservationId: row.id,
  quantity: row.reserved,
  expiresAt: row.next_expiry_at!,
  operationId: row.fingerprint,
  createdAt: row.updated_at,
})

function dueOf({ reserved, next_expiry_at }: StockRow, found: readonly Hold[]): Due {
  const holds = found.toSorted((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1))
  const lapsed = (reserved ?? 0) - holds.reduce((sum, { quantity }) => sum + quantity, 0)
  return { holds, lapsed, nextExpiryAt: lapsed > 0 ? holds.at(-1)!.expiresAt : next_expiry_at }
}

const placeOf = ({ expiresAt, reservationId }: Hold): string => `${expiresAt} ${reservationId}`

async function readWarehouses(
  database: Database,
  ids: readonly Uuid[],
  trace: Trace | undefined,
): Promise<ReadonlyMap<Uuid, Warehouse>> {
  if (ids.length === 0) return NONE
  const rows = await database.query<WarehouseRow>(
    `SELECT id, name, version, created_at, updated_at, deleted_at
     FROM inventory.warehouses WHERE id = ANY ($1::text::uuid[])`,
    [plainArray(ids)],
    { name: 'read warehouses', trace },
  )
  return new Map(rows.map((row) => [row.id, warehouseOf(row)]))
}

async function recordedOperations(
  database: Database,
  rows: readonly StoredOperation[],
  trace: Trace | undefined,
): Promise<ReadonlyMap<Uuid, RecordedOperation>> {
  if (rows.length === 0) return NONE
  const ids = rows.flatMap(({ verdict }) => purchasesIn(verdict))
  const purchases = await findPurchases(database, ids, trace)
  return new Map(
    rows.map(({ id, fingerprint, verdict: text }) => {
      const verdict = verdictFromText(text, purchases)
      return [id, { id, fingerprint: fingerprint.replaceAll('-', ''), verdict }]
    }),
  )
}

const NONE = new Map<string, never>()
