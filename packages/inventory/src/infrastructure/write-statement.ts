import { plainArray, textArray } from '@abasto/chassis/database/array'
import type { Uuid } from '@abasto/kernel'
import { keyOf } from '../domain/command.ts'
import type { Decision } from '../domain/decide.ts'
import type { StockLevel } from '../domain/stock-level.ts'
import { verdictToText } from './verdict.ts'

/**
 * The one statement through which stock changes. It carries many decisions; each has a number and takes effect
 * completely or not at all.
 *
 * `locked` takes every row that was read, in key order, so two such statements never wait for each other in a circle.
 * `lost` are the decisions of which one row is not, under that lock, what was read; every insert and update is gated
 * on it. Comparing in the UPDATE itself instead would tear: rows that were as read would be written although another
 * row of the same decision was not. The version alone is not enough: a batch may be decided on what the one before it
 * will leave behind, and where that one lost, another process may have reached the same version with other numbers.
 *
 * The first row of a level and the operation records are plain inserts. Their unique violation undoes the whole
 * statement and means: read again.
 */
export const writeStatement = `
WITH given AS MATERIALIZED (
  SELECT $1::text::int[] AS level_decisions, $2::text::uuid[] AS product_ids, $3::text::uuid[] AS warehouse_ids,
         $13::text::uuid[] AS operation_ids, $26::text::inventory.movement_kind[] AS kinds,
         $27::text::text[] AS reasons, $28::text::text[] AS actors, $29::text::text[] AS currencies, $11::text::timestamptz AS now
), expected AS MATERIALIZED (
  SELECT * FROM unnest(
    (SELECT level_decisions FROM given), (SELECT product_ids FROM given), (SELECT warehouse_ids FROM given),
    $4::text::bigint[], $5::text::bigint[], $6::text::bigint[], $7::text::bigint[], $8::text::bigint[],
    $9::text::bigint[], $10::text::bigint[], $30::text::bigint[], $31::text::bigint[], $32::text::bigint[],
    $33::text::bigint[], $34::text::bigint[]
  ) WITH ORDINALITY
    AS e (decision, product_id, warehouse_id, version, next_version, on_hand, reserved, short, backorder_limit, sequence,
          on_hand_before, reserved_before, short_before, backorder_limit_before, sequence_before, position)
), locked AS MATERIALIZED (
  SELECT e.decision, e.position, l.product_id, l.warehouse_id, l.on_hand, l.reserved, l.short, l.backorder_limit,
         l.sequence, l.version, l.updated_at,
         (l.version, l.on_hand, l.reserved, l.short, l.backorder_limit, l.sequence) IS NOT DISTINCT FROM
         (e.version, e.on_hand_before, e.reserved_before, e.short_before, e.backorder_limit_before, e.sequence_before)
           AS is_as_read
  FROM expected e JOIN inventory.stock_levels l ON l.product_id = e.product_id AND l.warehouse_id = e.warehouse_id
  ORDER BY l.product_id, l.warehouse_id
  FOR UPDATE OF l
), lost AS MATERIALIZED (
  SELECT decision FROM locked WHERE NOT is_as_read
  UNION
  SELECT decision FROM expected WHERE version IS NOT NULL AND position NOT IN (SELECT position FROM locked)
), updated AS (
  UPDATE inventory.stock_levels s
  SET on_hand = e.on_hand, reserved = e.reserved, short = e.short, backorder_limit = e.backorder_limit,
      sequence = e.sequence, version = e.next_version, updated_at = (SELECT now FROM given)
  FROM expected e
  WHERE s.product_id = e.product_id AND s.warehouse_id = e.warehouse_id
    AND e.version IS NOT NULL AND e.next_version IS NOT NULL AND e.decision NOT IN (SELECT decision FROM lost)
), opened AS (
  INSERT INTO inventory.stock_levels
    (product_id, warehouse_id, on_hand, reserved, short, backorder_limit, sequence, version, updated_at)
  SELECT e.product_id, e.warehouse_id, e.on_hand, e.reserved, e.short, e.backorder_limit, e.sequence, e.next_version,
         (SELECT now FROM given)
  FROM expected e
  WHERE e.version IS NULL AND e.next_version IS NOT NULL AND e.decision NOT IN (SELECT decision FROM lost)
  ORDER BY e.product_id, e.warehouse_id
), recorded AS (
  INSERT INTO inventory.operations (id, fingerprint, verdict, created_at)
  SELECT o.id, o.fingerprint, o.verdict, (SELECT now FROM given)
  FROM unnest($12::text::int[], (SELECT operation_ids FROM given), $14::text::uuid[], $15::text::text[])
    AS o (decision, id, fingerprint, verdict)
  WHERE o.decision NOT IN (SELECT decision FROM lost)
  ORDER BY o.id
), change AS MATERIALIZED (
  SELECT (SELECT product_ids FROM given)[c.level] AS product_id,
         (SELECT warehouse_ids FROM given)[c.level] AS warehouse_id,
         (SELECT operation_ids FROM given)[c.operation] AS operation_id, c.*
  FROM unnest(
    $16::text::int[], $17::text::int[], $18::text::int[], $19::text::bigint[], $20::text::bigint[], $21::text::bigint[],
    $22::text::bigint[], $23::text::bigint[], $24::text::uuid[], $25::text::bigint[]
  ) AS c (level, operation, cause, sequence, on_hand_change, reserved_change, on_hand_after, reserved_after,
          purchase_id, unit_price_minor)
  WHERE (SELECT level_decisions FROM given)[c.level] NOT IN (SELECT decision FROM lost)
), moved AS (
  INSERT INTO inventory.movements
    (product_id, warehouse_id, sequence, kind, on_hand_change, reserved_change, on_hand_after, reserved_after, reason,
     actor, purchase_id, operation_id, created_at)
  SELECT product_id, warehouse_id, sequence, (SELECT kinds FROM given)[cause], on_hand_change, reserved_change,
         on_hand_after, reserved_after, (SELECT reasons FROM given)[cause], (SELECT actors FROM given)[cause],
         purchase_id, operation_id, (SELECT now FROM given)
  FROM change
), bought AS (
  INSERT INTO inventory.purchases
    (id, product_id, warehouse_id, quantity, unit_price_minor, total_minor, currency, operation_id, created_at)
  SELECT purchase_id, product_id, warehouse_id, -on_hand_change, unit_price_minor, unit_price_minor * -on_hand_change,
         (SELECT currencies FROM given)[cause], operation_id, (SELECT now FROM given)
  FROM change WHERE purchase_id IS NOT NULL
)
SELECT * FROM lost LEFT JOIN locked USING (decision)`

/**
 * The parameters of `writeStatement`: whole columns, as arrays in text. Movements name their level, their operation and
 * their cause (kind, reason, actor, currency) by position in columns of those, because reading the same long values
 * again and again is what such a statement spends its time on. All decisions share one clock.
 */
export function writeParameters(decisions: readonly Decision[]): string[] {
  const levels = columns(10)
  const seen = columns(5)
  const operations = columns(4)
  const changes = columns(10)
  const causes = new Dictionary()

  for (const [number, decision] of decisions.entries()) {
    const levelAt = new Map<string, number>()
    for (const { key, before, after } of decision.read) {
      levelAt.set(keyOf(key), levels[0]!.length + 1)
      const next = after ?? before
      push(levels, [number, key.productId, key.warehouseId, before?.version, after?.version])
      push(levels, amountsOf(next), 5)
      push(seen, amountsOf(before))
    }
    const operationAt = new Map<Uuid, number>()
    for (const { id, fingerprint, verdict } of decision.operations) {
      operationAt.set(id, operations[0]!.length + 1)
      push(operations, [number, id, fingerprint, verdictToText(verdict)])
    }
    const purchases = new Map(decision.purchases.map((purchase) => [purchase.id, purchase]))
    for (const m of decision.movements) {
      const paid = m.purchaseId === null ? undefined : purchases.get(m.purchaseId)
      const cause = causes.numberOf([m.kind, m.reason, m.actor, paid?.unitPrice.currency ?? null])
      push(changes, [levelAt.get(keyOf(m)), operationAt.get(m.operationId), cause, m.sequence, m.onHandChange])
      push(changes, [m.reservedChange, m.onHandAfter, m.reservedAfter, m.purchaseId, paid?.unitPrice.minor], 5)
    }
  }
  return [
    ...levels.map(plainArray),
    decisions[0]!.now,
    ...operations.map((column, index) => (index === 3 ? textArray(column as string[]) : plainArray(column))),
    ...changes.map(plainArray),
    ...causes.columns.map(textArray),
    ...seen.map(plainArray),
  ]
}

const amountsOf = (level: StockLevel | undefined) => [
  level?.onHand,
  level?.reserved,
  level?.short,
  level?.backorderLimit,
  level?.sequence,
]

type Column = (string | number | null)[]

const columns = (count: number): Column[] => Array.from({ length: count }, () => [])

function push(columns: Column[], row: readonly (string | number | null | undefined)[], from = 0): void {
  for (let index = 0; index < row.length; index++) columns[from + index]!.push(row[index] ?? null)
}

/** The different causes of a batch, each once, as columns; a cause is named by its position, from 1. */
class Dictionary {
  readonly columns: (string | null)[][] = [[], [], [], []]
  private readonly numbers = new Map<string, number>()

  numberOf(cause: readonly (string | null)[]): number {
    const name = cause.join()
    const known = this.numbers.get(name)
    if (known) return known
    push(this.columns, cause)
    this.numbers.set(name, this.numbers.size + 1)
    return this.numbers.size
  }
}
