import type {
  MovementDocument,
  OperationDocument,
  PurchaseDocument,
} from '@abasto/inventory/infrastructure/mongodb/documents'
import { type Books, dateOf, type LevelName } from './books.ts'
import { joined, tally } from './streams.ts'
import { isRecordOfSale } from './verdicts.ts'

/** All that a purchase and its movement both say. */
export const hashOfSale = (
  purchaseId: string,
  { operation_id, product_id, warehouse_id, created_at }: LevelName & { operation_id: string; created_at: Date },
  quantity: number,
): string => [purchaseId, operation_id, product_id, warehouse_id, quantity, created_at.getTime()].join(' ')

/** All that a purchase and the record of its operation both say. */
export const hashOfRecord = (operationId: string, purchaseId: string, moment: Date): string =>
  [operationId, purchaseId, moment.getTime()].join(' ')

/**
 * Whether purchases, their movements and the records of their operations are the same sales: sums of hashes of them are
 * compared. Only where they differ is it looked for which it is, for which the server has to sort them on its disk.
 */
export async function checkSales(books: Books, sums: Readonly<{ moved: string; recorded: string }>) {
  const { note } = books
  const [moved, recorded] = [tally(), tally()]
  let count = 0
  for await (const batch of books.batches<PurchaseDocument>('purchases', [])) {
    for (const purchase of batch) {
      const { _id, product_id, warehouse_id, quantity, operation_id, unit_price_minor, total_minor, created_at } =
        purchase
      moved.add(hashOfSale(_id, { operation_id, product_id, warehouse_id, created_at }, quantity))
      recorded.add(hashOfRecord(operation_id, _id, created_at))
      count++
      // Beyond what a number holds exactly, the product of two of them is not that either.
      const isSum = quantity >= 1 && unit_price_minor >= 0 && total_minor === quantity * unit_price_minor
      const where = { level: purchase, subject: `purchase ${_id}` }
      note('purchase_total', where, `${quantity} times ${unit_price_minor}`, total_minor, !isSum)
    }
  }
  if (moved.text() !== sums.moved) await findUnlikeMovements(books)
  if (recorded.text() !== sums.recorded) await findUnlikeRecords(books)
  return count
}

async function findUnlikeMovements({ note, batches }: Books): Promise<void> {
  const purchases = batches<PurchaseDocument>('purchases', [{ $sort: { _id: 1 } }])
  const movements = batches<MovementDocument>('movements', [
    { $match: { purchase_id: { $ne: null } } },
    { $sort: { purchase_id: 1, product_id: 1, warehouse_id: 1, sequence: 1 } },
  ])
  const both = joined<PurchaseDocument, MovementDocument>(
    [purchases, ({ _id }) => _id],
    [movements, ({ purchase_id }) => String(purchase_id)],
  )
  for await (const { name, found } of both) {
    const [[purchase], takings] = found
    const subject = `purchase ${name}`
    if (takings.length > 1) note('purchase_sold_twice', { subject }, '1 movement', `${takings.length} movements`)
    if (purchase && takings.length === 0) {
      const expected = `a movement of ${purchase.quantity} sold`
      note('purchase_without_movement', { level: purchase, subject }, expected, 'none')
    }
    for (const taking of takings) compare({ note }, purchase, taking)
  }
}

function compare(
  { note }: Pick<Books, 'note'>,
  purchase: PurchaseDocument | undefined,
  taking: MovementDocument,
): void {
  const sold = -taking.on_hand_change
  if (!purchase) {
    const where = { level: taking, subject: `movement ${taking.sequence}` }
    note('movement_without_purchase', where, `the purchase ${taking.purchase_id} of ${sold}`, 'none')
    return
  }
  const where = { level: purchase, subject: `purchase ${purchase._id}` }
  const [level, other] = [levelText(taking), levelText(purchase)]
  const [operation, otherOperation] = [`operation ${taking.operation_id}`, `operation ${purchase.operation_id}`]
  const [moment, otherMoment] = [dateOf(taking.created_at), dateOf(purchase.created_at)]
  note('purchase_quantity', where, sold, purchase.quantity, sold !== purchase.quantity)
  note('purchase_level', where, level, other, level !== other)
  note('purchase_operation', where, operation, otherOperation, operation !== otherOperation)
  note('purchase_time', where, moment, otherMoment, moment !== otherMoment)
}

const levelText = ({ product_id, warehouse_id }: LevelName): string =>
  `product ${product_id} in warehouse ${warehouse_id}`

/** The record of a sale names its purchases, all of them and no others. */
async function findUnlikeRecords({ note, batches }: Books): Promise<void> {
  const records = batches<OperationDocument>('operations', [
    { $match: { verdict: { $not: { $regex: '^\\{' } } } },
    { $sort: { _id: 1 } },
    { $project: { verdict: 1, created_at: 1 } },
  ])
  const purchases = batches<PurchaseDocument>('purchases', [{ $sort: { operation_id: 1, _id: 1 } }])
  const both = joined<OperationDocument, PurchaseDocument>(
    [records, ({ _id }) => _id],
    [purchases, ({ operation_id }) => operation_id],
  )
  for await (const { name, found } of both) {
    const [[record], sold] = found
    const named = record?.verdict.split(',') ?? []
    const subject = `operation ${name}`
    if (record && sold.length === 0) {
      note('operation_without_purchase', { subject }, `the purchase ${record.verdict}`, 'none')
    } else if (record && named.length > 1) {
      note(
        'operation_without_purchase',
        { subject },
        `${named.length} purchases`,
        sold.length,
        sold.length !== named.length,
      )
    }
    for (const purchase of sold) {
      const where = { level: purchase, subject: `purchase ${purchase._id}` }
      if (!record) {
        note('purchase_without_operation', where, `the record of a sale under operation ${name}`, 'none')
        continue
      }
      const expected = `one of the purchases ${record.verdict} of operation ${name}`
      note('purchase_of_other_operation', where, expected, 'one more', !named.includes(purchase._id))
      const [moment, other] = [dateOf(record.created_at), dateOf(purchase.created_at)]
      note('purchase_time', where, moment, other, moment !== other)
    }
  }
}

/** Adds up what the records of sales say, purchase by purchase. */
export function recordedSales() {
  const sums = tally()
  return {
    add: ({ _id, verdict, created_at }: OperationDocument) => {
      if (!isRecordOfSale(verdict)) return
      for (const purchaseId of verdict.split(',')) sums.add(hashOfRecord(_id, purchaseId, created_at))
    },
    text: sums.text,
  }
}
