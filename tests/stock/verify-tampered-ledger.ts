import { CHAIR, TABLE } from './verify-history.ts'
import { DEFAULT, NOBODY, type Tampered, type Tampering, tampered } from './verify-tampering.ts'

/** The kinds of `verify-planted-ledger.ts` and `verify-planted-levels.ts`, in documents. */

/** What the unique index must be gone for. */
export const DOUBLED = 'a movement is doubled under its own number'

const swapped =
  (field: 'on_hand_change' | 'on_hand_after', one: [string, number], other: [string, number]) => (books: Tampering) => {
    const [first, second] = [books.lamp(...one), books.lamp(...other)]
    books.change('movements', first, { [field]: second[field] })
    books.change('movements', second, { [field]: first[field] })
  }

const later = (moment: Date, seconds: number) => new Date(moment.getTime() + 1_000 * seconds)

/** What can be wrong with the ledger itself. */
export const ofLedger: readonly Tampered[] = [
  tampered(
    'the last movement is removed',
    (books) => books.remove('movements', books.lamps().at(-1)!),
    'level_sequence',
    'level_on_hand',
  ),
  tampered(
    'a movement is removed',
    (books) => books.remove('movements', books.lamp('sale', 1)),
    'movement_number',
    'level_on_hand',
    'purchase_without_movement',
  ),
  tampered(
    'a movement is removed and the gap closed',
    (books) => books.reknit(books.lamp('sale', 1)),
    'purchase_without_movement',
  ),
  tampered(
    'all movements of a level are removed',
    (books) => {
      for (const movement of books.lamps()) books.remove('movements', movement)
    },
    'level_on_hand',
    'level_sequence',
  ),
  tampered(
    'a change by hand is removed, and nothing shows it but its answer',
    (books) =>
      books.reknit(
        books.first(
          'movements',
          (row) => row.product_id === CHAIR && row.reason === 'count' && row.on_hand_change === 0,
        ),
      ),
    'operation_answer',
  ),
  tampered(
    'a movement is doubled at the end',
    (books) => {
      const level = books.level()
      books.again(books.lamp('sale'))
      books.add('stock_levels', level)
    },
    'level_sequence',
    'level_on_hand',
    'purchase_sold_twice',
  ),
  tampered(
    DOUBLED,
    (books) => books.add('movements', { ...books.lamp('sale'), _id: 'another' }),
    'movement_number',
    'level_movements',
    'purchase_sold_twice',
    'document_id',
  ),
  tampered(
    'a sale is doubled, and the level with it',
    (books) => books.again(books.lamp('sale')),
    'purchase_sold_twice',
  ),
  tampered(
    'a change by hand is doubled, and the level with it',
    (books) => books.again(books.lamp('return')),
    'operation_doubled',
  ),
  tampered(
    'what a movement did is altered',
    (books) => books.change('movements', books.lamp('sale'), { on_hand_change: books.lamp('sale').on_hand_change - 1 }),
    'movement_on_hand_after',
    'level_on_hand',
    'purchase_quantity',
  ),
  tampered(
    'a movement took more than can be counted',
    (books) => books.change('movements', books.lamp('sale'), { on_hand_change: -(2 ** 63) }),
    'movement_on_hand_after',
    'level_on_hand',
    'purchase_quantity',
  ),
  tampered(
    'there was more after a movement than can be counted',
    (books) => books.change('movements', books.lamp('sale'), { on_hand_after: 2 ** 63 }),
    'movement_on_hand_after',
  ),
  tampered(
    'what a movement reserved is altered',
    (books) => {
      const made = books.lamp('reservation')
      books.change('movements', made, { reserved_change: made.reserved_change + 1 })
    },
    'movement_reserved_after',
    'level_reserved',
    'reservation_quantity',
  ),
  tampered(
    'what was there after a movement is altered',
    (books) => books.change('movements', books.lamp('sale'), { on_hand_after: books.lamp('sale').on_hand_after + 1 }),
    'movement_on_hand_after',
  ),
  tampered(
    'what was reserved after a movement is altered',
    (books) =>
      books.change('movements', books.lamp('commit'), { reserved_after: books.lamp('commit').reserved_after + 1 }),
    'movement_reserved_after',
  ),
  tampered(
    'the kind of a movement is altered',
    (books) => books.change('movements', books.lamp('receipt'), { kind: 'return' }),
    'movement_kind',
  ),
  tampered(
    'a release is called an expiry',
    (books) => books.change('movements', books.lamp('release'), { kind: 'expiry' }),
    'line_status',
    'expired_early',
    'expired_by_other',
  ),
  tampered(
    'the reason of a movement is altered',
    (books) => books.change('movements', books.lamp('return'), { reason: 'damage' }),
    'movement_kind',
  ),
  tampered(
    'the purchase of a movement is altered',
    (books) => books.change('movements', books.lamp('sale'), { purchase_id: NOBODY }),
    'movement_without_purchase',
    'purchase_without_movement',
  ),
  tampered(
    'the purchase of a movement is forgotten',
    (books) => books.change('movements', books.lamp('sale'), { purchase_id: null }),
    'movement_kind',
    'purchase_without_movement',
  ),
  tampered(
    'the reservation of a movement is altered',
    (books) => books.change('movements', books.lamp('commit'), { reservation_id: NOBODY }),
    'movement_without_reservation',
    'line_status',
    'movement_of_other_operation',
  ),
  tampered(
    'the operation of a sale is altered',
    (books) => books.change('movements', books.lamp('sale'), { operation_id: NOBODY }),
    'purchase_operation',
  ),
  tampered(
    'the operation of a change is altered',
    (books) => books.change('movements', books.lamp('return'), { operation_id: NOBODY }),
    'movement_without_operation',
  ),
  tampered(
    'the operation of a change is that of another',
    (books) => {
      const other = books.first('operations', ({ verdict }) => verdict.includes('"type":"warehouse"'))
      books.change('movements', books.lamp('return'), { operation_id: other._id })
    },
    'movement_of_other_operation',
  ),
  tampered(
    'the operation of an expiry is altered',
    (books) => books.change('movements', books.lamp('expiry'), { operation_id: NOBODY }),
    'expired_by_other',
  ),
  tampered(
    'the moment of a sale is altered',
    (books) => books.change('movements', books.lamp('sale'), { created_at: later(books.lamp('sale').created_at, 1) }),
    'purchase_time',
  ),
  tampered(
    'the moment of a change is altered',
    (books) =>
      books.change('movements', books.lamp('return'), { created_at: later(books.lamp('return').created_at, 1) }),
    'movement_time',
  ),
  tampered(
    'an expiry comes too early',
    (books) =>
      books.change('movements', books.lamp('expiry'), { created_at: later(books.lamp('expiry').created_at, -3_600) }),
    'expired_early',
  ),
  tampered(
    'a commit comes too late',
    (books) =>
      books.change('movements', books.lamp('commit'), { created_at: later(books.lamp('commit').created_at, 86_400) }),
    'committed_late',
    'movement_time',
  ),
  tampered(
    'a movement is moved to another product',
    (books) => books.change('movements', books.lamp('sale'), { product_id: NOBODY }),
    'level_missing',
    'purchase_level',
    'movement_number',
  ),
  tampered(
    'a movement is moved to another product, and its own name left as it was',
    (books) => books.add('movements', { ...books.lamp('sale'), product_id: NOBODY }),
    'document_id',
    'level_missing',
  ),
  tampered(
    'two movements are swapped by their numbers',
    (books) => {
      const [one, other] = [books.lamp('sale', 0), books.lamp('sale', 1)]
      books.change('movements', one, { sequence: other.sequence })
      books.add('movements', { ...other, _id: one._id, sequence: one.sequence })
    },
    'movement_on_hand_after',
  ),
  tampered(
    'two movements are swapped by what they did',
    swapped('on_hand_change', ['sale', 0], ['return', 0]),
    'movement_on_hand_after',
    'movement_kind',
  ),
  tampered(
    'two movements are swapped by what they left',
    swapped('on_hand_after', ['sale', 0], ['sale', 1]),
    'movement_on_hand_after',
  ),
  tampered(
    'two counts are swapped by their operations',
    (books) => {
      const counts = books.all('movements').filter((row) => row.reason === 'count' && row.on_hand_change !== 3)
      const [one, other] = [counts[0]!, counts[1]!]
      books.change('movements', one, { operation_id: other.operation_id, created_at: other.created_at })
      books.change('movements', other, { operation_id: one.operation_id, created_at: one.created_at })
    },
    'operation_answer',
  ),
  tampered(
    'there is a gap in the sequence',
    (books) => {
      const after = books.lamps().filter(({ sequence }) => sequence > 4)
      for (const row of after.toReversed()) books.change('movements', row, { sequence: row.sequence + 1 })
      const { sequence, version } = books.level()
      books.change('stock_levels', books.level(), { sequence: sequence + 1, version: version + 1 })
    },
    'movement_number',
    'level_movements',
  ),
]

/** What can be wrong with a level. */
export const ofLevels: readonly Tampered[] = [
  tampered(
    'what is on hand is edited',
    (books) => books.change('stock_levels', books.level(), { on_hand: books.level().on_hand + 1 }),
    'level_on_hand',
  ),
  tampered(
    'there is more on hand and allowed than can be counted',
    (books) => books.change('stock_levels', books.level(), { on_hand: 2 ** 63, backorder_limit: 2 ** 63 }),
    'level_on_hand',
  ),
  tampered(
    'what is reserved is edited',
    (books) => books.change('stock_levels', books.level(), { reserved: books.level().reserved + 1 }),
    'level_reserved',
    'level_holds',
  ),
  tampered(
    'what is short is edited',
    (books) => books.change('stock_levels', books.level(), { short: books.level().short + 1 }),
    'level_short',
  ),
  tampered(
    'the number of the last movement is edited',
    (books) => books.change('stock_levels', books.level(), { sequence: books.level().sequence - 1 }),
    'level_sequence',
  ),
  tampered(
    'the version is edited',
    (books) => books.change('stock_levels', books.level(), { version: 1 }),
    'level_version',
  ),
  tampered(
    'the backorder limit is edited below what is owed',
    (books) => books.change('stock_levels', books.level(TABLE), { backorder_limit: 0 }),
    'level_short',
    'level_promises',
  ),
  tampered(
    'a level forgets that a hold will expire',
    (books) => books.change('stock_levels', books.level(), { next_expiry_at: null }),
    'level_next_expiry',
  ),
  tampered(
    'a level expects the next expiry too late',
    (books) =>
      books.change('stock_levels', books.level(), { next_expiry_at: later(books.level().next_expiry_at!, 86_400) }),
    'level_next_expiry',
  ),
  tampered('a level is removed', (books) => books.remove('stock_levels', books.level()), 'level_missing'),
  tampered(
    'a level is there with stock that never came',
    (books) => {
      const nothing = { reserved: 0, short: 0, sequence: 0, version: 1, next_expiry_at: null }
      const _id = `${NOBODY}.${DEFAULT}`
      books.add('stock_levels', { ...books.level(), ...nothing, _id, product_id: NOBODY, on_hand: 5 })
    },
    'level_on_hand',
  ),
  tampered(
    'a level is in a warehouse that does not exist',
    (books) => books.change('stock_levels', books.level(), { warehouse_id: NOBODY }),
    'level_warehouse',
    'level_missing',
  ),
  tampered(
    'a level is another product’s by its name',
    (books) => books.add('stock_levels', { ...books.level(), product_id: NOBODY }),
    'document_id',
    'level_missing',
  ),
  tampered(
    'more is promised than is there and allowed',
    (books) => {
      const { on_hand, backorder_limit, short } = books.level()
      books.change('stock_levels', books.level(), { reserved: on_hand + backorder_limit + short + 5 })
    },
    'level_promises',
    'level_short',
    'level_holds',
  ),
  tampered(
    'less than nothing is on hand',
    (books) => books.change('stock_levels', books.level(), { on_hand: -1 }),
    'level_bounds',
    'level_on_hand',
  ),
]
