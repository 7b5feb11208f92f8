import type { Trace } from '@abasto/kernel'

/**
 * One SQL database, whichever driver speaks to it. Whole numbers (`bigint`) come back as numbers, moments
 * (`timestamptz`) as RFC 3339 text in UTC, JSON as values.
 *
 * There is no `begin`: every effect is one statement. A driver that loses its connection between two statements of a
 * transaction can therefore tear nothing (see `docs/decisions/`).
 */
export type Database = Readonly<{
  /** Runs one prepared statement and returns its rows as objects. */
  query: <Row>(text: string, parameters: readonly Parameter[], options?: QueryOptions) => Promise<Row[]>
  /** The same, each row an array in the order of its columns. */
  values: (text: string, parameters: readonly Parameter[], options?: QueryOptions) => Promise<unknown[][]>
  /** Runs several statements as one message, all or nothing. For migrations. */
  script: (text: string, options?: ScriptOptions) => Promise<void>
  close: () => Promise<void>
}>

export type Parameter = string | number | boolean | null

export type QueryOptions = Readonly<{
  /** How long to wait for the answer, in milliseconds. */
  timeoutMs?: number
  /** What the statement does, in a word or three; one of few, for metrics and traces. */
  name?: string
  /** The part of a trace that the statement is asked for in. */
  trace?: Trace | undefined
}>

export type ScriptOptions = Pick<QueryOptions, 'timeoutMs'>

/** How long a statement may take unless the caller says otherwise, in milliseconds. */
export const QUERY_TIMEOUT_MS = 3_000

/** The same of a script. */
export const SCRIPT_TIMEOUT_MS = 60_000

/**
 * The statement lost a race and had no effect: a unique violation, a serialization failure, a deadlock, a lock that
 * was not to be had. Read again and decide again.
 */
export class Contention extends Error {
  override readonly name = 'Contention'
  readonly sqlState: string
  /** The constraint that was violated, for a unique violation. */
  readonly constraint: string | undefined

  constructor(sqlState: string, constraint: string | undefined, cause: unknown) {
    super(`the statement lost a race (${sqlState}${constraint ? `, ${constraint}` : ''})`, { cause })
    this.sqlState = sqlState
    this.constraint = constraint
  }
}

/**
 * No answer: the connection was lost or the time was up. The statement may or may not have taken effect; sending the
 * same operation id again finds out.
 */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown'

  constructor(reason: string, cause?: unknown) {
    super(`the database did not answer: ${reason}`, { cause })
  }
}

// unique_violation, serialization_failure, deadlock_detected, lock_not_available
const CONTENTION = new Set(['23505', '40001', '40P01', '55P03'])

// Class 08 are connection exceptions, 57P01 to 57P03 a server that goes down or comes up, 53300 too many connections,
// 57014 a statement cancelled by its timeout, 25006 a server that only reads: it was the primary, or is to become it.
const UNREACHABLE = /^(08...|57P0[123]|53300|57014|25006)$/

/** Sorts what a driver threw: contention, an unknown outcome, or a bug, which is thrown on as it is. */
export function classify(error: unknown): unknown {
  const { code, constraint, constraint_name, message } = error as Record<string, string | undefined>
  if (typeof code !== 'string') return error
  if (CONTENTION.has(code)) return new Contention(code, constraint_name ?? constraint, error)
  if (UNREACHABLE.test(code)) return new OutcomeUnknown(`${code}, ${message}`, error)
  if (!/^[0-9A-Z]{5}$/.test(code)) return new OutcomeUnknown(code, error)
  return error
}

/** Text of a `timestamptz`, as PostgreSQL writes it in UTC, as RFC 3339 with milliseconds and `Z`. */
export function momentFromSql(text: string): string {
  const fraction = text.slice(20, -3)
  const isInUtc = text.endsWith('+00') && (text.length === 22 || text[19] === '.')
  // Years past 9999 and the like are for the parser of dates; everything else only changes its punctuation.
  if (!isInUtc) return new Date(text.replace(' ', 'T')).toISOString()
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${fraction.slice(0, 3).padEnd(3, '0')}Z`
}
