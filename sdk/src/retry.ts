/** The first retry waits up to this long, each further one up to twice as long as the one before. */
const FIRST_WAIT_MS = 100
const LONGEST_WAIT_MS = 5_000

/** A timer that is set for longer fires at once; `Retry-After` may ask for any time. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * Whether the same request may be answered otherwise when it is sent again. A write is sent with the same idempotency
 * key, so sending it again is always safe.
 */
export const isWorthRetrying = (status: number, code: string | undefined): boolean =>
  status === 429 || status === 502 || status === 503 || status === 504 || (status === 409 && code === 'in_progress')

/**
 * Whether a write may have taken effect unnoticed, after an attempt that came to this. `before` is what was so before
 * the attempt. Only an answer about the write itself settles it: it is the first verdict, whichever attempt brought it.
 */
export function mayHaveTakenEffect(before: boolean, status: number | undefined, code: string | undefined): boolean {
  if (status === undefined || status < 400 || status >= 500 || code === 'in_progress') return true
  const says = code !== undefined && status !== 401 && status !== 403 && status !== 408 && status !== 429
  return says ? false : before
}

/**
 * How long to wait before retry number `retry` (1 is the first): a random share of a bound that doubles ("full
 * jitter"), so that clients which failed together do not come back together. Never less than the server asked for.
 */
export function waitBeforeRetryMs(retry: number, retryAfterMs: number | undefined, random = Math.random): number {
  const jitterMs = random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (retry - 1))
  return retryAfterMs === undefined ? jitterMs : retryAfterMs + Math.min(jitterMs, FIRST_WAIT_MS)
}

/** Reads `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3). Undefined when it is neither. */
export function readRetryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined
  if (/^\d+$/.test(header)) return Number(header) * 1_000
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs)
}

/** Waits, at most for the 25 days that a timer can, or comes back at once with the signal's abort. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', wake)
      resolve()
    }
    const timer = setTimeout(wake, Math.min(ms, LONGEST_TIMER_MS))
    signal?.addEventListener('abort', wake)
    if (signal?.aborted) wake()
  })
}
