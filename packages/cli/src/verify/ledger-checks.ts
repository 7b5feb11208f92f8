import type { Check, Source } from './check.ts'

/** That a movement does what one of its kind cannot do. */
const MISFIT = `
  on_hand_after < 0 OR reserved_after < 0
  OR (purchase_id IS NOT NULL) <> (kind = 'sale')
  OR (reservation_id IS NOT NULL) <> (kind IN ('reservation', 'commit', 'release', 'expiry'))
  OR (CASE kind
    WHEN 'sale' THEN on_hand_change < 0 AND reserved_change = 0 AND reason IS NULL
    WHEN 'receipt' THEN on_hand_change > 0 AND reserved_change = 0 AND reason = 'receipt'
    WHEN 'return' THEN on_hand_change > 0 AND reserved_change = 0 AND reason = 'return'
    WHEN 'adjustment' THEN reserved_change = 0 AND CASE reason
      WHEN 'count' THEN true
      WHEN 'correction' THEN on_hand_change <> 0
      WHEN 'damage' THEN on_hand_change < 0
      WHEN 'loss' THEN on_hand_change < 0
    END
    WHEN 'reservation' THEN on_hand_change = 0 AND reserved_change > 0 AND reason IS NULL
    WHEN 'commit' THEN on_hand_change < 0 AND reserved_change = on_hand_change AND reason IS NULL
    WHEN 'transfer_out' THEN on_hand_change < 0 AND reserved_change = 0 AND reason IS NULL
    WHEN 'transfer_in' THEN on_hand_change > 0 AND reserved_change = 0 AND reason IS NULL
    ELSE on_hand_change = 0 AND reserved_change < 0 AND reason IS NULL
  END) IS NOT TRUE`

/** More than any amount is, and so little that the difference of two still is a number. */
const MOST = 4e18

/** That the state before a movement can be worked out. Where it cannot, it is left out of the chain, which breaks there. */
const COUNTABLE = ['sequence', 'on_hand_change', 'reserved_change', 'on_hand_after', 'reserved_after']
  .map((amount) => `${amount} BETWEEN ${-MOST} AND ${MOST}`)
  .join(' AND ')

/**
 * The ledger of each level, added up by the database alone, beside the level.
 *
 * `chain` proves the order without sorting: each movement leads from one state (number, on hand, reserved) to the next,
 * so over a sound ledger what is arrived at and what is departed from cancel out, but for the last state and the first,
 * which is nothing at all. A wrong ledger would have to hit the same sum of 64-bit hashes by chance. Only levels where
 * it fails are walked movement by movement, which takes a sort and would be most of the time of a check.
 */
export const folded: Source = {
  name: 'folded',
  sql: `
    SELECT product_id, warehouse_id, m.movements, m.misfits, m.sales, m.sale_hashes, m.last,
           m.on_hand AS on_hand_folded, m.reserved AS reserved_folded,
           l.product_id IS NOT NULL AS is_there, l.on_hand, l.reserved, l.short, l.backorder_limit, l.sequence,
           l.version, l.next_expiry_at, h.held, h.first_expiry_at,
           coalesce(m.movements = l.sequence AND m.on_hand = l.on_hand AND m.reserved = l.reserved
             AND m.chain = ${stateHash('l.sequence', 'l.on_hand', 'l.reserved')}::numeric - ${stateHash('0', '0', '0')},
             coalesce(l.sequence, 0) = 0 AND m.movements IS NULL) AS is_sound
    FROM inventory.stock_levels l
    FULL JOIN (
      SELECT product_id, warehouse_id, count(*) AS movements, max(sequence) AS last, sum(on_hand_change) AS on_hand,
             sum(reserved_change) AS reserved, count(*) FILTER (WHERE ${MISFIT}) AS misfits,
             count(purchase_id) AS sales, sum(hash_record_extended(
               (purchase_id, operation_id, product_id, warehouse_id, -greatest(on_hand_change, ${-MOST}), created_at), 0)
             ) FILTER (WHERE purchase_id IS NOT NULL) AS sale_hashes,
             sum(${stateHash('sequence', 'on_hand_after', 'reserved_after')}) -
             sum(${stateHash('sequence - 1', 'on_hand_after - on_hand_change', 'reserved_after - reserved_change')})
               FILTER (WHERE ${COUNTABLE}) AS chain
      FROM inventory.movements GROUP BY product_id, warehouse_id) m USING (product_id, warehouse_id)
    LEFT JOIN (
      SELECT product_id, warehouse_id, sum(quantity) AS held, min(expires_at) AS first_expiry_at
      FROM inventory.holds GROUP BY product_id, warehouse_id) h USING (product_id, warehouse_id)`,
}

function stateHash(sequence: string, onHand: string, reserved: string): string {
  return `hashint8extended(${sequence}, hashint8extended(${onHand}, hashint8extended(${reserved}, 0)))`
}

/** Each movement of the levels whose ledger is not sound, beside the one before it. */
const walked: Source = {
  name: 'walked',
  sql: `
    SELECT m.*, lag(sequence, 1, 0::bigint) OVER level AS sequence_before,
           lag(on_hand_after, 1, 0::bigint) OVER level AS on_hand_before,
           lag(reserved_after, 1, 0::bigint) OVER level AS reserved_before
    FROM inventory.movements m
    WHERE (product_id, warehouse_id) IN (SELECT product_id, warehouse_id FROM folded WHERE NOT is_sound)
      AND EXISTS (SELECT 1 FROM folded WHERE NOT is_sound)
    WINDOW level AS (PARTITION BY product_id, warehouse_id ORDER BY sequence)`,
}

/** The ledger by itself: numbered without gaps, each movement following from the one before. */
const order: Check = {
  needs: [folded, walked],
  sql: `
    SELECT fault, product_id, warehouse_id, 'movement ' || sequence, expected, found
    FROM walked CROSS JOIN LATERAL (VALUES
      ('movement_number', (sequence_before::numeric + 1)::text, sequence::text),
      ('movement_on_hand_after', (on_hand_before::numeric + on_hand_change)::text, on_hand_after::text),
      ('movement_reserved_after', (reserved_before::numeric + reserved_change)::text, reserved_after::text)
    ) AS v (fault, expected, found)
    WHERE expected <> found`,
}

/** Each movement by itself; looked for where the sums of its level say that there is one. */
const kinds: Check = {
  needs: [folded],
  sql: `
    SELECT 'movement_kind', product_id, warehouse_id, 'movement ' || sequence, 'what a ' || kind || ' does',
           format('%s on hand, %s reserved, for the reason %s, %s, %s', on_hand_change, reserved_change,
                  coalesce(reason, 'none'), coalesce('purchase ' || purchase_id, 'no purchase'),
                  coalesce('reservation ' || reservation_id, 'no reservation'))
    FROM inventory.movements
    WHERE EXISTS (SELECT 1 FROM folded WHERE misfits > 0) AND (${MISFIT})`,
}

/**
 * The levels as their movements and holds say they must be. Backorder limit, incoming and reorder point are settings
 * that no movement records; given the limit, `short` is exactly what is promised beyond it.
 */
const levels: Check = {
  needs: [folded],
  sql: `
    SELECT fault, product_id, warehouse_id, NULL, expected, found
    FROM folded CROSS JOIN LATERAL (
      SELECT greatest(0, reserved - on_hand::numeric - backorder_limit) AS owed
    ) AS o CROSS JOIN LATERAL (VALUES
      ('level_missing', 'a stock level', 'none, but ' || movements || ' movements of it', NOT is_there),
      ('level_on_hand', coalesce(on_hand_folded, 0)::text, on_hand::text, on_hand <> coalesce(on_hand_folded, 0)),
      ('level_reserved', coalesce(reserved_folded, 0)::text, reserved::text, reserved <> coalesce(reserved_folded, 0)),
      ('level_sequence', coalesce(last, 0)::text, sequence::text, sequence <> coalesce(last, 0)),
      ('level_movements', coalesce(last, 0)::text, coalesce(movements, 0)::text, movements <> last),
      ('level_version', 'at least ' || greatest(1, last), version::text, version < greatest(1, last)),
      ('level_short', owed::text, short::text, short <> owed),
      ('level_bounds', 'nothing below 0', format('%s on hand, %s reserved, %s short, a backorder limit of %s', on_hand,
        reserved, short, backorder_limit), least(on_hand, reserved, short, backorder_limit) < 0),
      ('level_promises', 'at most ' || on_hand::numeric + backorder_limit + short, reserved::text,
        reserved > on_hand::numeric + backorder_limit + short),
      ('level_holds', reserved::text, coalesce(held, 0)::text, reserved <> coalesce(held, 0)),
      ('level_next_expiry', first_expiry_at || ' or before', coalesce(next_expiry_at::text, 'never'),
        is_there AND first_expiry_at < coalesce(next_expiry_at, 'infinity'))
    ) AS v (fault, expected, found, is_wrong)
    WHERE is_wrong
    UNION ALL
    SELECT 'level_warehouse', l.product_id, l.warehouse_id, NULL, 'a warehouse of that id', 'none'
    FROM inventory.stock_levels l
    WHERE NOT EXISTS (SELECT 1 FROM inventory.warehouses w WHERE w.id = l.warehouse_id)`,
}

export const ledgerChecks: readonly Check[] = [order, kinds, levels]
