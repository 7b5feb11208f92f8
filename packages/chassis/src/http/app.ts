import type { Contract } from '@abasto/contract/contract'
import type { Uuid } from '@abasto/kernel'
import { Elysia } from 'elysia'
import type { Authenticate } from '../identity.ts'
import type { Log } from '../log.ts'
import { noTelemetry, type Telemetry } from '../telemetry/telemetry.ts'
import { createAnswering } from './answering.ts'
import type { Bindings } from './binding.ts'
import { createRenderer } from './document.ts'
import { createEdge } from './edge.ts'
import { type Exchange, exchanges } from './exchange.ts'
import { createHealth, type Health } from './health.ts'
import { createPages } from './pages.ts'
import { type Route, routesOf, routeTable } from './routes.ts'
import { createStreaming, type StreamBindings } from './streaming.ts'
import { type Submission, submissionSchema } from './submission.ts'
import { measureTraffic } from './traffic.ts'

export type HttpAppOptions = Readonly<{
  contract: Contract
  /** The services whose operations are answered here. */
  services: readonly string[]
  /** One for each of their operations. */
  bindings: Bindings
  /** One for each of their operations that stream. */
  streams?: StreamBindings
  authenticate: Authenticate
  log: Log
  /** What `/health` reports; nothing to depend on unless said otherwise. */
  health?: Health
  /** What is measured and traced, and shown at `/metrics`; nothing unless said otherwise. */
  telemetry?: Telemetry
  now?: () => number
  newId?: () => Uuid
  /** How long a caller waits for an operation, in milliseconds; 10 seconds unless said otherwise. */
  deadlineMs?: number
}>

/** The HTTP API of one or several services: `fetch` answers every request and never throws. */
export type HttpApp = Readonly<{ fetch: (request: Request) => Promise<Response> }>

/** Makes the API from the contract: one Elysia route for each operation, behind the edge. */
export function createHttpApp(options: HttpAppOptions): HttpApp {
  const { contract, services, bindings, telemetry = noTelemetry } = options
  const traffic = measureTraffic(telemetry)
  const newId = options.newId ?? (() => Bun.randomUUIDv7())
  const routes = routesOf(contract, services)
  const { failures } = contract
  const { now = Date.now, deadlineMs = 10_000, log } = options
  const renderer = createRenderer(contract, services)
  const answering = createAnswering({ failures, renderer, now, newId, deadlineMs, replayed: traffic.replayed })
  const streaming = createStreaming({ failures, log, now, deadlineMs })

  // Documents arrive parsed and are checked as they are: nothing is stripped or coerced on the way.
  const elysia = new Elysia({ normalize: false }).onError(({ request, error }) => {
    // May be called twice for one error; remembering it twice does no harm. The edge logs it and answers.
    exchangeOf(request).thrown = error
    return new Response(null, { status: 500 })
  })
  // Answers that do not end go past the framework, which has ways of its own with them.
  const streams = new Map<Route, (exchange: Exchange) => Promise<Response>>()
  for (const route of routes) {
    const { id } = route.operation
    const [binding, stream] = [bindings[id], options.streams?.[id]]
    if (stream) streams.set(route, streaming(stream))
    if (stream) continue
    if (!binding) throw new Error(`The operation ${id} has no binding.`)
    const answer = answering(binding)
    const { submission } = route
    const schema = submission && submissionSchema(submission.resource, submission.document)
    const { method } = route.operation
    if (schema) {
      elysia.route(method, route.pattern, ({ request, body }) => answer(exchangeOf(request), body as Submission), {
        body: schema,
        parse: ({ request }) => exchangeOf(request).document,
      })
    } else {
      elysia.route(method, route.pattern, ({ request }) => answer(exchangeOf(request), undefined), { parse: 'none' })
    }
  }
  elysia.compile()

  const fetch = createEdge({
    failures,
    find: routeTable(routes),
    authenticate: options.authenticate,
    pages: createPages(contract, services, options.health ?? createHealth({}), telemetry.metrics),
    dispatch: (request) => {
      const exchange = exchangeOf(request)
      const stream = streams.get(exchange.route)
      return stream ? stream(exchange) : elysia.fetch(request)
    },
    log,
    telemetry,
    traffic,
    newId,
  })
  return { fetch }
}

function exchangeOf(request: Request) {
  const exchange = exchanges.get(request)
  if (!exchange) throw new Error('A request reached the routes without passing the edge.')
  return exchange
}
