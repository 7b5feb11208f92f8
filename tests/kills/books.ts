import { askPostgres } from '../../packages/cli/src/verify/databases.ts'
import { report, totalOf, verify } from '../../packages/cli/src/verify/findings.ts'
import { audit, type Questions } from '../stock/audit.ts'

/**
 * What is wrong with a shop's books, what is promised included: by SQL that shares nothing with the service, and by
 * `abasto verify`, which shares nothing with that. Empty when the books are right.
 */
export async function faultsIn(databaseUrl: string): Promise<readonly string[]> {
  const findings = await verify(askPostgres(databaseUrl))
  return [
    ...(await audit(databaseUrl)),
    ...(await audit(databaseUrl, QUESTIONS)),
    ...(totalOf(findings) === 0 ? [] : report(findings)),
  ]
}

// What each reservation says of each level, by the status of its lines.
const LINES = `
  SELECT r.id AS reservation_id, (l ->> 'productId')::uuid AS product_id, (l ->> 'warehouseId')::uuid AS warehouse_id,
         l ->> 'status' AS status, sum((l ->> 'quantity')::bigint) AS quantity
  FROM inventory.reservations r, jsonb_array_elements(r.lines) l
  GROUP BY 1, 2, 3, 4`

// What the ledger says became of it. What is past its time may be ended before its reservation says so.
const MOVED = `
  SELECT reservation_id, product_id, warehouse_id, count(*) FILTER (WHERE kind = 'reservation') AS promises,
         sum(reserved_change) AS held,
         coalesce(sum(reserved_change) FILTER (WHERE kind = 'reservation'), 0) AS promised,
         -coalesce(sum(reserved_change) FILTER (WHERE kind = 'commit'), 0) AS committed,
         -coalesce(sum(reserved_change) FILTER (WHERE kind = 'release'), 0) AS released,
         -coalesce(sum(reserved_change) FILTER (WHERE kind = 'expiry'), 0) AS expired
  FROM inventory.movements WHERE reservation_id IS NOT NULL GROUP BY 1, 2, 3`

/** What must not be, of what is promised. */
export const QUESTIONS: Questions = {
  'levels whose holds do not add up to what they have reserved': `
    SELECT 1 FROM inventory.stock_levels l
      FULL JOIN (SELECT product_id, warehouse_id, sum(quantity) AS held FROM inventory.holds GROUP BY 1, 2) h
        USING (product_id, warehouse_id)
    WHERE l.reserved IS DISTINCT FROM coalesce(h.held, 0)`,
  'levels of which a hold expires sooner than they say': `
    SELECT 1 FROM inventory.stock_levels l
      JOIN (SELECT product_id, warehouse_id, min(expires_at) AS first FROM inventory.holds GROUP BY 1, 2) h
        USING (product_id, warehouse_id)
    WHERE l.next_expiry_at IS NULL OR l.next_expiry_at > h.first`,
  'levels that promise more than they may': `
    SELECT 1 FROM inventory.stock_levels WHERE reserved > on_hand + backorder_limit + short`,
  'movements whose sum of promises is not the one before and the change': `
    SELECT 1 FROM (
      SELECT reserved_after, sum(reserved_change) OVER (
               PARTITION BY product_id, warehouse_id ORDER BY sequence) AS reserved
      FROM inventory.movements) m
    WHERE reserved_after <> reserved`,
  'holds of reservations that are not held, or end at another time': `
    SELECT 1 FROM inventory.holds h LEFT JOIN inventory.reservations r ON r.id = h.reservation_id
    WHERE r.id IS NULL OR r.status <> 'held' OR r.expires_at <> h.expires_at`,
  'holds that no held line asks for, or another quantity': `
    SELECT 1 FROM inventory.holds h
      LEFT JOIN (${LINES}) l USING (reservation_id, product_id, warehouse_id)
    WHERE l.status = 'held' AND l.quantity <> h.quantity
    UNION ALL
    SELECT 1 FROM inventory.holds h
    WHERE NOT EXISTS (SELECT 1 FROM (${LINES}) l WHERE l.status = 'held' AND l.reservation_id = h.reservation_id
      AND l.product_id = h.product_id AND l.warehouse_id = h.warehouse_id)`,
  'held lines without a hold, though their time is not up': `
    SELECT 1 FROM (${LINES}) l JOIN inventory.reservations r ON r.id = l.reservation_id
    WHERE l.status = 'held' AND r.expires_at > clock_timestamp() AND NOT EXISTS (
      SELECT 1 FROM inventory.holds h WHERE h.reservation_id = l.reservation_id
        AND h.product_id = l.product_id AND h.warehouse_id = l.warehouse_id)`,
  'reservations of which the ledger knows something else': `
    SELECT 1 FROM (
      SELECT reservation_id, product_id, warehouse_id, sum(quantity) AS promised,
             coalesce(sum(quantity) FILTER (WHERE status = 'committed'), 0) AS committed,
             coalesce(sum(quantity) FILTER (WHERE status = 'released'), 0) AS released,
             coalesce(sum(quantity) FILTER (WHERE status = 'held'), 0) AS held,
             coalesce(sum(quantity) FILTER (WHERE status IN ('held', 'expired')), 0) AS held_or_expired
      FROM (${LINES}) l GROUP BY 1, 2, 3) l
      FULL JOIN (${MOVED}) m USING (reservation_id, product_id, warehouse_id)
      LEFT JOIN inventory.holds h USING (reservation_id, product_id, warehouse_id)
    WHERE (l.promised, l.committed, l.released, l.held_or_expired, coalesce(h.quantity, 0), 1)
      IS DISTINCT FROM (m.promised, m.committed, m.released, m.held + m.expired, m.held, m.promises)
      OR (l.held > 0 AND m.held > 0 AND m.expired > 0)`,
  'movements of promises that are of no reservation, or of another kind': `
    SELECT 1 FROM inventory.movements
    WHERE (kind IN ('reservation', 'commit', 'release', 'expiry')) <> (reservation_id IS NOT NULL)`,
  'operations that took effect twice on one level of one reservation': `
    SELECT 1 FROM inventory.movements WHERE reservation_id IS NOT NULL
    GROUP BY operation_id, reservation_id, product_id, warehouse_id, kind HAVING count(*) > 1`,
  'tombstones that something moved for': `
    SELECT 1 FROM inventory.reservations r JOIN inventory.movements m ON m.reservation_id = r.id
    WHERE r.lines = '[]'`,
}
