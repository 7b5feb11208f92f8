import { errorsOf } from './failure.ts'
import { classOf } from './failure-kinds.ts'
import type { Attempt, Request } from './transport.ts'

/** What the retries came to, beside the last attempt. */
type Tries = Readonly<{ attempts: number; outcomeUnknown: boolean; retryAfterMs: number | undefined }>

/** The error that a call rejects with, from its last attempt: what went wrong, and what can be done about it. */
export function explain(request: Request, attempt: Attempt, { attempts, outcomeUnknown, retryAfterMs }: Tries) {
  const { idempotencyKey } = request
  const { response } = attempt
  const requestId = response?.headers.get('X-Request-ID')
  const errors = (response && errorsOf(attempt.document, response.status)) ?? []
  const unknown = outcomeUnknown && idempotencyKey !== undefined
  const { code, sentence, details } = reasonOf(request, attempt, attempts)
  const advice = unknown
    ? ` Whether it took effect is not known: send it again with idempotencyKey "${idempotencyKey}", and it takes effect once.`
    : ''
  const status = response?.status ?? 0
  const known = {
    status,
    errors,
    attempts,
    outcomeUnknown: unknown,
    ...(requestId ? { requestId } : {}),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
  const Kind = classOf(code, status)
  return new Kind(code, sentence + advice, details, known, response ? undefined : attempt.cause)
}

type Reason = { code: string; sentence: string; details: Readonly<Record<string, unknown>> }

function reasonOf(request: Request, attempt: Attempt, attempts: number): Reason {
  const { origin } = new URL(request.url)
  const times = attempts === 1 ? 'one attempt' : `${attempts} attempts`
  if (!attempt.response) {
    const { code, cause } = attempt
    if (code === 'aborted') return { code, sentence: 'The caller ended the call.', details: {} }
    if (code === 'timed_out') return { code, sentence: `${origin} did not answer in time (${times}).`, details: {} }
    const why = cause instanceof Error ? deepest(cause).message : String(cause)
    return { code, sentence: `No answer from ${origin} (${times}): ${closed(why)}`, details: {} }
  }

  const { response, document } = attempt
  const [first, ...more] = errorsOf(document, response.status) ?? []
  if (first) {
    const others = more.length === 0 ? '' : ` (and ${more.length} more, see errors)`
    const hint = response.status === 401 ? ` Is the apiKey the one of ${origin}?` : ''
    return { code: first.code, sentence: `${closed(first.detail)}${others}${hint}`, details: first.details }
  }
  const contentType = response.headers.get('Content-Type')
  if ([502, 503, 504].includes(response.status)) {
    return { code: 'unavailable', sentence: `${origin} answered ${response.status} (${times}).`, details: {} }
  }
  if (response.status === 429)
    return { code: 'rate_limited', sentence: `${origin} has too many requests (${times}).`, details: {} }
  const location = response.headers.get('Location')
  if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
    const sentence = `${origin} leads elsewhere${location ? `, to ${location}` : ''}: use that address as the baseUrl.`
    return { code: 'unexpected_answer', sentence, details: { contentType, ...(location ? { location } : {}) } }
  }
  const what = `${request.method} ${request.url} was answered with ${response.status} and ${contentType ?? 'no content type'}`
  return { code: 'unexpected_answer', sentence: `${what}: is that an Abasto server?`, details: { contentType } }
}

/** The sentence with a full stop, also when whoever wrote it left it out. */
const closed = (sentence: string): string => (/[.!?]$/.test(sentence) ? sentence : `${sentence}.`)

/** What really happened: Node hides "connection refused" behind "fetch failed". */
function deepest(error: Error): Error {
  return error.cause instanceof Error ? deepest(error.cause) : error
}
