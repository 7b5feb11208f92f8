import {
  type AnyFailure,
  type CodeWith,
  type FailureClass,
  type FailureCode,
  type FailureOf,
  kindOfFailure,
} from './failure.ts'

/**
 * What every call of the SDK rejects with. Switch on `code`; `details` then has the type of that code:
 *
 * ```ts
 * try {
 *   await abasto.purchases.create({ productId: lamp.id, quantity: 3 })
 * } catch (error) {
 *   if (error instanceof AbastoError && error.code === 'insufficient_stock') console.log(error.details.available)
 *   else throw error
 * }
 * ```
 *
 * A newer server may send a code that this union does not name yet. It arrives like any other, with its `status`,
 * `message` and `details`, so keep a `default` where you switch.
 */
export type AbastoError = FailureOf<FailureCode>
/** The root of the tree: every failure of a call is an instance, whichever copy of this package threw it. */
export const AbastoError: FailureClass<AbastoError> = kindOfFailure('AbastoError')

const branch = <Failure>(name: string): FailureClass<Failure> =>
  kindOfFailure(name, AbastoError as FailureClass<AnyFailure>)

/** No connection, or it was lost before the whole answer was there. */
export type ConnectionError = FailureOf<'connection_failed'>
/** No connection, or it was lost before the whole answer was there. */
export const ConnectionError: FailureClass<ConnectionError> = branch('ConnectionError')

/** The time for the call ran out. */
export type TimeoutError = FailureOf<'timed_out'>
/** The time for the call ran out. */
export const TimeoutError: FailureClass<TimeoutError> = branch('TimeoutError')

/** The caller's `signal` ended the call; `cause` is its reason. */
export type AbortedError = FailureOf<'aborted'>
/** The caller's `signal` ended the call; `cause` is its reason. */
export const AbortedError: FailureClass<AbortedError> = branch('AbortedError')

/** What answered is not Abasto: look at the `baseUrl`. */
export type UnexpectedAnswerError = FailureOf<'unexpected_answer'>
/** What answered is not Abasto: look at the `baseUrl`. */
export const UnexpectedAnswerError: FailureClass<UnexpectedAnswerError> = branch('UnexpectedAnswerError')

/** The request is wrong in itself (400, 405, 406, 413, 415, 422); `errors` says what and where. */
export type InvalidRequestError = FailureOf<CodeWith<400 | 405 | 406 | 413 | 415 | 422>>
/** The request is wrong in itself (400, 405, 406, 413, 415, 422); `errors` says what and where. */
export const InvalidRequestError: FailureClass<InvalidRequestError> = branch('InvalidRequestError')

/** The key is missing or not the server's (401). */
export type AuthenticationError = FailureOf<CodeWith<401>>
/** The key is missing or not the server's (401). */
export const AuthenticationError: FailureClass<AuthenticationError> = branch('AuthenticationError')

/** The key is known and may not do this (403). */
export type PermissionError = FailureOf<CodeWith<403>>
/** The key is known and may not do this (403). */
export const PermissionError: FailureClass<PermissionError> = branch('PermissionError')

/** There is none, or no longer (404). */
export type NotFoundError = FailureOf<CodeWith<404>>
/** There is none, or no longer (404). */
export const NotFoundError: FailureClass<NotFoundError> = branch('NotFoundError')

/** What there is does not allow it: too little stock, a SKU that is taken (409). */
export type ConflictError = FailureOf<CodeWith<409>>
/** What there is does not allow it: too little stock, a SKU that is taken (409). */
export const ConflictError: FailureClass<ConflictError> = branch('ConflictError')

/** It has changed since the `etag` that `ifMatch` named (412): read again, decide again. */
export type PreconditionFailedError = FailureOf<CodeWith<412>>
/** It has changed since the `etag` that `ifMatch` named (412): read again, decide again. */
export const PreconditionFailedError: FailureClass<PreconditionFailedError> = branch('PreconditionFailedError')

/** Too many requests, after all retries (429); `retryAfterMs` says when to come back. */
export type RateLimitError = FailureOf<'rate_limited'>
/** Too many requests, after all retries (429); `retryAfterMs` says when to come back. */
export const RateLimitError: FailureClass<RateLimitError> = branch('RateLimitError')

/** The server cannot at the moment, after all retries (502, 503, 504): send the same key again later. */
export type UnavailableError = FailureOf<CodeWith<502 | 503 | 504>>
/** The server cannot at the moment, after all retries (502, 503, 504): send the same key again later. */
export const UnavailableError: FailureClass<UnavailableError> = branch('UnavailableError')

/** A bug of the server (500): report `requestId`. */
export type ServerError = FailureOf<CodeWith<500>>
/** A bug of the server (500): report `requestId`. */
export const ServerError: FailureClass<ServerError> = branch('ServerError')

const BY_CODE: Readonly<Record<string, FailureClass<unknown>>> = {
  connection_failed: ConnectionError,
  timed_out: TimeoutError,
  aborted: AbortedError,
  unexpected_answer: UnexpectedAnswerError,
}

const BY_STATUS: Readonly<Record<number, FailureClass<unknown>>> = {
  401: AuthenticationError,
  403: PermissionError,
  404: NotFoundError,
  409: ConflictError,
  412: PreconditionFailedError,
  429: RateLimitError,
  502: UnavailableError,
  503: UnavailableError,
  504: UnavailableError,
}

/** The class of a failure, also of one whose code only a newer server knows. */
export const classOf = (code: string, status: number): FailureClass<AbastoError> =>
  (BY_CODE[code] ??
    BY_STATUS[status] ??
    (status >= 500 ? ServerError : InvalidRequestError)) as FailureClass<AbastoError>
