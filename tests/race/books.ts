import { audit, type Questions } from '../stock/audit.ts'

/** What only a race can tear, in the books that it has left. */
export const tornIn = (databaseUrl: string): Promise<readonly string[]> => audit(databaseUrl, TORN)

// How many movements there were of each reservation.
const MOVED = `
  SELECT reservation_id, count(*) FILTER (WHERE kind = 'reservation') AS promised,
         count(*) FILTER (WHERE kind = 'commit') AS taken
  FROM inventory.movements GROUP BY 1`

// In the race a reservation has each product once and is committed and released as a whole.
const TORN: Questions = {
  'reservations whose lines do not share one fate': `
    SELECT 1 FROM inventory.reservations r, jsonb_array_elements(r.lines) l
    GROUP BY r.id HAVING count(DISTINCT l ->> 'status') > 1`,
  'reservations of which some lines were promised and some were not, or twice': `
    SELECT 1 FROM inventory.reservations r LEFT JOIN (${MOVED}) m ON m.reservation_id = r.id
    WHERE jsonb_array_length(r.lines) <> coalesce(m.promised, 0)`,
  'reservations of which some lines were taken and some were not, or twice': `
    SELECT 1 FROM inventory.reservations r LEFT JOIN (${MOVED}) m ON m.reservation_id = r.id
    WHERE CASE r.status WHEN 'committed' THEN jsonb_array_length(r.lines) ELSE 0 END <> coalesce(m.taken, 0)`,
  'operations that moved a level twice': `
    SELECT 1 FROM inventory.movements WHERE kind <> 'expiry'
    GROUP BY operation_id, product_id, warehouse_id HAVING count(*) > 1`,
}
