import { isUuid, type Uuid } from '@abasto/kernel'
import type { Movement } from '../domain/movement.ts'
import type { FedMovement, Place } from './ports.ts'

/** A place that a reader has come to, in the database whose transactions go by the name of `epoch`. */
export type Cursor = Place & Readonly<{ epoch: Uuid; mark: number }>

/**
 * What follows a place cannot be told any more, because the store has not kept it or had another past. Whoever wants it
 * is told to come again, and then begins anew.
 */
export class HistoryLost extends Error {
  override readonly name = 'HistoryLost'
}

const NOBODY: Uuid = '00000000-0000-0000-0000-000000000000'

/** The place before everything that `transaction` and those after it have done. */
export const before = (transaction: bigint): Place => ({
  transaction,
  productId: NOBODY,
  warehouseId: NOBODY,
  sequence: 0,
})

/** Whether a place is before every movement of its transaction: then no movement stands there. */
export const isBetween = ({ sequence }: Place): boolean => sequence === 0

/** Below 0 when `one` comes before `other` in the order that is the same for every reader. */
export function comparePlaces(one: Place, other: Place): number {
  if (one.transaction !== other.transaction) return one.transaction < other.transaction ? -1 : 1
  if (one.productId !== other.productId) return one.productId < other.productId ? -1 : 1
  if (one.warehouseId !== other.warehouseId) return one.warehouseId < other.warehouseId ? -1 : 1
  return one.sequence - other.sequence
}

/**
 * Where to go on from, when everything until `place` has been told, and then everything before `horizon`. Never back: a
 * member that has just taken over may for a moment know of less than was told already.
 */
export function furthest(place: Place, horizon: bigint): Place {
  const next = before(horizon)
  return comparePlaces(next, place) < 0 ? place : next
}

export const placeOf = ({ transaction, movement: { productId, warehouseId, sequence } }: FedMovement): Place => ({
  transaction,
  productId,
  warehouseId,
  sequence,
})

export const cursorAt = (epoch: Uuid, place: Place): Cursor => ({ ...place, epoch, mark: 0 })

export const cursorOf = (epoch: Uuid, fed: FedMovement): Cursor => ({
  ...placeOf(fed),
  epoch,
  mark: markOf(fed.movement),
})

/**
 * A part of the name of the write that made a movement. Two copies of one database may each write a movement at the
 * same place, in transactions of the same number; whoever comes with the other's is told so by this.
 */
export const markOf = ({ operationId }: Pick<Movement, 'operationId'>): number =>
  Number.parseInt(operationId.slice(-8), 16)

const LENGTH = 68

/** A cursor as clients keep it: text without meaning to them, safe in a header. */
export function writeCursor({ epoch, transaction, productId, warehouseId, sequence, mark }: Cursor): string {
  const bytes = Buffer.allocUnsafe(LENGTH)
  bytes.write(hexOf(epoch), 0, 'hex')
  bytes.writeBigUInt64BE(transaction, 16)
  bytes.write(hexOf(productId), 24, 'hex')
  bytes.write(hexOf(warehouseId), 40, 'hex')
  bytes.writeBigUInt64BE(BigInt(sequence), 56)
  bytes.writeUInt32BE(mark, 64)
  return bytes.toString('base64url')
}

/** The cursor that a client sent, or undefined when it is none of ours. */
export function readCursor(text: string): Cursor | undefined {
  if (!/^[\w-]{91}$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length !== LENGTH) return undefined
  const cursor = {
    epoch: uuidAt(bytes, 0),
    transaction: bytes.readBigUInt64BE(16),
    productId: uuidAt(bytes, 24),
    warehouseId: uuidAt(bytes, 40),
    sequence: Number(bytes.readBigUInt64BE(56)),
    mark: bytes.readUInt32BE(64),
  }
  const isPlace = isUuid(cursor.epoch) && Number.isSafeInteger(cursor.sequence)
  return isPlace && writeCursor(cursor) === text ? cursor : undefined
}

const hexOf = (id: Uuid): string => id.replaceAll('-', '')

function uuidAt(bytes: Buffer, offset: number): Uuid {
  const hex = bytes.toString('hex', offset, offset + 16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
