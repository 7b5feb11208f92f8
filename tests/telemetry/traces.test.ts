import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type ReceivedSpan, startCollector } from '../../packages/chassis/src/telemetry/collector.ts'
import type { Uuid } from '../../packages/kernel/src/kernel.ts'
import { SHOP } from '../processes/shop.ts'
import { type RunningShop, runShop, temporaryFolder } from '../running-shop.ts'

/** Longer than the process that sends spans collects them. */
const ARRIVAL_MS = 15_000

const collector = startCollector()
const { folder, remove } = temporaryFolder()
let shop: RunningShop
let lamp: Uuid

beforeAll(async () => {
  shop = await runShop(folder, {}, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
  const attributes = { sku: 'LAMP', name: 'Lamp', price: '2.50', currency: 'EUR' }
  const created = await post('/products', { type: 'products', attributes })
  lamp = created.document.data.id
  await post('/inventory', { type: 'inventory', attributes: { quantity: 1_000 }, ...ofLamp() })
}, 60_000)

afterAll(async () => {
  await Promise.all([shop.stop(), collector.stop()])
  remove()
}, 60_000)

test('one purchase is one trace, from the request down to each statement', async () => {
  const [traceId, callerId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7']

  const answer = await buy({ traceparent: `00-${traceId}-${callerId}-01` })
  const spans = await arrived((span) => span.traceId === traceId, isWhole)

  expect(answer.status).toBe(201)
  const one = (name: string, kind?: number) => only(spans, name, kind)
  const request = one('POST /api/v1/purchases')
  expect(request).toMatchObject({ parentSpanId: callerId, kind: SERVER, failure: undefined })
  expect(request.attributes).toMatchObject({ 'http.route': '/api/v1/purchases', 'http.response.status_code': 201 })
  // Everything else hangs below the request, whichever process did it.
  for (const span of spans) expect(rootOf(span, spans)).toBe(request.spanId)

  const commit = one('commit')
  const round = one('decide and write')
  const write = one('write stock')
  expect(commit.parentSpanId).toBe(request.spanId)
  expect(round.parentSpanId).toBe(commit.spanId)
  expect(write).toMatchObject({ parentSpanId: round.spanId, kind: CLIENT })
  expect(write.attributes).toMatchObject({ 'db.system.name': 'postgresql', 'db.operation.name': 'write stock' })

  const asked = SHOP === 'split' ? rpcIn(spans) : request
  if (SHOP !== 'split-rest') expect(one('read prices').parentSpanId).toBe(asked.spanId)
}, 60_000)

test('purchases that are written together have their own traces, and the write links to all of them', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => buy({})))
  const isMine = ({ name }: ReceivedSpan) => name === 'commit' || name === 'decide and write'
  const spans = await arrived(isMine, (found) => commitsIn(found).length >= 9)

  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201))
  const commits = commitsIn(spans)
  const rounds = spans.filter(({ name }) => name === 'decide and write')
  const written = rounds.flatMap(({ parentSpanId, links }) => [parentSpanId, ...links])
  expect(new Set(commits.map(({ traceId }) => traceId)).size).toBe(commits.length)
  for (const { spanId } of commits) expect(written).toContain(spanId)
}, 60_000)

test('no span tells a secret or what a statement was given', () => {
  const text = JSON.stringify(collector.spans())

  expect(text).not.toContain(shop.apiKey)
  expect(text).not.toContain('LAMP')
})

test('a collector that hangs, and then one that is gone, holds no purchase up', async () => {
  const slowest = async () => {
    const begun = performance.now()
    for (let number = 0; number < 20; number++) expect((await buy({})).status).toBe(201)
    return performance.now() - begun
  }

  collector.hang()
  await buy({})
  await Bun.sleep(1_200)
  expect(await slowest()).toBeLessThan(5_000)
  await collector.stop()
  expect(await slowest()).toBeLessThan(5_000)
}, 60_000)

const SERVER = 2
const CLIENT = 3

const ofLamp = () => ({ relationships: { product: { data: { type: 'products', id: lamp } } } })

const post = (path: string, data: object, headers: Readonly<Record<string, string>> = {}) =>
  shop.send({ method: 'POST', path: `/api/v1${path}`, body: JSON.stringify({ data }), headers })

const buy = (headers: Readonly<Record<string, string>>) =>
  post('/purchases', { type: 'purchases', attributes: { quantity: 1 }, ...ofLamp() }, headers)

/** Spans are sent in batches, and by each process when it comes to it. */
async function arrived(
  isMeant: (span: ReceivedSpan) => boolean,
  isComplete: (spans: readonly ReceivedSpan[]) => boolean,
): Promise<readonly ReceivedSpan[]> {
  const giveUpAt = performance.now() + ARRIVAL_MS
  for (;;) {
    const spans = collector.spans().filter(isMeant)
    if (isComplete(spans) || performance.now() > giveUpAt) return spans
    await Bun.sleep(50)
  }
}

/** Whether all the spans have come that others name as their parents, and the ones that end last. */
function isWhole(spans: readonly ReceivedSpan[]): boolean {
  const known = new Set(spans.map(({ spanId }) => spanId))
  const names = spans.map(({ name }) => name)
  const missing = spans.filter(({ parentSpanId }) => !known.has(parentSpanId ?? ''))
  return names.includes('POST /api/v1/purchases') && names.includes(PRICES) && missing.length === 1
}

/** The statement that finds the prices; over REST they are asked for as any client would. */
const PRICES = SHOP === 'split-rest' ? 'list products' : 'read prices'

const commitsIn = (spans: readonly ReceivedSpan[]) => spans.filter(({ name }) => name === 'commit')

function only(spans: readonly ReceivedSpan[], name: string, kind?: number): ReceivedSpan {
  const found = spans.filter((span) => span.name === name && (kind === undefined || span.kind === kind))
  const [span] = found
  if (!span || found.length > 1) {
    throw new Error(`${found.length} spans are called ${name} in ${JSON.stringify(spans, null, 2)}`)
  }
  return span
}

/** The call between the services: a span of the one that asks, and below it one of the one that answers. */
function rpcIn(spans: readonly ReceivedSpan[]): ReceivedSpan {
  const name = 'products.v1.ProductsService/BatchGetPrices'
  const [sent, answered] = [only(spans, name, CLIENT), only(spans, name, SERVER)]
  expect(sent).toMatchObject({ service: 'inventory' })
  expect(answered).toMatchObject({ service: 'products', parentSpanId: sent.spanId })
  return answered
}

function rootOf(span: ReceivedSpan, spans: readonly ReceivedSpan[]): string {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId)
  return parent ? rootOf(parent, spans) : span.spanId
}
