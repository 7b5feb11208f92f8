import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { mongoProgram } from '../scripts/mongo-program.ts'
import { postgresPrograms } from '../scripts/postgres-server.ts'
import { onDatabase } from './databases.ts'
import { programCalled } from './processes.ts'
import type { Scene } from './scene.ts'

/** What a figure means nothing without. Names neither the machine nor anybody on it. */
export type Surroundings = Readonly<{
  date: string
  cores: number
  processor: string
  versions: Readonly<Record<string, string>>
  /** The settings of PostgreSQL that decide what a commit costs. */
  settings: Readonly<Record<string, string>>
}>

const SETTINGS = ['fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size']

/** What takes part besides PostgreSQL, and how to find out which version of it. */
const PARTICIPANTS = {
  pgbench: () => versionOf(join(postgresPrograms(), 'pgbench')),
  wrk: () => versionOf(programCalled('wrk')),
  Redis: () => versionOf(programCalled('redis-server')),
  MongoDB: () => versionOf(mongoProgram()),
  PGlite: () => versionIn('packages/chassis/node_modules/@electric-sql/pglite/package.json'),
  Elysia: () => versionIn('bench/node_modules/elysia/package.json'),
} satisfies Record<string, () => string>

export type Participant = keyof typeof PARTICIPANTS

/** Refuses a PostgreSQL that does not write what it says is written. */
export async function readSurroundings(
  { postgres }: Pick<Scene, 'postgres'>,
  participants: readonly Participant[] = keysOf(PARTICIPANTS),
): Promise<Surroundings> {
  const rows = await onDatabase(postgres.url, (database) =>
    database.query<{ name: string; value: string }>(
      'SELECT name, current_setting(name) AS value FROM unnest($1::text::text[]) AS name',
      [`{${[...SETTINGS, 'server_version'].join()}}`],
    ),
  )
  const { server_version = '', ...settings } = Object.fromEntries(rows.map(({ name, value }) => [name, value]))
  if (settings.fsync !== 'on' || settings.synchronous_commit !== 'on') {
    throw new Error('PostgreSQL must run with fsync and synchronous_commit on, or nothing here means anything.')
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    versions: {
      Bun: Bun.version,
      PostgreSQL: firstNumberIn(server_version),
      ...Object.fromEntries(participants.map((name) => [name, PARTICIPANTS[name]()])),
    },
    settings,
  }
}

/** The lines that begin a page: what wrote it, when, and on what. */
export const writtenBy = (command: string, { date, cores, processor, versions, settings }: Surroundings): string =>
  `Written by \`${command}\` on ${date}: ${cores} cores (${processor}) shared by client, server and database;
${named(versions, ' ')}.
PostgreSQL with its default settings: ${named(settings, ' = ')}.`

const named = (values: Readonly<Record<string, string>>, separator: string): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}${separator}${value}`)
    .join(', ')

// wrk prints its version with its usage, and ends as if that were a fault.
function versionOf(program: string): string {
  const { stdout, stderr } = Bun.spawnSync([program, '--version'])
  return firstNumberIn(`${stdout}${stderr}`)
}

/** What a package says of itself; its file is named from the root of the project. */
const versionIn = (file: string): string => JSON.parse(readFileSync(join(import.meta.dir, '..', file), 'utf8')).version

const keysOf = <Key extends string>(record: Readonly<Record<Key, unknown>>) => Object.keys(record) as Key[]

const firstNumberIn = (text: string): string => /\d+(\.\d+)+/.exec(text)?.[0] ?? 'unknown'
