import type { Mongo } from '@abasto/chassis/database/mongo'
import type { Uuid } from '@abasto/kernel'
import { MongoServerError, type UUID } from 'mongodb'
import { askForChanges } from './change-question.ts'
import { timestampOf } from './cluster-time.ts'

/** `stream_epochs`: the names that this database has had for those who follow its stock. Its `_id` says what it was. */
export type EpochDocument = Readonly<{ _id: string; epoch: Uuid; created_at: Date }>

/**
 * The name of a database's history, which tells it from a copy and from a restored one: to restore or to copy makes the
 * collection of movements anew, with another UUID, or puts it into another replica set. It stays the same when servers
 * are started again and when another member becomes the primary: what was told is committed by a majority.
 */
export async function epochOf(mongo: Mongo): Promise<Uuid> {
  const identity = await identityOf(mongo)
  const found = await askForChanges<Found>(mongo, {
    name: 'find epoch',
    command: {
      find: 'stream_epochs',
      filter: { _id: identity },
      limit: 1,
      singleBatch: true,
      readConcern: { level: 'majority' },
    },
  })
  const [known] = found.cursor.firstBatch
  if (known) return known.epoch
  // Of several processes that do it at the same time one names it, and all wait until a majority knows the name.
  const named = await askForChanges<{ value: EpochDocument }>(mongo, {
    name: 'name epoch',
    command: {
      findAndModify: 'stream_epochs',
      query: { _id: identity },
      update: { $setOnInsert: { epoch: Bun.randomUUIDv7(), created_at: new Date() } },
      upsert: true,
      new: true,
      writeConcern: { w: 'majority' },
    },
  })
  return named.value.epoch
}

/** Whether the database still goes by this name, as whoever has seen the transaction `at` knows it. */
export async function isEpoch(mongo: Mongo, epoch: Uuid, at: bigint): Promise<boolean> {
  const found = await askForChanges<Found>(mongo, {
    name: 'find epoch',
    command: {
      find: 'stream_epochs',
      filter: { epoch },
      limit: 1,
      singleBatch: true,
      readConcern: { level: 'majority', afterClusterTime: timestampOf(at) },
    },
  })
  return found.cursor.firstBatch.length > 0
}

/** From now on the database goes by another name: its movements are not those that were told. */
export async function endEpoch(mongo: Mongo): Promise<void> {
  const deletes = [{ q: { _id: await identityOf(mongo) }, limit: 1 }]
  const command = { delete: 'stream_epochs', deletes, writeConcern: { w: 'majority' } }
  await askForChanges(mongo, { name: 'end epoch', command })
}

async function identityOf(mongo: Mongo): Promise<string> {
  const command = { listCollections: 1, filter: { name: 'movements' } }
  const listed = await askForChanges<Listed>(mongo, { name: 'find movements', command })
  const [movements] = listed.cursor.firstBatch
  if (!movements) throw new Error(`The database ${mongo.db.databaseName} has no collection of movements to follow.`)
  return `${await replicaSetOf(mongo)}.${mongo.db.databaseName}.${movements.info.uuid.toString()}`
}

// Unauthorized, CommandNotFound, CommandNotSupported.
const NOT_TOLD = new Set<unknown>([13, 59, 115])

/** The id of the replica set, for users who may ask for it (`clusterMonitor`); for others it is left out. */
async function replicaSetOf(mongo: Mongo): Promise<string> {
  try {
    const { config } = await askForChanges<SetConfig>(mongo, {
      name: 'find replica set',
      command: { replSetGetConfig: 1 },
      database: mongo.db.client.db('admin'),
    })
    return String(config.settings?.replicaSetId ?? '')
  } catch (error) {
    if (error instanceof MongoServerError && NOT_TOLD.has(error.code)) return ''
    throw error
  }
}

type Found = { cursor: { firstBatch: EpochDocument[] } }
type Listed = { cursor: { firstBatch: { info: { uuid: UUID } }[] } }
type SetConfig = { config: { settings?: { replicaSetId?: { toString: () => string } } } }
