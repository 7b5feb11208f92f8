import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { postgresSetting } from '@abasto/chassis/config'
import { type Database, OutcomeUnknown } from '@abasto/chassis/database/database'
import { FolderInUse } from '@abasto/chassis/database/folder-lock'
import { readMigrations } from '@abasto/chassis/database/migrations'
import { embeddedStore, postgresStore, prepare, type Store } from '@abasto/chassis/process/store'
import type { BlankBooks } from '@abasto/inventory/application/books'
import { sqlBooks } from '@abasto/inventory/infrastructure/books-sql'
import { UsageError } from '../command.ts'
import { askDatabase, askPostgres, embeddedFolders } from '../verify/databases.ts'
import type { Ask } from '../verify/findings.ts'

/** The copy could not be made. Its message is a sentence for whoever asked. */
export class CannotCopy extends Error {
  override readonly name = 'CannotCopy'
}

/** Where an inventory is, as it was typed. */
export type Place = Readonly<{
  kind: 'postgres' | 'folder'
  address: string
  /** The same without what must not be shown; two addresses of one database give the same where that can be told. */
  name: string
}>

/** The database of a place, open for this process. */
export type OpenPlace = Readonly<{ books: BlankBooks; ask: Ask; close: () => Promise<void> }>

const inventory = { name: 'inventory', migrations: join(import.meta.dir, '../../../inventory/migrations') }

/** What was typed as `option`: an address with a scheme, or a folder. */
export function placeOf(option: string, typed: string | undefined): Place {
  if (typed === undefined || typed === '') throw new UsageError(`${option} is missing.`)
  if (!typed.includes('://')) {
    return { kind: 'folder', address: typed, name: existsSync(typed) ? realpathSync(typed) : typed }
  }
  if (!/^postgres(ql)?:/.test(typed)) {
    throw new UsageError(
      `${option} takes postgres://user:password@host/database, or the folder of an embedded database.`,
    )
  }
  postgresSetting({ [option]: typed }, option)
  const { hostname, port, pathname } = new URL(typed)
  return { kind: 'postgres', address: typed, name: `postgres://${hostname}:${port || 5432}${pathname}` }
}

/** Opens what is copied. It is changed in nothing, so it must be as this Abasto knows it. */
export async function openSource(place: Place): Promise<OpenPlace> {
  const store =
    place.kind === 'postgres'
      ? postgresStore('copy', { url: place.address, connections: 4 })
      : await openFolder(place, folderOf(place))
  const open = openStore(place, store)
  try {
    await makeSureItIsCurrent(place, store.database)
    if (await open.books.unfinished()) {
      throw new CannotCopy(`The inventory at ${place.name} is itself a copy that is not finished.`)
    }
    return open
  } catch (error) {
    await open.close()
    throw explained(error, place)
  }
}

/** Opens what is copied into, and makes it ready: a database that exists, or a folder that need not. */
export async function openTarget(place: Place): Promise<OpenPlace> {
  const store =
    place.kind === 'postgres'
      ? postgresStore('copy', { url: place.address, connections: 4 })
      : await openFolder(place, folderOf(place) ?? newFolder(place))
  const open = openStore(place, store)
  try {
    await prepare(store, inventory, '--to')
    return open
  } catch (error) {
    await open.close()
    throw explained(error, place)
  }
}

const openStore = ({ kind, address }: Place, { database, close }: Store): OpenPlace => ({
  books: sqlBooks(database),
  ask: kind === 'postgres' ? askPostgres(address) : askDatabase(database),
  close,
})

type Folder = ReturnType<typeof embeddedFolders>[number]

/** The embedded database below a folder, as `ABASTO_DATA` names it, if there is one. */
function folderOf({ address }: Place): Folder | undefined {
  const [folder, other] = embeddedFolders(address)
  if (!folder || !other) return folder
  throw new CannotCopy(
    `There are two embedded databases, ${folder.folder} and ${other.folder}: take away the one that is not meant.`,
  )
}

/** Where `bun run dev` would make its database. */
function newFolder({ address }: Place): Folder {
  mkdirSync(address, { recursive: true, mode: 0o700 })
  return { folder: join(address, 'database'), lockedAt: address }
}

async function openFolder({ address }: Place, folder: Folder | undefined): Promise<Store> {
  if (!folder) throw new CannotCopy(`The folder ${address} holds no embedded database.`)
  return embeddedStore(folder.folder, { lockedAt: folder.lockedAt }).catch((error) => {
    if (!(error instanceof FolderInUse)) throw error
    throw new CannotCopy(
      `The folder ${folder.lockedAt} is in use, and an embedded database has one user at a time: stop the service, ` +
        'then copy again.',
      { cause: error },
    )
  })
}

async function makeSureItIsCurrent({ name }: Place, database: Database): Promise<void> {
  const rows = await database.query<{ name: string }>('SELECT name FROM inventory.schema_migrations', [])
  const there = new Set(rows.map((row) => row.name))
  const known = readMigrations(inventory.migrations).map((migration) => migration.name)
  if (known.some((each) => !there.has(each))) throw new CannotCopy(noInventory(name))
  if (there.size > known.length) {
    throw new CannotCopy(`The inventory at ${name} is of a newer Abasto: copy it with that one.`)
  }
}

const noInventory = (name: string): string =>
  `There is no inventory at ${name} that this Abasto knows, or an older one: the inventory service brings it up to date ` +
  'when it starts.'

function explained(error: unknown, { name }: Place): unknown {
  const { code } = error as { code?: unknown }
  const state = String(code)
  if (/^(3F000|42P01|42703)$/.test(state)) return new CannotCopy(noInventory(name), { cause: error })
  if (error instanceof OutcomeUnknown || /^(28...|3D...|42501)$/.test(state)) {
    return new CannotCopy(`The database at ${name} cannot be used: ${(error as Error).message}.`, { cause: error })
  }
  return error
}
