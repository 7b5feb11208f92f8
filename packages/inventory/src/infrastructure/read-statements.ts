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
import { addLevel, type LevelRow, reservationOf, type WarehouseRow, warehouseOf } from './rows.ts'
import { purchasesIn, verdictFromText } from './verdict.ts'

/**
 * Reads what `decide` needs, the levels of the reservations with it. Nothing holds the parts together but the guard of
 * the write: what changed in between makes it lose.
 */
export async function readStock(
  database: Database,
  { levels: keys = [], operations = [], reservations: ids = [], warehouses: places = [] }: Wanted,
  trace: Trace | undefined,
): Promise<StockState> {
  const { recorded, ...read } = await readRows(database, { keys, operations, reservations: ids }, trace)
  return {
    ...read,
    warehouses: await readWarehouses(database, places, trace),
    operations: await recordedOperations(database, recorded, trace),
  }
}

/*
 * One round trip for the clock, the levels, what is past its time on those that say that something is, the operations
 * that were decided before, and the reservations with the levels of what they hold. Each row says what it is in `part`:
 * of a hold, `id` is its reservation and `fingerprint` the operation that made it; of a sum, `reserved` is what all
 * expired holds of a level hold, and `next_expiry_at` when the first of the others expires; of a reservation, `detail`
 * is what no other column has. There are two forms of it: most of what a shop does asks for no reservation.
 */
const plainStatement = textOf({ withReservations: false })
const promiseStatement = textOf({ withReservations: true })

function textOf({ withReservations }: { withReservations: boolean }): string {
  const promised = (text: string) => (withReservations ? text : '')
  return `
WITH clock AS MATERIALIZED (
  SELECT clock_timestamp() AS now
)${promised(`, promises AS MATERIALIZED (
  SELECT * FROM inventory.reservations WHERE id = ANY ($4::text::uuid[])
)`)}, wanted AS (
  SELECT * FROM unnest($1::text::uuid[], $2::text::uuid[]) AS k (product_id, warehouse_id)
${promised(`  UNION
  SELECT (line ->> 'productId')::uuid, (line ->> 'warehouseId')::uuid
  FROM promises CROSS JOIN LATERAL jsonb_array_elements(lines) AS line WHERE line ->> 'status' = 'held'
`)}), levels AS MATERIALIZED (
  SELECT l.product_id, l.warehouse_id, l.on_hand, l.reserved, l.short, l.backorder_limit, l.incoming, l.reorder_point,
         l.next_expiry_at, l.sequence, l.version, l.updated_at
  FROM wanted k JOIN inventory.stock_levels l ON l.product_id = k.product_id AND l.warehouse_id = k.warehouse_id
), due AS MATERIALIZED (
  SELECT l.product_id, l.warehouse_id, clock.now FROM levels l, clock WHERE l.next_expiry_at <= clock.now
)
SELECT 'clock' AS part, NULL::uuid AS product_id, NULL::uuid AS warehouse_id, NULL::bigint AS on_hand,
       NULL::bigint AS reserved, NULL::bigint AS short, NULL::bigint AS backorder_limit, NULL::bigint AS incoming,
       NULL::bigint AS reorder_point, NULL::timestamptz AS next_expiry_at, NULL::bigint AS sequence,
       NULL::bigint AS version, now AS updated_at, NULL::uuid AS id, NULL::uuid AS fingerprint, NULL::text AS detail,
       NULL::timestamptz AS created_at
FROM clock
UNION ALL
SELECT 'level', l.*, NULL, NULL, NULL, NULL FROM levels l
UNION ALL
SELECT 'sum', d.product_id, d.warehouse_id, NULL, (
         SELECT sum(h.quantity)::bigint FROM inventory.holds h
         WHERE h.product_id = d.product_id AND h.warehouse_id = d.warehouse_id AND h.expires_at <= d.now
       ), NULL, NULL, NULL, NULL, (
         SELECT min(h.expires_at) FROM inventory.holds h
         WHERE h.product_id = d.product_id AND h.warehouse_id = d.warehouse_id AND h.expires_at > d.now
       ), NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM due d
UNION ALL
SELECT 'hold', d.product_id, d.warehouse_id, NULL, h.quantity, NULL, NULL, NULL, NULL, h.expires_at, NULL, NULL,
       NULL, h.reservation_id, h.operation_id, NULL, h.created_at
FROM due d CROSS JOIN LATERAL (
  SELECT h.* FROM inventory.holds h
  WHERE h.product_id = d.product_id AND h.warehouse_id = d.warehouse_id AND h.expires_at <= d.now
  ORDER BY h.expires_at, h.reservation_id LIMIT ${MOST_DUE}
) h
UNION ALL
SELECT 'operation', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, o.id, o.fingerprint,
       o.verdict, NULL
FROM inventory.operations o WHERE o.id = ANY ($3::text::uuid[])${promised(`
UNION ALL
SELECT 'reservation', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, r.expires_at, NULL, r.version, r.updated_at, r.id,
       r.operation_id,
       jsonb_build_object('status', r.status, 'reference', r.reference, 'lines', r.lines, 'actor', r.actor)::text,
       r.created_at
FROM promises r`)}`
}

type StockRow = LevelRow &
  Readonly<{
    part: 'clock' | 'level' | 'sum' | 'hold' | 'operation' | 'reservation'
    id: Uuid
    fingerprint: string
    detail: string
    created_at: string
  }>

type StoredOperation = Readonly<{ id: Uuid; fingerprint: string; detail: string }>

async function readRows(
  database: Database,
  asked: Readonly<{ keys: readonly LevelKey[]; operations: readonly Uuid[]; reservations: readonly Uuid[] }>,
  trace: Trace | undefined,
) {
  const parameters = [
    plainArray(asked.keys.map(({ productId }) => productId)),
    plainArray(asked.keys.map(({ warehouseId }) => warehouseId)),
    plainArray(asked.operations),
  ]
  const options = { name: 'read stock', trace }
  const rows =
    asked.reservations.length === 0
      ? await database.query<StockRow>(plainStatement, parameters, options)
      : await database.query<StockRow>(promiseStatement, [...parameters, plainArray(asked.reservations)], options)
  let now = ''
  const levels = new Map<string, StockLevel>()
  const reservations = new Map<Uuid, Reservation>()
  const sums: StockRow[] = []
  const holds = new Map<string, Hold[]>()
  const recorded: StoredOperation[] = []
  for (const row of rows) {
    if (row.part === 'clock') now = row.updated_at
    else if (row.part === 'level') addLevel(levels, row)
    else if (row.part === 'reservation') reservations.set(row.id, promiseOf(row))
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
  return { now, levels, due, reservations, recorded }
}

const promiseOf = ({ detail, next_expiry_at, fingerprint, ...row }: StockRow): Reservation =>
  reservationOf({ ...JSON.parse(detail), ...row, expires_at: next_expiry_at!, operation_id: fingerprint })

const holdOf = (row: StockRow): Hold => ({
  productId: row.product_id,
  warehouseId: row.warehouse_id,
  reservationId: row.id,
  quantity: row.reserved,
  expiresAt: row.next_expiry_at!,
  operationId: row.fingerprint,
  createdAt: row.created_at,
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
  const ids = rows.flatMap(({ detail }) => purchasesIn(detail))
  const purchases = await findPurchases(database, ids, trace)
  return new Map(
    rows.map(({ id, fingerprint, detail }) => {
      const verdict = verdictFromText(detail, purchases)
      return [id, { id, fingerprint: fingerprint.replaceAll('-', ''), verdict }]
    }),
  )
}

const NONE = new Map<string, never>()
