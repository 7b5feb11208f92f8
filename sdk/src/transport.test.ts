import { expect, test } from 'bun:test'
import { Abasto, AbastoError, type AbastoOptions, type ResponseInfo } from './abasto.ts'
import {
  answers,
  breaksOff,
  cutsShort,
  hangsUp,
  keepsSilent,
  refuses,
  says,
  serverThat,
  stopsHalfway,
} from './unreliable-server.ts'

test('a sale is sent again under the same key when the connection drops after the server has read it', async () => {
  using server = await serverThat(hangsUp, hangsUp, sold)

  const sale = await client(server).purchases.create(twoLamps)

  expect(sale).toMatchObject({ id: 'sale-1', quantity: 2 })
  expect(server.received).toHaveLength(3)
  expect(new Set(server.keys()).size).toBe(1)
  expect(server.keys()[0]).toMatch(/^[0-9a-f-]{36}$/)
  expect(new Set(server.received.map(({ body }) => JSON.stringify(body))).size).toBe(1)
})

test.each([
  ['the service is away for a moment', refuses(503, 'unavailable', undefined, { 'Retry-After': '0' })],
  ['a proxy finds no service behind it', says(502, 'text/html', '<h1>Bad gateway</h1>')],
  ['there were too many requests', refuses(429, 'rate_limited', undefined, { 'Retry-After': '0' })],
  ['the first send of it is still running', refuses(409, 'in_progress')],
  ['the answer is cut short', cutsShort],
  ['the connection is lost in the middle of the answer', breaksOff],
] as const)('a sale is sent again when %s', async (_, failure) => {
  using server = await serverThat(failure, sold)
  const seen: ResponseInfo[] = []

  await client(server).purchases.create(twoLamps, { onResponse: (info) => seen.push(info) })

  expect(new Set(server.keys()).size).toBe(1)
  expect(seen).toEqual([
    {
      method: 'POST',
      url: `${server.baseUrl}/api/v1/purchases`,
      status: 201,
      requestId: 'request-1',
      replayed: false,
      attempts: 2,
    },
  ])
})

test('a reader tries again too, and sends no idempotency key', async () => {
  using server = await serverThat(hangsUp, sold)

  const sale = await client(server).purchases.get('sale-1')

  expect(sale.total).toBe('25.00')
  expect(server.keys()).toEqual([undefined, undefined])
})

test('a sale carries the key that its caller gave it, and says whether it was a replay', async () => {
  using server = await serverThat(answers(201, sale, { 'Idempotency-Replayed': 'true' }))
  const seen: ResponseInfo[] = []

  await client(server).purchases.create(twoLamps, { idempotencyKey: 'line 7', onResponse: (info) => seen.push(info) })

  expect(server.keys()).toEqual(['line 7'])
  expect(seen).toMatchObject([{ replayed: true, attempts: 1 }])
})

test('two sales have two keys', async () => {
  using server = await serverThat(sold)
  const { purchases } = client(server)

  await purchases.create(twoLamps)
  await purchases.create(twoLamps)

  expect(new Set(server.keys()).size).toBe(2)
})

test.each([
  ['refused for want of stock', refuses(409, 'insufficient_stock'), false],
  ['broken by a bug of the server', refuses(500, 'internal_error'), true],
] as const)('a sale that was %s is not sent again', async (_, failure, outcomeUnknown) => {
  using server = await serverThat(failure, sold)

  const error = await failureOf(client(server).purchases.create(twoLamps))

  expect(server.received).toHaveLength(1)
  expect(error).toMatchObject({ attempts: 1, outcomeUnknown })
})

test('a refusal settles what became of the sends before it', async () => {
  using server = await serverThat(hangsUp, refuses(409, 'insufficient_stock', { available: 1 }))

  const error = await failureOf(client(server).purchases.create(twoLamps))

  expect(error).toMatchObject({ code: 'insufficient_stock', attempts: 2, outcomeUnknown: false })
})

test('a sale is given up after the retries that are allowed, and the error says how to go on', async () => {
  using server = await serverThat(hangsUp)

  const error = await failureOf(client(server, { maxRetries: 2 }).purchases.create(twoLamps, { idempotencyKey: 'k-7' }))

  expect(error).toMatchObject({ code: 'connection_failed', status: 0, attempts: 3 })
  expect(error).toMatchObject({ outcomeUnknown: true, idempotencyKey: 'k-7' })
  expect(error.message).toContain('send it again with idempotencyKey "k-7"')
  expect(server.keys()).toEqual(['k-7', 'k-7', 'k-7'])
})

test('nobody waits for a server that asks for more time than there is', async () => {
  using server = await serverThat(refuses(503, 'unavailable', undefined, { 'Retry-After': '3600' }))

  const error = await failureOf(client(server).purchases.create(twoLamps))

  expect(error).toMatchObject({ code: 'unavailable', status: 503, attempts: 1, retryAfterMs: 3_600_000 })
  expect(error.outcomeUnknown).toBe(true)
})

test('an attempt that is not answered in its time is sent again', async () => {
  using server = await serverThat(keepsSilent, stopsHalfway, sold)

  const sale = await client(server, { attemptTimeoutMs: 500 }).purchases.create(twoLamps)

  expect(sale.id).toBe('sale-1')
  expect(server.received).toHaveLength(3)
  expect(new Set(server.keys()).size).toBe(1)
})

test('a sale whose time runs out may have been made, and the error gives the key to ask again with', async () => {
  using server = await serverThat(keepsSilent)

  const error = await failureOf(client(server).purchases.create(twoLamps, { timeoutMs: 1_000 }))

  expect(error).toMatchObject({ code: 'timed_out', status: 0, attempts: 1, outcomeUnknown: true })
  expect(error.message).toContain(String(error.idempotencyKey))
  expect([error.idempotencyKey]).toEqual(server.keys())
})

test('a reader whose time runs out is told so, and nothing about outcomes', async () => {
  using server = await serverThat(keepsSilent)

  const error = await failureOf(client(server, { timeoutMs: 50 }).purchases.get('sale-1'))

  expect(error).toMatchObject({ code: 'timed_out', outcomeUnknown: false, idempotencyKey: undefined })
})

test('a caller who has lost interest ends the call while the server is silent', async () => {
  const controller = new AbortController()
  using server = await serverThat(() => controller.abort(new Error('The shop closes.')))

  const error = await failureOf(client(server).purchases.create(twoLamps, { signal: controller.signal }))

  expect(error).toMatchObject({ code: 'aborted', outcomeUnknown: true, cause: new Error('The shop closes.') })
})

test('a caller who has lost interest ends the wait between two attempts', async () => {
  const controller = new AbortController()
  using server = await serverThat(refuses(503, 'unavailable', undefined, { 'Retry-After': '20' }))
  const { purchases } = client(server, {
    fetch: async (url, init) => {
      setTimeout(() => controller.abort(), 20)
      return fetch(url, init)
    },
  })

  const error = await failureOf(purchases.create(twoLamps, { signal: controller.signal }))

  expect(error).toMatchObject({ code: 'aborted', attempts: 1 })
})

test('nothing is sent for a caller who has lost interest before', async () => {
  using server = await serverThat(sold)

  const error = await failureOf(client(server).purchases.create(twoLamps, { signal: AbortSignal.abort() }))

  expect(error).toMatchObject({ code: 'aborted', attempts: 0, outcomeUnknown: false })
  expect(server.received).toHaveLength(0)
})

test('a hook of the client hears of every answer, refusals included', async () => {
  using server = await serverThat(sold, refuses(404, 'purchase_not_found', undefined, { 'X-Request-ID': 'request-2' }))
  const seen: ResponseInfo[] = []
  const { purchases } = client(server, { onResponse: (info) => seen.push(info) })

  await purchases.create(twoLamps)
  await failureOf(purchases.get('sale-2'))

  expect(seen).toMatchObject([
    { status: 201, requestId: 'request-1' },
    { status: 404, requestId: 'request-2' },
  ])
})

const twoLamps = { productId: 'lamp', quantity: 2 }

const sale = {
  data: {
    type: 'purchases',
    id: 'sale-1',
    attributes: { quantity: 2, unitPrice: '12.50', total: '25.00', currency: 'EUR' },
    relationships: { product: { data: { type: 'products', id: 'lamp' } } },
  },
}

const sold = answers(201, sale, { 'X-Request-ID': 'request-1' })

const client = ({ baseUrl }: { baseUrl: string }, options: Partial<AbastoOptions> = {}) =>
  new Abasto({ apiKey: 'a-key', baseUrl, ...options })

async function failureOf(call: Promise<unknown>): Promise<AbastoError> {
  const error = await call.then(
    () => undefined,
    (reason) => reason,
  )
  if (!(error instanceof AbastoError)) throw new Error('The call did not fail as it should.', { cause: error })
  return error
}
