import { SQL } from 'bun'

/**
 * What is wrong with the promises in a shop's books, by SQL that shares nothing with the service: each query finds
 * rows that must not exist. Where time may have run out, a line that says it is held may have been ended on some of its
 * levels already, because each level writes an expiry down when it is next written. What concerns on hand and purchases is in `tests/stock/audit.ts`.
 */
export async function tornPromises(
  databaseUrl: string,
  { mayExpire = false }: { mayExpire?: boolean } = {},
): Promise<readonly string[]> {
  const sql = new SQL(databaseUrl, { max: 1 })
  try {
    const faults: string[] = []
    const queries = mayExpire ? ALWAYS : { ...ALWAYS, ...UNLESS_EXPIRED }
    for (const [fault, query] of Object.entries(queries)) {
      const [row] = await sql.unsafe(`WITH lines AS (${LINES}) SELECT count(*)::int AS count FROM (${query}) AS wrong`)
      if (row.count > 0) faults.push(`${fault}: ${row.count}`)
    }
    return faults
  } finally {
    await sql.end()
  }
}

// What every reservation was made of, a line for each of its levels.
const LINES = `
  SELECT r.id AS reservation_id, (l->>'productId')::uuid AS product_id, (l->>'warehouseId')::uuid AS warehouse_id,
         l->>'status' AS status, sum((l->>'quantity')::bigint) AS quantity
  FROM inventory.reservations r, jsonb_array_elements(r.lines) l GROUP BY 1, 2, 3, 4`

const KINDS: Readonly<Record<string, string>> = { committed: 'commit', released: 'release', expired: 'expiry' }

const ALWAYS: Readonly<Record<string, string>> = {
  'levels that have reserved something else than their holds add up to': `
    SELECT 1 FROM inventory.stock_levels s
    WHERE s.reserved <> (SELECT coalesce(sum(h.quantity), 0) FROM inventory.holds h
                         WHERE h.product_id = s.product_id AND h.warehouse_id = s.warehouse_id)`,
  'holds of no held line': `
    SELECT 1 FROM inventory.holds h WHERE NOT EXISTS (SELECT 1 FROM lines l WHERE l.status = 'held' AND
      (h.product_id, h.warehouse_id, h.reservation_id) = (l.product_id, l.warehouse_id, l.reservation_id))`,
  'reservations whose lines do not share one fate, though none was named alone': `
    SELECT 1 FROM lines GROUP BY reservation_id HAVING count(DISTINCT status) > 1`,
  'lines that were not promised once, and completely': `
    SELECT 1 FROM lines l WHERE 1 <> (SELECT count(*) FROM inventory.movements m
      WHERE m.kind = 'reservation' AND (m.product_id, m.warehouse_id, m.reservation_id, m.reserved_change)
          = (l.product_id, l.warehouse_id, l.reservation_id, l.quantity))`,
  'movements of reservations that do not exist': `
    SELECT 1 FROM inventory.movements m WHERE m.reservation_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM lines l WHERE l.reservation_id = m.reservation_id)`,
  'operations that moved a level twice': `
    SELECT 1 FROM inventory.movements WHERE kind <> 'expiry'
    GROUP BY operation_id, product_id, warehouse_id HAVING count(*) > 1`,
  'movements of promises that do not follow from the one before': `
    SELECT 1 FROM (
      SELECT reserved_after, sum(reserved_change) OVER (PARTITION BY product_id, warehouse_id ORDER BY sequence) AS sum
      FROM inventory.movements) m WHERE reserved_after <> sum`,
  'levels that are promised beyond what they may be': `
    SELECT 1 FROM inventory.stock_levels WHERE reserved > on_hand + backorder_limit + short`,
}

const UNLESS_EXPIRED: Readonly<Record<string, string>> = {
  'held lines without their hold': `
    SELECT 1 FROM lines l WHERE l.status = 'held' AND NOT EXISTS (SELECT 1 FROM inventory.holds h
      WHERE (h.product_id, h.warehouse_id, h.reservation_id, h.quantity)
          = (l.product_id, l.warehouse_id, l.reservation_id, l.quantity))`,
  'lines that were ended otherwise than they say': `
    SELECT 1 FROM lines l WHERE (SELECT coalesce(array_agg(m.kind::text), '{}') FROM inventory.movements m
      WHERE m.kind <> 'reservation' AND m.reserved_change = -l.quantity AND
        (m.product_id, m.warehouse_id, m.reservation_id) = (l.product_id, l.warehouse_id, l.reservation_id))
      <> CASE l.status WHEN 'held' THEN '{}'::text[] ${Object.entries(KINDS)
        .map(([status, kind]) => `WHEN '${status}' THEN '{${kind}}'`)
        .join(' ')} END`,
}
