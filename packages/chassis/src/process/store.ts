import { join } from 'node:path'
import { type Database, OutcomeUnknown } from '../database/database.ts'
import { openEmbedded } from '../database/embedded.ts'
import { lockFolder } from '../database/folder-lock.ts'
import { migrate, readMigrations } from '../database/migrations.ts'
import { OtherPartitions } from '../database/partitioned.ts'
import { connectPostgres } from '../database/postgres.ts'
import { readAddress } from '../database/postgres-address.ts'
import { PATIENCE_MS } from '../http/health.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'

/** A database that a process has open. `writer` is one connection whose statements arrive in the order they were sent. */
export type Store = Readonly<{
  database: Database
  writer: Database
  isEmbedded: boolean
  /** There is a pooler before it: how many connections the server allows is the pooler's to know. */
  isPooled: boolean
  /** Asks it, by a connection of its own: one that waits behind a busy pool would call a busy database gone. */
  isUp: () => Promise<boolean>
  close: () => Promise<void>
}>

/** A database that cannot be opened. Its message is a sentence for whoever started the process. */
export class CannotOpenStore extends Error {
  override readonly name = 'CannotOpenStore'
}

/** The schema of a service: its name, and the folder of its migrations. */
export type Schema = Readonly<{ name: string; migrations: string }>

export type PostgresStoreOptions = Readonly<{
  url: string
  /** How many connections the process may hold, the one that writes and the one that looks after it included. */
  connections: number
  /** After how many milliseconds the server ends a statement, if later than those of a service. */
  longestMs?: number
  telemetry?: Telemetry | undefined
}>

/** A service's database on PostgreSQL. */
export function postgresStore(service: string, options: PostgresStoreOptions): Store {
  const { url, connections, longestMs, telemetry } = options
  const database = connectPostgres({
    url,
    name: `abasto-${service}`,
    connections: connections - 2,
    longestMs,
    telemetry,
  })
  const writer = connectPostgres({ url, name: `abasto-${service}-writer`, connections: 1, telemetry })
  const watch = connectPostgres({ url, name: `abasto-${service}-health`, connections: 1 })
  return {
    database,
    writer,
    isEmbedded: false,
    isPooled: readAddress(url).isPooled,
    isUp: () => answers(watch),
    close: async () => void (await Promise.all([database, writer, watch].map((each) => each.close()))),
  }
}

/** The embedded database in `folder`; `lockedAt`, which may be above it, belongs to this process while it is open. */
export async function embeddedStore(
  folder: string,
  { lockedAt, telemetry }: Readonly<{ lockedAt: string; telemetry?: Telemetry | undefined }>,
): Promise<Store> {
  await using opening = new AsyncDisposableStack()
  opening.defer(lockFolder(lockedAt, { owner: `the Abasto of process ${process.pid}` }).release)
  const database = await openEmbedded(folder, { telemetry })
  opening.defer(database.close)
  const opened = opening.move()
  return {
    database,
    writer: database,
    isEmbedded: true,
    isPooled: false,
    isUp: () => answers(database),
    close: () => opened.disposeAsync(),
  }
}

export type StoreOptions = Readonly<{
  /** Of a PostgreSQL; without one it is embedded, in a folder below `data`. */
  url: string | undefined
  /** How many connections to a PostgreSQL the process may hold. */
  connections: number
  data: string
  /** The name of what chose the address, for whoever chose wrongly. */
  setting: string
  /** In how many partitions the tables of a PostgreSQL are to be, if that was asked for. */
  partitions?: number | undefined
  telemetry: Telemetry
}>

/**
 * Opens the database of a service that is a process of its own: PostgreSQL where an address is set, else an embedded
 * one in a folder of the service's name. It is migrated and ready.
 */
export async function openStore(
  schema: Schema,
  { url, connections, data, setting, partitions, telemetry }: StoreOptions,
): Promise<Store> {
  const folder = join(data, schema.name)
  const store = url
    ? postgresStore(schema.name, { url, connections, telemetry })
    : await embeddedStore(join(folder, 'database'), { lockedAt: folder, telemetry })
  try {
    await prepare(store, schema, { setting, partitions })
    return store
  } catch (error) {
    await store.close()
    throw error
  }
}

/** Brings the schema up to date; `setting` is the name of what chose the database, for whoever chose wrongly. */
export async function prepare(
  store: Store,
  { name, migrations }: Schema,
  { setting, partitions }: Pick<StoreOptions, 'setting' | 'partitions'>,
): Promise<void> {
  try {
    if (!store.isEmbedded && !store.isPooled) await expectConnections(store.database, setting)
    await migrate(store.database, name, readMigrations(migrations), { partitions })
  } catch (error) {
    if (error instanceof CannotOpenStore) throw error
    if (error instanceof OtherPartitions) {
      throw new CannotOpenStore(
        `POSTGRES_PARTITIONS is ${partitions}, but where ${setting} leads ${error.message}: unset it, or begin in a new ` +
          'database, into which "abasto copy" moves an inventory.',
        { cause: error },
      )
    }
    if ((error as { code?: string }).code === OUT_OF_MEMORY) {
      throw new CannotOpenStore(
        `${setting} leads to a PostgreSQL whose max_locks_per_transaction is too small for so many partitions.`,
        { cause: error },
      )
    }
    if (store.isEmbedded || !isRefusal(error)) throw error
    throw new CannotOpenStore(`${setting} leads to no database that can be used: ${error.message}.`, { cause: error })
  }
}

/** One to write, one to look whether the database is there, and one to read. */
const LEAST_CONNECTIONS = 3

/** Throws when the server lets this role, or anybody in this database, have fewer connections than one process takes. */
async function expectConnections(database: Database, setting: string): Promise<void> {
  const [found] = await database.query<{ of_role: number; of_database: number }>(
    `SELECT rolconnlimit AS of_role, datconnlimit AS of_database FROM pg_roles, pg_database
      WHERE rolname = session_user AND NOT rolsuper AND datname = current_database()`,
    [],
    { name: 'find limits' },
  )
  // Less than 0 is as many as there are.
  const least = Math.min(...Object.values(found ?? {}).filter((limit) => limit >= 0))
  if (least >= LEAST_CONNECTIONS) return
  throw new CannotOpenStore(
    `${setting} leads to a PostgreSQL that allows ${least} connections, and one process takes at least ` +
      `${LEAST_CONNECTIONS}: raise the CONNECTION LIMIT of the role or of the database.`,
  )
}

/** What the server says when there is no room for another lock, and of a table in partitions each takes some. */
const OUT_OF_MEMORY = '53200'

/**
 * Nothing there, or it lets us not in: class 28 is who we are, 3D a database that does not exist, 42501 a missing right;
 * and a connection that is refused for good, as for a setting in the address that the server does not know, is `FATAL`.
 */
function isRefusal(error: unknown): error is Error {
  if (error instanceof OutcomeUnknown) return true
  const { code, severity } = error as { code?: string; severity?: string }
  if (severity === 'FATAL') return true
  return typeof code === 'string' && /^(28...|3D...|42501)$/.test(code)
}

const answers = (database: Database): Promise<boolean> =>
  database.query('SELECT 1', [], { timeoutMs: PATIENCE_MS }).then(
    () => true,
    () => false,
  )
