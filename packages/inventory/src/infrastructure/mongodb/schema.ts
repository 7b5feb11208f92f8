import { type Db, MongoServerError } from 'mongodb'
import { DEFAULT_WAREHOUSE } from '../../domain/warehouse.ts'
import { type Collections, warehouseDocument } from './documents.ts'
import { INDEXES } from './indexes.ts'
import { VALIDATORS } from './validators.ts'

/** Raised with every change of `VALIDATORS` or `INDEXES`: a database is brought up to it once, and never back. */
export const SCHEMA_VERSION = 1

/** How long one process may hold the right to change the schema before another takes it over. */
const LEASE_MS = 60_000

/** `schema`: one document, which says how far the schema is. */
type SchemaDocument = Readonly<{ _id: 'inventory'; version: number; leased_until: Date }>

/**
 * Makes the collections, their validators and indexes, and the warehouse that every shop has; forward only, one process
 * at a time. A database that a later version has brought further is left as it is. The right to do it is leased, so a
 * process that dies with it loses it after a minute, and another does the same again.
 */
export async function prepareMongo(db: Db): Promise<void> {
  while (!(await isUpToDate(db))) {
    if (await lease(db)) {
      const names = Object.keys(VALIDATORS) as (keyof Collections)[]
      await Promise.all(names.map((name) => prepareCollection(db, name)))
      await openDefaultWarehouse(db)
      // Who was slower than the lease may find that a later version has gone further meanwhile.
      await schemaOf(db).updateOne(
        { _id: 'inventory', version: { $lt: SCHEMA_VERSION } },
        { $set: { version: SCHEMA_VERSION, leased_until: new Date(0) } },
      )
    } else await Bun.sleep(100)
  }
}

const schemaOf = (db: Db) => db.collection<SchemaDocument>('schema')

async function isUpToDate(db: Db): Promise<boolean> {
  const found = await schemaOf(db).findOne({ _id: 'inventory' })
  return found !== null && found.version >= SCHEMA_VERSION
}

async function lease(db: Db): Promise<boolean> {
  const now = await clockOf(db)
  try {
    const { modifiedCount, upsertedCount } = await schemaOf(db).updateOne(
      { _id: 'inventory', version: { $lt: SCHEMA_VERSION }, leased_until: { $lte: now } },
      { $set: { leased_until: new Date(now.getTime() + LEASE_MS) }, $setOnInsert: { version: 0 } },
      { upsert: true },
    )
    return modifiedCount + upsertedCount === 1
  } catch (error) {
    // It is there already, and somebody else has leased it or brought it further.
    if (hasCode(error, DUPLICATE_KEY)) return false
    throw error
  }
}

async function prepareCollection(db: Db, name: keyof Collections): Promise<void> {
  const validator = VALIDATORS[name]
  try {
    await db.createCollection(name, { validator })
  } catch (error) {
    if (!hasCode(error, NAMESPACE_EXISTS)) throw error
    await db.command({ collMod: name, validator })
  }
  if (INDEXES[name].length > 0) await db.collection(name).createIndexes(INDEXES[name])
}

async function openDefaultWarehouse(db: Db): Promise<void> {
  const now = (await clockOf(db)).toISOString()
  const { _id, ...rest } = warehouseDocument({
    id: DEFAULT_WAREHOUSE,
    name: 'default',
    version: 1,
    createdAt: now,
    updatedAt: now,
    deletedAt: null,
  })
  const warehouses = db.collection<Collections['warehouses']>('warehouses')
  await warehouses.updateOne({ _id }, { $setOnInsert: rest }, { upsert: true })
}

/** What time it is at the server that takes the writes. */
export const clockOf = async (db: Db): Promise<Date> => (await db.command({ hello: 1 })).localTime

const DUPLICATE_KEY = 11000
const NAMESPACE_EXISTS = 48

const hasCode = (error: unknown, code: number): boolean => error instanceof MongoServerError && error.code === code
