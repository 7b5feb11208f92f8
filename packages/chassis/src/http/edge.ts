import { isWrite } from '@abasto/contract/operation'
import type { Caller, Result } from '@abasto/kernel'
import { type Authenticate, isAllowed } from '../identity.ts'
import type { Log } from '../log.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import { readTraceparent, traceIdOf } from '../telemetry/traceparent.ts'
import { readDocument } from './body.ts'
import { type Exchange, exchanges } from './exchange.ts'
import { isIdempotencyKey } from './idempotency.ts'
import { isAcceptable } from './negotiation.ts'
import { readIfMatch } from './precondition.ts'
import { decodePercent, NO_QUERY, type Query, readQuery } from './query.ts'
import { type FailureTable, type Refusal, refusalOf } from './refusal.ts'
import { type Extra, emptyReply, errorReply, MEDIA_TYPE } from './reply.ts'
import type { Found, Route } from './routes.ts'
import { EVENT_STREAM } from './streaming.ts'
import { type Seen, type Traffic, unseen } from './traffic.ts'

/** What answers an address outside the API: the docs, the health of the process. */
export type Pages = (path: string, request: Request, requestId: string) => Response | Promise<Response> | undefined

export type EdgeOptions = Readonly<{
  failures: FailureTable
  find: (path: string) => Found | null
  authenticate: Authenticate
  pages: Pages
  /** The framework: finds the route again, validates the document, and calls what answers. */
  dispatch: (request: Request) => Response | Promise<Response>
  log: Log
  telemetry: Telemetry
  traffic: Traffic
  newId: () => string
}>

/** Tells a browser or a client library how to authenticate (RFC 9110, section 11.6.1). */
const CHALLENGE: Extra = { 'WWW-Authenticate': 'ApiKey realm="abasto", header="X-API-Key"' }

/**
 * Everything between the socket and the framework: the request id, one log line per request, the checks that are the
 * same for all operations, in a fixed order, and the last catch. Elysia's own hooks for these cannot be relied on
 * (they run twice, or not at all), so they are here, in one place that can be read from top to bottom.
 */
export function createEdge(options: EdgeOptions): (request: Request) => Promise<Response> {
  const { failures, log, traffic, newId } = options

  return async function fetch(request) {
    const startedAt = performance.now()
    traffic.arrived()
    const sentId = request.headers.get('x-request-id')
    const requestId = sentId !== null && REQUEST_ID.test(sentId) ? sentId : newId()
    const seen = unseen()
    let response: Response
    try {
      response = await answer(options, request, requestId, seen)
    } catch (error) {
      const fields = { error: error instanceof Error ? error : String(error) }
      log.error('request.failed', fields, requestId, traceIdOf(seen.traceparent))
      response = errorReply([internalError], failures, requestId)
    }
    const ms = performance.now() - startedAt
    const { method } = request
    const { status } = response
    log.info(
      'request.completed',
      { method, route: seen.template, status, duration_ms: Math.round(ms * 1000) / 1000 },
      requestId,
      traceIdOf(seen.traceparent),
    )
    traffic.answered(request, seen, status, requestId, ms / 1000)
    return response
  }
}

const REQUEST_ID = /^[\x21-\x7e]{1,128}$/

const internalError: Refusal = { code: 'internal_error', detail: 'The fault was logged under the id of this request.' }

async function answer(options: EdgeOptions, request: Request, requestId: string, seen: Seen): Promise<Response> {
  const { failures, find, pages, dispatch, telemetry } = options
  const { url, method, headers } = request
  // Probes of HTTP/1.0 name no host, and then the address has none either.
  const address = url.startsWith('/') ? url : url.slice(url.indexOf('/', url.indexOf('://') + 3))
  const mark = address.indexOf('?')
  const path = mark < 0 ? address : address.slice(0, mark)
  const refuse = (refusals: readonly Refusal[], extra?: Extra) =>
    errorReply(refusals, failures, requestId, extra ? { extra } : {})

  const found = find(path)
  if (!found) {
    const page = pages(path, request, requestId)
    if (page !== undefined) {
      seen.template = path
      seen.label = path.startsWith('/docs/') ? '/docs/{file}' : path
      return page
    }
    follow(telemetry, request, seen, method)
    if (decodePercent(path) === null) return refuse([malformedPath])
    return refuse([{ code: 'route_not_found', detail: 'No operation has this address; see /openapi.json.' }])
  }
  const { place } = found
  const route = place.routes.get(method === 'HEAD' ? 'GET' : method)
  if (route) {
    seen.template = route.template
    seen.label = route.template
  }
  follow(telemetry, request, seen, route ? `${method} ${route.template}` : method)
  if (method === 'OPTIONS') return emptyReply(204, requestId, { Allow: place.allow })
  if (!route) {
    const detail = `This address takes ${place.allow}.`
    return refuse([{ code: 'method_not_allowed', detail }], { Allow: place.allow })
  }

  const asked = options.authenticate(headers)
  const authenticated: Result<Caller> = asked instanceof Promise ? await asked : asked
  if (!authenticated.ok) {
    const refusal = refusalOf(authenticated.error, NOTHING_SENT)
    return refuse([refusal], refusal.kind === 'unauthenticated' ? CHALLENGE : undefined)
  }
  const caller = authenticated.value
  const { permission } = route.operation
  if (!isAllowed(caller, permission)) {
    return refuse([{ code: 'forbidden', detail: `This needs the permission ${permission}.` }])
  }

  const served = route.operation.action === 'stream' ? EVENT_STREAM : MEDIA_TYPE
  if (!isAcceptable(headers.get('accept'), served)) {
    const detail = `The header Accept must allow ${served} without parameters.`
    return refuse([{ code: 'not_acceptable', detail, source: { header: 'Accept' } }])
  }

  let query: Query = NO_QUERY
  if (mark >= 0) {
    const read = readQuery(address.slice(mark + 1), route.queryRules)
    if (!read.ok) return refuse(read.error)
    query = read.value
  }
  const id = decodePercent(found.id)
  if (id === null) return refuse([malformedPath])

  let idempotencyKey: string | null = null
  let ifMatch: number | undefined
  let document: unknown
  if (isWrite(route.operation)) {
    idempotencyKey = headers.get('idempotency-key')
    if (idempotencyKey !== null && !isIdempotencyKey(idempotencyKey)) return refuse([malformedKey])
    const condition = headers.get('if-match')
    if (condition !== null && route.parameter !== undefined) {
      // A condition that nobody would look at may not be passed over (RFC 9110, section 13.1.1).
      if (!route.isConditional) return refuse([unconditional])
      const read = readIfMatch(condition)
      if (!read.ok) return refuse([read.error])
      ifMatch = read.value
    }
  }
  if (route.parameter !== undefined && !route.isId(id)) return refuse([noSuchId(route, id)])
  if (method === 'POST' || method === 'PATCH') {
    const read = await readDocument(request, emptyDocumentOf(route))
    if (!read.ok) return refuse(read.error)
    document = read.value
  }

  const exchange: Exchange = {
    request,
    requestId,
    address,
    route,
    id,
    caller,
    query,
    ifMatch,
    idempotencyKey,
    document,
    span: seen.span,
    traceparent: seen.traceparent,
  }
  const dispatched = dispatchable(request, path, id, route)
  exchanges.set(dispatched, exchange)
  const response = await dispatch(dispatched)
  // The framework turns what is thrown into an answer of its own, which would show the message to the caller.
  if ('thrown' in exchange) throw exchange.thrown
  return response
}

/** Goes on with the trace of the caller, or begins one where traces are collected. */
function follow({ trace }: Telemetry, { headers }: Request, seen: Seen, name: string): void {
  const header = headers.get('traceparent')
  if (header !== null && readTraceparent(header)) seen.traceparent = header
  seen.span = trace(name, seen.traceparent)
  if (seen.span) seen.traceparent = seen.span.traceparent
}

const NOTHING_SENT = { attributes: {}, relationships: {}, isCreate: false }

const malformedPath: Refusal = {
  code: 'invalid_parameter',
  detail: 'The path is not well-formed: a "%" must begin the two hexadecimal digits of a byte of UTF-8.',
}

const malformedKey: Refusal = {
  code: 'invalid_header',
  detail: 'Idempotency-Key is 1 to 255 characters of printable ASCII.',
  source: { header: 'Idempotency-Key' },
}

const unconditional: Refusal = {
  code: 'invalid_header',
  detail: 'This address takes no If-Match.',
  source: { header: 'If-Match' },
}

/** What an operation that may be sent without a document is taken to have been sent with. */
const emptyDocumentOf = ({ submission }: Route): unknown =>
  submission?.isOptional ? { data: { type: submission.resource.type } } : undefined

const noSuchId = (route: Route, id: string): Refusal => ({
  code: route.missing,
  detail: `${route.idRule}, and what stands in the path is none.`,
  meta: { [route.parameter ?? 'id']: id.slice(0, 64) },
})

/**
 * Elysia looks for the path from the twelfth character of the address on, which is wrong for a host of one to three
 * letters, and does not decode it as we do. The few requests where that matters are handed on under a plain address.
 */
function dispatchable(request: Request, path: string, id: string, route: Route): Request {
  const { url } = request
  if (url.length - path.length >= 11 && !path.includes('%') && url.startsWith(path, url.indexOf('/', 11))) {
    return request
  }
  const plain = route.pattern.replace(`:${route.parameter}`, id)
  return new Request(`http://localhost${plain}`, { method: request.method })
}
