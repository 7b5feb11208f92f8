import { afterAll, describe, expect, test } from 'bun:test'
import { ok } from '@abasto/kernel'
import { documentOf, lampDocument, openShop } from './toy-shop.ts'

const shop = openShop({
  bindings: {
    getPurchase: async () => {
      throw new Error('the till is on fire, password hunter2')
    },
  },
})
afterAll(shop.close)

const NOBODY = '019b76da-a800-7000-8000-000000000000'

describe('every answer', () => {
  test('carries the request id that the caller gave, or a new one', async () => {
    const named = await shop.send('GET', '/api/v1/products', { headers: { 'X-Request-ID': 'till-3' } })
    const unnamed = await shop.send('GET', '/api/v1/products')

    expect(named.headers.get('x-request-id')).toBe('till-3')
    expect(unnamed.headers.get('x-request-id')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
  })

  test.each(['has space', 'é', 'x'.repeat(129)])('does not repeat an id that is not fit for a log: %s', async (id) => {
    const answer = await shop.app.fetch(new Request(`${shop.url}/api/v1/products`, { headers: { 'X-Request-ID': id } }))

    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('is written to the log in one line, with the route, not the address', async () => {
    await shop.send('GET', `/api/v1/products/${NOBODY}`, { headers: { 'X-Request-ID': 'till-4' } })

    const line = shop.logged().find((line) => line.request_id === 'till-4')
    expect(line).toMatchObject({
      level: 'info',
      service: 'shop',
      message: 'request.completed',
      method: 'GET',
      route: '/api/v1/products/{productId}',
      status: 404,
    })
    expect(line?.duration_ms).toBeNumber()
  })

  // Checklist 1, 2, 13, 127.
  test.each([
    ['200', 'GET', '/api/v1/products', {}],
    ['400', 'GET', '/api/v1/products?x=1', {}],
    ['401', 'GET', '/api/v1/products', { 'X-API-Key': 'wrong' }],
    ['404', 'GET', `/api/v1/products/${NOBODY}`, {}],
    ['404', 'GET', '/api/v1/nowhere', {}],
    ['404', 'GET', '/api', {}],
    ['404', 'GET', '/nowhere', {}],
    ['404', 'GET', '/docs/nowhere', {}],
    ['405', 'PUT', '/api/v1/products', {}],
    ['405', 'POST', '/docs', {}],
    ['406', 'GET', '/api/v1/products', { Accept: 'application/json' }],
    ['415', 'POST', '/api/v1/products', { 'Content-Type': 'application/json' }],
    ['500', 'GET', `/api/v1/purchases/${NOBODY}`, {}],
  ])(
    'with status %s is a document of JSON:API, and says that it depends on Accept',
    async (status, method, path, headers) => {
      const body = method === 'POST' ? { document: lampDocument() } : {}
      const answer = await shop.send(method, path, { headers, ...body })

      expect(String(answer.status)).toBe(status)
      expect(answer.headers.get('content-type')).toBe('application/vnd.api+json')
      expect(answer.headers.get('vary')).toBe('Accept')
      if (status !== '200') {
        expect(answer.document.data).toBeUndefined()
        expect(answer.document.errors).toHaveLength(1)
        expect(answer.document.errors[0]).toMatchObject({
          status,
          meta: { requestId: answer.headers.get('x-request-id') },
        })
      }
    },
  )
})

describe('who may come in', () => {
  test.each([{ 'X-API-Key': null }, { 'X-API-Key': 'wrong' }, { 'X-API-Key': '' }])(
    'nobody with %p',
    async (headers) => {
      const answer = await shop.send('GET', '/api/v1/products', { headers })

      expect(answer.status).toBe(401)
      expect(answer.document.errors[0].code).toBe('unauthenticated')
      expect(answer.headers.get('www-authenticate')).toContain('X-API-Key')
    },
  )

  test('someone who may only read does not write', async () => {
    const reader = openShop({ authenticate: () => ok({ id: 'reader', permissions: ['products:read'] }) })

    const allowed = await reader.send('GET', '/api/v1/products')
    const refused = await reader.send('POST', '/api/v1/products', { document: lampDocument() })
    await reader.close()

    expect(allowed.status).toBe(200)
    expect(refused.status).toBe(403)
    expect(refused.document.errors[0].detail).toContain('products:write')
  })
})

describe('methods', () => {
  test('HEAD is answered like GET, without a body (checklist 87)', async () => {
    const answer = await shop.send('HEAD', '/api/v1/products')
    const missing = await shop.send('HEAD', `/api/v1/products/${NOBODY}`)

    expect([answer.status, answer.text, answer.headers.get('content-type')]).toEqual([
      200,
      '',
      'application/vnd.api+json',
    ])
    expect([missing.status, missing.text]).toEqual([404, ''])
  })

  test('OPTIONS and a wrong method say which methods there are', async () => {
    const options = await shop.send('OPTIONS', `/api/v1/products/${NOBODY}`, { headers: { 'X-API-Key': null } })
    const wrong = await shop.send('PUT', '/api/v1/products')

    expect([options.status, options.headers.get('allow')]).toEqual([204, 'DELETE, GET, HEAD, OPTIONS, PATCH'])
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS, POST'])
    expect(wrong.document.errors[0].code).toBe('method_not_allowed')
  })

  test.each(['/api/v1/products/', '/api/v1//products', '/api/v1/products/a/b', '/api/v1', '/api/v1/Products'])(
    'nothing is at %s',
    async (path) => {
      expect((await shop.send('GET', path)).status).toBe(404)
    },
  )
})

describe('addresses', () => {
  test.each(['42', NOBODY.toUpperCase(), `${NOBODY}0`, "x'; drop table products", '%00', '..%2f'])(
    'an id that is no UUID is not found, and the answer says why: %s',
    async (id) => {
      const answer = await shop.send('GET', `/api/v1/products/${encodeURIComponent(id)}`)

      expect(answer.status).toBe(404)
      expect(answer.document.errors[0]).toMatchObject({
        code: 'product_not_found',
        detail: expect.stringContaining('UUID'),
      })
    },
  )

  test.each(['/api/v1/products/%zz', '/api/v1/products/%ff', '/api/v1/products?page[size]=%', '/api/%'])(
    'broken percent-encoding is refused: %s',
    async (path) => {
      const answer = await shop.app.fetch(
        new Request(`http://localhost${path}`, { headers: { 'X-API-Key': 'open-sesame' } }),
      )

      expect(answer.status).toBe(400)
    },
  )

  test('a host of one letter and an id that is percent-encoded lead to the same product', async () => {
    const created = await shop.send('POST', '/api/v1/products', { document: lampDocument('HOST-1') })
    const { id } = created.document.data
    const encoded = `%${id.charCodeAt(0).toString(16)}${id.slice(1)}`

    const short = await shop.send('GET', `/api/v1/products/${id}`, { headers: { Host: 'a' } })
    const percent = await shop.send('GET', `/api/v1/products/${encoded}`)

    expect([short.status, percent.status]).toEqual([200, 200])
    expect(percent.document.data.id).toBe(id)
  })
})

describe('what goes wrong inside', () => {
  test('is logged in full and answered without detail', async () => {
    const answer = await shop.send('GET', `/api/v1/purchases/${NOBODY}`, { headers: { 'X-Request-ID': 'fire-1' } })

    expect(answer.status).toBe(500)
    expect(answer.text).not.toContain('hunter2')
    expect(answer.document.errors[0].code).toBe('internal_error')
    const lines = shop.logged().filter((line) => line.request_id === 'fire-1')
    expect(lines.map((line) => line.message)).toEqual(['request.failed', 'request.completed'])
    expect(lines[0]).toMatchObject({ level: 'error', error: { message: expect.stringContaining('hunter2') } })
    expect(lines[0]).toMatchObject({ error: { stack: expect.stringContaining('edge.test.ts') } })
  })

  test('is told apart from a dependency that is late, which may be tried again', async () => {
    const late = openShop({
      bindings: {
        createPurchase: async () => ({
          ok: false,
          error: { kind: 'unavailable', code: 'unavailable', message: 'Late.' },
        }),
      },
    })

    const document = documentOf('purchases', NOBODY, { quantity: 1 })
    const answer = await late.send('POST', '/api/v1/purchases', { document, headers: { 'Idempotency-Key': 'a' } })
    await late.close()

    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
    expect(answer.document.errors[0].meta.requestId).toBe(answer.headers.get('x-request-id'))
  })
})
