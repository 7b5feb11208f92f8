import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { exampleId } from '@abasto/contract/example-id'
import { documentOf, lampDocument, openShop, type Received } from './toy-shop.ts'

const shop = openShop()
afterAll(shop.close)

let lamp = ''
let purchase = ''
let created: Received
beforeAll(async () => {
  created = await shop.send('POST', '/api/v1/products', { document: lampDocument() })
  lamp = created.document.data.id
  await shop.send('POST', '/api/v1/inventory', { document: documentOf('inventory', lamp, { quantity: 5 }) })
  const sold = await shop.send('POST', '/api/v1/purchases', {
    document: documentOf('purchases', lamp, { quantity: 2 }),
  })
  purchase = sold.document.data.id
})

describe('a new resource (checklist F)', () => {
  test('is answered with 201, its address and its version (92, 93, 94)', () => {
    expect(created.status).toBe(201)
    expect(created.headers.get('location')).toBe(`/api/v1/products/${lamp}`)
    expect(created.headers.get('etag')).toBe('"1"')
    expect(created.document.data.links.self).toBe(`/api/v1/products/${lamp}`)
    expect(created.document.links.self).toBe(`/api/v1/products/${lamp}`)
  })

  test('can be read at that address as primary data, with the same bytes of data (43)', async () => {
    const read = await shop.send('GET', created.headers.get('location') ?? '')

    expect(read.document.data).toEqual(created.document.data)
  })
})

describe('every document (checklist B)', () => {
  const addresses = () => [
    `/api/v1/products/${lamp}`,
    '/api/v1/products',
    `/api/v1/inventory/${lamp}?include=product`,
    `/api/v1/inventory/${lamp}/product`,
    `/api/v1/inventory/${lamp}/relationships/product`,
    `/api/v1/inventory/${lamp}/movements`,
    `/api/v1/purchases?page[size]=3`,
    `/api/v1/purchases/${purchase}`,
  ]

  test('has only the members that JSON:API knows, and links to itself as it was asked for (19-23, 27, 29, 30)', async () => {
    for (const address of addresses()) {
      const { status, document } = await shop.send('GET', address)

      expect(status).toBe(200)
      expect(Object.keys(document).filter((name) => !['jsonapi', 'links', 'data', 'included'].includes(name))).toEqual(
        [],
      )
      expect(document.jsonapi).toEqual({ version: '1.1' })
      expect(document.links).toMatchObject({ self: address, describedby: '/openapi.json' })
    }
  })

  test('has links that all lead somewhere (39, 41, 43, 84)', async () => {
    for (const address of addresses()) {
      const { text } = await shop.send('GET', address)
      const links = [...text.matchAll(/"(?:self|related|describedby)":"([^"]+)"/g)].map((match) => match[1] ?? '')
      expect(links.length).toBeGreaterThan(1)
      for (const link of new Set(links)) expect((await shop.send('GET', link)).status).toBe(200)
    }
  })

  test('shows the attributes of the contract in its order, and none that is only ever sent', async () => {
    const { document } = await shop.send('GET', `/api/v1/inventory/${lamp}`)

    expect(Object.keys(document.data)).toEqual(['type', 'id', 'attributes', 'relationships', 'links'])
    expect(Object.keys(document.data.attributes)).toEqual(['quantity', 'reserved', 'available', 'updatedAt'])
  })

  test('names related resources by type and id, with the addresses of both (38-40, 44)', async () => {
    const { document } = await shop.send('GET', `/api/v1/purchases/${purchase}`)

    expect(document.data.relationships).toEqual({
      product: {
        data: { type: 'products', id: lamp },
        links: {
          self: `/api/v1/purchases/${purchase}/relationships/product`,
          related: `/api/v1/purchases/${purchase}/product`,
        },
      },
      warehouse: {
        data: { type: 'warehouses', id: exampleId('warehouses') },
        links: {
          self: `/api/v1/purchases/${purchase}/relationships/warehouse`,
          related: `/api/v1/purchases/${purchase}/warehouse`,
        },
      },
    })
  })
})

describe('related resources (81-86)', () => {
  test('are primary data at their own address', async () => {
    const { document } = await shop.send('GET', `/api/v1/inventory/${lamp}/product`)

    expect(document.data).toMatchObject({ type: 'products', id: lamp, attributes: { sku: 'LAMP-1' } })
  })

  test('are named by the linkage', async () => {
    const { document } = await shop.send('GET', `/api/v1/purchases/${purchase}/relationships/product`)

    expect(document.data).toEqual({ type: 'products', id: lamp })
    expect(document.links.related).toBe(`/api/v1/purchases/${purchase}/product`)
  })

  test('are null when there is none, and not found when what they belong to is not', async () => {
    const product = '019b76da-a800-7000-8000-000000000009'
    shop.inventory.set(product, { type: 'inventory', id: product, attributes: {}, relationships: { product } })

    const none = await shop.send('GET', `/api/v1/inventory/${product}/product`)
    const missing = await shop.send('GET', `/api/v1/inventory/019b76da-a800-7000-8000-000000000008/product`)
    shop.inventory.delete(product)

    expect([none.status, none.document.data]).toEqual([200, null])
    expect(missing.status).toBe(404)
  })
})

describe('include (51-60)', () => {
  const inventory = (search: string) => shop.send('GET', `/api/v1/inventory/${lamp}${search}`)

  test('brings the product along, once and linked (51-53, 55)', async () => {
    for (const search of ['?include=product', '?include=product,product']) {
      const { document } = await inventory(search)

      expect(document.included).toHaveLength(1)
      const { type, id } = document.included[0]
      expect(document.data.relationships.product.data).toEqual({ type, id })
    }
  })

  test('that is empty brings nothing, and says so (54, 56)', async () => {
    expect((await inventory('?include=')).document.included).toEqual([])
    expect((await inventory('')).document.included).toBeUndefined()
  })

  test('brings the products of a whole page, and the next page brings its own', async () => {
    const other = await shop.send('POST', '/api/v1/products', { document: lampDocument('INCLUDED-2') })
    const { id } = other.document.data
    await shop.send('POST', '/api/v1/inventory', { document: documentOf('inventory', id, {}) })

    const first = await shop.send('GET', '/api/v1/inventory?page[size]=1&include=product')
    const second = await shop.send('GET', first.document.links.next)
    const plain = await shop.send('GET', '/api/v1/inventory')

    expect(first.document.included).toMatchObject([{ type: 'products', id: lamp }])
    expect(second.document.included).toMatchObject([{ type: 'products', id }])
    expect(second.document.data).toHaveLength(1)
    expect(plain.document.included).toBeUndefined()
  })

  test('of anything else is refused (57, 58, 60)', async () => {
    const refused = await Promise.all([
      inventory('?include=warehouse'),
      inventory('?include=product,'),
      inventory('?include=product.category'),
      shop.send('GET', `/api/v1/products/${lamp}?include=`),
      shop.send('GET', '/api/v1/purchases?include=product'),
      shop.send('POST', '/api/v1/inventory?include=product', { document: documentOf('inventory', lamp, {}) }),
      shop.send('POST', '/api/v1/products?include=x', { document: lampDocument('INCLUDE-1') }),
    ])

    for (const { status, document } of refused) {
      expect(status).toBe(400)
      expect(document.errors[0].source).toEqual({ parameter: 'include' })
    }
  })

  test('shows no resource twice, whatever a service hands over (53)', async () => {
    const own = openShop({
      bindings: {
        getInventory: async () => {
          const product = { type: 'products', id: lamp, attributes: {} }
          const data = { type: 'inventory', id: lamp, attributes: {}, relationships: { product: lamp } }
          return { ok: true, value: { data, included: [product, product, data] } }
        },
      },
    })
    const { document } = await own.send('GET', `/api/v1/inventory/${lamp}?include=product`)
    await own.close()

    expect(document.included).toHaveLength(1)
  })
})

describe('versions', () => {
  test('a version that is known is not sent again', async () => {
    const address = `/api/v1/products/${lamp}`
    const headers = (tag: string) => ({ headers: { 'If-None-Match': tag } })
    const { headers: first } = await shop.send('GET', address)
    const tag = first.get('etag') ?? ''

    const same = await shop.send('GET', address, headers(tag))
    const listed = await shop.send('GET', address, headers(`"0", W/${tag}`))
    const other = await shop.send('GET', address, headers('"0"'))

    expect([same.status, same.text, same.headers.get('etag'), same.headers.get('vary')]).toEqual([
      304,
      '',
      tag,
      'Accept',
    ])
    expect([listed.status, other.status]).toEqual([304, 200])
  })

  test('a compound document has no tag, because the product may change under it', async () => {
    const answer = await shop.send('GET', `/api/v1/inventory/${lamp}?include=product`, {
      headers: { 'If-None-Match': '*' },
    })

    expect([answer.status, answer.headers.get('etag')]).toEqual([200, null])
  })

  test.each([
    ['"1"', 200],
    ['*', 200],
    ['"0", "1"', 200],
    ['"7"', 412],
    ['W/"1"', 412],
    ['"abc"', 412],
    ['1', 400],
    ['', 400],
  ])('a change under If-Match: %s is answered with %i', async (tag, status) => {
    const fresh = await shop.send('POST', '/api/v1/products', {
      document: lampDocument(`TAG-${tag.length}-${status}-${tag.charCodeAt(1)}`),
    })
    const { id } = fresh.document.data
    const document = { data: { type: 'products', id, attributes: { name: 'Other' } } }

    const answer = await shop.send('PATCH', `/api/v1/products/${id}`, { document, headers: { 'If-Match': tag } })

    expect(answer.status).toBe(status)
    if (status !== 200) expect(answer.document.errors[0].source).toEqual({ header: 'If-Match' })
    else expect(answer.headers.get('etag')).toBe('"2"')
  })
})

describe('deleting (110, 111)', () => {
  test('answers 204, then 404', async () => {
    const { document } = await shop.send('POST', '/api/v1/products', { document: lampDocument('GONE-1') })
    const address = document.data.links.self

    const [first, second, read] = [
      await shop.send('DELETE', address),
      await shop.send('DELETE', address),
      await shop.send('GET', address),
    ]

    expect([first.status, first.text, second.status, read.status]).toEqual([204, '', 404, 404])
    expect(first.headers.get('content-type')).toBeNull()
    expect(first.headers.get('vary')).toBe('Accept')
  })
})
