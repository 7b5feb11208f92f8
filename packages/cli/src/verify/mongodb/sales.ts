import type {
  MovementDocument,
  OperationDocument,
  PurchaseDocument,
} from '@abasto/inventory/infrastructure/mongodb/documents'
import { writtenOut } from './amounts.ts'
import { type Books, dateOf, type LevelName, type Note } from './books.ts'
import { both, gatherInto, type Relating, relation } from './relation.ts'
import { isRecordOfSale } from './verdicts.ts'

/** All that a purchase and its movement both say. */
const textOfSale = (
  purchaseId: string,
  { operation_id, product_id, warehouse_id, created_at }: LevelName & { operation_id: string; created_at: Date },
  quantity: number,
): string => [purchaseId, operation_id, product_id, warehouse_id, quantity, created_at.getTime()].join(' ')

/** All that a purchase and the record of its operation both say. */
const textOfRecord = (operationId: string, purchaseId: string, moment: Date): string =>
  [operationId, purchaseId, moment.getTime()].join(' ')

/** A purchase and the movements that took it. */
type Taken = { purchase?: PurchaseDocument; takings: MovementDocument[] }

/** The record of a sale and its purchases. */
type Recorded = { record?: OperationDocument; sold: PurchaseDocument[] }

const notTaken = (): Taken => ({ takings: [] })
const notRecorded = (): Recorded => ({ sold: [] })

/**
 * Whether purchases, their movements and the records of their operations are the same sales. They must be read in the
 * order records, purchases, movements: whatever one of them was seen with is then seen with it in those after it.
 */
export function salesIn(books: Books, since: Date) {
  const { moments, note } = books
  const taken = relation(moments, note, since, takingOf(books))
  const recorded = relation(moments, note, since, recordingOf(books))

  function addPurchase(purchase: PurchaseDocument): void {
    const { _id, quantity, unit_price_minor, total_minor, currency, total, operation_id, created_at } = purchase
    taken.add('one', _id, created_at, textOfSale(_id, purchase, quantity), (group) => {
      group.purchase = purchase
    })
    const text = textOfRecord(operation_id, _id, created_at)
    recorded.add('other', operation_id, created_at, text, ({ sold }) => void sold.push(purchase))
    // Beyond what a number holds exactly, the product of two of them is not that either.
    const isSum = quantity >= 1 && unit_price_minor >= 0 && total_minor === quantity * unit_price_minor
    const where = { level: purchase, subject: `purchase ${_id}` }
    note('purchase_total', where, `${quantity} times ${unit_price_minor}`, total_minor, !isSum)
    const written = writtenOut(total_minor, currency)
    note('purchase_total', where, `${written} ${currency} written out`, total, total !== written)
  }

  return {
    addRecord: (record: OperationDocument) => {
      const { _id, verdict, created_at } = record
      if (!isRecordOfSale(verdict)) return
      for (const purchaseId of verdict.split(',')) {
        const text = textOfRecord(_id, purchaseId, created_at)
        recorded.add('one', _id, created_at, text, (group) => {
          group.record = record
        })
      }
    },
    /** Reads all purchases, and says how many there are. */
    readPurchases: async (): Promise<number> => {
      let count = 0
      await moments.scan<PurchaseDocument>('purchases', {}, (purchases) => {
        for (const purchase of purchases) addPurchase(purchase)
        count += purchases.length
      })
      return count
    },
    addMovement: (movement: MovementDocument) => {
      const { purchase_id, on_hand_change, created_at } = movement
      if (purchase_id === null) return
      const text = textOfSale(purchase_id, movement, -on_hand_change)
      taken.add('other', purchase_id, created_at, text, ({ takings }) => void takings.push(movement))
    },
    settle: async () => {
      await taken.settle()
      await recorded.settle()
    },
  }
}

const takingOf = ({ moments }: Books): Relating<Taken> => ({
  nothing: notTaken,
  count: () => moments.count('purchases'),
  gather: async (part) => {
    const groups = new Map<string, Taken>()
    await gatherInto<Taken, PurchaseDocument>(moments, groups, notTaken, {
      from: 'purchases',
      match: part('_id'),
      nameOf: ({ _id }) => _id,
      put: (group, purchase) => {
        group.purchase = purchase
      },
    })
    await gatherInto<Taken, MovementDocument>(moments, groups, notTaken, {
      from: 'movements',
      match: both({ purchase_id: { $ne: null } }, part('purchase_id')),
      nameOf: ({ purchase_id }) => String(purchase_id),
      put: ({ takings }, movement) => void takings.push(movement),
    })
    return groups
  },
  again: async ({ byId }, groups) => {
    const purchases = await byId<PurchaseDocument>('purchases', [...groups.keys()])
    return new Map(
      [...groups].map(([name, { takings }]): [string, Taken] => {
        const purchase = purchases.get(name)
        return [name, purchase ? { purchase, takings } : { takings }]
      }),
    )
  },
  check: (note, name, { purchase, takings }) => {
    const subject = `purchase ${name}`
    note('purchase_sold_twice', { subject }, '1 movement', `${takings.length} movements`, takings.length > 1)
    if (purchase && takings.length === 0) {
      const expected = `a movement of ${purchase.quantity} sold`
      note('purchase_without_movement', { level: purchase, subject }, expected, 'none')
    }
    for (const taking of takings) compare(note, purchase, taking)
  },
})

function compare(note: Note, purchase: PurchaseDocument | undefined, taking: MovementDocument): void {
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
const recordingOf = ({ moments }: Books): Relating<Recorded> => ({
  nothing: notRecorded,
  count: () => moments.count('operations'),
  gather: async (part) => {
    const groups = new Map<string, Recorded>()
    await gatherInto<Recorded, OperationDocument>(moments, groups, notRecorded, {
      from: 'operations',
      match: both({ verdict: { $not: { $regex: '^\\{' } } }, part('_id')),
      fields: { verdict: 1, created_at: 1 },
      nameOf: ({ _id }) => _id,
      put: (group, record) => {
        group.record = record
      },
    })
    await gatherInto<Recorded, PurchaseDocument>(moments, groups, notRecorded, {
      from: 'purchases',
      match: part('operation_id'),
      nameOf: ({ operation_id }) => operation_id,
      put: ({ sold }, purchase) => void sold.push(purchase),
    })
    return groups
  },
  again: async ({ byId }, groups) => {
    const records = await byId<OperationDocument>('operations', [...groups.keys()], { verdict: 1, created_at: 1 })
    const isOfSale = (record: OperationDocument | undefined) => record && isRecordOfSale(record.verdict)
    // Of a sale that was made meanwhile only some purchases may have been seen.
    const named = [...records.values()].flatMap(({ verdict }) => (isRecordOfSale(verdict) ? verdict.split(',') : []))
    const known = [...groups.values()].flatMap(({ sold }) => sold.map(({ _id }) => _id))
    const purchases = await byId<PurchaseDocument>('purchases', [...named, ...known])
    const fresh = new Map<string, Recorded>()
    for (const name of groups.keys()) {
      const record = records.get(name)
      fresh.set(name, isOfSale(record) ? { record: record!, sold: [] } : { sold: [] })
    }
    for (const purchase of purchases.values()) fresh.get(purchase.operation_id)?.sold.push(purchase)
    return fresh
  },
  check: (note, name, { record, sold }) => {
    const named = record?.verdict.split(',') ?? []
    const subject = `operation ${name}`
    if (record && sold.length === 0) {
      note('operation_without_purchase', { subject }, `the purchase ${record.verdict}`, 'none')
    } else if (named.length > 1) {
      const isOther = sold.length !== named.length
      note('operation_without_purchase', { subject }, `${named.length} purchases`, sold.length, isOther)
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
  },
})
