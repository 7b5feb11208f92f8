import type { Fault } from '../../packages/cli/src/verify/wording.ts'
import { CHAIR, LAMP, TABLE } from './verify-history.ts'

/** A way in which the books of a shop can be wrong: how it comes to be, and what the check must say of it, at least. */
export type Planted = Readonly<{ what: string; by: readonly string[]; finds: readonly Fault[] }>

const planted = (what: string, by: string | readonly string[], ...finds: Fault[]): Planted => ({
  what,
  by: [by].flat(),
  finds,
})

const LEDGER = 'inventory.movements'
const LEVELS = 'inventory.stock_levels'
const id = (table: string, where = 'true') => `(SELECT id FROM inventory.${table} WHERE ${where} ORDER BY id LIMIT 1)`
const CELLAR = id('warehouses', `name = 'Cellar'`)
const DEFAULT = `'00000000-0000-7000-8000-000000000001'`
const lamps = `product_id = '${LAMP}' AND warehouse_id = ${DEFAULT}`
const tables = `product_id = '${TABLE}' AND warehouse_id = ${DEFAULT}`

/** The number of one movement of the lamps, and a condition for it. */
const nth = (kind: string, place = 0) =>
  `(SELECT sequence FROM ${LEDGER} WHERE ${lamps} AND kind = '${kind}' ORDER BY sequence OFFSET ${place} LIMIT 1)`
const lamp = (kind: string, place = 0) => `${lamps} AND sequence = ${nth(kind, place)}`
const last = `(SELECT max(sequence) FROM ${LEDGER} WHERE ${lamps})`

const columns = (changed: Readonly<Record<string, string>>) =>
  ['product_id', 'warehouse_id', 'sequence', 'kind', 'on_hand_change', 'reserved_change', 'on_hand_after']
    .concat(['reserved_after', 'reason', 'actor', 'purchase_id', 'operation_id', 'created_at', 'reservation_id'])
    .map((name) => (changed[name] ? `${changed[name]} AS ${name}` : name))
    .join(', ')
const NAMES =
  '(product_id, warehouse_id, sequence, kind, on_hand_change, reserved_change, on_hand_after, reserved_after, reason, actor, purchase_id, operation_id, created_at, reservation_id)'

/** Writes a movement down again, at the end of its level, and makes the level and the sums agree with it. */
const again = (which: string, changed: Readonly<Record<string, string>> = {}): string[] => [
  `INSERT INTO ${LEDGER} ${NAMES} SELECT ${columns({
    sequence: `${last} + 1`,
    on_hand_after: `(SELECT on_hand FROM ${LEVELS} WHERE ${lamps}) + on_hand_change`,
    reserved_after: `(SELECT reserved FROM ${LEVELS} WHERE ${lamps}) + reserved_change`,
    ...changed,
  })} FROM ${LEDGER} WHERE ${which}`,
  `UPDATE ${LEVELS} l SET sequence = m.sequence, version = l.version + 1, on_hand = m.on_hand_after,
     reserved = m.reserved_after
   FROM ${LEDGER} m WHERE l.${lamps.replace('warehouse_id', 'l.warehouse_id')}
     AND m.product_id = l.product_id AND m.warehouse_id = l.warehouse_id AND m.sequence = ${last}`,
]

/** Takes a movement out and closes the gap, so that numbers, sums and level agree without it. */
const reknit = (which: string): string[] => [
  `CREATE TEMPORARY TABLE taken AS SELECT * FROM ${LEDGER} WHERE ${which}`,
  `DELETE FROM ${LEDGER} m USING taken t WHERE m.product_id = t.product_id AND m.warehouse_id = t.warehouse_id
     AND m.sequence = t.sequence`,
  `UPDATE ${LEDGER} m SET sequence = m.sequence + 1000000, on_hand_after = m.on_hand_after - t.on_hand_change,
     reserved_after = m.reserved_after - t.reserved_change
   FROM taken t WHERE m.product_id = t.product_id AND m.warehouse_id = t.warehouse_id AND m.sequence > t.sequence`,
  `UPDATE ${LEDGER} SET sequence = sequence - 1000001 WHERE sequence > 1000000`,
  `UPDATE ${LEVELS} l SET sequence = l.sequence - 1, on_hand = l.on_hand - t.on_hand_change,
     reserved = l.reserved - t.reserved_change
   FROM taken t WHERE l.product_id = t.product_id AND l.warehouse_id = t.warehouse_id`,
  'DROP TABLE taken',
]

const unchecked = (table: string): string[] =>
  ['on_hand_check', 'reserved_check', 'check', 'short_check', 'quantity_check', 'on_hand_after_check', 'check1']
    .map((name) => `${table.split('.')[1]}_${name}`)
    .map((name) => `ALTER TABLE ${table} DROP CONSTRAINT IF EXISTS ${name}`)

const swapped = (column: string, one: string, other: string) =>
  `UPDATE ${LEDGER} m SET ${column} = o.${column} FROM ${LEDGER} o
   WHERE m.${lamps.replace('warehouse_id', 'm.warehouse_id')} AND o.${lamps.replace('warehouse_id', 'o.warehouse_id')}
     AND (m.sequence = ${one} AND o.sequence = ${other} OR m.sequence = ${other} AND o.sequence = ${one})`

const ofLedger: readonly Planted[] = [
  planted(
    'the last movement is removed',
    `DELETE FROM ${LEDGER} WHERE ${lamps} AND sequence = ${last}`,
    'level_sequence',
    'level_on_hand',
  ),
  planted(
    'a movement is removed',
    `DELETE FROM ${LEDGER} WHERE ${lamp('sale', 1)}`,
    'movement_number',
    'level_on_hand',
    'purchase_without_movement',
  ),
  planted('a movement is removed and the gap closed', reknit(lamp('sale', 1)), 'purchase_without_movement'),
  planted(
    'all movements of a level are removed',
    `DELETE FROM ${LEDGER} WHERE ${lamps}`,
    'level_on_hand',
    'level_sequence',
  ),
  planted(
    'a change by hand is removed, and nothing shows it but its answer',
    reknit(`product_id = '${CHAIR}' AND warehouse_id = ${DEFAULT} AND reason = 'count' AND on_hand_change = 0`),
    'operation_answer',
  ),
  planted(
    'a movement is doubled at the end',
    again(lamp('sale')).slice(0, 1),
    'level_sequence',
    'level_on_hand',
    'purchase_sold_twice',
  ),
  planted(
    'a movement is doubled under its own number',
    [
      `ALTER TABLE ${LEDGER} DROP CONSTRAINT movements_pkey`,
      `INSERT INTO ${LEDGER} ${NAMES} SELECT ${columns({})} FROM ${LEDGER} WHERE ${lamp('sale')}`,
    ],
    'movement_number',
    'level_movements',
    'purchase_sold_twice',
  ),
  planted('a sale is doubled, and the level with it', again(lamp('sale')), 'purchase_sold_twice'),
  planted('a change by hand is doubled, and the level with it', again(lamp('return')), 'operation_doubled'),
  planted(
    'what a movement did is altered',
    `UPDATE ${LEDGER} SET on_hand_change = on_hand_change - 1 WHERE ${lamp('sale')}`,
    'movement_on_hand_after',
    'level_on_hand',
    'purchase_quantity',
  ),
  planted(
    'what a movement reserved is altered',
    `UPDATE ${LEDGER} SET reserved_change = reserved_change + 1 WHERE ${lamp('reservation')}`,
    'movement_reserved_after',
    'level_reserved',
    'reservation_quantity',
  ),
  planted(
    'what was there after a movement is altered',
    `UPDATE ${LEDGER} SET on_hand_after = on_hand_after + 1 WHERE ${lamp('sale')}`,
    'movement_on_hand_after',
  ),
  planted(
    'what was reserved after a movement is altered',
    `UPDATE ${LEDGER} SET reserved_after = reserved_after + 1 WHERE ${lamp('commit')}`,
    'movement_reserved_after',
  ),
  planted(
    'the kind of a movement is altered',
    `UPDATE ${LEDGER} SET kind = 'return' WHERE ${lamp('receipt')}`,
    'movement_kind',
  ),
  planted(
    'a release is called an expiry',
    `UPDATE ${LEDGER} SET kind = 'expiry' WHERE ${lamp('release')}`,
    'line_status',
    'expired_early',
    'expired_by_other',
  ),
  planted(
    'the reason of a movement is altered',
    `UPDATE ${LEDGER} SET reason = 'damage' WHERE ${lamp('return')}`,
    'movement_kind',
  ),
  planted(
    'the purchase of a movement is altered',
    `UPDATE ${LEDGER} SET purchase_id = gen_random_uuid() WHERE ${lamp('sale')}`,
    'movement_without_purchase',
    'purchase_without_movement',
  ),
  planted(
    'the purchase of a movement is forgotten',
    `UPDATE ${LEDGER} SET purchase_id = NULL WHERE ${lamp('sale')}`,
    'movement_kind',
    'purchase_without_movement',
  ),
  planted(
    'the reservation of a movement is altered',
    `UPDATE ${LEDGER} SET reservation_id = gen_random_uuid() WHERE ${lamp('commit')}`,
    'movement_without_reservation',
    'line_status',
    'movement_of_other_operation',
  ),
  planted(
    'the operation of a sale is altered',
    `UPDATE ${LEDGER} SET operation_id = gen_random_uuid() WHERE ${lamp('sale')}`,
    'purchase_operation',
  ),
  planted(
    'the operation of a change is altered',
    `UPDATE ${LEDGER} SET operation_id = gen_random_uuid() WHERE ${lamp('return')}`,
    'movement_without_operation',
  ),
  planted(
    'the operation of a change is that of another',
    `UPDATE ${LEDGER} SET operation_id = ${id('operations', `verdict LIKE '%"type":"warehouse"%'`)} WHERE ${lamp('return')}`,
    'movement_of_other_operation',
  ),
  planted(
    'the operation of an expiry is altered',
    `UPDATE ${LEDGER} SET operation_id = gen_random_uuid() WHERE ${lamp('expiry')}`,
    'expired_by_other',
  ),
  planted(
    'the moment of a sale is altered',
    `UPDATE ${LEDGER} SET created_at = created_at + interval '1 s' WHERE ${lamp('sale')}`,
    'purchase_time',
  ),
  planted(
    'the moment of a change is altered',
    `UPDATE ${LEDGER} SET created_at = created_at + interval '1 s' WHERE ${lamp('return')}`,
    'movement_time',
  ),
  planted(
    'an expiry comes too early',
    `UPDATE ${LEDGER} SET created_at = created_at - interval '1 h' WHERE ${lamp('expiry')}`,
    'expired_early',
  ),
  planted(
    'a commit comes too late',
    `UPDATE ${LEDGER} SET created_at = created_at + interval '1 d' WHERE ${lamp('commit')}`,
    'committed_late',
    'movement_time',
  ),
  planted(
    'a movement is moved to another product',
    `UPDATE ${LEDGER} SET product_id = gen_random_uuid() WHERE ${lamp('sale')}`,
    'level_missing',
    'purchase_level',
    'movement_number',
  ),
  planted(
    'two movements are swapped by their numbers',
    [
      `UPDATE ${LEDGER} SET sequence = -1 WHERE ${lamp('sale', 0)}`,
      `UPDATE ${LEDGER} SET sequence = (SELECT sequence - 1 FROM ${LEDGER} WHERE ${lamps} AND sequence = ${nth('sale', 0)}) WHERE ${lamp('sale', 0)}`,
      `UPDATE ${LEDGER} SET sequence = (SELECT max(x) FROM generate_series(1, 1000) x WHERE x <= ${last} AND x NOT IN (SELECT sequence FROM ${LEDGER} WHERE ${lamps})) WHERE ${lamps} AND sequence = -1`,
    ],
    'movement_on_hand_after',
  ),
  planted(
    'two movements are swapped by what they did',
    [swapped('on_hand_change', nth('sale'), nth('return'))],
    'movement_on_hand_after',
    'movement_kind',
  ),
  planted(
    'two movements are swapped by what they left',
    [swapped('on_hand_after', nth('sale', 0), nth('sale', 1))],
    'movement_on_hand_after',
  ),
  planted(
    'two counts are swapped by their operations',
    [
      `UPDATE ${LEDGER} m SET (operation_id, created_at) = (o.operation_id, o.created_at) FROM ${LEDGER} o
     WHERE m.reason = 'count' AND o.reason = 'count' AND m.sequence <> o.sequence AND m.product_id = o.product_id
       AND m.on_hand_change <> 3 AND o.on_hand_change <> 3`,
    ],
    'operation_answer',
  ),
  planted(
    'there is a gap in the sequence',
    [
      `UPDATE ${LEDGER} SET sequence = sequence + 1000000 WHERE ${lamps} AND sequence > 4`,
      `UPDATE ${LEDGER} SET sequence = sequence - 999999 WHERE sequence > 1000000`,
      `UPDATE ${LEVELS} SET sequence = sequence + 1, version = version + 1 WHERE ${lamps}`,
    ],
    'movement_number',
    'level_movements',
  ),
]

const ofLevels: readonly Planted[] = [
  planted('what is on hand is edited', `UPDATE ${LEVELS} SET on_hand = on_hand + 1 WHERE ${lamps}`, 'level_on_hand'),
  planted(
    'what is reserved is edited',
    `UPDATE ${LEVELS} SET reserved = reserved + 1 WHERE ${lamps}`,
    'level_reserved',
    'level_holds',
  ),
  planted('what is short is edited', `UPDATE ${LEVELS} SET short = short + 1 WHERE ${lamps}`, 'level_short'),
  planted(
    'the number of the last movement is edited',
    `UPDATE ${LEVELS} SET sequence = sequence - 1 WHERE ${lamps}`,
    'level_sequence',
  ),
  planted('the version is edited', `UPDATE ${LEVELS} SET version = 1 WHERE ${lamps}`, 'level_version'),
  planted(
    'the backorder limit is edited below what is owed',
    [...unchecked(LEVELS), `UPDATE ${LEVELS} SET backorder_limit = 0 WHERE ${tables}`],
    'level_short',
    'level_promises',
  ),
  planted(
    'a level forgets that a hold will expire',
    `UPDATE ${LEVELS} SET next_expiry_at = NULL WHERE ${lamps}`,
    'level_next_expiry',
  ),
  planted(
    'a level expects the next expiry too late',
    `UPDATE ${LEVELS} SET next_expiry_at = next_expiry_at + interval '1 d' WHERE ${lamps}`,
    'level_next_expiry',
  ),
  planted('a level is removed', `DELETE FROM ${LEVELS} WHERE ${lamps}`, 'level_missing'),
  planted(
    'a level is there with stock that never came',
    `INSERT INTO ${LEVELS} (product_id, warehouse_id, on_hand, reserved, short, sequence, version, updated_at) VALUES (gen_random_uuid(), ${DEFAULT}, 5, 0, 0, 0, 1, now())`,
    'level_on_hand',
  ),
  planted(
    'a level is in a warehouse that does not exist',
    `UPDATE ${LEVELS} SET warehouse_id = gen_random_uuid() WHERE ${lamps}`,
    'level_warehouse',
    'level_missing',
  ),
  planted(
    'more is promised than is there and allowed',
    [...unchecked(LEVELS), `UPDATE ${LEVELS} SET reserved = on_hand + backorder_limit + short + 5 WHERE ${lamps}`],
    'level_promises',
    'level_short',
    'level_holds',
  ),
  planted(
    'less than nothing is on hand',
    [...unchecked(LEVELS), `UPDATE ${LEVELS} SET on_hand = -1 WHERE ${lamps}`],
    'level_bounds',
    'level_on_hand',
  ),
]

const ofSales: readonly Planted[] = [
  planted(
    'a purchase is there without a movement',
    `INSERT INTO inventory.purchases SELECT gen_random_uuid(), product_id, warehouse_id, quantity, unit_price_minor, total_minor, currency, operation_id, created_at FROM inventory.purchases LIMIT 1`,
    'purchase_without_movement',
    'purchase_of_other_operation',
  ),
  planted(
    'a purchase is removed',
    `DELETE FROM inventory.purchases WHERE id = ${id('purchases')}`,
    'movement_without_purchase',
  ),
  planted(
    'a purchase is removed of a sale with one line',
    `DELETE FROM inventory.purchases p USING inventory.operations o WHERE o.verdict = p.id::text`,
    'movement_without_purchase',
    'operation_without_purchase',
  ),
  planted(
    'a purchase is of another quantity than its movement',
    `UPDATE inventory.purchases SET quantity = quantity + 1, total_minor = unit_price_minor * (quantity + 1) WHERE id = ${id('purchases')}`,
    'purchase_quantity',
  ),
  planted(
    'a purchase is of another warehouse than its movement',
    `UPDATE inventory.purchases SET warehouse_id = ${CELLAR} WHERE id = ${id('purchases')}`,
    'purchase_level',
  ),
  planted(
    'a purchase is of another operation than its movement',
    `UPDATE inventory.purchases SET operation_id = gen_random_uuid() WHERE id = ${id('purchases')}`,
    'purchase_operation',
    'purchase_without_operation',
  ),
  planted(
    'a purchase is of another moment',
    `UPDATE inventory.purchases SET created_at = created_at + interval '1 ms' WHERE id = ${id('purchases')}`,
    'purchase_time',
  ),
  planted(
    'the total of a purchase is altered',
    [
      'ALTER TABLE inventory.purchases DROP CONSTRAINT purchases_check',
      `UPDATE inventory.purchases SET total_minor = total_minor + 1 WHERE id = ${id('purchases')}`,
    ],
    'purchase_total',
  ),
  planted(
    'a sale is doubled under one operation, with a purchase of its own',
    [
      ...again(lamp('sale'), { purchase_id: `'99999999-9999-7999-8999-999999999999'::uuid` }),
      `INSERT INTO inventory.purchases SELECT '99999999-9999-7999-8999-999999999999', p.product_id, p.warehouse_id, p.quantity, p.unit_price_minor, p.total_minor, p.currency, p.operation_id, p.created_at
     FROM inventory.purchases p JOIN ${LEDGER} m ON m.purchase_id = p.id WHERE m.product_id = '${LAMP}' AND m.sequence = ${nth('sale')}`,
    ],
    'purchase_of_other_operation',
  ),
  planted(
    'a sale has lost one of its lines, and every trace but its record',
    [
      `CREATE TEMPORARY TABLE lost AS SELECT p.id FROM inventory.purchases p JOIN inventory.operations o ON o.id = p.operation_id WHERE length(o.verdict) > 36 AND p.product_id = '${LAMP}' ORDER BY p.id LIMIT 1`,
      ...reknit('purchase_id = (SELECT id FROM lost)'),
      'DELETE FROM inventory.purchases WHERE id = (SELECT id FROM lost)',
      'DROP TABLE lost',
    ],
    'operation_without_purchase',
  ),
]

const ofOperations: readonly Planted[] = [
  planted(
    'the record of a sale is removed',
    `DELETE FROM inventory.operations o USING inventory.purchases p WHERE o.verdict = p.id::text`,
    'purchase_without_operation',
  ),
  planted(
    'the record of a change by hand is removed',
    `DELETE FROM inventory.operations o USING ${LEDGER} m WHERE m.operation_id = o.id AND m.kind = 'return'`,
    'movement_without_operation',
  ),
  planted(
    'the record of a transfer is removed',
    `DELETE FROM inventory.operations o USING ${LEDGER} m WHERE m.operation_id = o.id AND m.kind = 'transfer_out'`,
    'movement_without_operation',
    'transfer_sides',
  ),
  planted(
    'the record of a reservation is removed',
    `DELETE FROM inventory.operations o USING ${LEDGER} m WHERE m.operation_id = o.id AND m.kind = 'reservation'`,
    'movement_without_operation',
  ),
  planted(
    'the record of a tombstone is removed',
    `DELETE FROM inventory.operations o USING inventory.reservations r WHERE r.operation_id = o.id AND r.lines = '[]'`,
    'reservation_without_operation',
  ),
  planted(
    'a sale is there of which only the record is',
    `INSERT INTO inventory.operations SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid()::text, now()`,
    'operation_without_purchase',
  ),
  planted(
    'a sale of two lines is there of which only the record is',
    `INSERT INTO inventory.operations SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid() || ',' || gen_random_uuid(), now()`,
    'operation_without_purchase',
  ),
  planted(
    'the record of a sale is damaged',
    `UPDATE inventory.operations SET verdict = 'nothing' WHERE id = (SELECT operation_id FROM inventory.purchases LIMIT 1)`,
    'purchase_of_other_operation',
  ),
  planted(
    'what took effect is recorded as a refusal',
    `UPDATE inventory.operations o SET verdict = '{"ok":false,"error":{"kind":"conflict"}}' FROM ${LEDGER} m WHERE m.operation_id = o.id AND m.kind IN ('return', 'sale')`,
    'movement_of_other_operation',
    'purchase_without_operation',
  ),
  planted(
    'a reservation is there of which only the record is',
    `INSERT INTO inventory.operations SELECT gen_random_uuid(), fingerprint, replace(verdict, substr(verdict, 64, 20), '99999999-9999-7999-8'), created_at FROM inventory.operations WHERE verdict LIKE '%"type":"reservation"%' LIMIT 1`,
    'operation_without_reservation',
  ),
  planted(
    'a transfer has only one side',
    reknit(`kind = 'transfer_in' AND product_id = '${LAMP}' AND on_hand_change = 3`),
    'transfer_sides',
  ),
  planted(
    'a transfer has arrived with less than it left with',
    [
      `UPDATE ${LEDGER} SET on_hand_change = on_hand_change - 1, on_hand_after = on_hand_after - 1 WHERE kind = 'transfer_in' AND product_id = '${LAMP}' AND on_hand_change = 3`,
      `UPDATE ${LEVELS} SET on_hand = on_hand - 1 WHERE product_id = '${LAMP}' AND warehouse_id = ${CELLAR}`,
    ],
    'transfer_sides',
  ),
]

const heldLamps = `(SELECT reservation_id FROM inventory.holds WHERE ${lamps} ORDER BY reservation_id LIMIT 1)`
const holdOfLamps = `${lamps} AND reservation_id = ${heldLamps}`

const ofPromises: readonly Planted[] = [
  planted(
    'a reservation is there without its movement',
    `INSERT INTO inventory.reservations SELECT gen_random_uuid(), status, reference, lines, expires_at, version, actor, operation_id, created_at, updated_at FROM inventory.reservations WHERE id = ${heldLamps}`,
    'reservation_without_movement',
  ),
  planted(
    'a reservation has lost its movements and the gap is closed',
    reknit(lamp('reservation', 0)),
    'reservation_without_movement',
  ),
  planted(
    'a reservation that was committed is removed',
    `DELETE FROM inventory.reservations WHERE id = ${id('reservations', `status = 'committed'`)}`,
    'movement_without_reservation',
    'operation_without_reservation',
  ),
  planted(
    'a reservation that is held is removed',
    `DELETE FROM inventory.reservations WHERE id = ${heldLamps}`,
    'movement_without_reservation',
  ),
  planted(
    'the end of a reservation is removed and the gap closed',
    reknit(lamp('commit')),
    'hold_missing',
    'line_status',
    'level_holds',
  ),
  planted('stock is reserved twice', again(lamp('reservation', 3)), 'reserved_twice', 'level_holds'),
  planted('a reservation is ended twice', again(lamp('commit')), 'ended_twice', 'level_holds'),
  planted(
    'a hold is edited',
    `UPDATE inventory.holds SET quantity = quantity + 1 WHERE ${holdOfLamps}`,
    'hold_quantity',
    'level_holds',
  ),
  planted(
    'a hold expires at another moment',
    `UPDATE inventory.holds SET expires_at = expires_at + interval '1 d' WHERE ${holdOfLamps}`,
    'hold_expiry',
  ),
  planted(
    'a hold is of another operation',
    `UPDATE inventory.holds SET operation_id = gen_random_uuid() WHERE ${holdOfLamps}`,
    'hold_operation',
  ),
  planted(
    'a hold is of another moment',
    `UPDATE inventory.holds SET created_at = created_at - interval '1 s' WHERE ${holdOfLamps}`,
    'hold_time',
  ),
  planted('a hold is removed', `DELETE FROM inventory.holds WHERE ${holdOfLamps}`, 'hold_missing', 'level_holds'),
  planted(
    'a hold is added',
    `INSERT INTO inventory.holds SELECT product_id, warehouse_id, gen_random_uuid(), 1, expires_at, operation_id, created_at FROM inventory.holds WHERE ${holdOfLamps}`,
    'hold_left',
    'level_holds',
  ),
  planted(
    'a hold is another reservation’s',
    `UPDATE inventory.holds SET reservation_id = gen_random_uuid() WHERE ${holdOfLamps}`,
    'hold_left',
    'hold_missing',
  ),
  planted(
    'a hold of what was committed is left',
    `INSERT INTO inventory.holds SELECT product_id, warehouse_id, reservation_id, 1, created_at, operation_id, created_at FROM ${LEDGER} WHERE ${lamp('commit')}`,
    'hold_left',
    'level_holds',
  ),
  planted(
    'a held reservation is called released',
    `UPDATE inventory.reservations SET status = 'released' WHERE id = ${heldLamps}`,
    'reservation_status',
  ),
  planted(
    'a committed reservation is called expired',
    `UPDATE inventory.reservations SET status = 'expired' WHERE id = ${id('reservations', `status = 'committed'`)}`,
    'reservation_status',
  ),
  planted(
    'a tombstone is called held',
    `UPDATE inventory.reservations SET status = 'held' WHERE lines = '[]'`,
    'reservation_status',
  ),
  planted(
    'a held line is called committed',
    `UPDATE inventory.reservations SET lines = jsonb_set(lines, '{0,status}', '"committed"') WHERE id = ${heldLamps}`,
    'line_status',
  ),
  planted(
    'a committed line is called held',
    `UPDATE inventory.reservations SET lines = jsonb_set(lines, '{0,status}', '"held"'), status = 'held' WHERE id = ${id('reservations', `status = 'committed'`)}`,
    'line_status',
  ),
  planted(
    'the quantity of a line is edited',
    `UPDATE inventory.reservations SET lines = jsonb_set(lines, '{0,quantity}', '77') WHERE id = ${heldLamps}`,
    'reservation_quantity',
  ),
  planted(
    'a line is of another product',
    `UPDATE inventory.reservations SET lines = jsonb_set(lines, '{1,productId}', to_jsonb(gen_random_uuid())) WHERE id = ${heldLamps}`,
    'reservation_without_movement',
    'movement_without_reservation',
  ),
  planted(
    'a reservation expires at another moment',
    `UPDATE inventory.reservations SET expires_at = expires_at + interval '1 h' WHERE id = ${heldLamps}`,
    'hold_expiry',
  ),
  planted(
    'a reservation is of another operation',
    `UPDATE inventory.reservations SET operation_id = gen_random_uuid() WHERE id = ${heldLamps}`,
    'reservation_operation',
    'hold_operation',
  ),
  planted(
    'a reservation is another’s',
    `UPDATE inventory.reservations SET actor = 'someone' WHERE id = ${heldLamps}`,
    'reservation_actor',
  ),
  planted(
    'a reservation is of another moment',
    `UPDATE inventory.reservations SET created_at = created_at - interval '1 s' WHERE id = ${heldLamps}`,
    'reservation_time',
    'hold_time',
  ),
  planted(
    'more was ended than reserved',
    [
      `UPDATE ${LEDGER} SET on_hand_change = on_hand_change - 1, reserved_change = reserved_change - 1 WHERE ${lamp('commit')}`,
    ],
    'ended_quantity',
    'movement_on_hand_after',
  ),
  planted(
    'a reservation is ended before it was made',
    [
      swapped('kind', nth('reservation'), nth('commit')).replace(
        'SET kind = o.kind',
        'SET kind = o.kind, reservation_id = o.reservation_id',
      ),
    ],
    'ended_before_made',
    'movement_kind',
  ),
]

/** Every way in which the check is shown to find that the books are wrong. */
export const plantings: readonly Planted[] = [...ofLedger, ...ofLevels, ...ofSales, ...ofOperations, ...ofPromises]
