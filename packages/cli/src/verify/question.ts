import type { Check } from './check.ts'
import { ledgerChecks } from './ledger-checks.ts'
import { operationChecks } from './operation-checks.ts'
import { promiseChecks } from './promise-checks.ts'
import { saleChecks } from './sale-checks.ts'

/** How many differences of each kind are told one by one; of the others there is only a count. */
export const MOST_SHOWN = 1_000

const checks: readonly Check[] = [...ledgerChecks, ...saleChecks, ...promiseChecks, ...operationChecks]

/**
 * The whole check as one statement. So it sees one moment of the database whatever isolation the session has, takes no
 * lock that a writer would wait for, and sends back nothing but a row: what was looked at, and what differs.
 */
export const question = `
WITH ${sources()}, difference (fault, product_id, warehouse_id, subject, expected, found) AS MATERIALIZED (
${checks.map(({ sql }) => sql).join('\n    UNION ALL')}
), shown AS (
  SELECT *, row_number() OVER (PARTITION BY fault ORDER BY product_id, warehouse_id, subject, expected) AS place
  FROM difference
)
SELECT
  (SELECT json_build_object(
    'movements', (SELECT coalesce(sum(movements), 0) FROM folded),
    'levels', (SELECT count(*) FROM inventory.stock_levels),
    'purchases', (SELECT purchases FROM sale_sums),
    'reservations', (SELECT count(*) FROM inventory.reservations),
    'operations', (SELECT count(*) FROM inventory.operations)))::text AS looked_at,
  (SELECT coalesce(json_object_agg(fault, found), '{}') FROM (
    SELECT fault, count(*) AS found FROM difference GROUP BY fault ORDER BY fault) AS counted)::text AS counts,
  (SELECT coalesce(json_agg(json_build_object(
      'fault', fault, 'productId', s.product_id, 'warehouseId', s.warehouse_id, 'warehouse', w.name,
      'subject', subject, 'expected', expected, 'found', found)
    ORDER BY s.product_id, s.warehouse_id, fault, place), '[]')
   FROM shown s LEFT JOIN inventory.warehouses w ON w.id = s.warehouse_id WHERE place <= ${MOST_SHOWN})::text AS differences`

function sources(): string {
  const needed = new Map(checks.flatMap(({ needs }) => needs.map(({ name, sql }) => [name, sql] as const)))
  return [...needed].map(([name, sql]) => `${name} AS MATERIALIZED (${sql}\n)`).join(', ')
}
