import postgres from 'postgres'
import { noTelemetry, type Telemetry } from '../telemetry/telemetry.ts'
import {
  classify,
  type Database,
  momentFromSql,
  OutcomeUnknown,
  QUERY_TIMEOUT_MS,
  type QueryOptions,
  SCRIPT_TIMEOUT_MS,
} from './database.ts'
import { countReplacements, measured } from './measuring.ts'
import { type PostgresAddress, readAddress } from './postgres-address.ts'
import { sentAgain } from './sending-again.ts'

export type PostgresOptions = Readonly<{
  /** As `readAddress` takes it: it may speak of a pooler and of TLS. */
  url: string
  /** How many connections this process may hold. */
  connections?: number
  /** What `pg_stat_activity` shows, and metrics. */
  name?: string
  /** After how many milliseconds the server ends a statement; that of a copy may take longer than that of a request. */
  longestMs?: number | undefined
  telemetry?: Telemetry | undefined
}>

type Pool = ReturnType<typeof open>

const BIGINT = 20
const TIMESTAMPTZ = 1184

/**
 * What a connection is told when it is made. Behind a pooler nothing of it would be right: it refuses such settings, and
 * a connection of the server is not the same from one statement to the next. There the role has them; see
 * `docs/postgresql.md`.
 */
const SETTINGS = {
  // Our statements take whole columns: planning them anew for each batch costs more than it can gain.
  plan_cache_mode: 'force_generic_plan',
  // A plan over many partitions looks dear enough to be compiled, which takes a second and more each time it is run.
  jit: 'off',
  // In milliseconds. Sooner than we give up: that a lock was not to be had is known, what comes of a statement given up
  // is not.
  lock_timeout: 2_000,
}

/** Later than we give up: what nobody waits for any more must not run for ever. */
const LONGEST_MS = 30_000

function open(
  { url, isPooled, tls }: PostgresAddress,
  { connections = 10, name = 'abasto', longestMs = LONGEST_MS }: PostgresOptions,
) {
  return postgres(url, {
    max: connections,
    ssl: tls,
    // What was prepared on one connection of the server is unknown on the next.
    prepare: !isPooled,
    connect_timeout: 5,
    idle_timeout: 60,
    onnotice: () => {},
    // A connection that dies during the driver's own look-up of types leaves a rejection that nobody handles, and our
    // arrays are text: there is nothing to look up.
    fetch_types: false,
    connection: {
      application_name: name,
      // A pooler takes these two and sees to it that they hold wherever a statement runs.
      TimeZone: 'UTC',
      ...(isPooled ? {} : { ...SETTINGS, statement_timeout: longestMs }),
    },
    types: {
      bigint: { to: BIGINT, from: [BIGINT], parse: Number, serialize: String },
      moment: { to: TIMESTAMPTZ, from: [TIMESTAMPTZ], parse: momentFromSql, serialize: String },
    },
  })
}

/**
 * PostgreSQL through postgres.js.
 *
 * Every statement has a deadline of our own, because a statement whose backend was killed may otherwise wait for ever
 * (postgres.js 3.4.9; the kill test reproduces it). Past the deadline the whole pool is replaced; statements that are
 * still running on the old one may finish, and what comes of them is unknown to whoever gave up.
 */
export function connectPostgres(options: PostgresOptions): Database {
  const { connections = 10, name = 'abasto', telemetry = noTelemetry } = options
  const replaced = countReplacements(telemetry, name)
  const address = readAddress(options.url)
  let pool = open(address, options)

  function replace(stuck: Pool): void {
    if (pool !== stuck) return
    pool = open(address, options)
    replaced()
    stuck.end({ timeout: 5 }).catch(() => {})
  }

  async function run<T>(ask: (pool: Pool) => Promise<T>, timeoutMs: number): Promise<T> {
    const used = pool
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        replace(used)
        reject(new OutcomeUnknown(`no answer within ${Math.round(timeoutMs)} ms`))
      }, timeoutMs)
    })
    try {
      return await Promise.race([ask(used), late])
    } catch (error) {
      throw isOfPooler(error) ? new OutcomeUnknown(UNANNOUNCED, error) : classify(error)
    } finally {
      clearTimeout(timer)
    }
  }

  const database: Database = {
    query: <Row>(text: string, parameters: readonly unknown[], { timeoutMs = QUERY_TIMEOUT_MS }: QueryOptions = {}) =>
      run(
        async (pool) => whole(await pool.unsafe(text, parameters as never[], { prepare: true })),
        timeoutMs,
      ) as Promise<Row[]>,
    values: (text, parameters, { timeoutMs = QUERY_TIMEOUT_MS } = {}) =>
      run(async (pool) => whole(await pool.unsafe(text, parameters as never[], { prepare: true }).values()), timeoutMs),
    script: (text, { timeoutMs = SCRIPT_TIMEOUT_MS } = {}) =>
      run(async (pool) => void (await pool.unsafe(text).simple()), timeoutMs),
    close: () => pool.end({ timeout: 5 }),
  }
  return measured(sentAgain(database), { telemetry, pool: name, connections })
}

/** A pooler refuses what a server would take; `readAddress` has to be told of it. */
const isOfPooler = (error: unknown): boolean => /unsupported startup parameter/.test((error as Error).message)

const UNANNOUNCED = 'there is a pooler in front of it, of which its address must say so: add ?pgbouncer=true'

/**
 * An answer without the gap at its beginning that postgres.js 3.4.9 leaves when the connection died in the middle of
 * the answer before: it goes on numbering the rows of the next one where it was.
 */
const whole = <Row>(rows: Row[]): Row[] => (rows.length === 0 || 0 in rows ? rows : rows.filter(() => true))
