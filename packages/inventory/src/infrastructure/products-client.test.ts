import { expect, test } from 'bun:test'
import { type Context, fail, ok, type Result, type Trace, type Uuid, unavailable } from '@abasto/kernel'
import type { Product } from '@abasto/products/domain/product'
import { productsClient } from './products-client.ts'

const LAMP = '11111111-1111-7111-8111-111111111111'
const CHAIR = '22222222-2222-7222-8222-222222222222'

test('what is asked for at one moment is one call, made for all who ask', async () => {
  const { client, calls } = peer()

  const found = await Promise.all([
    client.priceProducts(asked({ requestId: 'one', deadlineMs: after(2_000) }), [LAMP]),
    client.priceProducts(asked({ requestId: 'two', deadlineMs: after(4_000) }), [LAMP, CHAIR]),
    client.priceProducts(asked({ requestId: 'three', deadlineMs: after(3_000) }), [CHAIR]),
  ])

  expect(found.map((result) => result.ok && [...result.value.keys()])).toEqual([[LAMP], [LAMP, CHAIR], [CHAIR]])
  expect(calls).toHaveLength(1)
  const [{ context, ids }] = calls as [Call]
  expect(ids).toEqual([LAMP, CHAIR])
  expect(context.requestId).toBe('one,two,three')
  expect(context.deadlineMs - Date.now()).toBeWithin(3_000, 4_001)
})

test('no call is made under the keys of several', async () => {
  const { client, calls } = peer()

  await Promise.all(
    ['a', 'b', 'a'].map((credential, index) =>
      client.findProducts(asked({ credential, requestId: `${index}` }), [LAMP]),
    ),
  )

  expect(calls.map(({ context }) => [context.credential, context.requestId])).toEqual([
    ['a', '0,2'],
    ['b', '1'],
  ])
})

test('who has less patience is told so, and the others are answered all the same', async () => {
  const { client } = peer({ delayMs: 150 })

  const [hasty, patient] = await Promise.all([
    client.priceProducts(asked({ deadlineMs: after(30) }), [LAMP]),
    client.priceProducts(asked({ deadlineMs: after(3_000) }), [LAMP]),
  ])

  expect(hasty).toMatchObject({ ok: false, error: { kind: 'unavailable' } })
  expect(patient).toMatchObject({ ok: true })
})

test('what is no id harms nobody who shares the call', async () => {
  const { client, calls } = peer()

  const [odd, usual] = await Promise.all([
    client.priceProducts(asked(), ["' OR 1=1"]),
    client.priceProducts(asked(), [LAMP]),
  ])

  expect(odd).toEqual({ ok: true, value: new Map() })
  expect(usual).toMatchObject({ ok: true })
  expect(calls.map(({ ids }) => ids)).toEqual([[LAMP]])
})

test('a call that fails is the answer of those who shared it, and of nobody else', async () => {
  const { client } = peer({ failures: 1 })

  const first = await Promise.all([client.priceProducts(asked(), [LAMP]), client.priceProducts(asked(), [CHAIR])])

  expect(first).toEqual([fail(down), fail(down)])
  expect(await client.priceProducts(asked(), [LAMP])).toMatchObject({ ok: true })
})

test('nothing is asked for those who have already given up', async () => {
  const { client, calls } = peer()

  expect(await client.priceProducts(asked({ deadlineMs: after(-1) }), [LAMP])).toMatchObject({ ok: false })
  await Bun.sleep(5)
  expect(calls).toEqual([])
})

test('a shared call has a place in the trace of the first who is traced, with links to those of the others', async () => {
  const { client, calls } = peer()
  const begun: unknown[] = []
  const trace = (traceparent: string): Trace => ({
    traceparent,
    isRecorded: true,
    begin: (_, options) => {
      begun.push([traceparent, options?.links?.map((link) => link.traceparent)])
      return { ...trace(traceparent), end: () => {} }
    },
  })

  await Promise.all([
    client.priceProducts(asked({ deadlineMs: after(2_000), trace: trace('first') }), [LAMP]),
    client.priceProducts(asked({ deadlineMs: after(4_000), trace: trace('second') }), [LAMP]),
  ])
  calls[0]?.context.trace?.begin('products')

  expect(begun).toEqual([['first', ['second']]])
})

type Call = Readonly<{ context: Context; ids: readonly Uuid[] }>

const down = unavailable('The products do not answer.')

const after = (ms: number): number => Date.now() + ms

const asked = (changes: Partial<Context> = {}): Context => ({
  requestId: 'test',
  caller: { id: 'tester', permissions: ['*'] },
  deadlineMs: after(5_000),
  operationId: Bun.randomUUIDv7(),
  fingerprint: 'f'.repeat(32),
  credential: 'key',
  ...changes,
})

function peer({ delayMs = 0, failures = 0 } = {}) {
  const calls: Call[] = []
  const find = async (context: Context, ids: readonly Uuid[]): Promise<Result<ReadonlyMap<Uuid, Product>>> => {
    calls.push({ context, ids })
    if (delayMs > 0) await Bun.sleep(delayMs)
    if (calls.length <= failures) return fail(down)
    return ok(new Map(ids.map((id) => [id, { id } as Product])))
  }
  return { client: productsClient({ findProducts: find, priceProducts: find }), calls }
}
