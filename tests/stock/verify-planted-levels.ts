import { DEFAULT, LEVELS, lamps, type Planted, planted, tables, unchecked } from './verify-planting.ts'

/** What can be wrong with a level. */
export const ofLevels: readonly Planted[] = [
  planted('what is on hand is edited', `UPDATE ${LEVELS} SET on_hand = on_hand + 1 WHERE ${lamps}`, 'level_on_hand'),
  planted(
    'there is more on hand and allowed than can be counted',
    [
      ...unchecked(LEVELS),
      `UPDATE ${LEVELS} SET on_hand = 9223372036854775807, backorder_limit = 9223372036854775807 WHERE ${lamps}`,
    ],
    'level_on_hand',
  ),
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
