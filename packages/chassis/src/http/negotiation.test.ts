import { afterAll, describe, expect, test } from 'bun:test'
import { lampDocument, openShop } from './toy-shop.ts'

const shop = openShop()
afterAll(shop.close)

const JSON_API = 'application/vnd.api+json'

describe('what the caller accepts', () => {
  test.each([
    [200, '*/*', 'anything (14)'],
    [200, 'application/*', 'any application (14)'],
    [200, JSON_API, 'the media type'],
    [200, 'text/html, application/vnd.api+json;q=0.5', 'the media type with a weight (14)'],
    [200, 'Application/VND.API+JSON', 'the media type in capitals'],
    [200, `${JSON_API}; charset=utf-8, ${JSON_API}`, 'one bad and one good instance (10)'],
    [200, `${JSON_API};profile="https://example.com/a,b"`, 'an unknown profile (11)'],
    [406, `${JSON_API}; charset=utf-8`, 'only an instance with a parameter (8)'],
    [406, `${JSON_API}; charset=utf-8, */*`, 'every instance with a parameter (8)'],
    [406, `${JSON_API}; ext="https://jsonapi.org/ext/atomic"`, 'only an unsupported extension (9)'],
    [406, 'application/json', 'only plain JSON (15)'],
    [406, 'text/html', 'only HTML'],
    [406, '*/*;q=0', 'nothing'],
    [406, 'application/*;q=0, */*', 'anything but applications'],
    [406, `${JSON_API};q=0`, 'the media type with weight 0'],
  ])('%i for %s: %s', async (status, accept) => {
    const answer = await shop.send('GET', '/api/v1/products', { headers: { Accept: accept } })

    expect(answer.status).toBe(status)
    expect(answer.headers.get('vary')).toBe('Accept')
    if (status === 406) expect(answer.document.errors[0].source).toEqual({ header: 'Accept' })
  })

  test('no header at all accepts anything (14)', async () => {
    const answer = await shop.app.fetch(
      new Request('http://localhost/api/v1/products', { headers: { 'X-API-Key': 'open-sesame' } }),
    )

    expect(answer.status).toBe(200)
  })
})

describe('what the caller sends', () => {
  test.each([
    [201, JSON_API, 'the media type'],
    [201, `${JSON_API};profile="https://example.com/p"`, 'an unknown profile (7)'],
    [415, `${JSON_API}; charset=utf-8`, 'a parameter (5)'],
    [415, `${JSON_API}; version=1`, 'another parameter (5)'],
    [415, `${JSON_API}; ext="https://jsonapi.org/ext/atomic"`, 'an unsupported extension (6)'],
    [415, 'application/json', 'plain JSON (16)'],
    [415, 'text/plain', 'text (16)'],
  ])('%i for %s: %s', async (status, contentType) => {
    const document = lampDocument(`SKU-${contentType.length}-${status}`)
    const answer = await shop.send('POST', '/api/v1/products', { document, headers: { 'Content-Type': contentType } })

    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe(JSON_API)
    if (status === 415) expect(answer.document.errors[0].source).toEqual({ header: 'Content-Type' })
  })

  test('a Content-Type without a document is fine (16)', async () => {
    const answer = await shop.send('GET', '/api/v1/products', { headers: { 'Content-Type': 'application/json' } })

    expect(answer.status).toBe(200)
  })

  test('the jsonapi member of a document negotiates nothing (17)', async () => {
    const document = { jsonapi: { version: '9.9', ext: ['https://example.com/x'] }, ...lampDocument('JSONAPI-1') }

    expect((await shop.send('POST', '/api/v1/products', { document })).status).toBe(201)
  })

  test('deleting with a document does not fail (112)', async () => {
    const created = await shop.send('POST', '/api/v1/products', { document: lampDocument('GONE-1') })
    const { id } = created.document.data

    const answer = await shop.send('DELETE', `/api/v1/products/${id}`, {
      document: { data: { type: 'products', id } },
      headers: { 'Content-Type': 'application/json' },
    })

    expect([answer.status, answer.text]).toEqual([204, ''])
  })
})
