import { existsSync, readdirSync, realpathSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isMongo } from '@abasto/chassis/config'
import { type Database, OutcomeUnknown } from '@abasto/chassis/database/database'
import { openEmbedded } from '@abasto/chassis/database/embedded'
import { lockFolder } from '@abasto/chassis/database/folder-lock'
import { readMigrations } from '@abasto/chassis/database/migrations'
import { connectMongo, type Mongo } from '@abasto/chassis/database/mongo'
import { refusalOf } from '@abasto/chassis/process/mongo-store'
import { embeddedStore, postgresStore, prepare, type Store } from '@abasto/chassis/process/store'
import type { BlankBooks } from '@abasto/inventory/application/books'
import { sqlBooks } from '@abasto/inventory/infrastructure/books-sql'
import { LONG_MS, mongoBooks } from '@abasto/inventory/infrastructure/mongodb/books'
import { prepareMongo, SCHEMA_VERSION } from '@abasto/inventory/infrastructure/mongodb/schema'
import { stockSchema } from '@abasto/inventory/stock-store'
import { UsageError } from '../command.ts'
import { addressOf, looksLikeAddress } from '../verify/address.ts'
import { askDatabase, askPostgres, embeddedFolders } from '../verify/databases.ts'
import { type Findings, verify } from '../verify/findings.ts'
import { verifyMongo } from '../verify/mongodb/verify.ts'
import { CannotCopy } from './cannot-copy.ts'

/** Where an inventory is, as it was typed. */
export type Place = Readonly<{
  kind: 'postgres' | 'mongodb' | 'folder'
  address: string
  /** The same without what must not be shown; two addresses of one database give the same where that can be told. */
  name: string
}>

/** The database of a place, open for this process. */
export type OpenPlace = Readonly<{
  books: BlankBooks
  /** Adds up its ledger. */
  verify: () => Promise<Findings>
  close: () => Promise<void>
}>

/** What was typed as `option`: an address with a scheme, or a folder. */
export function placeOf(option: string, typed: string | undefined): Place {
  if (typed === undefined || typed === '') throw new UsageError(`${option} is missing.`)
  if (!looksLikeAddress(typed)) {
    return { kind: 'folder', address: typed, name: existsSync(typed) ? realpathSync(typed) : typed }
  }
  const address = addressOf(option, typed)
  if (isMongo(address)) return { kind: 'mongodb', address, name: namedMongo(address) }
  const { hostname, port, pathname } = new URL(address)
  return { kind: 'postgres', address, name: `postgres://${hostname}:${port || 5432}${pathname}` }
}

/** Several hosts may stand in it, so it is none that `URL` reads. */
function namedMongo(address: string): string {
  const [, scheme, hosts, database] = /^(mongodb(?:\+srv)?:\/\/)(?:[^@/]*@)?([^/?]*)\/?([^?]*)/.exec(address) ?? []
  return `${scheme}${hosts}/${database || 'abasto'}`
}

/** Opens what is copied. It is changed in nothing, so it must be as this Abasto knows it. */
export async function openSource(place: Place): Promise<OpenPlace> {
  if (place.kind === 'mongodb') return openMongo(place, 'the role "read"', makeSureMongoIsCurrent)
  const store = place.kind === 'postgres' ? postgresOf(place) : await openFolder(place, folderOf(place))
  return openSql(place, store, makeSureItIsCurrent)
}

type TargetOptions = Readonly<{
  /** In how many partitions the tables of a PostgreSQL are to be, if that was asked for. */
  partitions: number | undefined
}>

/** Opens what is copied into, and makes it ready: a database that exists, or a folder that need not. */
export async function openTarget(place: Place, { partitions }: TargetOptions): Promise<OpenPlace> {
  if (place.kind === 'mongodb') {
    return openMongo(place, 'the roles "readWrite" and "dbAdmin"', async (_, mongo) => {
      await mongo.expectReplicaSet()
      await prepareMongo(mongo.db)
    })
  }
  const store =
    place.kind === 'postgres' ? postgresOf(place) : await openFolder(place, folderOf(place) ?? (await newFolder(place)))
  return openSql(place, store, () => prepare(store, stockSchema, { setting: '--to', partitions }))
}

async function openSql(
  place: Place,
  store: Store,
  makeReady: (place: Place, database: Database) => Promise<void>,
): Promise<OpenPlace> {
  const { database, close } = store
  try {
    await makeReady(place, database)
  } catch (error) {
    await close()
    throw explained(error, place)
  }
  const ask = place.kind === 'postgres' ? askPostgres(place.address) : askDatabase(database)
  return { books: sqlBooks(database), verify: () => verify(ask), close }
}

async function openMongo(
  place: Place,
  roles: string,
  makeReady: (place: Place, mongo: Mongo) => Promise<void>,
): Promise<OpenPlace> {
  const mongo = mongoOf(place)
  try {
    await makeReady(place, mongo)
  } catch (error) {
    await mongo.close()
    throw explained(error, place, roles)
  }
  return { books: mongoBooks(mongo), verify: () => verifyMongo(place.address), close: mongo.close }
}

function mongoOf({ address, name }: Place): Mongo {
  try {
    return connectMongo({ url: address, name: 'abasto-copy', connections: 4, silenceMs: LONG_MS })
  } catch (cause) {
    // What the driver says of it may repeat the password.
    throw new CannotCopy(`The address of ${name} is none that the driver of MongoDB understands.`, { cause })
  }
}

const postgresOf = ({ address }: Place): Store =>
  postgresStore('copy', { url: address, connections: 4, longestMs: LONG_MS })

type Folder = ReturnType<typeof embeddedFolders>[number]

/** The embedded database below a folder, as `ABASTO_DATA` names it, if there is one. */
function folderOf({ address }: Place): Folder | undefined {
  const [folder, other] = embeddedFolders(address)
  if (!folder || !other) return folder
  throw new CannotCopy(
    `There are two embedded databases, ${folder.folder} and ${other.folder}: take away the one that is not meant.`,
  )
}

/**
 * Makes an embedded database where `bun run dev` would make it. It is made beside its place and then put there: one that
 * was killed while it was being made cannot be opened any more.
 */
async function newFolder({ address }: Place): Promise<Folder> {
  const folder = join(address, 'database')
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new CannotCopy(`The folder ${folder} holds something else than a database: name another one with --to.`)
  }
  const lock = lockFolder(address, { owner: `the Abasto of process ${process.pid}` })
  try {
    const beside = join(address, 'database.new')
    rmSync(beside, { recursive: true, force: true })
    const made = await openEmbedded(beside)
    await made.close()
    renameSync(beside, folder)
  } finally {
    lock.release()
  }
  return { folder, lockedAt: address }
}

function openFolder({ address }: Place, folder: Folder | undefined): Promise<Store> {
  if (!folder) throw new CannotCopy(`The folder ${address} holds no embedded database.`)
  return embeddedStore(folder.folder, { lockedAt: folder.lockedAt })
}

async function makeSureMongoIsCurrent({ name }: Place, { db, ask }: Mongo): Promise<void> {
  const schema = db.collection<{ _id: string; version: number }>('schema')
  const found = await ask({ name: 'find schema' }, () => schema.findOne({ _id: 'inventory' }))
  if (!found || found.version < SCHEMA_VERSION) throw new CannotCopy(noInventory(name))
  if (found.version > SCHEMA_VERSION) throw new CannotCopy(ofANewerOne(name))
}

async function makeSureItIsCurrent({ name }: Place, database: Database): Promise<void> {
  const rows = await database.query<{ name: string }>('SELECT name FROM inventory.schema_migrations', [])
  const there = new Set(rows.map((row) => row.name))
  const known = readMigrations(stockSchema.migrations).map((migration) => migration.name)
  if (known.some((each) => !there.has(each))) throw new CannotCopy(noInventory(name))
  if (there.size > known.length) throw new CannotCopy(ofANewerOne(name))
}

const ofANewerOne = (name: string): string => `The inventory at ${name} is of a newer Abasto: copy it with that one.`

const noInventory = (name: string): string =>
  `There is no inventory at ${name} that this Abasto knows, or an older one: the inventory service brings it up to date ` +
  'when it starts.'

/** `roles` are those that it takes in a MongoDB. */
function explained(error: unknown, { name }: Place, roles?: string): unknown {
  const { code } = error as { code?: unknown }
  const state = String(code)
  if (/^(3F000|42P01|42703)$/.test(state)) return new CannotCopy(noInventory(name), { cause: error })
  const isRefusal = error instanceof OutcomeUnknown || /^(28...|3D...|42501)$/.test(state)
  const reason = isRefusal ? (error as Error).message : refusalOf(error, roles)
  if (reason === undefined) return error
  return new CannotCopy(`The database at ${name} cannot be used: ${reason}.`, { cause: error })
}
