import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { connectPostgres } from '@abasto/chassis/database/postgres'
import { postgresPrograms } from '../scripts/postgres-server.ts'
import type { Contestant, Sample } from './contestant.ts'
import { run } from './processes.ts'
import { analyze, createDatabase, type Scene } from './scene.ts'

/** The rival runs with each of these and its best counts. */
const CLIENTS = [8, 16, 32]

/**
 * The transaction of the textbook: lock the row, change it, write the ledger, commit. It gets everything that helps it:
 * prepared statements, a client without overhead, no check of what is left, a ledger without any index, no record of
 * the operation.
 */
const transaction = (row: string): string => `
BEGIN;
SELECT on_hand FROM stock WHERE product = ${row} FOR UPDATE;
UPDATE stock SET on_hand = on_hand - 1 WHERE product = ${row};
INSERT INTO ledger (product, change) VALUES (${row}, -1);
COMMIT;
`

export async function openPgbench(scene: Scene, spread: 'hot' | 'random'): Promise<Contestant> {
  const url = await createDatabase(scene, `pgbench_${spread}`)
  const rows = spread === 'hot' ? 1 : scene.products
  const database = connectPostgres({ url, connections: 1 })
  await database.script(`
    CREATE TABLE stock (product int PRIMARY KEY, on_hand bigint NOT NULL);
    CREATE TABLE ledger (product int NOT NULL, change bigint NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
    INSERT INTO stock SELECT product, 1000000000 FROM generate_series(1, ${rows}) AS product;`)
  await analyze(url)

  const script = join(scene.folder, `pgbench-${spread}.sql`)
  writeFileSync(script, rows === 1 ? transaction('1') : `\\set row random(1, ${rows})${transaction(':row')}`)
  let counted = 0

  return {
    sample: async (seconds) => {
      const samples: Sample[] = []
      const notes: Record<string, number> = {}
      for (const clients of CLIENTS) {
        const { transactions, ...sample } = await runPgbench(url, script, clients, seconds)
        counted += transactions
        samples.push(sample)
        notes[`with ${clients} clients`] = Math.round(sample.perSecond)
      }
      const best = samples.toSorted((a, b) => b.perSecond - a.perSecond)[0]!
      return { ...best, notes }
    },
    close: async () => {
      const [row] = await database.query<{ written: number; sold: number }>(
        `SELECT (SELECT count(*) FROM ledger) AS written,
                (SELECT sum(1000000000 - on_hand)::bigint FROM stock) AS sold`,
        [],
        { timeoutMs: 60_000 },
      )
      await database.close()
      const { written, sold } = row!
      if (written !== sold || sold < counted) {
        throw new Error(`pgbench-${spread}: ${counted} transactions counted, ${sold} sold, ${written} in the ledger`)
      }
    },
  }
}

async function runPgbench(url: string, script: string, clients: number, seconds: number) {
  const { port, hostname, pathname, username } = new URL(url)
  const where = ['-h', hostname, '-p', port, '-U', username]
  const threads = Math.min(clients, cpus().length)
  const how = [
    '-n',
    '-M',
    'prepared',
    '-c',
    String(clients),
    '-j',
    String(threads),
    '-T',
    String(seconds),
    '-f',
    script,
  ]
  const output = await run([join(postgresPrograms(), 'pgbench'), ...where, ...how, pathname.slice(1)], {
    timeoutMs: seconds * 1000 + 30_000,
  })
  return {
    transactions: numberIn(output, /actually processed: (\d+)/),
    perSecond: numberIn(output, /tps = ([\d.]+)/),
  }
}

function numberIn(output: string, pattern: RegExp): number {
  const found = pattern.exec(output)?.[1]
  if (found === undefined) throw new Error(`pgbench printed something else: ${output}`)
  return Number(found)
}
