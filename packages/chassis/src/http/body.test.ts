import { afterAll, describe, expect, test } from 'bun:test'
import { BODY_LIMIT } from './body.ts'
import { lampDocument, openShop } from './toy-shop.ts'

const shop = openShop()
afterAll(shop.close)

const post = (body: Parameters<typeof shop.send>[2]) => shop.send('POST', '/api/v1/products', body)
const errorOf = async (body: string | Uint8Array<ArrayBuffer>) => {
  const answer = await post({ body })
  const { status, code, source } = answer.document.errors[0]
  return `${answer.status} ${status} ${code} ${source?.pointer ?? '-'}`
}

describe('a body that is no document', () => {
  test.each([
    ['empty', ''],
    ['broken', '{"data":'],
    ['two documents', '{}{}'],
    ['a text', 'lamp'],
    ['not a number', '{"data":NaN}'],
    ['a raw control character', '{"data":"\u0001"}'],
  ])('is refused: %s', async (_what, body) => {
    expect(await errorOf(body)).toBe('400 400 malformed_document ')
  })

  test('is refused when it is not UTF-8', async () => {
    const bytes = new TextEncoder().encode(JSON.stringify(lampDocument('UTF-1')))
    bytes[bytes.indexOf('U'.charCodeAt(0))] = 0xff

    expect(await errorOf(bytes)).toBe('400 400 malformed_document ')
  })

  test('is refused when there is none', async () => {
    const answer = await shop.send('POST', '/api/v1/products', {})

    expect([answer.status, answer.document.errors[0].code]).toEqual([400, 'malformed_document'])
  })

  test('is refused when it is compressed', async () => {
    const body = Bun.gzipSync(JSON.stringify(lampDocument('ZIP-1')))

    expect((await post({ body, headers: { 'Content-Encoding': 'gzip' } })).status).toBe(415)
  })
})

describe('a large body', () => {
  const sized = (size: number) => {
    const document = JSON.stringify({ ...lampDocument(`SIZE-${size}`), meta: { filler: '' } })
    return document.replace('"filler":""', `"filler":"${'x'.repeat(size - document.length)}"`)
  }

  test('is read up to the limit and refused beyond it', async () => {
    const largest = await post({ body: sized(BODY_LIMIT) })
    const larger = await post({ body: sized(BODY_LIMIT + 1) })

    expect([largest.status, larger.status]).toEqual([201, 413])
    expect(larger.document.errors[0].code).toBe('content_too_large')
  })

  test('is refused too when it does not say how large it is', async () => {
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start(controller) {
        for (let sent = 0; sent <= BODY_LIMIT; sent += 65_536) controller.enqueue(new Uint8Array(65_536))
        controller.close()
      },
    })

    expect((await post({ body: stream })).status).toBe(413)
  })

  test('is read when it comes in pieces and is not too large', async () => {
    const bytes = new TextEncoder().encode(JSON.stringify(lampDocument('PIECES-1')))
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(new Uint8Array([byte]))
        controller.close()
      },
    })

    expect((await post({ body: stream })).status).toBe(201)
  })

  test('of ten megabytes leaves the server well', async () => {
    expect((await post({ body: 'x'.repeat(10_000_000) })).status).toBe(413)
    expect((await shop.send('GET', '/api/v1/products')).status).toBe(200)
  })
})

describe('a body that means harm', () => {
  const withName = (name: string) => JSON.stringify(lampDocument('HARM-1')).replace('"name":', `${name}:1,"name":`)

  test.each(['__proto__', 'constructor', 'prototype'])(
    'may not have a member called %s, however it is written',
    async (name) => {
      const hidden = `"\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}"`

      expect(await errorOf(withName(`"${name}"`))).toBe(`400 400 invalid_document /data/attributes/${name}`)
      expect(await errorOf(withName(hidden))).toBe(`400 400 invalid_document /data/attributes/${name}`)
      expect(await errorOf(`{"${name}":{},"data":{}}`)).toBe(`400 400 invalid_document /${name}`)
      expect(({} as Record<string, unknown>).admin).toBeUndefined()
    },
  )

  test('may speak of a prototype, though', async () => {
    const document = lampDocument('PROTO-1')

    expect((await post({ document: { ...document, meta: { note: 'a prototype' } } })).status).toBe(201)
  })

  test.each(['\\u0000', '\\ud800', 'x\\udc00y'])('may not hold %s', async (text) => {
    const body = JSON.stringify(lampDocument('HARM-2')).replace('Desk lamp', text)

    expect(await errorOf(body)).toBe('422 422 invalid_value /data/attributes/name')
  })

  test('may hold a character that needs two halves, and gets it back', async () => {
    const body = JSON.stringify(lampDocument('LAMP-💡')).replace('Desk lamp', '\\ud83d\\udca1')
    const answer = await post({ body })

    expect(answer.document.data.attributes).toMatchObject({ sku: 'LAMP-💡', name: '💡' })
  })

  test.each([
    ['[', ']'],
    ['{"a":', '}'],
  ])('is refused when it is nested very deeply with %s', async (open, close) => {
    const depth = 100_000

    expect(await errorOf(`{"meta":${open.repeat(depth)}1${close.repeat(depth)},"data":{}}`)).toBe(
      '400 400 malformed_document ',
    )
    expect(await errorOf(open.repeat(depth))).toBe('400 400 malformed_document ')
  })
})
