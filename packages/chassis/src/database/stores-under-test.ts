import type { Database } from './database.ts'
import { openEmbedded } from './embedded.ts'
import { freshDatabase } from './fresh-database.ts'
import { type LosingDatabase, losingAtTheEnd, losingBefore, lostAtTheEnd } from './losing-races.ts'
import { type MigrateOptions, type Migration, migrate } from './migrations.ts'
import { wholeTables } from './partitioned.ts'
import { connectPostgres } from './postgres.ts'
import { sentAgain } from './sending-again.ts'

/** A schema in a new database; `connect` is what another process would do. */
export type OpenSchema = Readonly<{
  database: Database
  connect: (connections: number) => Database
  close: () => Promise<void>
}>

/** One kind of SQL database that a service's schema can be kept in, and what must be set for it to be there. */
export type SqlStore = Readonly<{ name: string; needs?: string; open: () => Promise<OpenSchema> }>

/** The schema of a service, and the table of it that every write inserts into. */
export type SchemaUnderTest = Readonly<{ name: string; migrations: readonly Migration[]; everyWrite: string }>

/** How much is lost on purpose: of all statements before they are sent, and of the writes at their end. */
const LOST = 0.1

/** Every kind of SQL database that keeps what is promised. Another one is another line. */
export const sqlStores = (schema: SchemaUnderTest): readonly SqlStore[] => [
  { name: 'the embedded database', open: () => embedded(schema) },
  onServer('PostgreSQL', 'TEST_POSTGRES_URL', (server) => postgres(schema, server)),
  onServer('PostgreSQL behind pgbouncer', 'TEST_PGBOUNCER_URL', (server) => postgres(schema, server)),
  onServer('PostgreSQL with every table in partitions', 'TEST_POSTGRES_URL', (server) => inPartitions(schema, server)),
  onServer('PostgreSQL, serializable, losing races', 'TEST_POSTGRES_URL', (server) => losing(schema, server)),
]

/** Says of a store whose server is not there that it was passed over. */
export function isThere(what: string, { name, needs }: Pick<SqlStore, 'name' | 'needs'>): boolean {
  if (needs === undefined || process.env[needs]) return true
  console.log(`${what} in ${name} was not tested: ${needs} is not set.`)
  return false
}

const onServer = (name: string, needs: string, open: (server: string) => Promise<OpenSchema>): SqlStore => ({
  name,
  needs,
  open: () => open(process.env[needs]!),
})

async function embedded({ name, migrations }: SchemaUnderTest): Promise<OpenSchema> {
  const database = await openEmbedded()
  await migrate(database, name, migrations)
  return { database, connect: () => database, close: database.close }
}

async function postgres(
  { name, migrations }: SchemaUnderTest,
  server: string,
  options: MigrateOptions = {},
): Promise<OpenSchema> {
  const { url, drop } = await freshDatabase(server)
  const pools: Database[] = []
  const connect = (connections: number) => {
    const pool = connectPostgres({ url, connections })
    pools.push(pool)
    return pool
  }
  const database = connect(3)
  await migrate(database, name, migrations, options)
  const close = async () => {
    await Promise.all(pools.map((pool) => pool.close()))
    await drop()
  }
  return { database, connect, close }
}

async function inPartitions(schema: SchemaUnderTest, server: string): Promise<OpenSchema> {
  const opened = await postgres(schema, server, { partitions: 4 })
  const whole = await wholeTables(opened.database, schema.name)
  if (whole.length > 0) throw new Error(`not partitioned: ${whole.join(', ')}`)
  return opened
}

/** Every transaction is serializable, and what the server does not undo of its own accord is lost on purpose. */
async function losing(schema: SchemaUnderTest, server: string): Promise<OpenSchema> {
  const { database, connect, close } = await postgres(schema, server)
  await database.script(losingAtTheEnd(schema.everyWrite, LOST))
  await database.script(`DO $$ BEGIN EXECUTE format(
    'ALTER DATABASE %I SET default_transaction_isolation = serializable', current_database()); END $$`)
  const losers = new Set<LosingDatabase>()
  const another = (connections: number) => {
    const loser = losingBefore(connect(connections), LOST)
    losers.add(loser)
    return sentAgain(loser)
  }
  return {
    // The first connections were made before the database was serializable.
    database: another(3),
    connect: another,
    close: async () => {
      const lost = { before: sumOf(losers, 'lost'), atTheEnd: await lostAtTheEnd(database) }
      const sent = { before: sumOf(losers, 'sent'), atTheEnd: await countOf(database, schema.everyWrite) }
      await close()
      // So many that without a loss among them nothing can have been lost on purpose.
      for (const moment of ['before', 'atTheEnd'] as const) {
        if (sent[moment] > MANY && lost[moment] === 0) throw new Error(`nothing was lost: ${JSON.stringify(sent)}`)
      }
    },
  }
}

const MANY = 200

const sumOf = (losers: ReadonlySet<LosingDatabase>, what: 'lost' | 'sent'): number =>
  [...losers].reduce((sum, loser) => sum + loser[what](), 0)

async function countOf(database: Database, table: string): Promise<number> {
  const [row] = await database.query<{ count: number }>(`SELECT count(*) AS count FROM ${table}`, [])
  return row!.count
}
