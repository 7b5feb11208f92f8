import type { ServerFailures } from './types.gen.ts'

/** Failures that the server did not send: no answer came, or none that can be read. */
export type ClientFailures = {
  /** No connection, or it was lost before the whole answer was there. */
  readonly connection_failed: Readonly<Record<string, unknown>>
  /** The time given for the call ran out. */
  readonly timed_out: Readonly<Record<string, unknown>>
  /** The caller's `signal` aborted; `cause` is its reason. */
  readonly aborted: Readonly<Record<string, unknown>>
  /** What answered is not Abasto, or something in between answered for it. */
  readonly unexpected_answer: { readonly contentType: string | null; readonly location?: string }
}

/** Every code that a call can fail with, and the details that come with it. */
export type Failures = ServerFailures & ClientFailures
export type FailureCode = keyof Failures

/** One error object of the server's answer, in flat form. */
export type ErrorItem = Readonly<{
  code: string
  status: number
  /** The same sentence for every failure of this code. */
  title: string
  /** One sentence about this failure. */
  detail: string
  /** Where in the document, the query or the headers the fault is. */
  source?: Readonly<{ pointer?: string; parameter?: string; header?: string }>
  details: Readonly<Record<string, unknown>>
}>

/** What is known about a failure besides its code, message and details. */
export type Circumstances = Readonly<{
  /** The HTTP status; 0 when there was no answer. */
  status: number
  /** The `X-Request-ID` of the last answer: what to look for in the server's log. */
  requestId?: string
  /** All the errors of the answer; empty when there was none. */
  errors: readonly ErrorItem[]
  /** How often the request was sent. */
  attempts: number
  /** For a write: the key it was sent with. */
  idempotencyKey?: string
  /**
   * For a write: whether it may have taken effect all the same. Send it again with `idempotencyKey`: it takes effect
   * once, and the first verdict is answered.
   */
  outcomeUnknown: boolean
  /** How long the server asked to wait before the next try, in milliseconds. */
  retryAfterMs?: number
}>

/** Every failure of a call, before its code is known to the type checker. */
export class Failed<Code extends string, Details> extends Error {
  override readonly name = 'AbastoError'
  readonly code: Code
  readonly details: Details
  readonly status: number
  readonly requestId: string | undefined
  readonly errors: readonly ErrorItem[]
  readonly attempts: number
  readonly idempotencyKey: string | undefined
  readonly outcomeUnknown: boolean
  readonly retryAfterMs: number | undefined

  constructor(code: Code, message: string, details: Details, known: Circumstances, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.details = details
    this.status = known.status
    this.requestId = known.requestId
    this.errors = known.errors
    this.attempts = known.attempts
    this.idempotencyKey = known.idempotencyKey
    this.outcomeUnknown = known.outcomeUnknown
    this.retryAfterMs = known.retryAfterMs
  }
}

/**
 * What every call of the SDK rejects with. Switch on `code`; `details` then has the type of that code:
 *
 * ```ts
 * try {
 *   await abasto.purchases.create({ productId, quantity: 3 })
 * } catch (error) {
 *   if (error instanceof AbastoError && error.code === 'insufficient_stock') console.log(error.details.available)
 *   else throw error
 * }
 * ```
 *
 * A newer server may send a code that this union does not name yet. It arrives like any other, with its `status`,
 * `message` and `details`, so keep a `default` where you switch.
 */
export type AbastoError = { [Code in FailureCode]: Failed<Code, Failures[Code]> }[FailureCode]

/** The class of the union, so that `error instanceof AbastoError` narrows to it. */
export const AbastoError = Failed as unknown as {
  readonly prototype: AbastoError
  new (code: string, message: string, details: unknown, known: Circumstances, cause?: unknown): AbastoError
}

type ErrorObject = {
  code?: string
  status?: string
  title?: string
  detail?: string
  source?: ErrorItem['source']
  meta?: Record<string, unknown>
}

/** The errors of a JSON:API error document, or undefined when it is none. */
export function errorsOf(document: unknown, status: number): ErrorItem[] | undefined {
  const errors = (document as { errors?: ErrorObject[] } | null | undefined)?.errors
  if (!Array.isArray(errors) || errors.length === 0) return undefined
  return errors.map(({ code, status: own, title, detail, source, meta }) => ({
    code: code ?? 'unexpected_answer',
    status: Number(own) || status,
    title: title ?? `HTTP ${status}`,
    detail: detail ?? title ?? `HTTP ${status}`,
    ...(source ? { source } : {}),
    details: meta ?? {},
  }))
}
