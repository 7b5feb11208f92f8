import { connectMongo } from '@abasto/chassis/database/mongo'
import { type Document, ReadConcern } from 'mongodb'
import type { Collections } from './documents.ts'
import { flatReader } from './flat-documents.ts'

/** The collections as they were at one moment, whatever happens to them meanwhile. Nothing can be changed through it. */
export type Snapshot = Readonly<{
  /** What comes of a pipeline, as it arrives: some at a time. A sort that no index gives is made on the server's disk. */
  batches: <Row extends Document>(collection: keyof Collections, pipeline: readonly Document[]) => AsyncIterable<Row[]>
  close: () => Promise<void>
}>

/** How many documents come at a time, at most; fewer if they are large. */
const BATCH = 2_000

/**
 * Opens a snapshot of the whole database, for whoever reads all of it. The server keeps what it needs for that, without
 * holding anybody up, for as long as `minSnapshotHistoryWindowInSeconds` says, five minutes unless it is told another;
 * what takes longer fails.
 */
export function openSnapshot(url: string): Snapshot {
  // On connections of its own, which wait longer than a request would: for a sort, say.
  const mongo = connectMongo({ url, connections: 2, name: 'abasto snapshot', silenceMs: 0 })
  const { client, databaseName } = mongo.db
  const session = client.startSession({ snapshot: true })
  const db = client.db(databaseName, { readConcern: new ReadConcern('snapshot') })
  return {
    batches: async function* <Row extends Document>(name: keyof Collections, pipeline: readonly Document[]) {
      const options = { session, allowDiskUse: true, batchSize: BATCH, raw: true }
      const [cursor, read] = [db.collection(name).aggregate<Buffer>([...pipeline], options), flatReader<Row>()]
      try {
        // Documents that are here already are handed on together: one promise for each would be most of the time.
        while (await cursor.hasNext()) yield cursor.readBufferedDocuments().map(read)
      } finally {
        await cursor.close()
      }
    },
    close: async () => {
      await session.endSession().catch(() => {})
      await mongo.close()
    },
  }
}
