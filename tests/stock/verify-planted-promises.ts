import { again, id, LEDGER, lamp, lamps, nth, type Planted, planted, reknit, swapped } from './verify-planting.ts'

const heldLamps = `(SELECT reservation_id FROM inventory.holds WHERE ${lamps} ORDER BY reservation_id LIMIT 1)`
const holdOfLamps = `${lamps} AND reservation_id = ${heldLamps}`

/** Lets the lines of a reservation be something else. */
const withLines = (lines: string, which = heldLamps) =>
  `UPDATE inventory.reservations SET lines = ${lines} WHERE id = ${which}`

/** What can be wrong with reservations and holds. */
export const ofPromises: readonly Planted[] = [
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
    'a committed line has lost its status',
    withLines("lines #- '{0,status}'", id('reservations', `status = 'committed'`)),
    'line_status',
  ),
  planted(
    'the status of a committed line is nothing',
    withLines(`jsonb_set(lines, '{0,status}', 'null')`, id('reservations', `status = 'committed'`)),
    'line_status',
  ),
  planted('a line has lost its quantity', withLines("lines #- '{0,quantity}'"), 'reservation_quantity'),
  planted(
    'a line is added once more, without its quantity',
    withLines("lines || (lines->0) - 'quantity'"),
    'reservation_quantity',
  ),
  planted(
    'a line of something else is added without a quantity',
    withLines("lines || jsonb_set((lines->0) - 'quantity', '{productId}', to_jsonb(gen_random_uuid()))"),
    'reservation_without_movement',
  ),
  planted(
    'the quantity of a line is no whole number',
    withLines(`jsonb_set(lines, '{0,quantity}', '1.5')`),
    'reservation_quantity',
  ),
  planted(
    'the quantity of a line is a word',
    withLines(`jsonb_set(lines, '{0,quantity}', '"two"')`),
    'reservation_quantity',
  ),
  planted(
    'the product of a line is a word',
    withLines(`jsonb_set(lines, '{1,productId}', '"a lamp"')`),
    'reservation_without_movement',
    'movement_without_reservation',
  ),
  planted(
    'a line of a reservation is nothing',
    withLines(`jsonb_set(lines, '{1}', 'null')`),
    'reservation_without_movement',
    'movement_without_reservation',
  ),
  planted(
    'the lines of a reservation are no list',
    withLines(`'{}'`),
    'movement_without_reservation',
    'reservation_status',
  ),
  planted(
    'the lines of a reservation are nothing',
    withLines(`'null'`),
    'movement_without_reservation',
    'reservation_status',
  ),
  planted(
    'the lines of a tombstone are no list',
    `UPDATE inventory.reservations SET lines = '{}' WHERE lines = '[]'`,
    'reservation_status',
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
