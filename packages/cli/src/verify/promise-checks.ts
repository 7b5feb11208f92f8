import { amountIn, type Check, elementsOf, type Source, uuidIn } from './check.ts'

/**
 * What each reservation has of each level, from the three places that tell it: its lines, its movements and its hold.
 * One movement made the promise and at most one ended it. What `is_sound` need not be looked at twice. What is missing of
 * a line, or is nonsense, would be passed over by sums, so it stands as what equals no quantity and no status.
 */
export const promised: Source = {
  name: 'promised',
  sql: `
    SELECT reservation_id, product_id, warehouse_id, l.quantity, l.status, l.expires_at, l.operation_id, l.actor,
           l.created_at, m.made, m.made_quantity, m.made_sequence, m.made_by, m.made_for, m.made_at, m.ended, m.ended_quantity,
           m.ended_sequence, m.ended_by_kind, m.ended_at, m.expired_by, h.quantity AS held, h.expires_at AS held_until,
           h.operation_id AS held_by, h.created_at AS held_at,
           made = 1 AND l.quantity = made_quantity AND l.operation_id::text = made_by AND actor = made_for
             AND l.created_at = made_at
             AND CASE WHEN ended = 0 THEN status = 'held' AND h.quantity = made_quantity AND h.expires_at = l.expires_at
                        AND h.operation_id = l.operation_id AND h.created_at = l.created_at
                      WHEN ended = 1 AND ended_quantity = made_quantity AND ended_sequence > made_sequence
                        AND h.quantity IS NULL THEN CASE ended_by_kind
                          WHEN 'commit' THEN status = 'committed' AND ended_at < l.expires_at
                          WHEN 'release' THEN status = 'released'
                          ELSE status IN ('expired', 'held') AND ended_at >= l.expires_at AND expired_by = made_by
                        END
                 END AS is_sound
    FROM (
      SELECT r.id AS reservation_id, ${uuidIn("line->>'productId'")} AS product_id,
             ${uuidIn("line->>'warehouseId'")} AS warehouse_id,
             sum(coalesce((${amountIn("line->>'quantity'")})::numeric, 'NaN')) AS quantity,
             string_agg(DISTINCT coalesce(line->>'status', 'none'), ' and ') AS status,
             r.expires_at, r.operation_id, r.actor, r.created_at
      FROM inventory.reservations r CROSS JOIN LATERAL ${elementsOf('r.lines')} AS line
      GROUP BY r.id, 2, 3
    ) l FULL JOIN (
      SELECT reservation_id, product_id, warehouse_id,
             count(*) FILTER (WHERE kind = 'reservation') AS made,
             sum(reserved_change) FILTER (WHERE kind = 'reservation') AS made_quantity,
             max(sequence) FILTER (WHERE kind = 'reservation') AS made_sequence,
             max(operation_id::text) FILTER (WHERE kind = 'reservation') AS made_by,
             max(actor) FILTER (WHERE kind = 'reservation') AS made_for,
             max(created_at) FILTER (WHERE kind = 'reservation') AS made_at,
             count(*) FILTER (WHERE kind <> 'reservation') AS ended,
             -sum(reserved_change) FILTER (WHERE kind <> 'reservation') AS ended_quantity,
             max(sequence) FILTER (WHERE kind <> 'reservation') AS ended_sequence,
             max(kind) FILTER (WHERE kind <> 'reservation') AS ended_by_kind,
             max(created_at) FILTER (WHERE kind <> 'reservation') AS ended_at,
             max(operation_id::text) FILTER (WHERE kind = 'expiry') AS expired_by
      FROM inventory.movements WHERE reservation_id IS NOT NULL
      GROUP BY reservation_id, product_id, warehouse_id
    ) m USING (reservation_id, product_id, warehouse_id)
    FULL JOIN inventory.holds h USING (reservation_id, product_id, warehouse_id)`,
}

/**
 * A hold that is past its time is ended by whichever write meets it first, so a line may still be called held after its
 * expiry was written down; nothing else may differ.
 */
const promises: Check = {
  needs: [promised],
  sql: `
    SELECT fault, product_id, warehouse_id, 'reservation ' || reservation_id, expected, found
    FROM (SELECT * FROM promised WHERE is_sound IS NOT TRUE) unsound CROSS JOIN LATERAL (
      SELECT CASE WHEN coalesce(ended, 0) = 0 THEN 'held' WHEN ended_by_kind = 'commit' THEN 'committed'
                  WHEN ended_by_kind = 'release' THEN 'released' ELSE 'expired' END AS status_folded
    ) AS f CROSS JOIN LATERAL (VALUES
      ('reservation_without_movement', 'a movement that reserved ' || quantity, 'none',
        quantity IS NOT NULL AND coalesce(made, 0) = 0),
      ('movement_without_reservation', 'a line of that reservation',
        format('none, but %s movements of it', made + ended), quantity IS NULL AND made IS NOT NULL),
      ('reserved_twice', '1 movement', made || ' movements', made > 1),
      ('ended_twice', '1 movement at most', ended || ' movements', ended > 1),
      ('reservation_quantity', made_quantity::text, quantity::text, made = 1 AND quantity <> made_quantity),
      ('ended_quantity', made_quantity::text, ended_quantity::text, made = 1 AND ended = 1 AND ended_quantity <> made_quantity),
      ('ended_before_made', 'its end after movement ' || made_sequence, 'movement ' || ended_sequence,
        ended_sequence < made_sequence),
      ('line_status', status_folded, status,
        status <> status_folded AND NOT (status = 'held' AND status_folded = 'expired')),
      ('reservation_operation', 'operation ' || made_by, 'operation ' || operation_id, operation_id::text <> made_by),
      ('reservation_actor', made_for, actor, actor <> made_for),
      ('reservation_time', made_at::text, created_at::text, created_at <> made_at),
      ('expired_early', expires_at || ' or after', ended_at::text, ended_by_kind = 'expiry' AND ended_at < expires_at),
      ('expired_by_other', 'operation ' || operation_id, 'operation ' || expired_by, expired_by <> operation_id::text),
      ('committed_late', 'before ' || expires_at, ended_at::text, ended_by_kind = 'commit' AND ended_at >= expires_at),
      ('hold_missing', 'a hold of ' || made_quantity, 'none', made > 0 AND ended = 0 AND held IS NULL),
      ('hold_left', 'no hold', 'a hold of ' || held, held IS NOT NULL AND (coalesce(made, 0) = 0 OR ended > 0)),
      ('hold_quantity', made_quantity::text, held::text, made > 0 AND ended = 0 AND held <> made_quantity),
      ('hold_expiry', expires_at::text, held_until::text, held_until <> expires_at),
      ('hold_operation', 'operation ' || operation_id, 'operation ' || held_by, held_by <> operation_id),
      ('hold_time', created_at::text, held_at::text, held_at <> created_at)
    ) AS v (fault, expected, found, is_wrong)
    WHERE is_wrong`,
}

/** The reservation as its lines say it must be; without lines it is the tombstone of an id that was released. */
const statuses: Check = {
  needs: [],
  sql: `
    SELECT 'reservation_status', NULL::uuid, NULL::uuid, 'reservation ' || id, expected, status
    FROM (
      SELECT id, status, CASE
               WHEN jsonb_typeof(lines) <> 'array' THEN 'what a list of lines says'
               WHEN lines = '[]' THEN 'released'
               WHEN lines @> '[{"status":"held"}]' THEN 'held'
               WHEN lines @> '[{"status":"committed"}]' THEN 'committed'
               WHEN NOT lines @> '[{"status":"released"}]' THEN 'expired'
               WHEN NOT lines @> '[{"status":"expired"}]' THEN 'released'
               ELSE 'released or expired'
             END AS expected
      FROM inventory.reservations) r
    WHERE position(status IN expected) = 0`,
}

/** How the record of an operation on a reservation begins, up to the id. */
const AS_WRITTEN = '{"ok":true,"value":{"type":"reservation","reservation":{"id":"'

/**
 * The records of operations that made or changed reservations. That of a reservation with lines is looked for by its
 * movements; the tombstone has none. The text of a record is cut where it begins as the service writes it, and parsed
 * where it does not.
 */
const recordsOfReservations: Check = {
  needs: [],
  sql: `
    SELECT 'reservation_without_operation', NULL::uuid, NULL::uuid, 'reservation ' || r.id,
           'the record of operation ' || r.operation_id, 'none'
    FROM inventory.reservations r
    WHERE r.lines = '[]' AND NOT EXISTS (SELECT 1 FROM inventory.operations o WHERE o.id = r.operation_id)
    UNION ALL
    SELECT 'operation_without_reservation', NULL::uuid, NULL::uuid, 'operation ' || o.id,
           coalesce('the reservation ' || o.reservation_id, 'a reservation'), 'none'
    FROM (
      SELECT id, CASE
               WHEN verdict LIKE '${AS_WRITTEN}%' THEN substr(verdict, ${AS_WRITTEN.length + 1}, 36)
               ELSE verdict::jsonb #>> '{value,reservation,id}'
             END AS reservation_id
      FROM inventory.operations WHERE verdict LIKE '{"ok":true,"value":{"type":"reservation"%'
    ) o LEFT JOIN inventory.reservations r ON r.id::text = o.reservation_id
    WHERE r.id IS NULL`,
}

export const promiseChecks: readonly Check[] = [promises, statuses, recordsOfReservations]
