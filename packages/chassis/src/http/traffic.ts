import type { Span } from '@abasto/kernel'
import type { Telemetry } from '../telemetry/telemetry.ts'

/** One request as it is measured: what has been found out about it so far. */
export type Seen = {
  /** The address as the contract writes it, so that there are as many of them as operations; null where there is none. */
  template: string | null
  /** The same for metrics, where pages that have names of their own count as one. */
  label: string
  /** The trace that it belongs to, if its caller or this process has one. */
  traceparent: string | undefined
  span: Span | undefined
}

export const unseen = (): Seen => ({ template: null, label: UNKNOWN, traceparent: undefined, span: undefined })

/** Everything that has no address of ours: their number must not be up to callers. */
const UNKNOWN = 'unknown'

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'PUT'])

/** In seconds: most answers take a millisecond or a few, and nobody waits for more than ten seconds. */
export const DURATIONS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** What is measured of the requests to one app. */
export type Traffic = Readonly<{
  arrived: () => void
  answered: (request: Request, seen: Seen, status: number, requestId: string, seconds: number) => void
  replayed: (operation: string) => void
}>

export function measureTraffic({ metrics }: Telemetry): Traffic {
  const took = metrics.histogram('abasto_http_request_duration_seconds', 'How long requests took.', {
    buckets: DURATIONS,
    labels: ['route', 'method', 'status'],
  })
  const replays = metrics.counter(
    'abasto_http_idempotent_replays_total',
    'Writes that were sent again and answered as the first time.',
    ['operation'],
  )
  let inFlight = 0
  metrics.gauge('abasto_http_requests_in_flight', 'Requests that are not answered yet.', () => inFlight)

  return {
    arrived: () => {
      inFlight++
    },
    answered: ({ method: sent, url }, { label, template, span }, status, requestId, seconds) => {
      inFlight--
      const method = METHODS.has(sent) ? sent : '_OTHER'
      took({ route: label, method, status }, seconds)
      if (!span) return
      const isFault = status >= 500
      span.end(isFault ? String(status) : undefined, {
        'http.request.method': method,
        'http.response.status_code': status,
        'url.path': pathOf(url),
        'url.scheme': 'http',
        'abasto.request_id': requestId,
        ...(template === null ? {} : { 'http.route': template }),
        ...(isFault ? { 'error.type': String(status) } : {}),
      })
    },
    replayed: (operation) => replays({ operation }),
  }
}

const pathOf = (url: string): string => /^[^:]+:\/\/[^/]*([^?]*)/.exec(url)?.[1] ?? ''
