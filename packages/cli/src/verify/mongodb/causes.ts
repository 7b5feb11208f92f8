import type { MovementDocument, OperationDocument } from '@abasto/inventory/infrastructure/mongodb/documents'
import { dateOf, type LevelName, type Note } from './books.ts'
import type { Moments } from './moments.ts'
import { isRecordOf, isWhole, levelAnswered } from './verdicts.ts'

type Caused = LevelName &
  Pick<MovementDocument, 'sequence' | 'kind' | 'operation_id' | 'reservation_id'> &
  Readonly<{ created_at: Date }>

/**
 * Holds movements against the record of the operation that caused them. That of a sale is compared by its purchases; an
 * expiry is caused by the clock and carries the operation of its reservation, so it is looked at with that.
 */
export async function checkCauses(
  note: Note,
  { byId }: Moments,
  movements: readonly MovementDocument[],
): Promise<void> {
  const caused = movements.filter(({ kind }) => kind !== 'sale' && kind !== 'expiry')
  if (caused.length === 0) return
  const ids = caused.map(({ operation_id }) => operation_id)
  const records = await byId<OperationDocument>('operations', ids, { verdict: 1, created_at: 1 })
  for (const movement of caused) check(movement, records.get(movement.operation_id))

  function check(movement: Caused, record: OperationDocument | undefined): void {
    const { kind, operation_id, sequence, created_at } = movement
    const where = { level: movement, subject: `movement ${sequence}` }
    if (!record) {
      note('movement_without_operation', where, `the record of operation ${operation_id}`, 'none')
      return
    }
    const told = `operation ${operation_id}, which decided ${record.verdict.slice(0, 100)}`
    note('movement_of_other_operation', where, `a record of a ${kind}`, told, !isOfItsOperation(movement, record))
    const isLate = created_at.getTime() !== record.created_at.getTime()
    note('movement_time', where, dateOf(record.created_at), dateOf(created_at), isLate)
    if (!isRecordOf('level', record.verdict)) return
    const answered = levelAnswered(record)
    // That something is missing of it is told where the records are walked.
    if (!isWhole(answered)) return
    const isSame =
      answered.productId === movement.product_id &&
      answered.warehouseId === movement.warehouse_id &&
      answered.sequence === sequence
    const level = { product_id: answered.productId, warehouse_id: answered.warehouseId }
    const expected = `its movement to be ${answered.sequence}`
    note('operation_answer', { level, subject: `operation ${operation_id}` }, expected, `movement ${sequence}`, !isSame)
  }
}

function isOfItsOperation({ kind, product_id, reservation_id }: Caused, { verdict }: OperationDocument): boolean {
  switch (kind) {
    case 'reservation':
    case 'commit':
    case 'release':
      return isRecordOf('reservation', verdict) && reservation_id !== null && verdict.includes(reservation_id)
    case 'transfer_out':
    case 'transfer_in':
      return isRecordOf('transfer', verdict)
    default:
      return isRecordOf('level', verdict) || (isRecordOf('inventory', verdict) && verdict.includes(product_id))
  }
}
