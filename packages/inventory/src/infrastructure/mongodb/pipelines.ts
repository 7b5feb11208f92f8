import { QUERY_TIMEOUT_MS } from '@abasto/chassis/database/database'
import type { Mongo, Question } from '@abasto/chassis/database/mongo'
import type { Document } from 'mongodb'
import type { Collections } from './documents.ts'

/** Asks a collection with a pipeline, under a deadline, and gives back all that comes of it. */
export type Ask = <Row extends Document>(
  question: Question,
  collection: keyof Collections,
  pipeline: Document[],
) => Promise<Row[]>

export const askIn =
  ({ db, ask }: Mongo): Ask =>
  <Row extends Document>(question: Question, collection: keyof Collections, pipeline: Document[]) =>
    ask(question, (signal) =>
      db
        .collection(collection)
        .aggregate<Row>(pipeline, { ...PATIENCE, signal })
        .toArray(),
    )

/** The server gives up too, or it would go on when nobody waits any more. */
export const PATIENCE = { maxTimeMS: QUERY_TIMEOUT_MS } as const

export type Direction = 'forward' | 'backward'

/** The order of a list, by fields that an index has in the same order. */
export const inOrder = (direction: Direction, ...fields: readonly string[]): Document => ({
  $sort: Object.fromEntries(fields.map((field) => [field, direction === 'forward' ? 1 : -1])),
})

/**
 * What matches `filter` and stands beyond a place in the order of the fields that name it, as ranges of an index: what
 * agrees in all fields but the last, in all but the last two, and so on. Each is read in order where it begins, so the
 * thousandth page costs what the first does.
 */
export function beyond(
  direction: Direction,
  place: Readonly<Record<string, unknown>>,
  filter: Document = {},
): Document {
  const fields = Object.entries(place)
  const comparison = direction === 'forward' ? '$gt' : '$lt'
  const ranges = fields.map(([field, value], index) => ({
    $and: [filter, { ...Object.fromEntries(fields.slice(0, index)), [field]: { [comparison]: value } }],
  }))
  return ranges.length === 1 ? ranges[0]! : { $or: ranges.toReversed() }
}

/** One of these values, where any are named. */
export const oneOf = (field: string, values: readonly unknown[] | undefined): Document =>
  values ? { [field]: { $in: [...values] } } : {}

/** True of every level. Without a word about its first field an index may be passed over for the whole collection. */
export const EVERY_PRODUCT: Document = { product_id: { $gte: '' } }
