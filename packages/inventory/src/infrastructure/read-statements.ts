import { plainArray } from '@abasto/chassis/database/array'
import type { Database } from '@abasto/chassis/database/database'
import type { Trace, Uuid } from '@abasto/kernel'
import type { Wanted } from '../application/ports.ts'
import { keyOf } from '../domain/command.ts'
import { type Hold, isPast, type Reservation } from '../domain/reservation.ts'
import { type Due, MOST_DUE, type RecordedOperation, type StockState } from '../domain/state.ts'
import type { LevelKey, StockLevel } from '../domain/stock-level.ts'
import type { Warehouse } from '../domain/warehouse.ts'
import { findPurchases } from './queries.ts'
import { addLevel, type LevelRow, type ReservationRow, reservationOf, type WarehouseRow, warehouseOf } from './rows.ts'
import { purchasesIn, verdictFromText } from './verdict.ts'

/**
 * Reads what `decide` needs: the reservations first, because they say which levels belong to them; then the levels;
 * then what is past its time on those that say so. Nothing holds the three together but the guard of the write: what
 * changed in between makes it lose.
 */
export async function readStock(
  database: Database,
  { levels: keys = [], operations = [], reservations: ids = [], warehouses: places = [] }: Wanted,
  trace: Trace | undefined,
): Promise<StockState> {
  const reservations = await readReservations(database, ids, trace)
  const held = [...reservations.values()].flatMap(({ lines }) => lines.filter(({ status }) => status === 'held'))
  const wanted = held.length === 0 ? keys : [...new Map([...keys, ...held].map((key) => [keyOf(key), key])).values()]
  const { now, levels, recorded } = await readLevels(database, wanted, operations, trace)
  const due = [...levels.values()].filter(({ nextExpiryAt }) => nextExpiryAt !== null && isPast(nextExpiryAt, now))
  return {
    now,
    levels,
    due: await readDue(database, due, now, trace),
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

// One round trip for the clock, the levels and the operations that were decided before.
const levelsStatement = `
SELECT clock_timestamp() AS now, NULL::uuid AS product_id, NULL::uuid AS warehouse_id, NULL::bigint AS on_hand,
       NULL::bigint AS reserved, NULL::bigint AS short, NULL::bigint AS backorder_limit, NULL::bigint AS incoming,
       NULL::bigint AS reorder_point, NULL::timestamptz AS next_expiry_at, NULL::bigint AS sequence,
       NULL::bigint AS version, NULL::timestamptz AS updated_at, NULL::uuid AS id, NULL::uuid AS fingerprint,
       NULL::text AS verdict
UNION ALL
SELECT NULL, l.product_id, l.warehouse_id, l.on_hand, l.reserved, l.short, l.backorder_limit, l.incoming,
       l.reorder_point, l.next_expiry_at, l.sequence, l.version, l.updated_at, NULL, NULL, NULL
FROM unnest($1::text::uuid[], $2::text::uuid[]) AS k (product_id, warehouse_id)
  JOIN inventory.stock_levels l ON l.product_id = k.product_id AND l.warehouse_id = k.warehouse_id
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, o.id, o.fingerprint, o.verdict
FROM inventory.operations o WHERE o.id = ANY ($3::text::uuid[])`

type ReadRow = LevelRow & { now: string | null; id: Uuid | null; fingerprint: string; verdict: string }

type StoredOperation = { id: Uuid; fingerprint: string; verdict: string }

async function readLevels(
  database: Database,
  keys: readonly LevelKey[],
  ids: readonly Uuid[],
  trace: Trace | undefined,
): Promise<{ now: string; levels: Map<string, StockLevel>; recorded: StoredOperation[] }> {
  const rows = await database.query<ReadRow>(levelsStatement, [...columnsOf(keys), plainArray(ids)], {
    name: 'read stock',
    trace,
  })
  let now = ''
  const levels = new Map<string, StockLevel>()
  const recorded: StoredOperation[] = []
  for (const row of rows) {
    if (row.now !== null) now = row.now
    else if (row.id === null) addLevel(levels, row)
    else recorded.push(row as StoredOperation)
  }
  return { now, levels, recorded }
}

const dueStatement = `
SELECT k.product_id, k.warehouse_id, d.reservation_id, d.quantity, d.expires_at, d.operation_id, d.created_at,
       (SELECT sum(h.quantity)::bigint FROM inventory.holds h
        WHERE h.product_id = k.product_id AND h.warehouse_id = k.warehouse_id AND h.expires_at <= $3::timestamptz) AS due,
       (SELECT min(h.expires_at) FROM inventory.holds h
        WHERE h.product_id = k.product_id AND h.warehouse_id = k.warehouse_id AND h.expires_at > $3::timestamptz) AS next
FROM unnest($1::text::uuid[], $2::text::uuid[]) AS k (product_id, warehouse_id)
  LEFT JOIN LATERAL (
    SELECT * FROM inventory.holds h
    WHERE h.product_id = k.product_id AND h.warehouse_id = k.warehouse_id AND h.expires_at <= $3::timestamptz
    ORDER BY h.expires_at, h.reservation_id LIMIT ${MOST_DUE}
  ) d ON true
ORDER BY k.product_id, k.warehouse_id, d.expires_at, d.reservation_id`

type DueRow = {
  product_id: Uuid
  warehouse_id: Uuid
  reservation_id: Uuid | null
  quantity: number
  expires_at: string
  operation_id: Uuid
  created_at: string
  due: number | null
  next: string | null
}

async function readDue(
  database: Database,
  keys: readonly LevelKey[],
  now: string,
  trace: Trace | undefined,
): Promise<ReadonlyMap<string, Due>> {
  if (keys.length === 0) return NONE
  const rows = await database.query<DueRow>(dueStatement, [...columnsOf(keys), now], { name: 'read expired', trace })
  const byLevel = Map.groupBy(rows, (row) => keyOf({ productId: row.product_id, warehouseId: row.warehouse_id }))
  return new Map([...byLevel].map(([name, own]) => [name, dueOf(own)]))
}

function dueOf(rows: readonly DueRow[]): Due {
  const holds = rows.flatMap((row): Hold[] => {
    if (row.reservation_id === null) return []
    const { product_id: productId, warehouse_id: warehouseId, reservation_id: reservationId, quantity } = row
    const { expires_at: expiresAt, operation_id: operationId, created_at: createdAt } = row
    return [{ productId, warehouseId, reservationId, quantity, expiresAt, operationId, createdAt }]
  })
  const { due, next } = rows[0]!
  const lapsed = (due ?? 0) - holds.reduce((sum, { quantity }) => sum + quantity, 0)
  return { holds, lapsed, nextExpiryAt: lapsed > 0 ? holds.at(-1)!.expiresAt : next }
}

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

const columnsOf = (keys: readonly LevelKey[]): [string, string] => [
  plainArray(keys.map(({ productId }) => productId)),
  plainArray(keys.map(({ warehouseId }) => warehouseId)),
]

const NONE = new Map<string, never>()
