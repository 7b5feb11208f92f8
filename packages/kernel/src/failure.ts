/**
 * The closed set of reasons for which a request can be refused. Each is mapped to HTTP and to gRPC in exactly one
 * place; a new kind is a change to the public API.
 */
export type FailureKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'precondition'
  | 'rate_limited'
  | 'unavailable'

/**
 * An expected failure, as a value.
 *
 * - `code` is stable and public: clients switch on it (`insufficient_stock`).
 * - `message` is one sentence for a person.
 * - `at` is the path of the fault inside the command, in the command's own member names.
 * - `details` are typed per code and become the error's `meta` on the public API.
 */
export type Failure = Readonly<{
  kind: FailureKind
  code: string
  message: string
  at?: readonly (string | number)[]
  details?: Readonly<Record<string, unknown>>
}>

/** A value that the field does not allow: a quantity of 0, a price of -1. */
export const invalid = (code: string, message: string, at: readonly (string | number)[]): Failure => ({
  kind: 'invalid',
  code,
  message,
  at,
})

/** Nothing of this name exists, or no longer. */
export const notFound = (what: string, id: string): Failure => ({
  kind: 'not_found',
  code: `${what.replaceAll(' ', '_')}_not_found`,
  message: `There is no ${what} ${id}.`,
  details: { id },
})

/**
 * The work could not be finished in time. For a write the outcome is unknown: send the same operation again, it takes
 * effect once.
 */
export const unavailable = (message: string, details?: Failure['details']): Failure => ({
  kind: 'unavailable',
  code: 'unavailable',
  message,
  ...(details ? { details } : {}),
})

/** A write whose outcome its caller may not wait for any longer. */
export const unconfirmed = unavailable('The write was not confirmed in time. Send it again with the same key.')

/** One name for two different writes: only the first is done. */
export const keyReused: Failure = {
  kind: 'invalid',
  code: 'idempotency_key_reused',
  message: 'The idempotency key was used before, for another command.',
  at: ['idempotencyKey'],
}

/** The caller wants to change what it saw, and that has changed since. */
export const versionMismatch = (expected: number, current: number): Failure => ({
  kind: 'precondition',
  code: 'version_mismatch',
  message: `The version is ${current}, not ${expected}.`,
  at: ['ifMatch'],
})
