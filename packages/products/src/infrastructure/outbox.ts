import type { Database } from '@abasto/chassis/database/database'
import type { WrittenVersion } from '../application/ports.ts'

/**
 * What caches have still to be told: the rows that the write statement leaves. Several processes may work through it at
 * the same time; that something is told twice does no harm.
 */
export type Outbox = Readonly<{
  /**
   * What has waited for more than a second, the longest first: whoever wrote it has not told. With `after`, only what
   * stands behind it in that line, whether it still waits itself or not.
   */
  overdue: (limit: number, after?: OverdueVersion) => Promise<OverdueVersion[]>
  /** Takes off what was told, and with it what it supersedes. */
  remove: (told: readonly WrittenVersion[]) => Promise<void>
  /** Takes off what no cache can be wrong about any more, and says how many that were. */
  removeMoot: () => Promise<number>
}>

/** A version of which the cache has not heard, and when it was written, in the words of the database. */
export type OverdueVersion = WrittenVersion & Readonly<{ writtenAt: string }>

/**
 * A cache remembers for 5 minutes, and a slow reader may fill in for some seconds after a write. What has waited for
 * longer than both together need not be told any more. So nothing piles up where there is no Redis, or for long none.
 */
const MOOT_AFTER = '10 minutes'

/** How many moot rows go at a time, so that no statement is long. */
const MOOT_AT_ONCE = 1_000

export function outboxIn(database: Database): Outbox {
  return {
    overdue: async (limit, { writtenAt, id, version } = FIRST) => {
      const rows = await database.query<Row>(overdueStatement, [String(limit), writtenAt, id, String(version)])
      return rows.map((row) => ({
        id: row.product_id,
        version: row.version,
        isDeleted: row.is_deleted,
        writtenAt: row.since,
      }))
    },
    remove: async (told) => {
      if (told.length === 0) return
      const rows = told.map(({ id, version }) => ({ id, version }))
      await database.query(removeStatement, [JSON.stringify(rows)])
    },
    removeMoot: async () => {
      const [row] = await database.query<{ count: number }>(removeMootStatement, [])
      return row!.count
    },
  }
}

type Row = { product_id: string; version: number; is_deleted: boolean; since: string }

/** Before everything that can wait. */
const FIRST: OverdueVersion = {
  id: '00000000-0000-0000-0000-000000000000',
  version: 0,
  isDeleted: false,
  writtenAt: '-infinity',
}

// The text of a moment has every digit of it: what stands behind a rounded one would be others.
const overdueStatement = `
SELECT product_id, version, is_deleted, written_at::text AS since FROM products.cache_outbox
WHERE written_at < clock_timestamp() - interval '1 second'
  AND (written_at, product_id, version) > ($2::text::timestamptz, $3::text::uuid, $4::text::bigint)
ORDER BY written_at, product_id, version
LIMIT $1::text::int`

// Whoever removes the same rows at this moment has told the same: neither waits for the other.
const removeStatement = `
WITH told AS MATERIALIZED (
  SELECT o.product_id, o.version
  FROM products.cache_outbox o JOIN jsonb_to_recordset($1::text::jsonb) AS t (id uuid, version bigint)
    ON o.product_id = t.id AND o.version <= t.version
  FOR UPDATE OF o SKIP LOCKED
)
DELETE FROM products.cache_outbox o USING told t WHERE o.product_id = t.product_id AND o.version = t.version`

const removeMootStatement = `
WITH moot AS MATERIALIZED (
  SELECT product_id, version FROM products.cache_outbox
  WHERE written_at < clock_timestamp() - interval '${MOOT_AFTER}'
  ORDER BY written_at
  LIMIT ${MOOT_AT_ONCE}
  FOR UPDATE SKIP LOCKED
), removed AS (
  DELETE FROM products.cache_outbox o USING moot m WHERE o.product_id = m.product_id AND o.version = m.version
  RETURNING 1
)
SELECT count(*) AS count FROM removed`
