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

/**
 * How long an answer to one is waited for, in milliseconds: an index on a large table takes its time. Not for ever,
 * because the driver may miss that its connection died. Given up, it may still be done by the server, and the next start
 * waits for that.
 */
const LONGEST_MS = 3_600_000

// Whoever wants to change a table waits for those who use it, and all who come after wait for them both: so it does not
// wait for long, and comes again. What it does then may take its time, whatever other statements are allowed. That it is
// done is written down first: should the lease have passed to another process meanwhile, which would do it again, that
// one waits for this one there, for as long as it takes, and then has nothing to do. Nobody queues up behind that.
const WRITE_DOWN = 'SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0;'
const CHANGE = "SET LOCAL lock_timeout = '1s';"

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
  /** How long each migration is tried for while others use what it changes, in milliseconds. */
  patienceMs?: number
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
  { partitions, patienceMs = PATIENCE_MS }: MigrateOptions = {},
): Promise<string[]> {
  const made = migrations.map(({ sql }) => sql)
  const layout = () => partitionsOf(database, schema, { made, wanted: partitions })
  await ensureLedger(database, schema)
  const holder = randomUUID()
  while (!(await acquire(database, schema, holder))) await Bun.sleep(100)
  try {
    const done: string[] = []
    for (const migration of migrations) {
      if (await apply(database, schema, migration, { layout, patienceMs })) done.push(migration.name)
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
  { layout, patienceMs }: Readonly<{ layout: () => Promise<number>; patienceMs: number }>,
): Promise<boolean> {
  const digest = createHash('sha256').update(sql).digest('hex')
  let until: number | undefined
  for (;;) {
    const known = (await appliedMigrations(database, schema)).get(name)
    if (known === digest) return false
    if (known) throw new Error(`migration ${schema}/${name} was changed after it had been applied`)
    const partitions = await layout()
    try {
      const text = `${WRITE_DOWN}
        INSERT INTO ${schema}.schema_migrations (name, digest) VALUES ('${name}', '${digest}');
        ${CHANGE}
        ${partitions === 1 ? sql : partitioned(sql, partitions)};`
      await database.script(text, { timeoutMs: LONGEST_MS })
      return true
    } catch (error) {
      if (!(error instanceof Contention)) throw error
      if (error.constraint === 'schema_migrations_pkey') continue
      // From when others were first met: until then it may have waited for long while another process did the same.
      until ??= Date.now() + patienceMs
      if (error.sqlState === '23505' || Date.now() > until) throw error
      await Bun.sleep(100 + Math.random() * 400)
    }
  }
}

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
