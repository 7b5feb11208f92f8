import { connectMongo } from '@abasto/chassis/database/mongo'
import type { Document, Timestamp } from 'mongodb'
import type { Collections } from './documents.ts'
import { flatReader } from './flat-documents.ts'
import { clockOf } from './schema.ts'

/** The collections as they were at one moment, whatever happens to them meanwhile. Nothing can be changed through it. */
export type Snapshot = Readonly<{
  /** What comes of a pipeline, as it arrives: some at a time. `hint` is the index that it goes by. */
  batches: <Row extends Document>(
    collection: keyof Collections,
    pipeline: readonly Document[],
    hint?: Document,
  ) => AsyncIterable<Row[]>
}>

/** A database, for whoever reads all of it, at one moment after the other. */
export type Snapshots = Readonly<{
  /** The whole database as it is now. */
  now: () => Promise<Snapshot>
  /** How long the server keeps a moment, in seconds, without holding anybody up; what takes longer fails. */
  keptSeconds: () => Promise<number>
  /** About how many documents there are. */
  count: (collection: keyof Collections) => Promise<number>
  /** What time it is at the server that takes the writes. */
  clock: () => Promise<Date>
  close: () => Promise<void>
}>

/** How many documents come at a time, at most; fewer if they are large. */
const BATCH = 2_000

/** What `minSnapshotHistoryWindowInSeconds` is unless the server was told another. */
const USUALLY_KEPT = 300

/** Connects for snapshots, on connections of its own, which wait longer than a request would. */
export function openSnapshots(url: string, batchSize = BATCH): Snapshots {
  const mongo = connectMongo({ url, connections: 4, name: 'abasto snapshot', silenceMs: 0 })
  const { db } = mongo
  return {
    now: async () => {
      // Named, because the server itself may choose one that is ten seconds old where nobody writes.
      const { lastWrite, operationTime } = await db.command({ hello: 1 })
      const atClusterTime: Timestamp | undefined = lastWrite?.majorityOpTime.ts ?? operationTime
      const readConcern = { level: 'snapshot', ...(atClusterTime ? { atClusterTime } : {}) }
      return {
        batches: async function* <Row extends Document>(
          name: keyof Collections,
          pipeline: readonly Document[],
          hint?: Document,
        ) {
          const first = { aggregate: name, pipeline, cursor: { batchSize }, readConcern, ...(hint ? { hint } : {}) }
          const cursor = db.runCursorCommand(first, { raw: true }).setBatchSize(batchSize)
          const read = flatReader<Row>()
          try {
            // Documents that are here already are handed on together: one promise for each would be most of the time.
            while (await cursor.hasNext()) yield cursor.readBufferedDocuments().map((bytes) => read(bytes as Buffer))
          } finally {
            await cursor.close()
          }
        },
      }
    },
    keptSeconds: async () => {
      const name = 'minSnapshotHistoryWindowInSeconds'
      // Not everybody who may read the inventory may ask for this.
      const answer = await db.client
        .db('admin')
        .command({ getParameter: 1, [name]: 1 })
        .catch(() => ({}) as Document)
      return Number(answer[name] ?? USUALLY_KEPT)
    },
    count: (name) => mongo.db.collection(name).estimatedDocumentCount(),
    clock: () => clockOf(mongo.db),
    close: () => mongo.close(),
  }
}
