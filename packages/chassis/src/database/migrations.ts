import { createHash, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Contention, type Database } from './database.ts'
import { partitioned, partitionsOf } from './partitioned.ts'

export type Migration = Readonly<{ name: string; sql: string }>

/** How long one process may hold the right to migrate before another takes it over. */
const LEASE_SECONDS = 60

/** How long a migration is tried for while others stand in its way, in milliseconds. */
const PATIENCE_MS = 60_000

// Whoever wants to change a table waits for those who use it, and all who come after wait for them both: so it does not
// wait for long, and comes again. What it does then may take its time, whatever other statements are allowed. That it is
// done is written down first: should the lease have passed to another process meanwhile, which would do it again, that
// one waits for this one there, and then has nothing to do.
const SETTINGS = "SET LOCAL lock_timeout = '1s'; SET LOCAL statement_timeout = 0;"

/** Reads the plain SQL files of a folder, in the order of their names. */
export function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'))
  if (names.length === 0) throw new Error(`there are no migrations in ${folder}`)
  return names.sort().map((name) => ({ name, sql: readFileSync(join(folder, name), 'utf8') }))
}

export type MigrateOptions = Readonly<{
  /**
   * In how many hash partitions each table is to be made, 2 or more. On a schema that has tables already it must be as
   * they are; not given, it is as they are, and where there are none they are made whole.
   */
  partitions?: number | undefined
}>

/**
 * Brings a service's schema up to date: forward only, each migration all or nothing, one process at a time. The right
 * to migrate is a leased row, which works the same through poolers and on every store; a process that dies with it
 * loses it after a minute.
 */
export async function migrate(
  database: Database,
  schema: string,
  migrations: readonly Migration[],
  { partitions }: MigrateOptions = {},
): Promise<string[]> {
  const made = migrations.map(({ sql }) => sql)
  const layout = () => partitionsOf(database, schema, { made, wanted: partitions })
  await ensureLedger(database, schema)
  const holder = randomUUID()
  while (!(await acquire(database, schema, holder))) await Bun.sleep(100)
  try {
    const done: string[] = []
    for (const migration of migrations) {
      if (await apply(database, schema, migration, layout)) done.push(migration.name)
    }
    // Also where there was nothing to do: what was asked for is what there is, or is refused.
    await layout()
    return done
  } finally {
    await database.query(`DELETE FROM ${schema}.schema_migration_lease WHERE holder = $1::text::uuid`, [holder])
  }
}

/**
 * Applies a migration unless it was; says whether it did. It is known by what is written in its file, however many
 * partitions its tables are made in.
 */
async function apply(
  database: Database,
  schema: string,
  { name, sql }: Migration,
  layout: () => Promise<number>,
): Promise<boolean> {
  const digest = createHash('sha256').update(sql).digest('hex')
  for (const until = Date.now() + PATIENCE_MS; ; ) {
    const known = (await appliedMigrations(database, schema)).get(name)
    if (known === digest) return false
    if (known) throw new Error(`migration ${schema}/${name} was changed after it had been applied`)
    const partitions = await layout()
    try {
      await database.script(`${SETTINGS}
        INSERT INTO ${schema}.schema_migrations (name, digest) VALUES ('${name}', '${digest}');
        ${partitions === 1 ? sql : partitioned(sql, partitions)};`)
      return true
    } catch (error) {
      if (!isInTheWay(error) || Date.now() > until) throw error
      await Bun.sleep(100 + Math.random() * 400)
    }
  }
}

/** Whether it failed because of what others do: they use the table, or have just done the same. */
const isInTheWay = (error: unknown): boolean =>
  error instanceof Contention && (error.sqlState !== '23505' || error.constraint === 'schema_migrations_pkey')

async function ensureLedger(database: Database, schema: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await database.script(`
        CREATE SCHEMA IF NOT EXISTS ${schema};
        CREATE TABLE IF NOT EXISTS ${schema}.schema_migrations (
          name text PRIMARY KEY, digest text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());
        CREATE TABLE IF NOT EXISTS ${schema}.schema_migration_lease (
          id integer PRIMARY KEY CHECK (id = 1), holder uuid NOT NULL, expires_at timestamptz NOT NULL)`)
    } catch (error) {
      // "IF NOT EXISTS" still races with itself between two processes; the loser finds everything made.
      const raced =
        error instanceof Contention || ['42P06', '42P07', '42710'].includes((error as { code: string }).code)
      if (!raced || attempt === 10) throw error
      await Bun.sleep(50 * Math.random())
    }
  }
}

async function acquire(database: Database, schema: string, holder: string): Promise<boolean> {
  const rows = await database.query(
    `INSERT INTO ${schema}.schema_migration_lease AS lease (id, holder, expires_at)
     VALUES (1, $1::text::uuid, now() + interval '${LEASE_SECONDS} seconds')
     ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
     WHERE lease.expires_at < now() RETURNING holder`,
    [holder],
  )
  return rows.length === 1
}

async function appliedMigrations(database: Database, schema: string): Promise<Map<string, string>> {
  const rows = await database.query<{ name: string; digest: string }>(
    `SELECT name, digest FROM ${schema}.schema_migrations`,
    [],
  )
  return new Map(rows.map(({ name, digest }) => [name, digest]))
}
