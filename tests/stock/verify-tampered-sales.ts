import type {
  MovementDocument,
  OperationDocument,
} from '../../packages/inventory/src/infrastructure/mongodb/documents.ts'
import { LAMP } from './verify-history.ts'
import { NOBODY, type Tampered, type Tampering, tampered } from './verify-tampering.ts'

/** The kinds of `verify-planted-sales.ts`, in documents. */

const SOMEBODY = '88888888-8888-7888-8888-888888888888'

/** A purchase that is the only one of its operation. */
const alone = (books: Tampering) => {
  const ids = new Set(books.all('operations').map(({ verdict }) => verdict))
  return books.first('purchases', ({ _id }) => ids.has(_id))
}

/** The record of the operation that caused the first movement of a kind. */
const recordOf = (books: Tampering, kind: MovementDocument['kind']) => {
  const { operation_id } = books.first('movements', (row) => row.kind === kind)
  return books.first('operations', ({ _id }) => _id === operation_id)
}

/** The record of a sale with one line, or with several, with something more behind it. */
const prolonged = (books: Tampering, by: string, areSeveral = false) => {
  const record = books.first(
    'operations',
    ({ verdict }) => !verdict.startsWith('{') && areSeveral === verdict.length > 36,
  )
  books.change('operations', record, { verdict: record.verdict + by })
}

/** The record of an operation that told of this, and that caused a movement of this kind, or none. */
const toldOf = (books: Tampering, type: string, kind?: MovementDocument['kind']) => {
  const movements = books.all('movements').filter((row) => kind === undefined || row.kind === kind)
  const causes = new Set(movements.map(({ operation_id }) => operation_id))
  const isMeant = ({ _id }: OperationDocument) => causes.has(_id) === (kind !== undefined)
  const told = `{"ok":true,"value":{"type":"${type}"`
  return books.first('operations', (row) => row.verdict.startsWith(told) && isMeant(row))
}

/** Lets what is in the record be nothing but its type. */
const gut = (books: Tampering, type: string, kind?: MovementDocument['kind']) =>
  books.change('operations', toldOf(books, type, kind), { verdict: `{"ok":true,"value":{"type":"${type}"}}` })

/** Lets the lines of a transfer's record be something else. */
const withLines = (lines: unknown) => (books: Tampering) =>
  books.change('operations', toldOf(books, 'transfer', 'transfer_out'), {
    verdict: JSON.stringify({ ok: true, value: { type: 'transfer', transfer: { lines } } }),
  })

const arrived = (books: Tampering) =>
  books.first('movements', (row) => row.kind === 'transfer_in' && row.product_id === LAMP && row.on_hand_change === 3)

/** What can be wrong with purchases. */
export const ofSales: readonly Tampered[] = [
  tampered(
    'a purchase is there without a movement',
    (books) => books.add('purchases', { ...books.first('purchases'), _id: NOBODY }),
    'purchase_without_movement',
    'purchase_of_other_operation',
  ),
  tampered(
    'a purchase is removed',
    (books) => books.remove('purchases', books.first('purchases')),
    'movement_without_purchase',
  ),
  tampered(
    'a purchase is removed of a sale with one line',
    (books) => books.remove('purchases', alone(books)),
    'movement_without_purchase',
    'operation_without_purchase',
  ),
  tampered(
    'a purchase is of another quantity than its movement',
    (books) => {
      const { quantity, unit_price_minor } = books.first('purchases')
      const to = { quantity: quantity + 1, total_minor: unit_price_minor * (quantity + 1) }
      books.change('purchases', books.first('purchases'), to)
    },
    'purchase_quantity',
  ),
  tampered(
    'a purchase is of another warehouse than its movement',
    (books) => {
      const cellar = books.first('warehouses', ({ name }) => name === 'Cellar')
      books.change('purchases', books.first('purchases'), { warehouse_id: cellar._id })
    },
    'purchase_level',
  ),
  tampered(
    'a purchase is of another operation than its movement',
    (books) => books.change('purchases', books.first('purchases'), { operation_id: NOBODY }),
    'purchase_operation',
    'purchase_without_operation',
  ),
  tampered(
    'a purchase is of another moment',
    (books) => {
      const { created_at } = books.first('purchases')
      books.change('purchases', books.first('purchases'), { created_at: new Date(created_at.getTime() + 1) })
    },
    'purchase_time',
  ),
  tampered(
    'the total of a purchase is altered',
    (books) => {
      const { total_minor } = books.first('purchases')
      books.change('purchases', books.first('purchases'), { total_minor: total_minor + 1 })
    },
    'purchase_total',
  ),
  tampered(
    'the total of a purchase is altered where people read it',
    (books) => books.change('purchases', books.first('purchases'), { total: `1${books.first('purchases').total}` }),
    'purchase_total',
  ),
  tampered(
    'the currency of a purchase is altered, and with it what its total comes to',
    (books) => books.change('purchases', books.first('purchases'), { currency: 'JPY' }),
    'purchase_total',
  ),
  tampered(
    'a purchase cost more than can be counted',
    (books) => {
      const purchase = books.first('purchases', ({ quantity }) => quantity > 1)
      books.change('purchases', purchase, { unit_price_minor: 2 ** 63 })
    },
    'purchase_total',
  ),
  tampered(
    'a sale is doubled under one operation, with a purchase of its own',
    (books) => {
      const sold = books.lamp('sale')
      const purchase = books.first('purchases', ({ _id }) => _id === sold.purchase_id)
      books.again(sold, { purchase_id: NOBODY })
      books.add('purchases', { ...purchase, _id: NOBODY })
    },
    'purchase_of_other_operation',
  ),
  tampered(
    'a sale has lost one of its lines, and every trace but its record',
    (books) => {
      const ofMany = new Set(books.all('operations').flatMap(({ _id, verdict }) => (verdict[36] === ',' ? _id : [])))
      const lost = books.first('purchases', (row) => row.product_id === LAMP && ofMany.has(row.operation_id))
      books.reknit(books.first('movements', ({ purchase_id }) => purchase_id === lost._id))
      books.remove('purchases', lost)
    },
    'operation_without_purchase',
  ),
]

/** What can be wrong with the records of operations. */
export const ofOperations: readonly Tampered[] = [
  tampered(
    'the record of a sale is removed',
    (books) => books.remove('operations', recordOf(books, 'sale')),
    'purchase_without_operation',
  ),
  tampered(
    'the record of a change by hand is removed',
    (books) => books.remove('operations', recordOf(books, 'return')),
    'movement_without_operation',
  ),
  tampered(
    'the record of a transfer is removed',
    (books) => books.remove('operations', recordOf(books, 'transfer_out')),
    'movement_without_operation',
    'transfer_sides',
  ),
  tampered(
    'the record of a reservation is removed',
    (books) => books.remove('operations', recordOf(books, 'reservation')),
    'movement_without_operation',
  ),
  tampered(
    'the record of a tombstone is removed',
    (books) => {
      const { operation_id } = books.first('reservations', ({ lines }) => lines.length === 0)
      books.remove(
        'operations',
        books.first('operations', ({ _id }) => _id === operation_id),
      )
    },
    'reservation_without_operation',
  ),
  tampered(
    'a sale is there of which only the record is',
    (books) => books.add('operations', { ...recordOf(books, 'sale'), _id: NOBODY, verdict: SOMEBODY }),
    'operation_without_purchase',
  ),
  tampered(
    'a sale of two lines is there of which only the record is',
    (books) => books.add('operations', { ...recordOf(books, 'sale'), _id: NOBODY, verdict: `${SOMEBODY},${NOBODY}` }),
    'operation_without_purchase',
  ),
  tampered(
    'the record of a sale is damaged',
    (books) => books.change('operations', recordOf(books, 'sale'), { verdict: 'nothing' }),
    'purchase_of_other_operation',
  ),
  tampered(
    'something is written behind the record of a sale',
    (books) => prolonged(books, ',x'),
    'operation_without_purchase',
  ),
  tampered(
    'a space is written behind the record of a sale',
    (books) => prolonged(books, ' '),
    'purchase_of_other_operation',
  ),
  tampered(
    'the record of a sale names one more purchase, which is not there',
    (books) => prolonged(books, ',11111111-1111-7111-8111-1111111111'),
    'operation_without_purchase',
  ),
  tampered(
    'something is written behind the record of a sale with several lines',
    (books) => prolonged(books, ',x', true),
    'operation_without_purchase',
  ),
  tampered(
    'the record of a count says nothing any more',
    (books) => gut(books, 'level', 'adjustment'),
    'operation_answer',
  ),
  tampered('the record of settings says nothing any more', (books) => gut(books, 'level'), 'operation_answer'),
  tampered(
    'the record of a count has lost one amount',
    (books) => {
      const record = toldOf(books, 'level', 'adjustment')
      books.change('operations', record, { verdict: record.verdict.replace(/"reserved":[0-9]+,/, '') })
    },
    'operation_answer',
  ),
  tampered(
    'the record of settings tells of less that was reserved',
    (books) => {
      const record = books.first('operations', ({ verdict }) => verdict.includes('"backorderLimit":7'))
      books.change('operations', record, { verdict: record.verdict.replace('"reserved":9', '"reserved":8') })
    },
    'operation_answer',
  ),
  tampered(
    'the record of a change by hand says nothing any more',
    (books) => gut(books, 'inventory', 'return'),
    'movement_of_other_operation',
  ),
  tampered(
    'the record of an extended reservation says nothing any more',
    (books) => gut(books, 'reservation'),
    'operation_without_reservation',
  ),
  tampered(
    'the record of a transfer says nothing any more',
    (books) => gut(books, 'transfer', 'transfer_out'),
    'transfer_sides',
  ),
  tampered('the lines of the record of a transfer are none', withLines({ 0: {} }), 'transfer_sides'),
  tampered('a line of the record of a transfer is nothing', withLines([null]), 'transfer_sides'),
  tampered(
    'a line of the record of a transfer is nonsense',
    withLines([{ productId: 'lamp', from: 7, to: null, quantity: 'much' }]),
    'transfer_sides',
  ),
  tampered(
    'the product in the record of a count is nonsense',
    (books) => {
      const record = toldOf(books, 'level', 'adjustment')
      const verdict = record.verdict.replace(/"productId":"[^"]*"/, '"productId":"lamp"')
      books.change('operations', record, { verdict })
    },
    'operation_answer',
  ),
  tampered(
    'what took effect is recorded as a refusal',
    (books) => {
      const verdict = '{"ok":false,"error":{"kind":"conflict"}}'
      for (const kind of ['return', 'sale'] as const) books.change('operations', recordOf(books, kind), { verdict })
    },
    'movement_of_other_operation',
    'purchase_without_operation',
  ),
  tampered(
    'a reservation is there of which only the record is',
    (books) => {
      const record = books.first('operations', ({ verdict }) => verdict.includes('"type":"reservation"'))
      const verdict = record.verdict.replace(/"id":"[^"]{20}/, '"id":"99999999-9999-7999-8')
      books.add('operations', { ...record, _id: NOBODY, verdict })
    },
    'operation_without_reservation',
  ),
  tampered('a transfer has only one side', (books) => books.reknit(arrived(books)), 'transfer_sides'),
  tampered(
    'a transfer has arrived with less than it left with',
    (books) => {
      const { on_hand_change, on_hand_after, product_id, warehouse_id } = arrived(books)
      const less = { on_hand_change: on_hand_change - 1, on_hand_after: on_hand_after - 1 }
      books.change('movements', arrived(books), less)
      const level = books.first('stock_levels', ({ _id }) => _id === `${product_id}.${warehouse_id}`)
      books.change('stock_levels', level, { on_hand: level.on_hand - 1 })
    },
    'transfer_sides',
  ),
]
