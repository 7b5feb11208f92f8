import type { Failure } from './failure.ts'

/** What a use case gives back: a value, or the failure that was expected. Bugs throw instead. */
export type Result<T, F extends Failure = Failure> = Ok<T> | Err<F>

/** `replayed` is set when the value was decided by an earlier send of the same operation. */
export type Ok<T> = Readonly<{ ok: true; value: T; replayed?: boolean }>

/** `replayed` is set when the refusal was decided by an earlier send of the same operation. */
export type Err<F extends Failure = Failure> = Readonly<{ ok: false; error: F; replayed?: boolean }>

export const ok = <T>(value: T): Ok<T> => ({ ok: true, value })

export const fail = <F extends Failure>(error: F): Err<F> => ({ ok: false, error })

/**
 * Whether a verdict is kept with its operation id. A command that is not allowed as it stands can never take effect,
 * so there is nothing to repeat: its caller may mend it and send it again under the same key.
 */
export const isKept = (verdict: Result<unknown>): boolean => verdict.ok || verdict.error.kind !== 'invalid'

/** The same verdict, marked as one that had been given before. */
export const replayed = <T, F extends Failure>(result: Result<T, F>): Result<T, F> => ({ ...result, replayed: true })
