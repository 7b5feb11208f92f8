import { QUERY_TIMEOUT_MS } from '@abasto/chassis/database/database'
import type { AggregationCursor, Db, Document } from 'mongodb'
import type { Collections } from './documents.ts'

/** Asks a collection with a pipeline, one round trip for as many documents as a batch holds. */
export type Ask = <Row extends Document>(
  collection: keyof Collections,
  pipeline: Document[],
  options?: Readonly<{ batchSize?: number; isOneMoment?: boolean }>,
) => AggregationCursor<Row>

/** How all questions are asked of a database: the server gives up on one that takes too long. */
export const askIn =
  (db: Db): Ask =>
  (collection, pipeline, { batchSize = 1_000, isOneMoment = false } = {}) =>
    db.collection(collection).aggregate(pipeline, {
      maxTimeMS: QUERY_TIMEOUT_MS,
      batchSize,
      // What comes in several batches is read as it was when the first was.
      ...(isOneMoment ? { readConcern: { level: 'snapshot' } } : {}),
    })

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
