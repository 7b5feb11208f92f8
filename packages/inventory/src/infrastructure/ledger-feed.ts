import { plainArray } from '@abasto/chassis/database/array'
import type { Database } from '@abasto/chassis/database/database'
import type { Uuid } from '@abasto/kernel'
import type { Feed, FeedFilter, Head, LevelPicture, Place } from '../application/ports.ts'
import { isBetween, markOf } from '../application/stream-cursor.ts'
import type { LevelKey } from '../domain/stock-level.ts'
import { type MovementRow, movementOf } from './rows.ts'

/*
 * Movements are numbered by the transactions that wrote them, but transactions do not end in the order of their
 * numbers: one that is still running may yet show movements before those that can be seen. So the ledger ends at the
 * horizon, the oldest transaction that still runs (`pg_snapshot_xmin`), whosever it is and in whichever database of the
 * cluster.
 *
 * A row counts only if it was written by the transaction that it names (`xmin`). Rows that were restored from a dump
 * have the numbers of another cluster; to those who follow this one they are part of the levels, and never news.
 */
const OURS = 'm.xmin = m.transaction_id::xid'

// What tells this database from a copy and from a restored dump; a failover to a replica that may have lost the last
// transactions counts as one. It stays the same when the server is started again.
const IDENTITY = `
  (SELECT system_identifier FROM pg_control_system())::text || '.' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)
  || '.' || (SELECT oid FROM pg_database WHERE datname = current_database())::text
  || '.' || 'inventory.stream_epochs'::regclass::oid::text`

// One snapshot for all of it: the horizon, the name of the epoch, and the rows.
const HEAD = `
head AS MATERIALIZED (
  SELECT pg_snapshot_xmin(pg_current_snapshot()) AS horizon, pg_snapshot_xmax(pg_current_snapshot()) AS beyond,
         (SELECT e.epoch FROM inventory.stream_epochs e
          WHERE e.identity = ${IDENTITY} AND e.xmin = e.transaction_id::xid) AS epoch
)`

const headStatement = `WITH ${HEAD} SELECT epoch, horizon::text AS horizon FROM head`

// Gives this database a name; one that was given to another, and restored with it, is replaced. Of several processes
// that do it at the same time one succeeds.
const nameStatement = `
INSERT INTO inventory.stream_epochs AS e (identity, epoch)
SELECT ${IDENTITY}, gen_random_uuid()
ON CONFLICT (identity) DO UPDATE SET epoch = excluded.epoch, transaction_id = pg_current_xact_id()
WHERE e.xmin <> e.transaction_id::xid`

// A statement for each kind of filter, so that each is planned for what it looks for.
const wanted = ({ productIds, warehouseIds }: FeedFilter, row: 'l' | 'm'): string => `
  ${productIds ? `${row}.product_id = ANY ($1::text::uuid[])` : '$1::text IS NULL'}
  AND ${warehouseIds ? `${row}.warehouse_id = ANY ($2::text::uuid[])` : '$2::text IS NULL'}`

const PLACE = '(m.transaction_id, m.product_id, m.warehouse_id, m.sequence)'

const stretchStatement = (filter: FeedFilter): string => `
WITH ${HEAD}, found AS (
  SELECT m.* FROM inventory.movements m
  WHERE m.transaction_id >= $3::text::xid8
    AND m.transaction_id < (SELECT horizon FROM head)
    AND ($7::text IS NULL OR m.transaction_id <= $7::text::xid8)
    AND ${PLACE} > ($3::text::xid8, $4::text::uuid, $5::text::uuid, $6::text::bigint)
    AND ($7::text IS NULL OR ${PLACE} <= ($7::text::xid8, $8::text::uuid, $9::text::uuid, $10::text::bigint))
    AND ${OURS} AND ${wanted(filter, 'm')}
  ORDER BY m.transaction_id, m.product_id, m.warehouse_id, m.sequence
  LIMIT $11::text::int
)
SELECT h.epoch, h.horizon::text AS horizon,
       coalesce((SELECT extract(epoch FROM clock_timestamp() - m.created_at)::float8 FROM inventory.movements m
                 WHERE m.transaction_id >= h.horizon AND m.transaction_id < h.beyond AND ${OURS}
                 ORDER BY m.transaction_id LIMIT 1), 0) AS waiting_seconds,
       f.transaction_id::text AS transaction_id, f.product_id, f.warehouse_id, f.sequence, f.kind, f.on_hand_change,
       f.reserved_change, f.on_hand_after, f.reserved_after, f.reason, f.actor, f.purchase_id, f.reservation_id,
       f.operation_id, f.created_at
FROM head h LEFT JOIN found f ON true
ORDER BY f.transaction_id, f.product_id, f.warehouse_id, f.sequence`

// The levels as they are, less what transactions from the horizon on have done to them.
const levelsStatement = (filter: FeedFilter): string => `
WITH levels AS MATERIALIZED (
  SELECT l.product_id, l.warehouse_id, l.on_hand, l.reserved, l.sequence FROM inventory.stock_levels l
  WHERE (l.product_id, l.warehouse_id) > ($4::text::uuid, $5::text::uuid)
    AND ${wanted(filter, 'l')}
  ORDER BY l.product_id, l.warehouse_id
  LIMIT $6::text::int
), later AS MATERIALIZED (
  SELECT m.product_id, m.warehouse_id, sum(m.on_hand_change)::bigint AS on_hand_change,
         sum(m.reserved_change)::bigint AS reserved_change, min(m.sequence) AS first
  FROM inventory.movements m
  WHERE m.transaction_id >= $3::text::xid8 AND m.transaction_id < pg_snapshot_xmax(pg_current_snapshot()) AND ${OURS}
    AND ${wanted(filter, 'm')}
  GROUP BY m.product_id, m.warehouse_id
)
SELECT l.product_id, l.warehouse_id, l.on_hand - coalesce(s.on_hand_change, 0) AS on_hand,
       l.reserved - coalesce(s.reserved_change, 0) AS reserved, coalesce(s.first - 1, l.sequence) AS sequence
FROM levels l LEFT JOIN later s ON s.product_id = l.product_id AND s.warehouse_id = l.warehouse_id
ORDER BY l.product_id, l.warehouse_id`

const knownStatement = `
SELECT m.operation_id FROM inventory.movements m
WHERE m.product_id = $1::text::uuid AND m.warehouse_id = $2::text::uuid AND m.sequence = $3::text::bigint
  AND m.transaction_id = $4::text::xid8 AND ${OURS}`

type HeadRow = { epoch: Uuid | null; horizon: string }
type StretchRow = HeadRow & { waiting_seconds: number; transaction_id: string | null } & MovementRow
type LevelRow = { product_id: Uuid; warehouse_id: Uuid; on_hand: number; reserved: number; sequence: number }

/** The ledger in a SQL database, for those who follow it. */
export function ledgerFeed(database: Database): Feed {
  /** Asks, and gives the database a name if it has none yet. */
  async function named<Row extends HeadRow>(ask: () => Promise<Row[]>): Promise<Row[]> {
    for (;;) {
      const rows = await ask()
      if (rows[0]!.epoch !== null) return rows
      await database.query(nameStatement, [], { name: 'name epoch' })
    }
  }

  return {
    head: async () => {
      const [row] = await named(() => database.query<HeadRow>(headStatement, [], { name: 'find horizon' }))
      return headOf(row!)
    },

    movements: async (after, { filter = {}, until, limit }) => {
      const parameters = [
        ...filtering(filter),
        ...placing(after),
        ...(until ? placing(until) : [null, null, null, null]),
        String(limit),
      ]
      const rows = await named(() =>
        database.query<StretchRow>(stretchStatement(filter), parameters, { name: 'follow ledger' }),
      )
      return {
        ...headOf(rows[0]!),
        waitingSeconds: rows[0]!.waiting_seconds,
        movements: rows.flatMap((row) =>
          row.transaction_id === null ? [] : [{ transaction: BigInt(row.transaction_id), movement: movementOf(row) }],
        ),
      }
    },

    levels: async (horizon, { filter = {}, after, limit }) => {
      const { productId, warehouseId } = after ?? FIRST
      const parameters = [...filtering(filter), String(horizon), productId, warehouseId, String(limit)]
      const rows = await database.query<LevelRow>(levelsStatement(filter), parameters, { name: 'picture levels' })
      return rows.map(pictureOf)
    },

    // The ledger is kept for ever, so what follows a place that is none of a movement can always be told.
    knows: async (place) => {
      if (isBetween(place)) return true
      const { productId, warehouseId, sequence, transaction, mark } = place
      const parameters = [productId, warehouseId, String(sequence), String(transaction)]
      const rows = await database.query<{ operation_id: Uuid }>(knownStatement, parameters, { name: 'find place' })
      return rows.some((row) => markOf({ operationId: row.operation_id }) === mark)
    },
  }
}

const FIRST: LevelKey = {
  productId: '00000000-0000-0000-0000-000000000000',
  warehouseId: '00000000-0000-0000-0000-000000000000',
}

const headOf = ({ epoch, horizon }: HeadRow): Head => ({ epoch: epoch!, horizon: BigInt(horizon) })

const filtering = ({ productIds, warehouseIds }: FeedFilter): (string | null)[] => [
  productIds ? plainArray(productIds) : null,
  warehouseIds ? plainArray(warehouseIds) : null,
]

const placing = ({ transaction, productId, warehouseId, sequence }: Place): string[] => [
  String(transaction),
  productId,
  warehouseId,
  String(sequence),
]

const pictureOf = (row: LevelRow): LevelPicture => ({
  productId: row.product_id,
  warehouseId: row.warehouse_id,
  onHand: row.on_hand,
  reserved: row.reserved,
  sequence: row.sequence,
})
