import type { MovementDocument, OperationDocument } from '@abasto/inventory/infrastructure/mongodb/documents'
import type { Books, Note } from './books.ts'
import { areLapsed } from './lapsed.ts'
import type { Moments } from './moments.ts'
import { isRecordOf, isWhole, type LevelAnswered, levelAnswered, reservationIn } from './verdicts.ts'

/** Walks the records of all operations once, and holds them against what they tell of levels and reservations. */
export async function checkOperations(
  { moments, note }: Books,
  onRecord: (record: OperationDocument) => void,
): Promise<number> {
  let operations = 0
  const fields = { verdict: 1, created_at: 1 }
  await moments.scan<OperationDocument>('operations', { fields }, async (records) => {
    const [answers, promises]: [Answer[], Promised[]] = [[], []]
    for (const record of records) {
      operations++
      onRecord(record)
      if (isRecordOf('level', record.verdict)) {
        answers.push({ id: record._id, at: record.created_at, level: levelAnswered(record) })
      }
      if (isRecordOf('reservation', record.verdict)) {
        promises.push({ id: record._id, reservation: reservationIn(record) })
      }
    }
    await checkAnswers(note, moments, answers)
    await checkReservations(note, moments, promises)
  })
  return operations
}

type Answer = Readonly<{ id: string; at: Date; level: Partial<LevelAnswered> }>

/** What was answered still stands in the ledger, at the same number. */
async function checkAnswers(note: Note, moments: Moments, told: readonly Answer[]): Promise<void> {
  const answers = told.flatMap(({ id, at, level }) => {
    if (isWhole(level)) return { id, at, level }
    const { productId: product_id, warehouseId: warehouse_id } = level
    const where = {
      ...(product_id && warehouse_id && { level: { product_id, warehouse_id } }),
      subject: `operation ${id}`,
    }
    note('operation_answer', where, 'product, warehouse, number, on hand and reserved', 'not all of them')
    return []
  })
  const idOf = ({ level }: Readonly<{ level: LevelAnswered }>) =>
    `${level.productId}.${level.warehouseId}.${level.sequence}`
  const fields = { on_hand_after: 1, reserved_after: 1 } as const
  const movements = await moments.byId<MovementDocument>('movements', answers.map(idOf), fields)
  for (const answer of answers) {
    const { productId: product_id, warehouseId: warehouse_id, sequence, onHand, reserved } = answer.level
    const movement = movements.get(idOf(answer))
    const [left, promised] = [movement?.on_hand_after ?? 0, movement?.reserved_after ?? 0]
    const isMissing = sequence > 0 && !movement
    if (!isMissing && left === onHand && promised === reserved) continue
    const isLess = movement !== undefined && left === onHand && reserved < promised
    if (isLess && (await areLapsed(moments, answer.level, answer.at, promised - reserved))) continue
    const where = { level: { product_id, warehouse_id }, subject: `operation ${answer.id}` }
    const expected = `${onHand} on hand and ${reserved} reserved after movement ${sequence}`
    const found = isMissing ? 'no such movement' : `${left} on hand and ${promised} reserved`
    note('operation_answer', where, expected, found)
  }
}

type Promised = Readonly<{ id: string; reservation: string | undefined }>

async function checkReservations(note: Note, { byId }: Moments, records: readonly Promised[]): Promise<void> {
  const ids = records.flatMap(({ reservation }) => reservation ?? [])
  const there = await byId('reservations', ids, { _id: 1 })
  for (const { id, reservation } of records) {
    const where = { subject: `operation ${id}` }
    const expected = reservation === undefined ? 'a reservation' : `the reservation ${reservation}`
    const isThere = reservation !== undefined && there.has(reservation)
    note('operation_without_reservation', where, expected, 'none', !isThere)
  }
}
