import type { FailureStatuses, ServerFailures } from './types.gen.ts'

/** Failures that the server did not send: no answer came, or none that can be read. */
export type ClientFailures = {
  /** No connection, or it was lost before the whole answer was there. */
  readonly connection_failed: Readonly<Record<string, unknown>>
  /** The time given for the call ran out. */
  readonly timed_out: Readonly<Record<string, unknown>>
  /** The caller's `signal` aborted; `cause` is its reason. */
  readonly aborted: Readonly<Record<string, unknown>>
  /** Something between here and the server has had too many requests, after all retries. */
  readonly rate_limited: Readonly<Record<string, unknown>>
  /** What answered is not Abasto, or something in between answered for it. */
  readonly unexpected_answer: { readonly contentType: string | null; readonly location?: string }
}

/** Every code that a call can fail with, and the details that come with it. */
export type Failures = ServerFailures & ClientFailures

/** The codes of `Failures`. */
export type FailureCode = keyof Failures

/** One error object of the server's answer, in flat form. */
export type ErrorItem = Readonly<{
  /** What is wrong, for programs. */
  code: string
  /** The HTTP status of this error. */
  status: number
  /** The same sentence for every failure of this code. */
  title: string
  /** One sentence about this failure. */
  detail: string
  /** Where in the document, the query or the headers the fault is. */
  source?: Readonly<{ pointer?: string; parameter?: string; header?: string }>
  /** What belongs to the code. */
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

// Shared by every copy of this package in a process: it may be loaded twice, as a module and as CommonJS.
const BRAND = Symbol.for('@abasto/sdk/failure')

/** Every failure of a call, before its code is known to the type checker: what `AbastoError` and its kinds are made of. */
export class Failed<Code extends string, Details> extends Error {
  /** What went wrong, for programs. */
  readonly code: Code
  /** What belongs to the code, such as `available` for `insufficient_stock`. */
  readonly details: Details
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number
  /** The `X-Request-ID` of the last answer: what to look for in the server's log. */
  readonly requestId: string | undefined
  /** All the errors of the answer, this one first; empty when there was none. */
  readonly errors: readonly ErrorItem[]
  /** How often the request was sent. */
  readonly attempts: number
  /** For a write: the key it was sent with. */
  readonly idempotencyKey: string | undefined
  /** For a write: whether it may have taken effect all the same. Sent again with `idempotencyKey` it takes effect once. */
  readonly outcomeUnknown: boolean
  /** How long the server asked to wait before the next try, in milliseconds. */
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

/** Any failure at all. */
export type AnyFailure = Failed<string, unknown>

/** The failures with these codes, each with its details. */
export type FailureOf<Code extends FailureCode> = { [C in Code]: Failed<C, Failures[C]> }[Code]

/** The codes that the server sends with these statuses. */
export type CodeWith<Status extends number> = {
  [C in keyof FailureStatuses]: FailureStatuses[C] extends Status ? C : never
}[keyof FailureStatuses]

/** The class of a kind of failures, so that `instanceof` narrows to it, whichever copy of this package threw. */
export type FailureClass<Failure> = {
  /** What its instances have in common. */
  readonly prototype: Failure
  /** Makes one, as a test or a fake of this client may want to. */
  new (code: string, message: string, details: unknown, known: Circumstances, cause?: unknown): Failure
  /** Whether `value` is one. */
  [Symbol.hasInstance](value: unknown): value is Failure
}

/** Makes the class of a kind of failures: a branch of `parent`, or the root of the tree. */
export function kindOfFailure<Failure>(name: string, parent?: FailureClass<AnyFailure>): FailureClass<Failure> {
  const Parent = (parent ?? Failed) as typeof Failed<string, unknown>
  const Kind = class extends Parent {}
  const isInstance = function (this: unknown, value: unknown): boolean {
    // What a program derives from a kind is told by its prototype, as always.
    if (this !== Kind) return Function.prototype[Symbol.hasInstance].call(this as typeof Kind, value)
    const brand = (value as { [BRAND]?: string } | null | undefined)?.[BRAND]
    return parent ? brand === name : brand !== undefined
  }
  Object.defineProperties(Kind, { name: { value: name }, [Symbol.hasInstance]: { value: isInstance } })
  // On the prototype, and not on each failure, so that a stack begins with it.
  Object.defineProperty(Kind.prototype, 'name', { value: name, writable: true, configurable: true })
  Object.defineProperty(Kind.prototype, BRAND, { value: name })
  return Kind as unknown as FailureClass<Failure>
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
