import type { MovementDocument, OperationDocument } from '@abasto/inventory/infrastructure/mongodb/documents'
import type { Books } from './books.ts'
import { recordedSales } from './sales.ts'
import { inBulk, joined } from './streams.ts'
import { isRecordOf, type LevelAnswered, levelAnswered, reservationIn, transferIn } from './verdicts.ts'

/** Walks the records of all operations once, and then what they tell of transfers and of changes by hand. */
export async function checkOperations(books: Books): Promise<Readonly<{ operations: number; sales: string }>> {
  const sales = recordedSales()
  const answers = inBulk<Answer>((rows) => checkAnswers(books, rows))
  const promises = inBulk<Promised>((rows) => checkReservations(books, rows))
  let operations = 0
  for await (const batch of books.batches<OperationDocument>('operations', [{ $project: { fingerprint: 0 } }])) {
    for (const record of batch) {
      operations++
      sales.add(record)
      const [level, reservation] = [levelAnswered(record), reservationIn(record)]
      if (level) await answers.add({ id: record._id, level })
      if (reservation !== undefined) await promises.add({ id: record._id, reservation })
    }
  }
  await answers.flush()
  await promises.flush()
  await checkDoubled(books)
  await checkTransfers(books)
  return { operations, sales: sales.text() }
}

type Answer = Readonly<{ id: string; level: LevelAnswered }>

/** What was answered still stands in the ledger, at the same number. */
async function checkAnswers({ note, byId }: Books, answers: readonly Answer[]): Promise<void> {
  const idOf = ({ level }: Answer) => `${level.productId}.${level.warehouseId}.${level.sequence}`
  const fields = { on_hand_after: 1, reserved_after: 1 } as const
  const movements = await byId<MovementDocument>('movements', answers.map(idOf), fields)
  for (const answer of answers) {
    const { productId: product_id, warehouseId: warehouse_id, sequence, onHand, reserved } = answer.level
    const movement = movements.get(idOf(answer))
    const [left, promised] = [movement?.on_hand_after ?? 0, movement?.reserved_after ?? 0]
    const isMissing = sequence > 0 && !movement
    const where = { level: { product_id, warehouse_id }, subject: `operation ${answer.id}` }
    const expected = `${onHand} on hand and ${reserved} reserved after movement ${sequence}`
    const found = isMissing ? 'no such movement' : `${left} on hand and ${promised} reserved`
    note('operation_answer', where, expected, found, isMissing || left !== onHand || promised !== reserved)
  }
}

type Promised = Readonly<{ id: string; reservation: string }>

async function checkReservations({ note, byId }: Books, records: readonly Promised[]): Promise<void> {
  const ids = [...new Set(records.map(({ reservation }) => reservation))]
  const there = await byId('reservations', ids, { _id: 1 })
  for (const { id, reservation } of records) {
    const where = { subject: `operation ${id}` }
    note('operation_without_reservation', where, `the reservation ${reservation}`, 'none', !there.has(reservation))
  }
}

async function checkDoubled({ note, batches }: Books): Promise<void> {
  const doubled = batches<{ _id: string; movements: number }>('movements', [
    { $match: { kind: { $in: ['receipt', 'return', 'adjustment'] } } },
    { $group: { _id: '$operation_id', movements: { $sum: 1 } } },
    { $match: { movements: { $gt: 1 } } },
  ])
  for await (const batch of doubled) {
    for (const { _id, movements } of batch) {
      note('operation_doubled', { subject: `operation ${_id}` }, '1 movement', `${movements} movements`)
    }
  }
}

/** Both sides of each line of each transfer, as its record has them, beside its movements. */
async function checkTransfers({ note, batches }: Books): Promise<void> {
  const records = batches<OperationDocument>('operations', [
    { $match: { verdict: { $regex: '^\\{"ok":true,"value":\\{"type":"transfer"' } } },
    { $sort: { _id: 1 } },
    { $project: { verdict: 1 } },
  ])
  const movements = batches<MovementDocument>('movements', [
    { $match: { kind: { $in: ['transfer_out', 'transfer_in'] } } },
    { $project: { operation_id: 1, product_id: 1, warehouse_id: 1, on_hand_change: 1 } },
    { $sort: { operation_id: 1 } },
  ])
  const both = joined<OperationDocument, MovementDocument>(
    [records, ({ _id }) => _id],
    [movements, ({ operation_id }) => operation_id],
  )
  for await (const { name, found } of both) {
    const [[record], moved] = found
    const lines = record && isRecordOf('transfer', record.verdict) ? transferIn(record) : []
    const wanted = lines.flatMap(({ productId, from, to, quantity }) => [
      { product_id: productId, warehouse_id: from, change: -quantity },
      { product_id: productId, warehouse_id: to, change: quantity },
    ])
    const sides = new Map<string, Side & { wanted: number; moved: number }>()
    const sideOf = (side: Side) => {
      const key = `${side.product_id} ${side.warehouse_id} ${side.change}`
      const own = sides.get(key) ?? { ...side, wanted: 0, moved: 0 }
      sides.set(key, own)
      return own
    }
    for (const side of wanted) sideOf(side).wanted++
    for (const { product_id, warehouse_id, on_hand_change } of moved) {
      sideOf({ product_id, warehouse_id, change: on_hand_change }).moved++
    }
    for (const side of sides.values()) {
      const where = { level: side, subject: `operation ${name}` }
      const expected = `${side.wanted} times ${side.change}`
      note('transfer_sides', where, expected, `${side.moved} times`, side.wanted !== side.moved)
    }
  }
}

type Side = Readonly<{ product_id: string; warehouse_id: string; change: number }>
