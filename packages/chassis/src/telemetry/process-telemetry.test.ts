import { expect, test } from 'bun:test'
import { type Collector, startCollector } from './collector.ts'
import { createTelemetry } from './process-telemetry.ts'

const PARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7'

async function pageOf(telemetry: ReturnType<typeof createTelemetry>): Promise<string> {
  return (await telemetry.metrics.page()).body
}

test('counts, durations and readings are shown in the format of Prometheus', async () => {
  const telemetry = createTelemetry({ service: 'test' })
  const { counter, histogram, gauge } = telemetry.metrics
  const sold = counter('abasto_lamps_sold_total', 'Lamps that were sold.', ['shop'])
  const took = histogram('abasto_sale_seconds', 'How long a sale took.', { buckets: [0.1, 1] })
  gauge('abasto_lamps', 'Lamps on the shelf.', () => 4, { room: 'front' })
  gauge('abasto_lamps', 'Lamps on the shelf.', () => 3, { room: 'front' })

  sold({ shop: 'mine' })
  counter('abasto_lamps_sold_total', 'Lamps that were sold.', ['shop'])({ shop: 'mine' }, 2)
  took({}, 0.5)

  const page = await pageOf(telemetry)
  expect(page).toContain('abasto_lamps_sold_total{shop="mine"} 3\n')
  expect(page).toContain('abasto_sale_seconds_bucket{le="0.1"} 0\n')
  expect(page).toContain('abasto_sale_seconds_bucket{le="1"} 1\n')
  expect(page).toContain('abasto_lamps{room="front"} 7\n')
  await telemetry.stop()
})

test('two processes in one, as in tests, count apart from each other', async () => {
  const [one, other] = [createTelemetry({ service: 'one' }), createTelemetry({ service: 'other' })]

  one.metrics.counter('abasto_lamps_sold_total', 'Lamps that were sold.')({})

  expect(await pageOf(one)).toContain('abasto_lamps_sold_total 1')
  expect(await pageOf(other)).not.toContain('abasto_lamps_sold_total')
  await Promise.all([one.stop(), other.stop()])
})

test('a process tells its memory, its processor time and how late its event loop is', async () => {
  const telemetry = createTelemetry({ service: 'test', version: '1.2.3' })
  await Bun.sleep(110)
  // Nothing else can be done meanwhile, so the next look at the loop comes late.
  Bun.sleepSync(300)
  await Bun.sleep(150)

  const page = await pageOf(telemetry)
  const read = (name: string) => Number(new RegExp(`^${name} (.+)$`, 'm').exec(page)?.[1])
  expect(page).toContain(`abasto_build_info{service="test",version="1.2.3",bun="${Bun.version}"} 1`)
  expect(read('process_resident_memory_bytes')).toBeGreaterThan(1e6)
  expect(read('process_cpu_seconds_total')).toBeGreaterThan(0)
  expect(read('process_start_time_seconds')).toBeGreaterThan(1.7e9)
  expect(read('abasto_event_loop_lag_seconds_sum')).toBeGreaterThan(0.15)
  await telemetry.stop()
})

test('without a collector nothing is traced', async () => {
  const telemetry = createTelemetry({ service: 'test' })

  expect(telemetry.trace('GET /lamps', `${PARENT}-01`)).toBeUndefined()
  await telemetry.stop()
})

test('a trace goes on where its caller was, and its parts hang together', async () => {
  const collector = startCollector()
  const telemetry = createTelemetry({ service: 'test', otlpEndpoint: collector.url })

  const request = telemetry.trace('POST /purchases', `${PARENT}-01`, { attributes: { 'http.route': '/purchases' } })!
  const other = telemetry.trace('POST /purchases')!
  const part = request.begin('write', { kind: 'client', links: [other], attributes: { 'db.batch': 2 } })
  part.end('no answer')
  request.end(undefined, { 'http.response.status_code': 201 })
  other.end()
  await telemetry.stop()

  const [write, purchase, alone] = collector.spans()
  expect(purchase).toMatchObject({ parentSpanId: '00f067aa0ba902b7', kind: 2, service: 'test', failure: undefined })
  expect(purchase?.attributes).toEqual({ 'http.route': '/purchases', 'http.response.status_code': 201 })
  expect(write).toMatchObject({ parentSpanId: purchase!.spanId, kind: 3, failure: 'no answer', links: [alone!.spanId] })
  expect(write?.traceId).toBe('4bf92f3577b34da6a3ce929d0e0e4736')
  expect(alone?.parentSpanId).toBeUndefined()
  expect(alone?.traceId).not.toBe(write?.traceId)
  await collector.stop()
})

test('a collector that wants a key is given it', async () => {
  const collector = startCollector()
  process.env.OTEL_EXPORTER_OTLP_HEADERS = 'x-collector-key=of-the-shop,x-tenant=lamps'
  const telemetry = createTelemetry({ service: 'test', otlpEndpoint: collector.url })
  delete process.env.OTEL_EXPORTER_OTLP_HEADERS

  telemetry.trace('POST /purchases')!.end()
  await telemetry.stop()

  expect([collector.header('x-collector-key'), collector.header('x-tenant')]).toEqual(['of-the-shop', 'lamps'])
  await collector.stop()
})

test('what the caller does not record is not recorded here either, but handed on', async () => {
  const collector = startCollector()
  const telemetry = createTelemetry({ service: 'test', otlpEndpoint: collector.url })

  const span = telemetry.trace('POST /purchases', `${PARENT}-00`)!
  expect(span.begin('write').traceparent).toBe(`${PARENT}-00`)
  span.end()
  await telemetry.stop()

  expect(collector.spans()).toEqual([])
  await collector.stop()
})

test('a share of none records nothing, and says so to peers', async () => {
  const collector = startCollector()
  const telemetry = createTelemetry({ service: 'test', otlpEndpoint: collector.url, traceShare: 0 })

  const span = telemetry.trace('POST /purchases')!
  span.end()
  telemetry.trace('POST /purchases', `${PARENT}-01`)?.end()
  await telemetry.stop()

  expect(span.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
  expect(collector.spans()).toMatchObject([{ parentSpanId: '00f067aa0ba902b7' }])
  await collector.stop()
})

test('a header that is no trace begins a new one', async () => {
  const collector = startCollector()
  const telemetry = createTelemetry({ service: 'test', otlpEndpoint: collector.url })

  telemetry.trace('POST /purchases', 'nonsense')?.end()
  await telemetry.stop()

  expect(collector.spans()[0]?.parentSpanId).toBeUndefined()
  await collector.stop()
})

for (const [state, prepare] of [
  ['dead', (collector: Collector) => collector.stop()],
  ['hung', async (collector: Collector) => collector.hang()],
] as const) {
  test(`a collector that is ${state} holds nobody up, and no more waits for it than may`, async () => {
    const collector = startCollector()
    await prepare(collector)
    const telemetry = createTelemetry({ service: 'test', otlpEndpoint: collector.url })

    for (let count = 0; count < 20_000; count++) telemetry.trace('POST /purchases')!.end()
    const asked = performance.now()
    await telemetry.stop()

    const page = await pageOf(telemetry)
    const given = Number(/outcome="failed"} (\d+)/.exec(page)?.[1] ?? 0)
    expect(performance.now() - asked).toBeLessThan(6_000)
    expect(page).toContain('abasto_trace_spans_total{outcome="recorded"} 20000')
    expect(given).toBeLessThanOrEqual(4_096)
    await collector.stop()
  }, 20_000)
}
