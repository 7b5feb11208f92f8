import type { Collections } from '@abasto/inventory/infrastructure/mongodb/documents'
import { openSnapshots, type Snapshot } from '@abasto/inventory/infrastructure/mongodb/snapshot'
import type { Document } from 'mongodb'

/** The books at one moment. */
export type Moment = Readonly<{
  batches: Snapshot['batches']
  /** The documents with these ids, by id; of each what is asked for, or all of it. */
  byId: ById
  /** Whether it is time for another: the server keeps none for ever. */
  isOld: () => boolean
}>

type ById = <Row extends { _id: string }>(
  collection: keyof Collections,
  ids: readonly string[],
  fields?: Readonly<Record<string, 1>>,
) => Promise<ReadonlyMap<string, Row>>

/** One moment after the other: what is too much for one is read in slices, each of them at a moment of its own. */
export type Moments = Readonly<{
  /** Reads something at one moment, and once more at another where the server has not kept the first for so long. */
  at: <T>(read: (moment: Moment) => Promise<T>) => Promise<T>
  /** The documents with these ids as they are now: for what is never changed once it is there. */
  byId: ById
  /** Hands on all documents of a collection that match, by their `_id` and in slices. */
  scan: <Row extends { _id: string }>(
    collection: keyof Collections,
    wanted: Wanted,
    look: (rows: readonly Row[]) => Promise<void> | void,
  ) => Promise<void>
  count: (collection: keyof Collections) => Promise<number>
  /** How much of what lies in several collections is gathered at a time, about: so many pairs of documents. */
  partSize: number
  /** What time it is at the server that takes the writes. */
  clock: () => Promise<Date>
  close: () => Promise<void>
}>

export type Wanted = Readonly<{ match?: Document; fields?: Document }>

/** A slice takes one of so many parts of the time for which the server keeps a moment, and at most so many seconds. */
const KEPT_SHARE = 4
const MOST_SECONDS = 30

/** How often something is read at another moment before it is given up. */
const TRIES = 10

/** How long to wait before the second try, in milliseconds, and so much longer before each that follows. */
const PAUSE_MS = 100

/** How many ids are asked for together. */
const TOGETHER = 1_000

/** How many documents are looked at for those that match, at most, before it is seen what the time is. */
const STRETCH = 100_000

/** How many pairs of documents that belong together are in memory at a time, about: some hundreds of megabytes. */
const PART_SIZE = 100_000

/** How much is read at a time, if not what is usual. */
export type Slicing = Readonly<{
  /** How long a slice takes, in milliseconds. */
  ms?: number
  /** How many documents come at a time. */
  batch?: number
  /** How many are looked at for those that match. */
  stretch?: number
  /** How many pairs of documents are gathered at a time, about. */
  part?: number
}>

export async function openMoments(url: string, slicing: Slicing = {}): Promise<Moments> {
  const { ms, batch, stretch = STRETCH, part = PART_SIZE } = slicing
  const snapshots = openSnapshots(url, batch)
  const sliceMs = ms ?? Math.min(MOST_SECONDS, (await snapshots.keptSeconds()) / KEPT_SHARE) * 1_000

  async function now(): Promise<Moment> {
    const begun = performance.now()
    const { batches } = await snapshots.now()
    const byId = async <Row extends { _id: string }>(
      collection: keyof Collections,
      ids: readonly string[],
      fields?: Readonly<Record<string, 1>>,
    ) => {
      const found = new Map<string, Row>()
      const unique = [...new Set(ids)]
      for (let from = 0; from < unique.length; from += TOGETHER) {
        const match = { $match: { _id: { $in: unique.slice(from, from + TOGETHER) } } }
        for await (const batch of batches<Row>(collection, fields ? [match, { $project: fields }] : [match])) {
          for (const row of batch) found.set(row._id, row)
        }
      }
      return found
    }
    return { batches, byId, isOld: () => performance.now() - begun > sliceMs }
  }

  const at: Moments['at'] = async (read) => {
    for (let tries = 1; ; tries++) {
      try {
        return await read(await now())
      } catch (error) {
        if (!isTooOld(error) || tries === TRIES) throw error
        await Bun.sleep(tries * PAUSE_MS)
      }
    }
  }

  const scan: Moments['scan'] = async (collection, { match, fields }, look) => {
    let after: string | undefined = ''
    const slice = async (moment: Moment): Promise<void> => {
      do {
        // Of what seldom matches a single answer could take longer than a moment is kept.
        const last: string | undefined = match && (await lastOf(moment, collection, after!, stretch))
        const range = { _id: { $gt: after, ...(last === undefined ? {} : { $lte: last }) } }
        const pipeline: Document[] = [{ $match: match ? { $and: [range, match] } : range }, { $sort: { _id: 1 } }]
        const asked = fields ? [...pipeline, { $project: fields }] : pipeline
        let isCut = false
        for await (const rows of moment.batches<never>(collection, asked, { _id: 1 })) {
          await look(rows)
          after = (rows as readonly { _id: string }[]).at(-1)!._id
          isCut = moment.isOld()
          if (isCut) break
        }
        if (!isCut) after = last
      } while (after !== undefined && !moment.isOld())
    }
    while (after !== undefined) await at(slice)
  }

  return {
    at,
    byId: (collection, ids, fields) => at(({ byId }) => byId(collection, ids, fields)),
    scan,
    count: snapshots.count,
    partSize: part,
    clock: snapshots.clock,
    close: snapshots.close,
  }
}

/** By the numbers of the server's list of error codes: SnapshotTooOld and SnapshotUnavailable. */
export function isTooOld(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return code === 239 || code === 246
}

/** The end of the stretch that begins after an id; nothing where it is the last. Only the index is read for it. */
async function lastOf(
  moment: Moment,
  collection: keyof Collections,
  after: string,
  stretch: number,
): Promise<string | undefined> {
  const place = [{ $match: { _id: { $gt: after } } }, { $sort: { _id: 1 } }, { $skip: stretch - 1 }, { $limit: 1 }]
  for await (const [found] of moment.batches<{ _id: string }>(collection, [...place, { $project: { _id: 1 } }])) {
    return found?._id
  }
  return undefined
}
