import { LAMP } from './verify-history.ts'
import { again, CELLAR, id, LEDGER, LEVELS, lamp, nth, type Planted, planted, reknit } from './verify-planting.ts'

/** The record of a sale with one line, and of one with several. */
const soldAlone = id('operations', 'verdict IN (SELECT id::text FROM inventory.purchases)')
const soldTogether = id('operations', `verdict NOT LIKE '{%' AND length(verdict) > 36`)

/** Lets what is in a record of an operation be nothing but its type. */
const gutted = (type: string, which: string) =>
  `UPDATE inventory.operations SET verdict = '{"ok":true,"value":{"type":"${type}"}}' WHERE id = ${which}`

/** The record of an operation that told of this, and that caused a movement of this kind, or none. */
const toldOf = (type: string, kind?: string) => {
  const movements = `(SELECT operation_id FROM ${LEDGER} ${kind === undefined ? '' : `WHERE kind = '${kind}'`})`
  const caused = kind === undefined ? 'id NOT IN' : 'id IN'
  return id('operations', `verdict LIKE '{"ok":true,"value":{"type":"${type}"%' AND ${caused} ${movements}`)
}

const TRANSFER = toldOf('transfer', 'transfer_out')

/** Lets the lines of a transfer's record be something else. */
const withLines = (lines: string) =>
  `UPDATE inventory.operations SET verdict = '{"ok":true,"value":{"type":"transfer","transfer":{"lines":${lines}}}}' WHERE id = ${TRANSFER}`

/** What can be wrong with purchases, and then with the records of operations. */
export const ofSales: readonly Planted[] = [
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
    'a purchase cost more than can be counted',
    [
      'ALTER TABLE inventory.purchases DROP CONSTRAINT purchases_check',
      `UPDATE inventory.purchases SET unit_price_minor = 9223372036854775807 WHERE quantity > 1`,
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

export const ofOperations: readonly Planted[] = [
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
    'something is written behind the record of a sale',
    `UPDATE inventory.operations SET verdict = verdict || ',x' WHERE id = ${soldAlone}`,
    'operation_without_purchase',
  ),
  planted(
    'a space is written behind the record of a sale',
    `UPDATE inventory.operations SET verdict = verdict || ' ' WHERE id = ${soldAlone}`,
    'purchase_of_other_operation',
  ),
  planted(
    'the record of a sale names one more purchase, which is not there',
    `UPDATE inventory.operations SET verdict = verdict || ',11111111-1111-7111-8111-1111111111' WHERE id = ${soldAlone}`,
    'operation_without_purchase',
  ),
  planted(
    'something is written behind the record of a sale with several lines',
    `UPDATE inventory.operations SET verdict = verdict || ',x' WHERE id = ${soldTogether}`,
    'operation_without_purchase',
  ),
  planted(
    'the record of a count says nothing any more',
    gutted('level', toldOf('level', 'adjustment')),
    'operation_answer',
  ),
  planted('the record of settings says nothing any more', gutted('level', toldOf('level')), 'operation_answer'),
  planted(
    'the record of a count has lost one amount',
    `UPDATE inventory.operations SET verdict = regexp_replace(verdict, '"reserved":[0-9]+,', '') WHERE id = ${toldOf('level', 'adjustment')}`,
    'operation_answer',
  ),
  planted(
    'the record of settings tells of less that was reserved',
    `UPDATE inventory.operations SET verdict = replace(verdict, '"reserved":9', '"reserved":8') WHERE verdict LIKE '%"type":"level"%"backorderLimit":7%'`,
    'operation_answer',
  ),
  planted(
    'the record of a change by hand says nothing any more',
    gutted('inventory', toldOf('inventory', 'return')),
    'movement_of_other_operation',
  ),
  planted(
    'the record of an extended reservation says nothing any more',
    gutted('reservation', toldOf('reservation')),
    'operation_without_reservation',
  ),
  planted('the record of a transfer says nothing any more', gutted('transfer', TRANSFER), 'transfer_sides'),
  planted('the lines of the record of a transfer are none', withLines('{"0":{}}'), 'transfer_sides'),
  planted('a line of the record of a transfer is nothing', withLines('[null]'), 'transfer_sides'),
  planted(
    'a line of the record of a transfer is nonsense',
    withLines('[{"productId":"lamp","from":7,"to":null,"quantity":"much"}]'),
    'transfer_sides',
  ),
  planted(
    'the product in the record of a count is nonsense',
    `UPDATE inventory.operations SET verdict = regexp_replace(verdict, '"productId":"[^"]*"', '"productId":"lamp"') WHERE id = ${toldOf('level', 'adjustment')}`,
    'operation_answer',
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

/** What can be wrong with sales where a row may be there twice, which only a table without its key lets happen. */
export const ofTables: readonly Planted[] = [
  planted(
    'a purchase is there twice under its own id',
    [
      'ALTER TABLE inventory.purchases DROP CONSTRAINT purchases_pkey',
      `INSERT INTO inventory.purchases SELECT p.* FROM inventory.purchases p JOIN inventory.operations o ON o.verdict = p.id::text LIMIT 1`,
    ],
    'sales_unlike',
  ),
  planted(
    'the record of a sale is there twice under its own id',
    [
      'ALTER TABLE inventory.operations DROP CONSTRAINT operations_pkey',
      `INSERT INTO inventory.operations SELECT * FROM inventory.operations WHERE id = ${soldAlone}`,
    ],
    'sales_unlike',
  ),
]
