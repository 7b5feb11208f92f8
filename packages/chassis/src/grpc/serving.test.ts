import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { type Context, fail, ok, type Result, replayed, unavailable } from '@abasto/kernel'
import { status } from '@grpc/grpc-js'
import { operationIdOf } from '../http/idempotency.ts'
import { failureIn } from './status.ts'
import { callToy, KEY, serveToy, toy } from './toy-service.ts'

let server: Awaited<ReturnType<typeof serveToy>>
let seen: Context[] = []
let answer: (context: Context) => Promise<Result<unknown>>

beforeAll(async () => {
  const handle = async (context: Context) => {
    seen.push(context)
    return answer(context)
  }
  server = await serveToy({ read: handle, write: handle })
})
afterAll(() => server.stop())
beforeEach(() => {
  seen = []
  answer = async () => ok({})
})

const read = (...more: [headers?: Record<string, string>, options?: Parameters<typeof callToy>[4]]) =>
  callToy(server.url, toy.getProduct, { id: 'x' }, ...more)
const write = (sku: string, headers?: Record<string, string>) =>
  callToy(server.url, toy.createProduct, { sku }, headers)

test('nobody is answered without the key, nor with another', async () => {
  for (const key of ['', 'another', `${KEY}x`]) {
    const { code, trailers } = await read({ 'x-api-key': key })

    expect(code).toBe(status.UNAUTHENTICATED)
    expect(failureIn(trailers)).toMatchObject({ kind: 'unauthenticated', code: 'unauthenticated' })
  }
  expect(seen).toEqual([])
})

test('who may not do what a call does is told what it needs', async () => {
  const reader = { id: 'reader', permissions: ['products:read'] }
  const strict = await serveToy({}, { authenticate: () => ok(reader) })

  expect(await callToy(strict.url, toy.getProduct, {})).toMatchObject({ code: status.OK })
  const { code, trailers } = await callToy(strict.url, toy.createProduct, {})
  expect(code).toBe(status.PERMISSION_DENIED)
  expect(failureIn(trailers)).toMatchObject({ kind: 'forbidden', message: 'This needs the permission products:write.' })
  await strict.stop()
})

test('what cannot be read as a message is the fault of whoever sent it', async () => {
  const { code, trailers } = await callToy(server.url, toy.getProduct, new Uint8Array([0xff, 0xff, 0xff]))

  expect(code).toBe(status.INVALID_ARGUMENT)
  expect(failureIn(trailers)).toMatchObject({ kind: 'invalid', code: 'malformed_document' })
})

test('text with the character NUL is refused where it is: not every database takes it', async () => {
  const { code, trailers } = await write('lamp\0')

  expect(code).toBe(status.INVALID_ARGUMENT)
  expect(failureIn(trailers)).toMatchObject({ kind: 'invalid', code: 'invalid_value', at: ['sku'] })
  expect(seen).toEqual([])
})

test('a use case learns who asks, for which request, and as part of which trace', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

  await read({ 'x-request-id': 'request-1', traceparent })

  expect(seen[0]).toMatchObject({
    requestId: 'request-1',
    caller: { id: 'owner' },
    traceparent,
    credential: KEY,
    operationId: '',
  })
})

test('all the requests that share a call are in the log; one that has no id is given one', async () => {
  await read({ 'x-request-id': 'one,two, three' })
  await read({ 'x-request-id': `bad id,${'x'.repeat(200)}` })

  const [shared, own] = server.logged('rpc.completed').slice(-2)
  expect(shared).toMatchObject({
    request_id: 'one',
    request_ids: ['one', 'two', 'three'],
    method: 'products.v1.ProductsService/GetProduct',
    code: 'OK',
  })
  expect(own?.request_id).toMatch(/^[0-9a-f-]{36}$/)
  expect(own).not.toHaveProperty('request_ids')
})

test('a hundred request ids fit into a call', async () => {
  const ids = Array.from({ length: 100 }, () => 'x'.repeat(120) + Math.random().toString().slice(2, 9))

  expect(await read({ 'x-request-id': ids.join(',') })).toMatchObject({ code: status.OK })
  expect(server.logged('rpc.completed').at(-1)).toMatchObject({ request_ids: ids })
})

test('nobody waits longer than five seconds, whatever they say', async () => {
  const now = Date.now()
  await read({}, { deadlineMs: now + 60_000 })
  await read({}, { deadlineMs: now + 2_000 })
  await read({}, { deadlineMs: Number.POSITIVE_INFINITY })

  const waits = seen.map(({ deadlineMs }) => deadlineMs - now)
  expect(waits[0]).toBeWithin(3_000, 15_000)
  expect(waits[1]).toBeWithin(500, 4_000)
  expect(waits[2]).toBeWithin(3_000, 15_000)
})

test('a use case that does not come back is answered for when its time is over', async () => {
  answer = () => new Promise(() => {})

  // Whoever looks at the clock first, the caller or we, tells it.
  const { code } = await read({}, { deadlineMs: Date.now() + 300 })

  expect([status.DEADLINE_EXCEEDED, status.UNAVAILABLE]).toContain(code)
})

test('a write has the name that HTTP gives it under the same key', async () => {
  await write('LAMP', { 'idempotency-key': 'order 7' })
  await write('LAMP', { 'idempotency-key': 'order 7' })
  await write('CHAIR', { 'idempotency-key': 'order 7' })
  await write('LAMP')

  const [first, again, other, nameless] = seen
  expect(first?.operationId).toBe(operationIdOf('owner', 'createProduct', 'order 7'))
  expect(again).toMatchObject({ operationId: first!.operationId, fingerprint: first!.fingerprint })
  expect(other?.operationId).toBe(first!.operationId)
  expect(other?.fingerprint).not.toBe(first!.fingerprint)
  expect(nameless?.operationId).not.toBe(first!.operationId)
  expect(nameless?.fingerprint).toBe(first!.fingerprint)
})

test('a write that a peer does for a request keeps its name', async () => {
  const operationId = Bun.randomUUIDv7()
  const fingerprint = 'a'.repeat(32)

  await write('LAMP', { 'x-operation-id': operationId, 'x-fingerprint': fingerprint })

  expect(seen[0]).toMatchObject({ operationId, fingerprint })
})

test('a name that is none is refused', async () => {
  const operationId = Bun.randomUUIDv7()
  for (const headers of [
    { 'x-operation-id': 'nonsense', 'x-fingerprint': 'a'.repeat(32) },
    { 'x-operation-id': operationId.toUpperCase(), 'x-fingerprint': 'a'.repeat(32) },
    { 'x-operation-id': operationId },
    { 'x-operation-id': operationId, 'x-fingerprint': 'A'.repeat(32) },
    { 'x-fingerprint': 'a'.repeat(32) },
    { 'idempotency-key': 'x'.repeat(256) },
  ]) {
    const { code, trailers } = await write('LAMP', headers as unknown as Record<string, string>)

    expect(code).toBe(status.INVALID_ARGUMENT)
    expect(failureIn(trailers)).toMatchObject({ code: 'invalid_header' })
  }
  expect(seen).toEqual([])
})

test('a verdict that was given before is marked, a refusal too', async () => {
  answer = async () => replayed(ok({}))
  expect((await write('LAMP')).trailers.get('idempotency-replayed')).toEqual(['true'])

  answer = async () => replayed(fail(unavailable('No.')))
  const refused = await write('LAMP')
  expect(refused.code).toBe(status.UNAVAILABLE)
  expect(refused.trailers.get('idempotency-replayed')).toEqual(['true'])

  answer = async () => ok({})
  expect((await write('LAMP')).trailers.get('idempotency-replayed')).toEqual([])
})

test('a bug is logged under the id of its request, and says nothing to the caller', async () => {
  answer = () => Promise.reject(new Error('the secret of the house'))

  const { code, details } = await read({ 'x-request-id': 'unlucky' })

  expect(code).toBe(status.INTERNAL)
  expect(details).not.toContain('secret')
  const [logged] = server.logged('rpc.failed')
  expect(logged).toMatchObject({ request_id: 'unlucky', error: { message: 'the secret of the house' } })
  expect(server.logged('rpc.completed').at(-1)).toMatchObject({ request_id: 'unlucky', code: 'INTERNAL' })
})

test('a use case learns when its caller has gone, and the next call is served', async () => {
  const gone = Promise.withResolvers<void>()
  answer = async ({ signal }) => {
    signal?.addEventListener('abort', () => gone.resolve())
    await gone.promise
    return ok({})
  }
  const caller = new AbortController()
  const call = read({}, { signal: caller.signal })
  while (seen.length === 0) await Bun.sleep(1)

  caller.abort()

  expect((await call).code).toBe(status.CANCELLED)
  await gone.promise
  answer = async () => ok({})
  expect((await read()).code).toBe(status.OK)
})
