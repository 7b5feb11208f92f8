import { count } from '../progress.ts'

/** One difference between the ledger and what stands beside it. */
export type Difference = Readonly<{
  fault: Fault
  /** Absent where it is not about one level. */
  productId: string | null
  warehouseId: string | null
  /** The warehouse's name, where it is known. */
  warehouse: string | null
  /** The movement, purchase, reservation or operation that it is about; absent where that is the level itself. */
  subject: string | null
  expected: string
  found: string
}>

/** What can differ, in words; the names are those of `--json` and never change their meaning. */
export const FAULTS = {
  movement_number: 'the numbers of the movements have a gap or come twice',
  movement_on_hand_after: 'its on hand does not follow from the movement before',
  movement_reserved_after: 'its reserved does not follow from the movement before',
  movement_kind: 'it does what its kind cannot do',
  level_missing: 'there are movements without a stock level',
  level_on_hand: 'on hand is not what the movements add up to',
  level_reserved: 'reserved is not what the movements add up to',
  level_sequence: 'the level does not end with its last movement',
  level_movements: 'movements are missing or doubled',
  level_version: 'the version is lower than the number of movements',
  level_short: 'short is not what is promised beyond what is there and allowed',
  level_bounds: 'an amount is below 0',
  level_promises: 'more is promised than is there and allowed',
  level_holds: 'the holds do not add up to what is reserved',
  level_next_expiry: 'a hold expires before the level says that one does',
  level_warehouse: 'the warehouse of the level does not exist',
  purchase_without_movement: 'no movement took what was bought',
  movement_without_purchase: 'a sale was moved, but there is no purchase',
  purchase_quantity: 'more or less was bought than was moved',
  purchase_level: 'it was bought from another level than it was taken from',
  purchase_operation: 'purchase and movement are of different operations',
  purchase_time: 'it was not bought at the moment of its movement and its operation',
  purchase_sold_twice: 'it was taken more than once',
  purchase_total: 'its total is not quantity times unit price',
  operation_without_purchase: 'the record of a sale names purchases that are not there',
  purchase_without_operation: 'there is no record of the operation that sold it',
  purchase_of_other_operation: 'the record of its operation does not name it',
  movement_without_operation: 'there is no record of the operation that caused it',
  movement_of_other_operation: 'the record of its operation tells of something else',
  movement_time: 'it did not happen at the moment of its operation',
  operation_doubled: 'it took effect more than once',
  operation_answer: 'what was answered is not what the ledger says',
  transfer_sides: 'the sides of a transfer are not those of its record',
  reservation_without_movement: 'no movement reserved it',
  movement_without_reservation: 'stock was reserved, but there is no such reservation',
  reserved_twice: 'it was reserved more than once',
  ended_twice: 'it was ended more than once',
  ended_before_made: 'it was ended before it was made',
  reservation_quantity: 'its lines are not what was reserved',
  ended_quantity: 'more or less was ended than was reserved',
  line_status: 'the status of its line is not what the movements say',
  reservation_operation: 'it was reserved by another operation',
  reservation_actor: 'it was reserved by someone else',
  reservation_time: 'it was reserved at another moment',
  expired_early: 'it was let go before it expired',
  expired_by_other: 'its expiry names another operation',
  committed_late: 'it was committed after it had expired',
  hold_missing: 'it holds nothing any more, but was never ended',
  hold_left: 'it still holds what was ended or never reserved',
  hold_quantity: 'it holds more or less than was reserved',
  hold_expiry: 'what it holds expires at another moment than itself',
  hold_operation: 'what it holds names another operation',
  hold_time: 'what it holds is from another moment',
  reservation_status: 'its status does not follow from its lines',
  reservation_without_operation: 'there is no record of the operation that released it',
  operation_without_reservation: 'the record names a reservation that is not there',
} as const satisfies Readonly<Record<string, string>>

/** What can differ besides in tables, where a row may be there twice once its key is gone. */
export const TABLE_FAULTS = {
  sales_unlike: 'they do not tell of the same sales',
} as const satisfies Readonly<Record<string, string>>

/** What can differ besides in documents, which say twice which they are. */
export const DOCUMENT_FAULTS = {
  document_id: 'its _id is not made of what it says it is',
} as const satisfies Readonly<Record<string, string>>

export type Fault = keyof typeof FAULTS | keyof typeof TABLE_FAULTS | keyof typeof DOCUMENT_FAULTS

const WORDS: Readonly<Record<Fault, string>> = { ...FAULTS, ...TABLE_FAULTS, ...DOCUMENT_FAULTS }

/** One line for a person: where, what, what it should be, what it is. */
export function sentence({ fault, productId, warehouseId, warehouse, subject, expected, found }: Difference): string {
  const level = productId === null ? [] : [`product ${productId}`, `warehouse ${warehouse ?? warehouseId}`]
  const where = [...level, ...(subject === null ? [] : [subject])].join(', ')
  return `${where[0]?.toUpperCase()}${where.slice(1)}: ${WORDS[fault]}: expected ${expected}, found ${found}.`
}

/** The line for what is not told one by one. */
export const andMore = (fault: Fault, more: number): string => `And ${count(more)} more where ${WORDS[fault]}.`
