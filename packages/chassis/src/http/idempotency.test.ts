import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { isUuid, ok } from '@abasto/kernel'
import { createTurns, fingerprintOf, operationIdOf } from './idempotency.ts'
import { documentOf, lampDocument, openShop } from './toy-shop.ts'

const shop = openShop()
afterAll(shop.close)

let lamp = ''
beforeAll(async () => {
  lamp = (await shop.send('POST', '/api/v1/products', { document: lampDocument() })).document.data.id
  await shop.send('POST', '/api/v1/inventory', { document: documentOf('inventory', lamp, { quantity: 5 }) })
})

const buy = (key: string | null, quantity = 1) =>
  shop.send('POST', '/api/v1/purchases', {
    document: documentOf('purchases', lamp, { quantity }),
    headers: key === null ? {} : { 'Idempotency-Key': key },
  })

describe('a write that is sent again', () => {
  test('has one effect and is answered byte for byte', async () => {
    const before = shop.effects()
    const first = await buy('sale-1')
    const second = await buy('sale-1')

    expect(shop.effects()).toBe(before + 1)
    expect([second.status, second.text]).toEqual([first.status, first.text])
    expect(second.headers.get('location')).toBe(first.headers.get('location'))
    expect([first, second].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true'])
    expect(first.headers.get('x-request-id')).not.toBe(second.headers.get('x-request-id'))
  })

  test('is refused again byte for byte, though stock has come since', async () => {
    const first = await buy('sale-2', 500)
    await shop.send('PATCH', `/api/v1/inventory/${lamp}`, {
      document: { data: { type: 'inventory', id: lamp, attributes: { quantityDelta: 1000, reason: 'receipt' } } },
    })
    const second = await buy('sale-2', 500)

    expect([first.status, second.text]).toEqual([409, first.text])
    expect(first.document.errors[0]).toMatchObject({
      code: 'insufficient_stock',
      source: { pointer: '/data/attributes/quantity' },
      meta: { productId: lamp, requested: 500 },
    })
    expect(first.document.errors[0].meta.requestId).toBeUndefined()
    expect(second.headers.get('idempotency-replayed')).toBe('true')
  })

  test('is refused with another document', async () => {
    await buy('sale-3')
    const other = await buy('sale-3', 2)

    expect([other.status, other.document.errors[0].code]).toEqual([422, 'idempotency_key_reused'])
  })

  test('is the same command however its members are ordered', async () => {
    const first = await shop.send('POST', '/api/v1/products', {
      body: '{"data":{"type":"products","attributes":{"sku":"ORDER-1","name":"A","price":"1","currency":"EUR"}}}',
      headers: { 'Idempotency-Key': 'order-1' },
    })
    const second = await shop.send('POST', '/api/v1/products', {
      body: '{"data":{"attributes":{"currency":"EUR","price":"1","name":"A","@x":1,"sku":"ORDER-1"},"type":"products"}}',
      headers: { 'Idempotency-Key': 'order-1' },
    })

    expect([second.status, second.text]).toEqual([201, first.text])
  })

  test('without a key is another write each time, and its refusals name the request', async () => {
    const before = shop.effects()
    await buy(null)
    await buy(null)
    const refused = await buy(null, 1_000_000)

    expect(shop.effects()).toBe(before + 3)
    expect(refused.document.errors[0].meta.requestId).toBe(refused.headers.get('x-request-id'))
  })

  test('with a key that serves another operation or caller is another write', () => {
    const id = operationIdOf('owner', 'createPurchase', 'a')

    expect(isUuid(id)).toBeTrue()
    expect(id[14]).toBe('8')
    expect('89ab').toContain(id[19] ?? '')
    expect(operationIdOf('owner', 'createPurchase', 'a')).toBe(id)
    expect(operationIdOf('owner', 'createProduct', 'a')).not.toBe(id)
    expect(operationIdOf('ownerc', 'reatePurchase', 'a')).not.toBe(id)
    expect(operationIdOf('owner', 'createPurchase', 'b')).not.toBe(id)
  })

  test.each(['', 'a\tb', 'é', 'x'.repeat(256)])('cannot have the key %p', async (key) => {
    const headers = { 'X-API-Key': 'open-sesame', 'Idempotency-Key': key }
    const request = new Request(`http://localhost/api/v1/products/${lamp}`, { method: 'DELETE', headers })
    const answer = await shop.app.fetch(request)

    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({
      errors: [{ code: 'invalid_header', source: { header: 'Idempotency-Key' } }],
    })
  })
})

describe('a write that is sent again while the first still runs', () => {
  test('waits for the first and is answered the same', async () => {
    const gate = Promise.withResolvers<void>()
    let running = 0
    let most = 0
    const slow = openShop({
      bindings: {
        deleteProduct: async () => {
          most = Math.max(most, ++running)
          await gate.promise
          running--
          return ok({ data: null })
        },
      },
    })
    const send = () => slow.send('DELETE', `/api/v1/products/${lamp}`, { headers: { 'Idempotency-Key': 'gone' } })

    const answers = Promise.all([send(), send(), send()])
    gate.resolve()

    expect((await answers).map(({ status }) => status)).toEqual([204, 204, 204])
    expect(most).toBe(1)
    await slow.close()
  })

  test('is told so when the first does not end in time', async () => {
    const gate = Promise.withResolvers<void>()
    const slow = openShop({
      deadlineMs: 20,
      bindings: {
        deleteProduct: async () => {
          await gate.promise
          return ok({ data: null })
        },
      },
    })
    const send = () => slow.send('DELETE', `/api/v1/products/${lamp}`, { headers: { 'Idempotency-Key': 'gone' } })

    const first = send()
    const late = await Promise.race([send(), first])
    gate.resolve()

    expect([late.status, late.document.errors[0].code]).toEqual([409, 'in_progress'])
    expect((await first).status === 204 || (await first).status === 409).toBeTrue()
    await slow.close()
  })

  test('may run when the first broke', async () => {
    const inTurn = createTurns()
    const broken = inTurn('a', 1000, async () => {
      throw new Error('broken')
    })
    const second = inTurn('a', 1000, async () => 'done')

    expect(broken).rejects.toThrow('broken')
    expect(await second).toBe('done')
  })
})

test('a fingerprint tells commands apart', () => {
  const command = { id: lamp, attributes: { a: 1, b: [{ c: 2, d: null }] }, relationships: {}, ifMatch: undefined }

  expect(fingerprintOf({ ...command, attributes: { b: [{ d: null, c: 2 }], a: 1 } })).toBe(fingerprintOf(command))
  const others = [
    { ...command, id: '' },
    { ...command, ifMatch: 1 },
    { ...command, relationships: { product: lamp } },
    { ...command, attributes: { a: '1', b: [{ c: 2, d: null }] } },
    { ...command, attributes: { a: 1, b: [{ c: 2 }] } },
  ]
  expect(new Set([command, ...others].map(fingerprintOf)).size).toBe(others.length + 1)
})
