import type { Trace } from '@abasto/kernel'
import { noTelemetry, type Telemetry } from '../telemetry/telemetry.ts'
import { Contention, type Database, OutcomeUnknown, type QueryOptions } from './database.ts'

/** In seconds: most statements take a millisecond or less, and none may take more than a few. */
const DURATIONS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

export type Measuring = Readonly<{
  telemetry?: Telemetry | undefined
  /** What the connections to the database are called together. */
  pool: string
  /** How many statements it works on at a time. */
  connections: number
  /** The database, by the name that OpenTelemetry has for it. */
  system?: string
}>

/** Measures one statement, by what it is called; a span is begun for it where it is asked for under a trace. */
export type Watch = <T>(statement: string, trace: Trace | undefined, ask: () => Promise<T>) => Promise<T>

/**
 * The same database, with every statement measured, and a span for each that is asked for under a trace. The texts of
 * statements are not shown, and their parameters never: what is done is said by the name that the asker gives it.
 */
export function measured(database: Database, measuring: Measuring): Database {
  const { telemetry = noTelemetry, pool } = measuring
  if (telemetry === noTelemetry) return database
  const watch = watching(measuring)
  // Shown from the start: of a count that appears with its first event, nobody sees that it has risen.
  countReplacements(telemetry, pool)(0)
  const nameOf = (text: string, options: QueryOptions | undefined) => options?.name ?? keywordOf(text)

  return {
    query: (text, parameters, options) =>
      watch(nameOf(text, options), options?.trace, () => database.query(text, parameters, options)),
    values: (text, parameters, options) =>
      watch(nameOf(text, options), options?.trace, () => database.values(text, parameters, options)),
    script: (text, options) => watch('script', undefined, () => database.script(text, options)),
    close: database.close,
  }
}

/** Measures what a pool is asked, whatever the database. */
export function watching({ telemetry = noTelemetry, pool, connections, system = 'postgresql' }: Measuring): Watch {
  if (telemetry === noTelemetry) return (_statement, _trace, ask) => ask()
  const { histogram, gauge, counter } = telemetry.metrics
  const took = histogram(
    'abasto_database_statement_duration_seconds',
    'How long statements took, by what came of them.',
    {
      buckets: DURATIONS,
      labels: ['pool', 'statement', 'outcome'],
    },
  )
  let inFlight = 0
  gauge('abasto_database_statements_in_flight', 'Statements without an answer, waiting ones too.', () => inFlight, {
    pool,
  })

  const most = 'Statements that a pool works on at a time; those beyond them wait.'
  gauge('abasto_database_connections_max', most, () => connections, { pool })
  const unknown = counter('abasto_database_unknown_outcomes_total', 'Statements that nobody answered.', ['pool'])
  unknown({ pool }, 0)

  return async (statement, trace, ask) => {
    const span = trace?.begin(statement, {
      kind: 'client',
      attributes: { 'db.system.name': system, 'db.operation.name': statement, 'abasto.database.pool': pool },
    })
    const startedAt = performance.now()
    let failure: unknown
    inFlight++
    try {
      return await ask()
    } catch (error) {
      failure = error
      throw error
    } finally {
      inFlight--
      const outcome = failure === undefined ? 'ok' : outcomeOf(failure)
      if (outcome === 'unknown') unknown({ pool })
      took({ pool, statement, outcome }, (performance.now() - startedAt) / 1000)
      if (outcome === 'ok') span?.end()
      else span?.end(outcome, { 'error.type': outcome, ...sqlStateOf(failure) })
    }
  }
}

/** Counts how often a pool was given up. */
export function countReplacements({ metrics }: Telemetry, pool: string): (by?: number) => void {
  const name = 'abasto_database_pool_replacements_total'
  const count = metrics.counter(name, 'Pools that were given up because a statement was not answered in time.', [
    'pool',
  ])
  return (by) => count({ pool }, by)
}

const KEYWORDS = ['select', 'insert', 'update', 'delete', 'with']

/** What a statement without a name is called: its first word, of which there are few. */
function keywordOf(text: string): string {
  const word = /\w+/.exec(text)?.[0].toLowerCase() ?? ''
  return KEYWORDS.includes(word) ? word : 'other'
}

function outcomeOf(error: unknown): 'contention' | 'unknown' | 'failed' {
  if (error instanceof Contention) return 'contention'
  return error instanceof OutcomeUnknown ? 'unknown' : 'failed'
}

const sqlStateOf = (error: unknown): Record<string, string> =>
  error instanceof Contention ? { 'db.response.status_code': error.sqlState } : {}
