import { afterAll, expect, test } from 'bun:test'
import { startCollector } from '@abasto/chassis/telemetry/collector'
import { createTelemetry } from '@abasto/chassis/telemetry/process-telemetry'
import { type Context, fail, ok, type Trace, type Uuid, unavailable } from '@abasto/kernel'
import { productsClient } from './products-client.ts'

const collector = startCollector()
afterAll(collector.stop)

const SOON = Date.now() + 60_000
const [LAMP, CHAIR] = [Bun.randomUUIDv7(), Bun.randomUUIDv7()]

test('prices that are asked for together are asked in the name of all, until the most patient gives up', async () => {
  const { client, asked } = clientOf()

  await Promise.all([
    client.priceProducts(asking('one', SOON), [LAMP]),
    client.priceProducts(asking('other', SOON + 1_000), [CHAIR]),
  ])
  await client.priceProducts(asking('later', SOON), [LAMP])

  expect(asked).toMatchObject([
    { requestId: 'one,other', deadlineMs: SOON + 1_000 },
    { requestId: 'later', deadlineMs: SOON },
  ])
})

test('a look-up is a part of the trace that asked for it, and one for several links to the others', async () => {
  const telemetry = createTelemetry({ service: 'test', otlpEndpoint: collector.url })
  const { client } = clientOf()
  const [one, other, alone] = ['one', 'other', 'alone'].map((name) => telemetry.trace(name)!)

  const asks = [undefined, one, other].map((trace) => client.priceProducts(asking('shared', SOON, trace), [LAMP]))
  await Promise.all(asks)
  await client.priceProducts(asking('alone', SOON, alone), [LAMP])
  for (const span of [one, other, alone]) span?.end()
  await telemetry.stop()

  const spans = collector.spans()
  const named = (name: string) => spans.find((span) => span.name === name)!
  const [shared, own] = spans.filter(({ name }) => name === 'read prices')
  expect(shared).toMatchObject({ parentSpanId: named('one').spanId, links: [named('other').spanId] })
  expect(own).toMatchObject({ parentSpanId: named('alone').spanId, links: [] })
})

test('products that do not answer are unavailable to all who asked, and not to those who ask later', async () => {
  const { client } = clientOf({ failures: 1 })

  const first = await Promise.all([LAMP, CHAIR].map((id) => client.priceProducts(asking('first', SOON), [id])))

  expect(first).toMatchObject([{ error: { kind: 'unavailable' } }, { error: { kind: 'unavailable' } }])
  expect(await client.priceProducts(asking('later', SOON), [LAMP])).toMatchObject({ ok: true })
})

function clientOf({ failures = 0 } = {}) {
  const asked: Context[] = []
  const client = productsClient({
    findProducts: async () => ok(new Map()),
    priceProducts: async (context, ids: readonly Uuid[]) => {
      asked.push(context)
      context.trace?.begin('read prices').end()
      if (asked.length <= failures) return fail(unavailable('Nobody is there.'))
      return ok(new Map(ids.map((id) => [id, { id, price: { minor: 250, currency: 'EUR' }, active: true }])))
    },
  })
  return { client, asked }
}

const asking = (requestId: string, deadlineMs: number, trace?: Trace): Context => ({
  requestId,
  caller: { id: 'owner', permissions: ['*'] },
  deadlineMs,
  operationId: '',
  fingerprint: '',
  ...(trace ? { trace } : {}),
})
