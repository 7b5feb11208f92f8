import { CHAIR } from './verify-history.ts'
import {
  again,
  columns,
  DEFAULT,
  id,
  LEDGER,
  LEVELS,
  lamp,
  lamps,
  last,
  NAMES,
  nth,
  type Planted,
  planted,
  reknit,
  swapped,
} from './verify-planting.ts'

/** What can be wrong with the ledger itself. */
export const ofLedger: readonly Planted[] = [
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
    'a movement took more than can be counted',
    `UPDATE ${LEDGER} SET on_hand_change = -9223372036854775808 WHERE ${lamp('sale')}`,
    'movement_on_hand_after',
    'level_on_hand',
    'purchase_quantity',
  ),
  planted(
    'there was more after a movement than can be counted',
    `UPDATE ${LEDGER} SET on_hand_after = 9223372036854775807 WHERE ${lamp('sale')}`,
    'movement_on_hand_after',
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
