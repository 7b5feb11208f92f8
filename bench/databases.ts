import type { Database } from '@abasto/chassis/database/database'
import { connectPostgres } from '@abasto/chassis/database/postgres'
import type { Scene } from './scene.ts'

/** Where the databases of a run are. */
type OnPostgres = Pick<Scene, 'postgres'>

/** Connects for a while, as somebody whose statements may take long. */
export async function onDatabase<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = connectPostgres({ url, connections: 1, longestMs: 600_000 })
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

/** Makes a database of its own on the shared PostgreSQL and returns its address. */
export async function createDatabase(scene: OnPostgres, name: string): Promise<string> {
  await onServer(scene, `CREATE DATABASE ${name}`)
  return addressOf(scene, name)
}

/** Copies a database that nobody is connected to, as it is on the disk, and returns the address of the copy. */
export async function copyDatabase(scene: OnPostgres, name: string, copy: string): Promise<string> {
  await onServer(scene, `CREATE DATABASE ${copy} TEMPLATE ${name} STRATEGY file_copy`)
  return addressOf(scene, copy)
}

export const dropDatabase = (scene: OnPostgres, name: string): Promise<void> => onServer(scene, `DROP DATABASE ${name}`)

const addressOf = ({ postgres }: OnPostgres, name: string): string => postgres.url.replace(/\/postgres$/, `/${name}`)

const onServer = ({ postgres }: OnPostgres, statement: string): Promise<void> =>
  onDatabase(postgres.url, (database) => database.script(statement))

/** How many segments of the log lie ready before a sample: more than the quickest of ours fills in one. */
const SEGMENTS_READY = 24

/**
 * Starts every sample from the same point: nothing is left to write from the one before, and the log has segments that
 * were used before, as on a server that has run for a while. A new one is 16 MB of zeros, and whoever is in the middle of
 * a write waits until they are on the disk.
 */
export async function checkpoint({ postgres }: OnPostgres): Promise<void> {
  await onDatabase(postgres.url, async (database) => {
    for (let segment = 0; segment < SEGMENTS_READY; segment++) {
      // One in which there is nothing would not be ended.
      await database.query("SELECT pg_logical_emit_message(false, 'bench', '')", [])
      await database.query('SELECT pg_switch_wal()', [])
    }
    await database.query('CHECKPOINT', [], { timeoutMs: 60_000 })
  })
}

/**
 * Lets the planner know what a database holds once it has been filled, as it would on any server that has run a while.
 * Tables that are empty are left out, as a server leaves them out: they would be planned for as if they stayed so.
 */
export function analyze(url: string): Promise<void> {
  return onDatabase(url, async (database) => {
    const tables = await database.query<{ name: string }>(
      `SELECT oid::regclass::text AS name FROM pg_class
       WHERE relkind = 'r' AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
         AND pg_relation_size(oid) > 0`,
      [],
    )
    const names = tables.map(({ name }) => name).join(', ')
    await database.query(`VACUUM ANALYZE ${names}`, [], { timeoutMs: 300_000 })
  })
}
