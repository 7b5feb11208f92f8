import { connectMongo } from '@abasto/chassis/database/mongo'
import { type Document, ReadConcern } from 'mongodb'
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
  close: () => Promise<void>
}>

/** A database, for whoever reads all of it, at one moment after the other. */
export type Snapshots = Readonly<{
  /** The whole database as it is now. The first question is asked with it: that is what decides which moment it is. */
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
  const { client, databaseName } = mongo.db
  const db = client.db(databaseName, { readConcern: new ReadConcern('snapshot') })
  return {
    now: async () => {
      const session = client.startSession({ snapshot: true })
      const batches = async function* <Row extends Document>(
        name: keyof Collections,
        pipeline: readonly Document[],
        hint?: Document,
      ) {
        const options = { session, batchSize, raw: true, ...(hint ? { hint } : {}) }
        const [cursor, read] = [db.collection(name).aggregate<Buffer>([...pipeline], options), flatReader<Row>()]
        try {
          // Documents that are here already are handed on together: one promise for each would be most of the time.
          while (await cursor.hasNext()) yield cursor.readBufferedDocuments().map(read)
        } finally {
          await cursor.close()
        }
      }
      for await (const _ of batches('warehouses', [{ $limit: 1 }])) break
      return { batches, close: () => session.endSession().catch(() => {}) }
    },
    keptSeconds: async () => {
      const name = 'minSnapshotHistoryWindowInSeconds'
      // Not everybody who may read the inventory may ask for this.
      const answer = await client
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
