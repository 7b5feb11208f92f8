/**
 * The one statement through which stock changes. It carries many decisions; each has a number and takes effect
 * completely or not at all.
 *
 * `locked` takes every level that was read, in key order, and then the reservations and the warehouses in theirs, so
 * two such statements never wait for each other in a circle. `lost` are the decisions of which one row is not, under
 * that lock, what was read, or whose promise is past its time by the database's clock; every insert, update and delete
 * is gated on it. Comparing in the UPDATE itself instead would tear: rows that were as read would be written although
 * another row of the same decision was not. A level's version alone is not enough: a batch may be decided on what the
 * one before it will leave behind, and where that one lost, another process may have reached the same version with
 * other numbers. Nor may it have been written by a transaction that came later than this one (`age` of its `xmin`
 * below 0), which can be where this one waited for the lock: those who follow the ledger do so in the order of
 * transactions, and along a level that must be the order of its movements.
 *
 * The first row of a level, a reservation, a warehouse, and the operation records are plain inserts. Their unique
 * violation undoes the whole statement and means: read again. Holds need no guard of their own: they change only with
 * the version of their level.
 *
 * There are three forms of it: sales and plain changes of levels, which are most of what a shop does, need not pay for
 * the tables of promises. Whatever moves in them is moved by an operation of the same write, and names it by position;
 * what expires on their way was held by one of long ago.
 */
export type Statement = Readonly<{ text: string; parameters: readonly string[] }>

/** For decisions that touch nothing but amounts of levels. */
export const levelStatement = numbered(textOf('levels'))

/** For decisions that end what has expired on levels, and touch no reservation. */
export const expiryStatement = numbered(textOf('expiries'))

/** For every decision. */
export const promiseStatement = numbered(textOf('promises'))

/** Replaces `:name::type` by the number of the parameter, which is passed as text. */
function numbered(text: string): Statement {
  const parameters: string[] = []
  const replaced = text.replaceAll(/(?<!:):([a-zA-Z]+)::/g, (_, name: string) => {
    if (!parameters.includes(name)) parameters.push(name)
    return `$${parameters.indexOf(name) + 1}::text::`
  })
  return { text: replaced, parameters }
}

function textOf(form: 'levels' | 'expiries' | 'promises'): string {
  /** What the form for amounts of levels does without. */
  const held = (text: string) => (form === 'levels' ? '' : text)
  /** What only the form for every decision has. */
  const only = (text: string) => (form === 'promises' ? text : '')
  return `
WITH given AS MATERIALIZED (
  SELECT :levelDecisions::int[] AS level_decisions, :productIds::uuid[] AS product_ids,
         :warehouseIds::uuid[] AS warehouse_ids, :operationIds::uuid[] AS operation_ids,
         :kinds::inventory.movement_kind[] AS kinds, :reasons::text[] AS reasons, :actors::text[] AS actors,
         :currencies::text[] AS currencies, :at::timestamptz AS at
), expected AS MATERIALIZED (
  SELECT * FROM unnest(
    (SELECT level_decisions FROM given), (SELECT product_ids FROM given), (SELECT warehouse_ids FROM given),
    :versions::bigint[], :nextVersions::bigint[], :onHands::bigint[], :reserveds::bigint[], :shorts::bigint[],
    :backorderLimits::bigint[], :sequences::bigint[], :onHandsBefore::bigint[], :reservedsBefore::bigint[],
    :shortsBefore::bigint[], :backorderLimitsBefore::bigint[], :sequencesBefore::bigint[],
    :nextExpiriesBefore::timestamptz[]${held(`, :incomings::bigint[], :reorderPoints::bigint[],
    :nextExpiries::timestamptz[], :incomingsBefore::bigint[], :reorderPointsBefore::bigint[]`)}
  ) WITH ORDINALITY
    AS e (decision, product_id, warehouse_id, version, next_version, on_hand, reserved, short, backorder_limit, sequence,
          on_hand_before, reserved_before, short_before, backorder_limit_before, sequence_before,
          next_expiry_at_before${held(`, incoming, reorder_point, next_expiry_at, incoming_before,
          reorder_point_before`)}, position)
), locked AS MATERIALIZED (
  SELECT e.decision, e.position, l.product_id, l.warehouse_id, l.on_hand, l.reserved, l.short, l.backorder_limit,
         l.incoming, l.reorder_point, l.next_expiry_at, l.sequence, l.version, l.updated_at,
         (l.version, l.on_hand, l.reserved, l.short, l.backorder_limit, l.sequence, l.next_expiry_at${held(`, l.incoming,
          l.reorder_point`)}) IS NOT DISTINCT FROM
         (e.version, e.on_hand_before, e.reserved_before, e.short_before, e.backorder_limit_before, e.sequence_before,
          e.next_expiry_at_before${held(', e.incoming_before, e.reorder_point_before')}) AND age(l.xmin) >= 0
           AS is_as_read
  FROM expected e JOIN inventory.stock_levels l ON l.product_id = e.product_id AND l.warehouse_id = e.warehouse_id
  ORDER BY l.product_id, l.warehouse_id
  FOR UPDATE OF l
)${only(`, promised AS MATERIALIZED (
  SELECT * FROM unnest(
    :promiseDecisions::int[], :promiseIds::uuid[], :promiseVersions::bigint[], :nextPromiseVersions::bigint[],
    :promisesAliveUntil::timestamptz[], :promiseStatuses::text[], :promiseReferences::text[], :promiseLines::text[],
    :promiseExpiries::timestamptz[], :promiseActors::text[], :promiseOperations::uuid[], :promiseCreations::timestamptz[]
  ) AS p (decision, id, version, next_version, alive_until, status, reference, lines, expires_at, actor, operation_id,
          created_at)
), locked_promises AS MATERIALIZED (
  SELECT p.decision, p.id, r.version = p.version AS is_as_read
  FROM promised p JOIN inventory.reservations r ON r.id = p.id
  -- Counted first: levels are locked before reservations in every statement.
  WHERE (SELECT count(*) FROM locked) >= 0
  ORDER BY r.id
  FOR UPDATE OF r
), places AS MATERIALIZED (
  SELECT * FROM unnest(
    :placeDecisions::int[], :placeIds::uuid[], :placeVersions::bigint[], :nextPlaceVersions::bigint[],
    :placeNames::text[], :placeDeletions::timestamptz[]
  ) AS w (decision, id, version, next_version, name, deleted_at)
), locked_places AS MATERIALIZED (
  SELECT p.decision, p.id, w.version = p.version AS is_as_read
  FROM places p JOIN inventory.warehouses w ON w.id = p.id
  WHERE (SELECT count(*) FROM locked_promises) >= 0
  ORDER BY w.id
  FOR UPDATE OF w
)`)}, lost AS MATERIALIZED (
  SELECT decision FROM locked WHERE NOT is_as_read
  UNION
  SELECT decision FROM expected WHERE version IS NOT NULL AND position NOT IN (SELECT position FROM locked)
${only(`  UNION
  SELECT decision FROM locked_promises WHERE is_as_read IS NOT TRUE
  UNION
  SELECT decision FROM promised WHERE version IS NOT NULL AND id NOT IN (SELECT id FROM locked_promises)
  UNION
  SELECT decision FROM promised WHERE alive_until <= (SELECT clock_timestamp())
  UNION
  SELECT decision FROM locked_places WHERE is_as_read IS NOT TRUE
  UNION
  SELECT decision FROM places WHERE version IS NOT NULL AND id NOT IN (SELECT id FROM locked_places)
`)}), updated AS (
  UPDATE inventory.stock_levels s
  SET on_hand = e.on_hand, reserved = e.reserved, short = e.short, backorder_limit = e.backorder_limit,
      sequence = e.sequence, version = e.next_version, updated_at = (SELECT at FROM given)${held(`,
      incoming = e.incoming, reorder_point = e.reorder_point, next_expiry_at = e.next_expiry_at`)}
  FROM expected e
  WHERE s.product_id = e.product_id AND s.warehouse_id = e.warehouse_id
    AND e.version IS NOT NULL AND e.next_version IS NOT NULL AND e.decision NOT IN (SELECT decision FROM lost)
), opened AS (
  INSERT INTO inventory.stock_levels
    (product_id, warehouse_id, on_hand, reserved, short, backorder_limit, sequence, version,
     updated_at${held(', incoming, reorder_point, next_expiry_at')})
  SELECT e.product_id, e.warehouse_id, e.on_hand, e.reserved, e.short, e.backorder_limit, e.sequence, e.next_version,
         (SELECT at FROM given)${held(', e.incoming, e.reorder_point, e.next_expiry_at')}
  FROM expected e
  WHERE e.version IS NULL AND e.next_version IS NOT NULL AND e.decision NOT IN (SELECT decision FROM lost)
  ORDER BY e.product_id, e.warehouse_id
), recorded AS (
  INSERT INTO inventory.operations (id, fingerprint, verdict, created_at)
  SELECT o.id, o.fingerprint, o.verdict, (SELECT at FROM given)
  FROM unnest(:operationDecisions::int[], (SELECT operation_ids FROM given), :fingerprints::uuid[], :verdicts::text[])
    AS o (decision, id, fingerprint, verdict)
  WHERE o.decision NOT IN (SELECT decision FROM lost)
  ORDER BY o.id
), change AS MATERIALIZED (
  SELECT (SELECT product_ids FROM given)[c.level] AS product_id,
         (SELECT warehouse_ids FROM given)[c.level] AS warehouse_id,
         ${held('c.moved_by') || '(SELECT operation_ids FROM given)[c.moved_by]'} AS operation_id, c.*
  FROM unnest(
    :movedLevels::int[], ${held(':movedBy::uuid[]') || ':movedByPositions::int[]'}, :causes::int[], :movedSequences::bigint[], :onHandChanges::bigint[],
    :reservedChanges::bigint[], :onHandsAfter::bigint[], :reservedsAfter::bigint[], :purchaseIds::uuid[],
    :unitPrices::bigint[]${held(', :reservationIds::uuid[]')}
  ) AS c (level, moved_by, cause, sequence, on_hand_change, reserved_change, on_hand_after, reserved_after,
          purchase_id, unit_price_minor${held(', reservation_id')})
  WHERE (SELECT level_decisions FROM given)[c.level] NOT IN (SELECT decision FROM lost)
), moved AS (
  INSERT INTO inventory.movements
    (product_id, warehouse_id, sequence, kind, on_hand_change, reserved_change, on_hand_after, reserved_after, reason,
     actor, purchase_id, operation_id, created_at${held(', reservation_id')})
  SELECT product_id, warehouse_id, sequence, (SELECT kinds FROM given)[cause], on_hand_change, reserved_change,
         on_hand_after, reserved_after, (SELECT reasons FROM given)[cause], (SELECT actors FROM given)[cause],
         purchase_id, operation_id, (SELECT at FROM given)${held(', reservation_id')}
  FROM change
), bought AS (
  INSERT INTO inventory.purchases
    (id, product_id, warehouse_id, quantity, unit_price_minor, total_minor, currency, operation_id, created_at)
  SELECT purchase_id, product_id, warehouse_id, -on_hand_change, unit_price_minor, unit_price_minor * -on_hand_change,
         (SELECT currencies FROM given)[cause], operation_id, (SELECT at FROM given)
  FROM change WHERE purchase_id IS NOT NULL
)${held(`, let_go AS (
  DELETE FROM inventory.holds h
  USING unnest(:endedLevels::int[], :endedBy::uuid[]) AS x (level, reservation_id)
  WHERE h.product_id = (SELECT product_ids FROM given)[x.level]
    AND h.warehouse_id = (SELECT warehouse_ids FROM given)[x.level] AND h.reservation_id = x.reservation_id
    AND (SELECT level_decisions FROM given)[x.level] NOT IN (SELECT decision FROM lost)
)`)}${only(`, promise_changed AS (
  UPDATE inventory.reservations r
  SET status = p.status, lines = p.lines::jsonb, expires_at = p.expires_at, version = p.next_version,
      updated_at = (SELECT at FROM given)
  FROM promised p
  WHERE r.id = p.id AND p.version IS NOT NULL AND p.next_version IS NOT NULL
    AND p.decision NOT IN (SELECT decision FROM lost)
), promise_made AS (
  INSERT INTO inventory.reservations
    (id, status, reference, lines, expires_at, version, actor, operation_id, created_at, updated_at)
  SELECT p.id, p.status, p.reference, p.lines::jsonb, p.expires_at, p.next_version, p.actor, p.operation_id,
         p.created_at, (SELECT at FROM given)
  FROM promised p
  WHERE p.version IS NULL AND p.next_version IS NOT NULL AND p.decision NOT IN (SELECT decision FROM lost)
  ORDER BY p.id
), held AS (
  INSERT INTO inventory.holds (product_id, warehouse_id, reservation_id, quantity, expires_at, operation_id, created_at)
  SELECT (SELECT product_ids FROM given)[h.level], (SELECT warehouse_ids FROM given)[h.level], h.reservation_id,
         h.quantity, h.expires_at, h.operation_id, (SELECT at FROM given)
  FROM unnest(:heldLevels::int[], :heldBy::uuid[], :heldQuantities::bigint[], :heldExpiries::timestamptz[],
              :heldOperations::uuid[])
    AS h (level, reservation_id, quantity, expires_at, operation_id)
  WHERE (SELECT level_decisions FROM given)[h.level] NOT IN (SELECT decision FROM lost)
  ORDER BY 1, 2, 3
), held_longer AS (
  UPDATE inventory.holds h SET expires_at = x.expires_at
  FROM unnest(:longerLevels::int[], :longerBy::uuid[], :longerExpiries::timestamptz[])
    AS x (level, reservation_id, expires_at)
  WHERE h.product_id = (SELECT product_ids FROM given)[x.level]
    AND h.warehouse_id = (SELECT warehouse_ids FROM given)[x.level] AND h.reservation_id = x.reservation_id
    AND (SELECT level_decisions FROM given)[x.level] NOT IN (SELECT decision FROM lost)
), place_changed AS (
  UPDATE inventory.warehouses w
  SET name = p.name, deleted_at = p.deleted_at, version = p.next_version, updated_at = (SELECT at FROM given)
  FROM places p
  WHERE w.id = p.id AND p.version IS NOT NULL AND p.next_version IS NOT NULL
    AND p.decision NOT IN (SELECT decision FROM lost)
), place_made AS (
  INSERT INTO inventory.warehouses (id, name, version, created_at, updated_at, deleted_at)
  SELECT p.id, p.name, p.next_version, (SELECT at FROM given), (SELECT at FROM given), p.deleted_at
  FROM places p
  WHERE p.version IS NULL AND p.next_version IS NOT NULL AND p.decision NOT IN (SELECT decision FROM lost)
)`)}
SELECT * FROM lost LEFT JOIN locked USING (decision)`
}
