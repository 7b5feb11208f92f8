import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHttpApp } from '@abasto/chassis/http/app'
import { type Listener, listen } from '@abasto/chassis/http/listen'
import { apiKeyAuthentication } from '@abasto/chassis/identity'
import { createLog } from '@abasto/chassis/log'
import { noTelemetry } from '@abasto/chassis/telemetry/telemetry'
import { contract } from '@abasto/contract/contract'
import { stockEvents } from '@abasto/contract/stock-events'
import { createCommitter } from '../application/committer.ts'
import { createStockStream } from '../application/stream.ts'
import { DEFAULT_WAREHOUSE } from '../domain/warehouse.ts'
import { memoryStock } from '../infrastructure/memory.ts'
import { followedStock } from '../infrastructure/memory-feed.ts'
import { stockEventBindings } from './stock-events.ts'

const KEY = 'a-key-of-the-tests'
const LAMP = '01900000-0000-7000-8000-000000000001'
const log = createLog({ service: 'test', level: 'silent' })
const { stock, feed } = followedStock(memoryStock())
const stream = createStockStream({ feed, log, metrics: noTelemetry.metrics, everyMs: 5, silenceMs: 100 })
const { commit } = createCommitter(stream.noticing(stock))
let listener: Listener

beforeAll(async () => {
  const name = { operationId: Bun.randomUUIDv7(), fingerprint: 'f'.repeat(32), actor: 'test' }
  const level = { productId: LAMP, warehouseId: DEFAULT_WAREHOUSE, shown: 'level' } as const
  await commit({ type: 'open', ...level, quantity: 10, ...name }, Date.now() + 5_000)
  const app = createHttpApp({
    contract: { ...contract, operations: contract.operations.filter(({ id }) => id === 'watchStock') },
    services: ['inventory'],
    bindings: {},
    streams: stockEventBindings(stream),
    authenticate: apiKeyAuthentication({ key: KEY }),
    log,
  })
  listener = listen(app, { host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await stream.stop()
  await listener.stop()
})

const ask = (headers: Record<string, string> = {}, init: RequestInit = {}, query = '') =>
  fetch(`${listener.url}/api/v1/stock-events${query}`, { ...init, headers: { 'X-API-Key': KEY, ...headers } })

/** The text of a stream until something stands in it. */
async function textUntil(response: Response, what: string): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const part of response.body!) {
    text += decoder.decode(part)
    if (text.includes(what)) break
  }
  return text
}

test('the stream says how it is to be handled, and its events are those of the contract', async () => {
  const response = await ask({ Accept: 'text/event-stream', 'X-Request-ID': 'watch-1' })
  const reading = textUntil(response, 'event: movement')
  await Bun.sleep(20)
  const name = { operationId: Bun.randomUUIDv7(), fingerprint: 'f'.repeat(32), actor: 'test' }
  const level = { productId: LAMP, warehouseId: DEFAULT_WAREHOUSE, shown: 'level' } as const
  await commit({ type: 'adjust', ...level, quantityDelta: -2, reason: 'damage', ...name }, Date.now() + 5_000)
  const blocks = (await reading).trim().split('\n\n')

  expect(response.status).toBe(200)
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-request-id': 'watch-1',
  })
  expect(blocks[0]).toBe('retry: 1000')
  const events = blocks.slice(1).filter((block) => !block.startsWith(':'))
  const told = events.map((block) => {
    const [, event = '', data = ''] = /^event: (\w+)\n(?:id: [\w-]{91}\n)?data: (.*)$/.exec(block) ?? []
    return [event, Object.keys(JSON.parse(data)).sort()]
  })
  const promised = (['snapshot', 'level', 'ready', 'movement'] as const).map((event) => [
    event,
    Object.keys(stockEvents[event].example).sort(),
  ])
  expect(told).toEqual(promised)
  expect(events.map((block) => block.includes('\nid: '))).toEqual([false, false, true, true])
})

test('after a silence there is a comment', async () => {
  expect(await textUntil(await ask(), ': silence')).toContain('event: ready')
})

test.each([
  ['who is not known', { 'X-API-Key': 'another' }, '', '401 unauthenticated'],
  ['who takes documents only', { Accept: 'application/vnd.api+json' }, '', '406 not_acceptable'],
  ['a place that is none', { 'Last-Event-ID': 'nonsense' }, '', '400 invalid_cursor'],
  ['a product that is none', {}, '?filter[product]=lamp', '400 invalid_parameter'],
  ['pages', {}, '?page[size]=5', '400 invalid_parameter'],
])('refuses %s', async (_, headers, query, refusal) => {
  const response = await ask(headers as Record<string, string>, {}, query)
  const { errors } = (await response.json()) as { errors: { code: string; source?: object }[] }

  expect(`${response.status} ${errors[0]!.code}`).toBe(refusal)
  if (refusal.endsWith('invalid_cursor')) expect(errors[0]!.source).toEqual({ header: 'Last-Event-ID' })
})

test('whoever only asks whether it is there is not told anything', async () => {
  const response = await ask({}, { method: 'HEAD' })

  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  expect((await ask({}, { method: 'POST' })).status).toBe(405)
})

test('a process that is about to stop ends the stream and asks to come again', async () => {
  const reading = (await ask()).text()
  await Bun.sleep(50)

  stream.drain()

  expect(await reading).toContain('event: ready')
  const refused = await ask()
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
})
