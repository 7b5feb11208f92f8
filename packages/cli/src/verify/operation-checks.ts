import { amountIn, type Check, elementsOf, type Source, uuidIn } from './check.ts'
import { promised } from './promise-checks.ts'

/**
 * The movements that are not of sales, beside the record of the operation that caused them. An expiry is caused by the
 * clock and carries the operation of its reservation, so it is looked at with that.
 */
const caused: Source = {
  name: 'caused',
  sql: `
    SELECT *, is_of_its_operation AND created_at = decided_at AS is_sound
    FROM (
      SELECT m.product_id, m.warehouse_id, m.sequence, m.kind, m.operation_id, m.created_at, o.verdict,
             o.created_at AS decided_at, CASE
               WHEN m.kind IN ('reservation', 'commit', 'release')
                 THEN o.verdict LIKE '{"ok":true,"value":{"type":"reservation"%'
                   AND position(m.reservation_id::text IN o.verdict) > 0
               WHEN m.kind IN ('transfer_out', 'transfer_in')
                 THEN o.verdict LIKE '{"ok":true,"value":{"type":"transfer"%'
               ELSE o.verdict LIKE '{"ok":true,"value":{"type":"level"%'
                 OR o.verdict LIKE '{"ok":true,"value":{"type":"inventory"%'
                   AND position(m.product_id::text IN o.verdict) > 0
             END AS is_of_its_operation
      FROM inventory.movements m LEFT JOIN inventory.operations o ON o.id = m.operation_id
      WHERE m.kind NOT IN ('sale', 'expiry')) joined`,
}

const causes: Check = {
  needs: [caused],
  sql: `
    SELECT fault, product_id, warehouse_id, 'movement ' || sequence, expected, found
    FROM (SELECT * FROM caused WHERE is_sound IS NOT TRUE) unsound CROSS JOIN LATERAL (VALUES
      ('movement_without_operation', 'the record of operation ' || operation_id, 'none', verdict IS NULL),
      ('movement_of_other_operation', 'a record of a ' || kind,
        format('operation %s, which decided %s', operation_id, left(verdict, 100)), NOT is_of_its_operation),
      ('movement_time', decided_at::text, created_at::text, created_at <> decided_at)
    ) AS v (fault, expected, found, is_wrong)
    WHERE is_wrong
    UNION ALL
    SELECT 'operation_doubled', NULL::uuid, NULL::uuid, 'operation ' || operation_id, '1 movement', count(*) || ' movements'
    FROM caused WHERE kind IN ('receipt', 'return', 'adjustment')
    GROUP BY operation_id HAVING count(*) > 1`,
}

/** What the callers were told of single levels: so much was there after that movement. */
const answered: Source = {
  name: 'answered',
  sql: `
    SELECT *, (product_id, warehouse_id, sequence, on_hand, reserved) IS NOT NULL AS is_whole
    FROM (
      SELECT id, ${uuidIn("level->>'productId'")} AS product_id, ${uuidIn("level->>'warehouseId'")} AS warehouse_id,
             ${amountIn("level->>'sequence'")} AS sequence, ${amountIn("level->>'onHand'")} AS on_hand,
             ${amountIn("level->>'reserved'")} AS reserved, created_at
      FROM (SELECT id, created_at, verdict::jsonb #> '{value,level}' AS level FROM inventory.operations
            WHERE verdict LIKE '{"ok":true,"value":{"type":"level"%') parsed
    ) told`,
}

/** Answers beside what their movements left, where that is not the same. */
const unlikeAnswers: Source = {
  name: 'unlike_answers',
  sql: `
    SELECT o.*, o.sequence > 0 AND m.sequence IS NULL AS is_missing, coalesce(m.on_hand_after, 0) AS on_hand_left,
           coalesce(m.reserved_after, 0) AS reserved_left
    FROM answered o LEFT JOIN inventory.movements m USING (product_id, warehouse_id, sequence)
    WHERE (o.on_hand, o.reserved) <> (coalesce(m.on_hand_after, 0), coalesce(m.reserved_after, 0))
      OR o.sequence > 0 AND m.sequence IS NULL`,
}

/**
 * Of a level on which very much expires at once a write ends only some, and answers as if it had ended all: its movement
 * still has as reserved what is left. So many units were past their time after those answers, and ended by later writes.
 */
const lapsed: Source = {
  name: 'lapsed',
  sql: `
    SELECT o.id, sum(p.made_quantity) AS quantity
    FROM (SELECT * FROM unlike_answers a WHERE reserved < reserved_left AND EXISTS (
            SELECT FROM promised e WHERE e.product_id = a.product_id AND e.warehouse_id = a.warehouse_id
              AND e.ended_by_kind = 'expiry' AND e.ended_at = a.created_at)) o
      JOIN promised p USING (product_id, warehouse_id)
    WHERE p.made_sequence <= o.sequence AND p.expires_at <= o.created_at
      AND (p.ended_sequence IS NULL OR p.ended_sequence > o.sequence)
    GROUP BY o.id`,
}

/**
 * What was answered still stands in the ledger, at the same number, and caused by whoever was answered. What is missing
 * of an answer is equal to nothing and unequal to nothing, so it is asked for by itself.
 */
const answers: Check = {
  needs: [caused, promised, answered, unlikeAnswers, lapsed],
  sql: `
    SELECT 'operation_answer', product_id, warehouse_id, 'operation ' || id,
           'product, warehouse, number, on hand and reserved', 'not all of them'
    FROM answered WHERE NOT is_whole
    UNION ALL
    SELECT 'operation_answer', product_id, warehouse_id, 'operation ' || id,
           format('%s on hand and %s reserved after movement %s', on_hand, reserved, sequence),
           CASE WHEN is_missing THEN 'no such movement'
                ELSE format('%s on hand and %s reserved', on_hand_left, reserved_left) END
    FROM unlike_answers o LEFT JOIN lapsed l USING (id)
    WHERE (NOT is_missing AND on_hand = on_hand_left AND reserved < reserved_left
      AND reserved >= reserved_left - l.quantity) IS NOT TRUE
    UNION ALL
    SELECT 'operation_answer', o.product_id, o.warehouse_id, 'operation ' || o.id, 'its movement to be ' || o.sequence,
           'movement ' || c.sequence
    FROM answered o JOIN caused c ON c.operation_id = o.id
    WHERE (c.product_id, c.warehouse_id, c.sequence) <> (o.product_id, o.warehouse_id, o.sequence)`,
}

/** Both sides of each line of each transfer, as its record has them, beside its movements. */
const transfers: Check = {
  needs: [],
  sql: `
    SELECT 'transfer_sides', product_id, warehouse_id, 'operation ' || operation_id,
           format('%s times %s', coalesce(wanted.sides, 0), change), format('%s times', coalesce(moved.sides, 0))
    FROM (
      SELECT o.id AS operation_id, ${uuidIn("line->>'productId'")} AS product_id,
             ${uuidIn('side.warehouse')} AS warehouse_id, side.sign * ${amountIn("line->>'quantity'")} AS change,
             count(*) AS sides
      FROM inventory.operations o
        CROSS JOIN LATERAL (SELECT o.verdict::jsonb #> '{value,transfer,lines}' AS lines) AS told
        CROSS JOIN LATERAL ${elementsOf('lines')} AS line
        CROSS JOIN LATERAL (VALUES (line->>'from', -1), (line->>'to', 1)) AS side (warehouse, sign)
      WHERE o.verdict LIKE '{"ok":true,"value":{"type":"transfer"%'
      GROUP BY 1, 2, 3, 4
    ) wanted FULL JOIN (
      SELECT operation_id, product_id, warehouse_id, on_hand_change AS change, count(*) AS sides
      FROM inventory.movements WHERE kind IN ('transfer_out', 'transfer_in')
      GROUP BY 1, 2, 3, 4
    ) moved USING (operation_id, product_id, warehouse_id, change)
    WHERE wanted.sides IS DISTINCT FROM moved.sides`,
}

export const operationChecks: readonly Check[] = [causes, answers, transfers]
