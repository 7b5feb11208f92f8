import { createHash, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Contention, type Database } from './database.ts'

export type Migration = Readonly<{ name: string; sql: string }>

/** How long one process may hold the right to migrate before another takes it over. */
const LEASE_SECONDS = 60

/** Reads the plain SQL files of a folder, in the order of their names. */
export function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'))
  if (names.length === 0) throw new Error(`there are no migrations in ${folder}`)
  return names.sort().map((name) => ({ name, sql: readFileSync(join(folder, name), 'utf8') }))
}

/**
 * Brings a service's schema up to date: forward only, each migration all or nothing, one process at a time. The right
 * to migrate is a leased row, which works the same through poolers and on every store; a process that dies with it
 * loses it after a minute.
 */
export async function migrate(database: Database, schema: string, migrations: readonly Migration[]): Promise<string[]> {
  await ensureLedger(database, schema)
  const holder = randomUUID()
  while (!(await acquire(database, schema, holder))) await Bun.sleep(100)
  try {
    const applied = await appliedMigrations(database, schema)
    const done: string[] = []
    for (const { name, sql } of migrations) {
      const digest = createHash('sha256').update(sql).digest('hex')
      const known = applied.get(name)
      if (known === digest) continue
      if (known) throw new Error(`migration ${schema}/${name} was changed after it had been applied`)
      await database.script(
        `${sql};\nINSERT INTO ${schema}.schema_migrations (name, digest) VALUES ('${name}', '${digest}');`,
      )
      done.push(name)
    }
    return done
  } finally {
    await database.query(`DELETE FROM ${schema}.schema_migration_lease WHERE holder = $1::text::uuid`, [holder])
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
