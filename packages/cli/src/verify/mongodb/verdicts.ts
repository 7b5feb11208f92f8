import type { OperationDocument } from '@abasto/inventory/infrastructure/mongodb/documents'
import { CannotVerify } from '../databases.ts'

/** The records of operations, as they are stored: JSON, but for those of sales, which are the ids of their purchases. */

/** Whether it is the record of something that was done, and what was told of it is of this type. */
export const isRecordOf = (type: string, verdict: string): boolean =>
  verdict.startsWith(`{"ok":true,"value":{"type":"${type}"`)

export const isRecordOfSale = (verdict: string): boolean => !verdict.startsWith('{')

export type LevelAnswered = Readonly<{
  productId: string
  warehouseId: string
  sequence: number
  onHand: number
  reserved: number
}>

/** What the caller was told of a single level, of which something may be missing. */
export const levelAnswered = (record: OperationDocument): Partial<LevelAnswered> => valueIn(record).level ?? {}

export const isWhole = (level: Partial<LevelAnswered>): level is LevelAnswered => {
  const { productId, warehouseId, sequence, onHand, reserved } = level
  const areIds = [productId, warehouseId].every((id) => typeof id === 'string')
  return areIds && [sequence, onHand, reserved].every((amount) => typeof amount === 'number')
}

/** Which reservation an operation made or changed, if it says so. The text is cut where it begins as it is written. */
export function reservationIn(record: OperationDocument): string | undefined {
  if (record.verdict.startsWith(AS_WRITTEN)) return record.verdict.slice(AS_WRITTEN.length, AS_WRITTEN.length + 36)
  return valueIn(record).reservation?.id
}

export type TransferLine = Readonly<{ productId: string; from: string; to: string; quantity: number }>

/** The lines of a transfer, of which something may be missing. */
export function transferIn(record: OperationDocument): readonly Partial<TransferLine>[] {
  const lines = valueIn(record).transfer?.lines
  return Array.isArray(lines) ? lines.map((line) => line ?? {}) : []
}

const AS_WRITTEN = '{"ok":true,"value":{"type":"reservation","reservation":{"id":"'

type Value = Readonly<{
  level?: Partial<LevelAnswered> | null
  reservation?: Readonly<{ id?: string }> | null
  transfer?: Readonly<{ lines?: unknown }> | null
}>

function valueIn({ _id, verdict }: OperationDocument): Value {
  try {
    return JSON.parse(verdict).value
  } catch (error) {
    const sentence = `The record of operation ${_id} cannot be read: ${(error as Error).message}.`
    throw new CannotVerify(sentence, { cause: error })
  }
}
