import { afterAll, expect, test } from 'bun:test'
import { ok } from '@abasto/kernel'
import { startCollector } from '../telemetry/collector.ts'
import { createTelemetry } from '../telemetry/process-telemetry.ts'
import { lampDocument, openShop } from './toy-shop.ts'

const PARENT = '4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7'
const stops: (() => Promise<unknown>)[] = []
afterAll(() => Promise.all(stops.map((stop) => stop())))

/** A shop that is measured, and what its page of metrics shows. */
function measuredShop(options: { otlpEndpoint?: string } = {}, changes: Parameters<typeof openShop>[0] = {}) {
  const telemetry = createTelemetry({ service: 'test', ...options })
  const shop = openShop({ ...changes, telemetry })
  stops.push(shop.close, telemetry.stop)
  const metrics = async () => (await fetch(`${shop.url}/metrics`)).text()
  return { ...shop, telemetry, metrics }
}

test('requests are counted by operation, method and status, and a replay is seen', async () => {
  const shop = measuredShop()
  const headers = { 'Idempotency-Key': 'lamp' }

  await shop.send('POST', '/api/v1/products', { document: lampDocument(), headers })
  await shop.send('POST', '/api/v1/products', { document: lampDocument(), headers })
  await shop.send('GET', `/api/v1/products/${crypto.randomUUID()}`)

  const page = await shop.metrics()
  const counted = (route: string, method: string, status: number) =>
    `abasto_http_request_duration_seconds_count{route="${route}",method="${method}",status="${status}"}`
  expect(page).toContain(`${counted('/api/v1/products', 'POST', 201)} 2\n`)
  expect(page).toContain(`${counted('/api/v1/products/{productId}', 'GET', 404)} 1\n`)
  expect(page).toContain('abasto_http_idempotent_replays_total{operation="createProduct"} 1\n')
  expect(page).toContain('abasto_http_requests_in_flight 1\n')
})

test('however many addresses are made up, they are counted as one', async () => {
  const shop = measuredShop()

  for (let number = 0; number < 5; number++) {
    await shop.send('GET', `/made-up-${number}`)
    await shop.send('GET', `/docs/made-up-${number}`)
    await fetch(`${shop.url}/api/v1/products`, { method: `X-MADE-UP-${number}` }).catch(() => {})
  }

  const page = await shop.metrics()
  expect(page).toContain('_count{route="unknown",method="GET",status="404"} 5\n')
  expect(page).toContain('_count{route="/docs/{file}",method="GET",status="404"} 5\n')
  expect(page).not.toContain('made-up')
  expect(page).not.toContain('MADE-UP')
})

test('the metrics are there for whoever asks, say nothing of the shop, and take no other method', async () => {
  const shop = measuredShop()
  await shop.send('POST', '/api/v1/products', { document: lampDocument('SECRET-SKU') })

  const answer = await fetch(`${shop.url}/metrics`)
  const page = await answer.text()

  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  expect(page).not.toContain('SECRET-SKU')
  expect(page).not.toContain('open-sesame')
  expect((await fetch(`${shop.url}/metrics`, { method: 'HEAD' })).status).toBe(200)
  const refused = await fetch(`${shop.url}/metrics`, { method: 'POST' })
  expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
})

test('a request is one span of the trace of its caller, and its log lines name the trace', async () => {
  const collector = startCollector()
  stops.push(collector.stop)
  const shop = measuredShop({ otlpEndpoint: collector.url })

  const headers = { traceparent: `00-${PARENT}-01`, 'X-Request-ID': 'till-1' }
  await shop.send('POST', '/api/v1/products', { document: lampDocument(), headers })
  await shop.send('GET', '/made-up')
  await shop.send('GET', '/health/live')
  await shop.telemetry.stop()

  const [created, unknown, ...more] = collector.spans()
  expect(created).toMatchObject({
    name: 'POST /api/v1/products',
    traceId: PARENT.slice(0, 32),
    parentSpanId: PARENT.slice(33),
    kind: 2,
    failure: undefined,
  })
  expect(created?.attributes).toEqual({
    'http.request.method': 'POST',
    'http.route': '/api/v1/products',
    'http.response.status_code': 201,
    'url.path': '/api/v1/products',
    'url.scheme': 'http',
    'abasto.request_id': 'till-1',
  })
  expect(unknown).toMatchObject({ name: 'GET', parentSpanId: undefined })
  expect(more).toEqual([])
  expect(shop.logged()[0]).toMatchObject({ request_id: 'till-1', trace_id: PARENT.slice(0, 32) })
})

test('a caller that does not record its trace is followed in the log and recorded nowhere', async () => {
  const collector = startCollector()
  stops.push(collector.stop)
  const shop = measuredShop({ otlpEndpoint: collector.url })

  await shop.send('GET', '/api/v1/products', { headers: { traceparent: `00-${PARENT}-00` } })
  await shop.telemetry.stop()

  expect(collector.spans()).toEqual([])
  expect(shop.logged()[0]).toMatchObject({ trace_id: PARENT.slice(0, 32) })
})

test('a traceparent that is none is ignored', async () => {
  const shop = measuredShop()

  const answer = await shop.send('GET', '/api/v1/products', { headers: { traceparent: 'nonsense"}' } })

  expect(answer.status).toBe(200)
  expect(shop.logged()[0]).not.toHaveProperty('trace_id')
})

test('what an operation does is recorded under the span of its request, and a fault is one', async () => {
  const collector = startCollector()
  stops.push(collector.stop)
  const shop = measuredShop(
    { otlpEndpoint: collector.url },
    {
      bindings: {
        listProducts: async ({ context }) => {
          context.trace?.begin('look').end()
          expect(context.traceparent).toBe(context.trace?.traceparent)
          return ok({ data: { items: [], hasPrevious: false, hasNext: false } })
        },
        listPurchases: async () => {
          throw new Error('a bug')
        },
      },
    },
  )

  await shop.send('GET', '/api/v1/products')
  await shop.send('GET', '/api/v1/purchases')
  await shop.telemetry.stop()

  const [look, list, broken] = collector.spans()
  expect(look).toMatchObject({ name: 'look', traceId: list!.traceId, parentSpanId: list!.spanId })
  expect(broken).toMatchObject({ name: 'GET /api/v1/purchases', failure: '500' })
  expect(broken?.attributes).toMatchObject({ 'error.type': '500' })
})
