import { plainArray } from '@abasto/chassis/database/array'
import type { Database } from '@abasto/chassis/database/database'
import { throwingPlainly } from '@abasto/chassis/database/drizzle'
import type { Trace, Uuid } from '@abasto/kernel'
import type { Stock, Written } from '../application/ports.ts'
import { keyOf } from '../domain/command.ts'
import type { Decision, RecordedOperation, StockState } from '../domain/decide.ts'
import type { LevelKey, StockLevel } from '../domain/stock-level.ts'
import { findPurchases, stockQueries } from './queries.ts'
import { purchasesIn, verdictFromText } from './verdict.ts'
import { writeParameters, writeStatement } from './write-statement.ts'

/**
 * The stock in a SQL database: PostgreSQL or the embedded one. `writer` is the connection that writes take turns on:
 * a batch that was decided on what the one before it will leave behind must arrive after it. `statement` is there for the
 * proof, which plants wrong ones and must catch them.
 */
export const postgresStock = (
  database: Database,
  writer: Database = database,
  { statement = writeStatement }: { statement?: string } = {},
): Stock =>
  throwingPlainly({
    read: (levels, operations, trace) => read(database, levels, operations, trace),
    write: (decisions, trace) => write(writer, statement, decisions, trace),
    ...stockQueries(database),
  } satisfies Stock)

// One round trip for the clock, the levels and the operations that were decided before.
const readStatement = `
SELECT clock_timestamp() AS now, NULL::uuid AS product_id, NULL::uuid AS warehouse_id, NULL::bigint AS on_hand,
       NULL::bigint AS reserved, NULL::bigint AS short, NULL::bigint AS backorder_limit, NULL::bigint AS sequence,
       NULL::bigint AS version, NULL::timestamptz AS updated_at, NULL::uuid AS id, NULL::uuid AS fingerprint,
       NULL::text AS verdict
UNION ALL
SELECT NULL, l.product_id, l.warehouse_id, l.on_hand, l.reserved, l.short, l.backorder_limit, l.sequence, l.version,
       l.updated_at, NULL, NULL, NULL
FROM unnest($1::text::uuid[], $2::text::uuid[]) AS k (product_id, warehouse_id)
  JOIN inventory.stock_levels l ON l.product_id = k.product_id AND l.warehouse_id = k.warehouse_id
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, o.id, o.fingerprint, o.verdict
FROM inventory.operations o WHERE o.id = ANY ($3::text::uuid[])`

type LevelRow = {
  product_id: Uuid
  warehouse_id: Uuid
  on_hand: number
  reserved: number
  short: number
  backorder_limit: number
  sequence: number
  version: number
  updated_at: string
}

type ReadRow = LevelRow & { now: string | null; id: Uuid | null; fingerprint: string; verdict: string }

async function read(
  database: Database,
  keys: readonly LevelKey[],
  ids: readonly Uuid[],
  trace: Trace | undefined,
): Promise<StockState> {
  const rows = await database.query<ReadRow>(
    readStatement,
    [
      plainArray(keys.map(({ productId }) => productId)),
      plainArray(keys.map(({ warehouseId }) => warehouseId)),
      plainArray(ids),
    ],
    { name: 'read stock', trace },
  )
  let now = ''
  const levels = new Map<string, StockLevel>()
  const known: StoredOperation[] = []
  for (const row of rows) {
    if (row.now !== null) now = row.now
    else if (row.id === null) addLevel(levels, row)
    else known.push(row as StoredOperation)
  }
  return { now, levels, operations: await recordedOperations(database, known, trace) }
}

type StoredOperation = { id: Uuid; fingerprint: string; verdict: string }

async function recordedOperations(
  database: Database,
  rows: readonly StoredOperation[],
  trace: Trace | undefined,
): Promise<ReadonlyMap<Uuid, RecordedOperation>> {
  if (rows.length === 0) return new Map()
  const purchases = await findPurchases(
    database,
    rows.flatMap(({ verdict }) => purchasesIn(verdict)),
    trace,
  )
  return new Map(
    rows.map(({ id, fingerprint, verdict: text }) => {
      const verdict = verdictFromText(text, purchases)
      return [id, { id, fingerprint: fingerprint.replaceAll('-', ''), verdict }]
    }),
  )
}

type LostRow = { [Column in keyof LevelRow]: LevelRow[Column] | null } & { decision: number }

async function write(
  database: Database,
  statement: string,
  decisions: readonly Decision[],
  trace: Trace | undefined,
): Promise<Written> {
  const rows = await database.query<LostRow>(statement, writeParameters(decisions), { name: 'write stock', trace })
  const lost = new Set<number>()
  const levels = new Map<string, StockLevel>()
  for (const row of rows) {
    lost.add(row.decision)
    if (row.product_id !== null) addLevel(levels, row as LevelRow)
  }
  return { lost, levels }
}

function addLevel(levels: Map<string, StockLevel>, row: LevelRow): void {
  const level = {
    productId: row.product_id,
    warehouseId: row.warehouse_id,
    onHand: row.on_hand,
    reserved: row.reserved,
    short: row.short,
    backorderLimit: row.backorder_limit,
    sequence: row.sequence,
    version: row.version,
    updatedAt: row.updated_at,
  }
  levels.set(keyOf(level), level)
}
