import type { Check, Source } from './check.ts'
import { folded } from './ledger-checks.ts'

/** That a purchase does not add up by itself. */
const MISFIT = 'quantity < 1 OR unit_price_minor < 0 OR total_minor <> unit_price_minor::numeric * quantity'

/**
 * Whether purchases, their movements and the records of their operations are the same sales, without sorting or joining
 * millions of them: each is hashed with all that the others say of it too, and sums of 64-bit hashes are compared. An id
 * comes once among the purchases, so equal sums make the others one to one with them. Only where they differ is it
 * looked for which it is, which takes several times as long.
 */
const saleSums: Source = {
  name: 'sale_sums',
  sql: `
    SELECT p.purchases, p.misfits, (p.purchases, p.hashes) = (m.purchases, coalesce(m.hashes, 0)) AS are_moved,
           (p.purchases, p.record_hashes) = (o.purchases, coalesce(o.hashes, 0)) AS are_recorded
    FROM (
      SELECT count(*) AS purchases, coalesce(sum(hash_record_extended(
               (id, operation_id, product_id, warehouse_id, quantity, created_at), 0)), 0) AS hashes,
             coalesce(sum(hash_record_extended((operation_id, id::text, created_at), 0)), 0) AS record_hashes,
             count(*) FILTER (WHERE ${MISFIT}) AS misfits
      FROM inventory.purchases
    ) p, (
      SELECT coalesce(sum(sales), 0) AS purchases, sum(sale_hashes) AS hashes FROM folded
    ) m, (
      SELECT sum(purchases) AS purchases, sum(hashes) AS hashes
      FROM (
        SELECT count(*) AS purchases, sum(hash_record_extended((id, verdict, created_at), 0)) AS hashes
        FROM inventory.operations WHERE verdict NOT LIKE '{%' AND length(verdict) <= 36
        UNION ALL
        SELECT count(*), sum(hash_record_extended((id, purchase_id, created_at), 0))
        FROM inventory.operations, unnest(string_to_array(verdict, ',')) AS purchase_id
        WHERE verdict NOT LIKE '{%' AND length(verdict) > 36
      ) either
    ) o`,
}

/** Purchases and the movements that took them, where they are not one to one and alike. */
const unlikeSales: Source = {
  name: 'unlike_sales',
  sql: `
    SELECT p.id, p.product_id, p.warehouse_id, p.quantity, p.operation_id, p.created_at, m.purchase_id,
           m.product_id AS moved_product_id, m.warehouse_id AS moved_warehouse_id, m.sequence, -m.on_hand_change::numeric AS moved,
           m.operation_id AS moved_by, m.created_at AS moved_at
    FROM inventory.purchases p
    FULL JOIN (SELECT * FROM inventory.movements WHERE purchase_id IS NOT NULL) m ON m.purchase_id = p.id
    WHERE NOT (SELECT are_moved FROM sale_sums)
      AND (p.product_id = m.product_id AND p.warehouse_id = m.warehouse_id AND p.quantity = -m.on_hand_change::numeric
      AND p.operation_id = m.operation_id AND p.created_at = m.created_at) IS NOT TRUE`,
}

/** What is wrong with purchases beside their movements. */
const wrongSales: Source = {
  name: 'wrong_sales',
  sql: `
    SELECT fault, coalesce(product_id, moved_product_id) AS product_id,
           coalesce(warehouse_id, moved_warehouse_id) AS warehouse_id,
           coalesce('purchase ' || id, 'movement ' || sequence) AS subject, expected, found
    FROM unlike_sales CROSS JOIN LATERAL (VALUES
      ('purchase_without_movement', 'a movement of ' || quantity || ' sold', 'none', purchase_id IS NULL),
      ('movement_without_purchase', 'the purchase ' || purchase_id || ' of ' || moved, 'none', id IS NULL),
      ('purchase_quantity', moved::text, quantity::text, quantity <> moved),
      ('purchase_level', format('product %s in warehouse %s', moved_product_id, moved_warehouse_id),
        format('product %s in warehouse %s', product_id, warehouse_id),
        (product_id, warehouse_id) <> (moved_product_id, moved_warehouse_id)),
      ('purchase_operation', 'operation ' || moved_by, 'operation ' || operation_id, operation_id <> moved_by),
      ('purchase_time', moved_at::text, created_at::text, created_at <> moved_at)
    ) AS v (fault, expected, found, is_wrong)
    WHERE is_wrong
    UNION ALL
    SELECT 'purchase_sold_twice', NULL::uuid, NULL::uuid, 'purchase ' || purchase_id, '1 movement', count(*) || ' movements'
    FROM inventory.movements
    WHERE purchase_id IS NOT NULL AND NOT (SELECT are_moved FROM sale_sums)
    GROUP BY purchase_id HAVING count(*) > 1`,
}

const sales: Check = {
  needs: [folded, saleSums, unlikeSales, wrongSales],
  sql: noticed('are_moved', 'wrong_sales', 'purchases and movements'),
}

/**
 * What was found, or that something must be there to find: a difference that the sums noticed is told of even where no
 * rule names a row, such as a row that is there twice because its key is gone.
 */
function noticed(areSame: string, found: string, subject: string): string {
  return `
    SELECT * FROM ${found}
    UNION ALL
    SELECT 'sales_unlike', NULL::uuid, NULL::uuid, '${subject}', 'the same sums', 'others'
    FROM sale_sums WHERE NOT ${areSame} AND NOT EXISTS (SELECT FROM ${found})`
}

const totals: Check = {
  needs: [folded, saleSums],
  sql: `
    SELECT 'purchase_total', product_id, warehouse_id, 'purchase ' || id,
           format('%s times %s', quantity, unit_price_minor), total_minor::text
    FROM inventory.purchases
    WHERE (SELECT misfits FROM sale_sums) > 0 AND (${MISFIT})`,
}

/** Purchases and the records of the operations that made them, where the record does not name the purchase alone. */
const unlikeRecords: Source = {
  name: 'unlike_records',
  sql: `
    SELECT o.id AS decided_by, o.verdict, o.created_at AS decided_at, p.id, p.product_id, p.warehouse_id, p.operation_id,
           p.created_at
    FROM (SELECT id, verdict, created_at FROM inventory.operations WHERE verdict NOT LIKE '{%') o
    FULL JOIN inventory.purchases p ON p.operation_id = o.id
    WHERE NOT (SELECT are_recorded FROM sale_sums)
      AND (o.verdict = p.id::text AND p.created_at = o.created_at) IS NOT TRUE`,
}

/** The record of a sale names its purchases, all of them and no others. */
const wrongRecords: Source = {
  name: 'wrong_records',
  sql: `
    SELECT fault, product_id, warehouse_id, subject, expected, found
    FROM unlike_records CROSS JOIN LATERAL (VALUES
      ('operation_without_purchase', 'operation ' || decided_by, 'the purchase ' || verdict, 'none', id IS NULL),
      ('purchase_without_operation', 'purchase ' || id, 'the record of a sale under operation ' || operation_id, 'none',
        decided_by IS NULL),
      ('purchase_of_other_operation', 'purchase ' || id, format('one of the purchases %s of operation %s', verdict, decided_by),
        'one more', id::text <> ALL (string_to_array(verdict, ','))),
      ('purchase_time', 'purchase ' || id, decided_at::text, created_at::text, created_at <> decided_at)
    ) AS v (fault, subject, expected, found, is_wrong)
    WHERE is_wrong
    UNION ALL
    SELECT 'operation_without_purchase', NULL::uuid, NULL::uuid, 'operation ' || decided_by,
           cardinality(string_to_array(verdict, ',')) || ' purchases', count(id)::text
    FROM unlike_records WHERE length(verdict) > 36 AND id IS NOT NULL
    GROUP BY decided_by, verdict HAVING count(id) <> cardinality(string_to_array(verdict, ','))`,
}

const recordsOfSales: Check = {
  needs: [folded, saleSums, unlikeRecords, wrongRecords],
  sql: noticed('are_recorded', 'wrong_records', 'purchases and records'),
}

export const saleChecks: readonly Check[] = [sales, totals, recordsOfSales]
