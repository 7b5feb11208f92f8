import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { connectPostgres } from '@abasto/chassis/database/postgres'
import { postgresPrograms } from '../scripts/postgres-server.ts'
import { bestOf, type Contestant, RIVAL_CLIENTS } from './contestant.ts'
import { analyze, createDatabase } from './databases.ts'
import { run } from './processes.ts'
import type { Scene } from './scene.ts'

/** What one of its transactions is, and what proves that all of them are there. */
export type Textbook = Readonly<{
  name: string
  tables: string
  transaction: string
  /** Answers how many transactions there were, in one column for each thing that one of them does. */
  proof: string
}>

/**
 * The transaction of the textbook: lock the row, change it, write the ledger, commit. It gets everything that helps it:
 * prepared statements, a client without overhead, no check of what is left, a ledger without any index, no record of
 * the operation.
 */
export const salesOver = (name: string, rows: number): Textbook => ({
  name,
  tables: `
    CREATE TABLE stock (product int PRIMARY KEY, on_hand bigint NOT NULL);
    CREATE TABLE ledger (product int NOT NULL, change bigint NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
    INSERT INTO stock SELECT product, 1000000000 FROM generate_series(1, ${rows}) AS product;`,
  transaction: `${rows === 1 ? '' : `\\set row random(1, ${rows})`}
BEGIN;
SELECT on_hand FROM stock WHERE product = ${rows === 1 ? '1' : ':row'} FOR UPDATE;
UPDATE stock SET on_hand = on_hand - 1 WHERE product = ${rows === 1 ? '1' : ':row'};
INSERT INTO ledger (product, change) VALUES (${rows === 1 ? '1' : ':row'}, -1);
COMMIT;
`,
  proof: `
    SELECT (SELECT count(*) FROM ledger) AS "in the ledger",
           (SELECT sum(1000000000 - on_hand)::bigint FROM stock) AS sold`,
})

export async function openPgbench(scene: Scene, { name, tables, transaction, proof }: Textbook): Promise<Contestant> {
  const url = await createDatabase(scene, `pgbench_${name}`)
  const database = connectPostgres({ url, connections: 1, longestMs: 600_000 })
  await database.script(tables)
  await analyze(url)
  const script = join(scene.folder, `pgbench-${name}.sql`)
  writeFileSync(script, transaction)
  let counted = 0
  const load = async (clients: number, seconds: number) => {
    const { transactions, ...sample } = await runPgbench(url, script, clients, seconds)
    counted += transactions
    return sample
  }
  return {
    // What there is to warm up is in the server, and is the same for any number of clients.
    warmUp: (seconds) => load(RIVAL_CLIENTS[0], seconds),
    sample: (seconds) => bestOf((clients) => load(clients, seconds)),
    close: async () => {
      const [row] = await database.query<Record<string, number>>(proof, [], { timeoutMs: 60_000 })
      await database.close()
      const done = Object.values(row!)
      if (done.some((count) => count !== done[0] || count < counted)) {
        throw new Error(`pgbench-${name}: ${counted} transactions were counted, and there are ${JSON.stringify(row)}`)
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
