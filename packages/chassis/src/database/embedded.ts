import { mkdirSync } from 'node:fs'
import { PGlite } from '@electric-sql/pglite'
import type { Telemetry } from '../telemetry/telemetry.ts'
import { classify, type Database, momentFromSql, OutcomeUnknown, type Parameter } from './database.ts'
import { measured } from './measuring.ts'

const BIGINT = 20
const TIMESTAMPTZ = 1184

/** How often what the engine has let go of is collected while it works, in milliseconds. */
const COLLECT_MS = 5_000

const parsers = { [BIGINT]: Number, [TIMESTAMPTZ]: momentFromSql }

/**
 * The embedded database: PostgreSQL in WebAssembly, inside this process, kept in `folder` or, without one, in memory.
 *
 * It is safe against a crash of the process, not of the power: it runs without fsync. Two processes on one folder
 * corrupt it, so whoever opens a folder holds its lock (see `folder-lock.ts`).
 */
export async function openEmbedded(
  folder?: string,
  { telemetry }: Readonly<{ telemetry?: Telemetry | undefined }> = {},
): Promise<Database> {
  if (folder) mkdirSync(folder, { recursive: true })
  const engine = await PGlite.create(folder ? { dataDir: folder, parsers } : { parsers })
  await engine.exec(`SET timezone = 'UTC'`)
  let closed = false
  let collectedAt = 0

  // The engine copies through buffers that the collector hardly counts: left to itself it lets gigabytes pile up.
  function collect(): void {
    const now = performance.now()
    if (now - collectedAt < COLLECT_MS) return
    collectedAt = now
    Bun.gc(true)
  }

  async function run(text: string, parameters: readonly Parameter[], rowMode: 'object' | 'array'): Promise<unknown[]> {
    if (closed) throw new OutcomeUnknown('it is closed')
    try {
      const { rows } = await engine.query(text, parameters as Parameter[], { rowMode })
      return rows
    } catch (error) {
      throw classify(error)
    } finally {
      // The engine answers in microtasks: without a turn of the event loop in between, a busy caller would starve
      // every socket and timer of the process.
      await new Promise(setImmediate)
      collect()
    }
  }

  const database: Database = {
    query: <Row>(text: string, parameters: readonly Parameter[]) => run(text, parameters, 'object') as Promise<Row[]>,
    values: (text, parameters) => run(text, parameters, 'array') as Promise<unknown[][]>,
    script: async (text) => {
      try {
        await engine.transaction((transaction) => transaction.exec(text))
      } catch (error) {
        throw classify(error)
      }
    },
    close: async () => {
      if (closed) return
      closed = true
      await engine.close()
    },
  }
  return measured(database, { telemetry, pool: 'embedded', connections: 1 })
}
