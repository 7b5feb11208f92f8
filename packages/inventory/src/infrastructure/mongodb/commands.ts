import type { Document } from 'mongodb'
import { keyOf } from '../../domain/command.ts'
import type { Decision } from '../../domain/state.ts'
import { verdictToText } from '../verdict.ts'
import {
  type Collections,
  holdDocument,
  holdId,
  levelDocument,
  movementDocument,
  purchaseDocument,
  reservationDocument,
  warehouseDocument,
} from './documents.ts'
import { isStill } from './guards.ts'

/** What decisions write, by collection. */
export type Writes = Readonly<{ [Name in keyof Collections]: CollectionWrites }>

export type CollectionWrites = Readonly<{
  /** By `_id`, and by nothing else: everything else has been looked at. Each must find its document. */
  updates: Document[]
  inserts: Document[]
  /** Ids. */
  deletes: string[]
}>

/**
 * The order in which collections are written: levels first, because it is there that writes meet, and what loses its
 * race should have cost little.
 */
export const ORDER: readonly (keyof Collections)[] = [
  'stock_levels',
  'reservations',
  'warehouses',
  'operations',
  'movements',
  'purchases',
  'holds',
]

export function writesOf(decisions: readonly Decision[]): Writes {
  const writes = {
    stock_levels: nothing(),
    reservations: nothing(),
    warehouses: nothing(),
    operations: nothing(),
    movements: nothing(),
    purchases: nothing(),
    holds: nothing(),
  } satisfies Writes
  for (const decision of decisions) {
    const otherwise = isStill(decision) ? undefined : TOUCHED
    for (const { before, after } of decision.read) addRow(writes.stock_levels, levelDocument, before, after, otherwise)
    for (const { before, after } of decision.reservations) {
      addRow(writes.reservations, reservationDocument, before, after, otherwise)
    }
    for (const { before, after } of decision.warehouses) {
      addRow(writes.warehouses, warehouseDocument, before, after, otherwise)
    }
    const created_at = new Date(decision.at)
    for (const { id, fingerprint, verdict } of decision.operations) {
      writes.operations.inserts.push({ _id: id, fingerprint, verdict: verdictToText(verdict), created_at })
    }
    for (const movement of decision.movements) writes.movements.inserts.push(movementDocument(movement))
    for (const purchase of decision.purchases) writes.purchases.inserts.push(purchaseDocument(purchase))
    addHolds(writes.holds, decision)
  }
  return writes
}

const nothing = (): CollectionWrites => ({ updates: [], inserts: [], deletes: [] })

/**
 * What is done to a document that a decision only read while it changes others: it is written to, so that whoever
 * changes it at the same time loses or makes this write lose. To set a field to what it is would be no write at all. A
 * decision that changes nothing needs no such thing: what it saw was true at one moment, and that is enough.
 */
const TOUCHED = { $inc: { guards: 1 } }

function addRow<Row>(
  { updates, inserts }: CollectionWrites,
  documentOf: (row: Row) => Document,
  before: Row | undefined,
  after: Row | undefined,
  otherwise: Document | undefined,
): void {
  if (before === undefined) {
    if (after !== undefined) inserts.push(documentOf(after))
    return
  }
  const document = documentOf(before)
  const change = after === undefined ? otherwise : { $set: difference(document, documentOf(after)) }
  if (change) updates.push({ q: { _id: document._id }, u: change })
}

/** The fields that are otherwise after a change. What need not be written need not be looked for in an index either. */
const difference = (before: Document, after: Document): Document =>
  Object.fromEntries(Object.entries(after).filter(([field, value]) => !isEqual(before[field], value)))

const isEqual = (one: unknown, other: unknown): boolean =>
  one === other || (one instanceof Date && other instanceof Date && one.getTime() === other.getTime())

function addHolds(writes: CollectionWrites, { holds, read }: Decision): void {
  const guarded = new Set(read.flatMap(({ key, after }) => (after ? [keyOf(key)] : [])))
  for (const hold of [...holds.placed, ...holds.extended, ...holds.ended]) {
    if (!guarded.has(keyOf(hold))) throw new Error(`a hold is to be changed without its level: ${holdId(hold)}`)
  }
  for (const hold of holds.placed) writes.inserts.push(holdDocument(hold))
  for (const hold of holds.extended) {
    writes.updates.push({ q: { _id: holdId(hold) }, u: { $set: { expires_at: new Date(hold.expiresAt) } } })
  }
  for (const hold of holds.ended) writes.deletes.push(holdId(hold))
}
