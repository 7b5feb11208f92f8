import { expect, test } from 'bun:test'
import { Abasto, type AbastoOptions, type Hooks } from './abasto.ts'
import { answers, hangsUp, refuses, serverThat } from './unreliable-server.ts'

test('hooks hear of every attempt, of every retry, and once of the answer, in this order', async () => {
  using server = await serverThat(hangsUp, refuses(503, 'unavailable', undefined, requestId('r-2')), sold)
  const heard: object[] = []
  const hooks: Hooks = {
    onRequest: (info) => void heard.push({ before: info }),
    onRetry: ({ waitMs, ...info }) => heard.push({ retry: info, waits: waitMs >= 0 }),
    onResponse: (info) => heard.push({ after: info }),
  }

  await client(server, hooks).purchases.create(twoLamps, { idempotencyKey: 'k-7' })

  const sale = { method: 'POST', url: `${server.baseUrl}/api/v1/purchases` }
  const attempt = (number: number) => ({ ...sale, attempt: number, idempotencyKey: 'k-7' })
  const lost = { status: 0, code: 'connection_failed', requestId: null }
  expect(heard).toEqual([
    { before: attempt(1) },
    { retry: { ...attempt(1), ...lost }, waits: true },
    { before: attempt(2) },
    { retry: { ...attempt(2), status: 503, code: 'unavailable', requestId: 'r-2' }, waits: true },
    { before: attempt(3) },
    { after: { ...sale, status: 201, requestId: 'r-3', replayed: false, attempts: 3 } },
  ])
})

test('no hook hears the key', async () => {
  using server = await serverThat(hangsUp, refuses(404, 'product_not_found'))
  const heard: object[] = []
  const hear = (info: object) => void heard.push(info)

  await client(server, { onRequest: hear, onRetry: hear, onResponse: hear })
    .products.get('lamp')
    .catch(() => {})

  expect(heard).toHaveLength(4)
  expect(JSON.stringify(heard)).not.toContain('a-key')
})

test('a hook adds headers to each attempt, and those of the call win over those of the client', async () => {
  using server = await serverThat(hangsUp, sold)
  const abasto = client(server, { onRequest: ({ attempt }) => ({ traceparent: `span-${attempt}`, 'X-Shop': 'all' }) })

  await abasto.purchases.create(twoLamps, { onRequest: () => ({ 'X-Shop': 'Berlin' }) })

  expect(server.received).toMatchObject([
    { headers: { traceparent: 'span-1', 'x-shop': 'Berlin' } },
    { headers: { traceparent: 'span-2', 'x-shop': 'Berlin' } },
  ])
})

test('a hook cannot change what a request means, nor add what cannot be sent', async () => {
  using server = await serverThat(hangsUp, sold)
  const onRequest = ({ attempt }: { attempt: number }) => ({
    'Idempotency-Key': `other-${attempt}`,
    'x-api-key': 'stolen',
    ACCEPT: 'text/html',
    'content-type': 'text/plain',
    'If-Match': '"9"',
    'a b': 'no name',
    broken: 'two\r\nlines',
    number: 7 as unknown as string,
    fine: 'yes',
  })

  await client(server, { onRequest }).purchases.create(twoLamps, { idempotencyKey: 'k-7' })

  const media = 'application/vnd.api+json'
  const sent = { 'idempotency-key': 'k-7', 'x-api-key': 'a-key', accept: media, 'content-type': media, fine: 'yes' }
  expect(server.received).toMatchObject([{ headers: sent }, { headers: sent }])
  for (const { headers } of server.received) {
    expect(['if-match', 'broken', 'number'].filter((name) => name in headers)).toEqual([])
  }
})

test.each([
  [
    'throws',
    () => {
      throw new Error('The watcher fell asleep.')
    },
  ],
  [
    'rejects',
    async () => {
      throw new Error('The watcher fell asleep.')
    },
  ],
] as const)('a hook that %s breaks no call and sends nothing twice', async (_, hook) => {
  using server = await serverThat(hangsUp, sold)
  const hooks = { onRequest: hook as () => never, onRetry: hook, onResponse: hook }

  const sale = await client(server, hooks).purchases.create(twoLamps, hooks)

  expect(sale.id).toBe('sale-1')
  expect(server.received).toHaveLength(2)
})

test('a call has limits of its own', async () => {
  using server = await serverThat(hangsUp)
  const abasto = client(server)

  const error = await abasto.products.get('lamp', { maxRetries: 1, attemptTimeoutMs: 1_000 }).catch((reason) => reason)
  const refused = await abasto.products.get('lamp', { maxRetries: 0.5 }).catch((reason) => reason)

  expect([error.attempts, refused instanceof TypeError, server.received.length]).toEqual([2, true, 2])
})

const twoLamps = { productId: 'lamp', quantity: 2 }

const requestId = (id: string) => ({ 'X-Request-ID': id, 'Retry-After': '0' })

const sold = answers(201, { data: { type: 'purchases', id: 'sale-1' } }, requestId('r-3'))

const client = ({ baseUrl }: { baseUrl: string }, options: Partial<AbastoOptions> = {}) =>
  new Abasto({ apiKey: 'a-key', baseUrl, ...options })
