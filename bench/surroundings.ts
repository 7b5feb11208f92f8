import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { connectPostgres } from '@abasto/chassis/database/postgres'
import { postgresPrograms } from '../scripts/postgres-server.ts'
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

export async function readSurroundings({ postgres }: Scene): Promise<Surroundings> {
  const database = connectPostgres({ url: postgres.url, connections: 1 })
  const rows = await database.query<{ name: string; value: string }>(
    'SELECT name, current_setting(name) AS value FROM unnest($1::text::text[]) AS name',
    [`{${[...SETTINGS, 'server_version'].join()}}`],
  )
  await database.close()
  const { server_version = '', ...settings } = Object.fromEntries(rows.map(({ name, value }) => [name, value]))
  if (settings.fsync !== 'on' || settings.synchronous_commit !== 'on') {
    throw new Error('PostgreSQL must run with fsync and synchronous_commit on, or nothing here means anything.')
  }
  const elysia = JSON.parse(readFileSync(join(import.meta.dir, 'node_modules/elysia/package.json'), 'utf8')).version
  return {
    date: new Date().toISOString().slice(0, 10),
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    versions: {
      Bun: Bun.version,
      PostgreSQL: firstNumberIn(server_version),
      pgbench: firstNumberIn(versionOf(join(postgresPrograms(), 'pgbench'))),
      wrk: firstNumberIn(versionOf(programCalled('wrk'))),
      Elysia: elysia,
    },
    settings,
  }
}

// wrk prints its version with its usage, and ends as if that were a fault.
function versionOf(program: string): string {
  const { stdout, stderr } = Bun.spawnSync([program, '--version'])
  return `${stdout}${stderr}`
}

const firstNumberIn = (text: string): string => /\d+(\.\d+)+/.exec(text)?.[0] ?? 'unknown'
