import { plainArray, textArray } from '@abasto/chassis/database/array'
import type { Decision } from '../domain/decide.ts'

/**
 * The one statement through which stock changes. It carries many decisions; each has a number and takes effect
 * completely or not at all.
 *
 * `locked` takes every row that was read, in key order, so two such statements never wait for each other in a circle.
 * `lost` are the decisions of which one row has not, under that lock, the version that was read; every insert and
 * update is gated on it. Comparing versions in the UPDATE itself instead would tear: rows that kept their version
 * would be written although another row of the same decision had lost its own.
 *
 * The first row of a level and the operation records are plain inserts. Their unique violation undoes the whole
 * statement and means: read again.
 */
export const writeStatement = `
WITH expected AS MATERIALIZED (
  SELECT * FROM unnest(
    $1::text::int[], $2::text::uuid[], $3::text::uuid[], $4::text::bigint[], $5::text::bigint[], $6::text::bigint[],
    $7::text::bigint[], $8::text::bigint[], $9::text::bigint[], $10::text::bigint[]
  ) AS e (decision, product_id, warehouse_id, version, next_version, on_hand, reserved, short, backorder_limit, sequence)
), locked AS MATERIALIZED (
  SELECT l.product_id, l.warehouse_id, l.on_hand, l.reserved, l.short, l.backorder_limit, l.sequence, l.version,
         l.updated_at
  FROM inventory.stock_levels l JOIN expected e ON l.product_id = e.product_id AND l.warehouse_id = e.warehouse_id
  ORDER BY l.product_id, l.warehouse_id
  FOR UPDATE OF l
), lost AS MATERIALIZED (
  SELECT DISTINCT e.decision
  FROM expected e LEFT JOIN locked l ON l.product_id = e.product_id AND l.warehouse_id = e.warehouse_id
  WHERE l.version IS DISTINCT FROM e.version
), updated AS (
  UPDATE inventory.stock_levels s
  SET on_hand = e.on_hand, reserved = e.reserved, short = e.short, backorder_limit = e.backorder_limit,
      sequence = e.sequence, version = e.next_version, updated_at = $11::text::timestamptz
  FROM expected e
  WHERE s.product_id = e.product_id AND s.warehouse_id = e.warehouse_id
    AND e.version IS NOT NULL AND e.next_version IS NOT NULL AND e.decision NOT IN (SELECT decision FROM lost)
), opened AS (
  INSERT INTO inventory.stock_levels
    (product_id, warehouse_id, on_hand, reserved, short, backorder_limit, sequence, version, updated_at)
  SELECT e.product_id, e.warehouse_id, e.on_hand, e.reserved, e.short, e.backorder_limit, e.sequence, e.next_version,
         $11::text::timestamptz
  FROM expected e
  WHERE e.version IS NULL AND e.next_version IS NOT NULL AND e.decision NOT IN (SELECT decision FROM lost)
  ORDER BY e.product_id, e.warehouse_id
), recorded AS (
  INSERT INTO inventory.operations (id, fingerprint, verdict, created_at)
  SELECT o.id, o.fingerprint, o.verdict, $11::text::timestamptz
  FROM unnest($12::text::int[], $13::text::uuid[], $14::text::text[], $15::text::text[])
    AS o (decision, id, fingerprint, verdict)
  WHERE o.decision NOT IN (SELECT decision FROM lost)
  ORDER BY o.id
), moved AS (
  INSERT INTO inventory.movements
    (product_id, warehouse_id, sequence, kind, on_hand_change, reserved_change, on_hand_after, reserved_after, reason,
     actor, purchase_id, operation_id, created_at)
  SELECT m.product_id, m.warehouse_id, m.sequence, m.kind, m.on_hand_change, m.reserved_change, m.on_hand_after,
         m.reserved_after, m.reason, m.actor, m.purchase_id, m.operation_id, $11::text::timestamptz
  FROM unnest(
    $16::text::int[], $17::text::uuid[], $18::text::uuid[], $19::text::bigint[], $20::text::text[], $21::text::bigint[],
    $22::text::bigint[], $23::text::bigint[], $24::text::bigint[], $25::text::text[], $26::text::text[],
    $27::text::uuid[], $28::text::uuid[]
  ) AS m (decision, product_id, warehouse_id, sequence, kind, on_hand_change, reserved_change, on_hand_after,
          reserved_after, reason, actor, purchase_id, operation_id)
  WHERE m.decision NOT IN (SELECT decision FROM lost)
), bought AS (
  INSERT INTO inventory.purchases
    (id, product_id, warehouse_id, quantity, unit_price_minor, total_minor, currency, operation_id, created_at)
  SELECT p.id, p.product_id, p.warehouse_id, p.quantity, p.unit_price_minor, p.total_minor, p.currency, p.operation_id,
         $11::text::timestamptz
  FROM unnest(
    $29::text::int[], $30::text::uuid[], $31::text::uuid[], $32::text::uuid[], $33::text::bigint[],
    $34::text::bigint[], $35::text::bigint[], $36::text::text[], $37::text::uuid[]
  ) AS p (decision, id, product_id, warehouse_id, quantity, unit_price_minor, total_minor, currency, operation_id)
  WHERE p.decision NOT IN (SELECT decision FROM lost)
)
SELECT lost.decision, clock_timestamp() AS now, l.*
FROM lost JOIN expected e USING (decision)
  LEFT JOIN locked l ON l.product_id = e.product_id AND l.warehouse_id = e.warehouse_id`

/** The parameters of `writeStatement`: whole columns, as arrays in text. All decisions share one clock. */
export function writeParameters(decisions: readonly Decision[]): string[] {
  const levels = columns(10)
  const operations = columns(4)
  const movements = columns(13)
  const purchases = columns(9)

  for (const [number, decision] of decisions.entries()) {
    for (const { key, before, after } of decision.read) {
      const next = after ?? before
      push(levels, [number, key.productId, key.warehouseId, before?.version ?? null, after?.version ?? null])
      push(levels, [next?.onHand, next?.reserved, next?.short, next?.backorderLimit, next?.sequence], 5)
    }
    for (const { id, fingerprint, verdict } of decision.operations) {
      push(operations, [number, id, fingerprint, JSON.stringify(verdict)])
    }
    for (const m of decision.movements) {
      push(movements, [number, m.productId, m.warehouseId, m.sequence, m.kind, m.onHandChange, m.reservedChange])
      push(movements, [m.onHandAfter, m.reservedAfter, m.reason, m.actor, m.purchaseId, m.operationId], 7)
    }
    for (const p of decision.purchases) {
      push(purchases, [number, p.id, p.productId, p.warehouseId, p.quantity, p.unitPrice.minor, p.total.minor])
      push(purchases, [p.total.currency, p.operationId], 7)
    }
  }
  return [
    ...levels.map(plainArray),
    decisions[0]!.now,
    ...operations.map((column, index) => (index < 2 ? plainArray(column) : textArray(column as string[]))),
    ...movements.map((column, index) => (index === 10 ? textArray(column as string[]) : plainArray(column))),
    ...purchases.map(plainArray),
  ]
}

type Column = (string | number | null)[]

const columns = (count: number): Column[] => Array.from({ length: count }, () => [])

function push(columns: Column[], row: readonly (string | number | null | undefined)[], from = 0): void {
  for (let index = 0; index < row.length; index++) columns[from + index]!.push(row[index] ?? null)
}
