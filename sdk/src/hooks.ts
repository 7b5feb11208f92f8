/** One attempt of a call, as hooks are told of it. The API key stands in none of it. */
export type AttemptInfo = Readonly<{
  /** The HTTP method. */
  method: string
  /** The whole address. */
  url: string
  /** 1 for the first attempt, 2 for the first retry. */
  attempt: number
  /** For a write: its key, the same for every attempt. */
  idempotencyKey?: string
}>

/** An attempt that failed and is followed by another. */
export type RetryInfo = AttemptInfo &
  Readonly<{
    /** The HTTP status; 0 when there was no answer. */
    status: number
    /** What went wrong: the code of the server, `connection_failed` or `timed_out`; undefined when nobody said. */
    code: string | undefined
    /** The `X-Request-ID` of the answer, if there was one. */
    requestId: string | null
    /** How long the SDK now waits, in milliseconds. */
    waitMs: number
  }>

/** What is told about the answer of a call, whether it succeeded or was refused. */
export type ResponseInfo = Readonly<{
  /** The HTTP method. */
  method: string
  /** The whole address. */
  url: string
  /** The HTTP status. */
  status: number
  /** The `X-Request-ID` of the answer: what to look for in the server's log. */
  requestId: string | null
  /** Whether the server had decided this write before and answered its first verdict again. */
  replayed: boolean
  /** How often the request was sent; 1 when the first attempt was answered. */
  attempts: number
}>

/** Told before every attempt. What it returns is sent along as headers, such as `traceparent`. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook that only looks returns nothing at all.
export type OnRequest = (info: AttemptInfo) => Readonly<Record<string, string>> | void
/** Told after an attempt that failed, before the SDK waits and sends it again. */
export type OnRetry = (info: RetryInfo) => void
/** Told once about the final answer of a call, before it resolves or rejects. */
export type OnResponse = (info: ResponseInfo) => void

/**
 * What may watch calls. A hook cannot break one: what it throws is passed over. And it cannot change what is sent: the
 * headers of the SDK itself, the idempotency key among them, are not its to set.
 */
export type Hooks = Readonly<{
  /** Told before every attempt. What it returns is sent along as headers, such as `traceparent`. */
  onRequest?: OnRequest | undefined
  /** Told after an attempt that failed, before the SDK waits and sends it again. */
  onRetry?: OnRetry | undefined
  /** Told once about the final answer of a call, before it resolves or rejects. */
  onResponse?: OnResponse | undefined
}>

/** Tells both hooks, that of the client first. */
export function tell<Info>(info: Info, ...hooks: (((info: Info) => unknown) | undefined)[]): unknown[] {
  return hooks.map((hook) => {
    try {
      const result = hook?.(info)
      // An async hook that rejects would end the process as an unhandled rejection.
      if (result instanceof Promise) result.catch(() => {})
      return result
    } catch {
      return undefined
    }
  })
}

// Those that decide what a request means, whether this one carries them or not.
const OURS = ['accept', 'content-type', 'x-api-key', 'idempotency-key', 'if-match', 'if-none-match']

/** The headers of a request and those that hooks add. What `fetch` would refuse is left out: it would fail the call. */
export function headersWith(own: Readonly<Record<string, string>>, added: readonly unknown[]): Record<string, string> {
  const headers = { ...own }
  for (const extra of added) {
    for (const [name, value] of Object.entries(extra ?? {})) {
      const fits = /^[\w!#$%&'*+.^`|~-]+$/.test(name) && typeof value === 'string' && /^[\x20-\x7e]*$/.test(value)
      if (fits && !OURS.includes(name.toLowerCase())) headers[name] = value
    }
  }
  return headers
}
