import { expect, test } from 'bun:test'
import { Abasto } from './abasto.ts'
import { accepts204, answers, type Behaviour, serverThat } from './unreliable-server.ts'

test('a product is created with what it needs, and comes back flat', async () => {
  using server = await serverThat(answers(201, { data: lamp }, { ETag: '"1"' }))

  const product = await client(server).products.create({ sku: 'LAMP-1', name: 'Lamp', price: '12.50', currency: 'EUR' })

  expect(product).toEqual({ type: 'products', id: 'lamp', sku: 'LAMP-1', price: '12.50', etag: '"1"' } as never)
  expect(server.received).toMatchObject([
    {
      method: 'POST',
      url: '/api/v1/products',
      headers: { 'x-api-key': 'a-key', accept: 'application/vnd.api+json', 'content-type': 'application/vnd.api+json' },
      body: {
        data: { type: 'products', attributes: { sku: 'LAMP-1', name: 'Lamp', price: '12.50', currency: 'EUR' } },
      },
    },
  ])
})

test('a product is changed only where it is still what it was', async () => {
  using server = await serverThat(answers(200, { data: lamp }, { ETag: '"2"' }))

  const product = await client(server).products.update('lamp', { price: '11.00' }, { ifMatch: '"1"' })

  expect(product.etag).toBe('"2"')
  expect(server.received).toMatchObject([
    {
      method: 'PATCH',
      url: '/api/v1/products/lamp',
      headers: { 'if-match': '"1"' },
      body: { data: { type: 'products', id: 'lamp', attributes: { price: '11.00' } } },
    },
  ])
})

test('a product is deleted without a word', async () => {
  using server = await serverThat(accepts204)

  await client(server).products.delete('lamp')

  expect(server.received).toMatchObject([{ method: 'DELETE', url: '/api/v1/products/lamp', body: undefined }])
  expect(server.keys()[0]).toMatch(/^[0-9a-f-]{36}$/)
})

test('stock is opened for a product, which is named by a relationship', async () => {
  using server = await serverThat(answers(201, { data: stock }))

  const inventory = await client(server).inventory.create({ productId: 'lamp', quantity: 7 })

  expect(inventory).toMatchObject({ quantity: 7, productId: 'lamp' })
  expect(server.received).toMatchObject([
    { url: '/api/v1/inventory', body: { data: { type: 'inventory', attributes: { quantity: 7 }, ...ofLamp } } },
  ])
})

test('stock is adjusted for a reason', async () => {
  using server = await serverThat(answers(200, { data: stock }))

  await client(server).inventory.adjust('lamp', { quantityDelta: -1, reason: 'damage' })

  const attributes = { quantityDelta: -1, reason: 'damage' }
  expect(server.received).toMatchObject([
    { method: 'PATCH', url: '/api/v1/inventory/lamp', body: { data: { type: 'inventory', id: 'lamp', attributes } } },
  ])
})

test('stock brings its product along when asked', async () => {
  using server = await serverThat(answers(200, { data: stock, included: [lamp] }))

  const inventory = await client(server).inventory.get('lamp', { include: ['product'] })

  expect(inventory.product?.sku).toBe('LAMP-1')
  expect(server.received).toMatchObject([{ url: '/api/v1/inventory/lamp?include=product' }])
})

test('stock of a product that was deleted since says so', async () => {
  using server = await serverThat(answers(200, { data: stock, included: [] }))

  const inventory = await client(server).inventory.get('lamp', { include: ['product'] })

  expect(inventory.product).toBeNull()
})

test('a movement that no sale caused has no sale', async () => {
  const relationships = { ...ofLamp.relationships, purchase: { data: null }, reservation: { links: { related: '/r' } } }
  using server = await serverThat(answers(200, { data: [{ type: 'movements', id: 'm', relationships }], links: {} }))

  const { items } = await client(server).inventory.movements('lamp').page()

  expect(items).toEqual([{ type: 'movements', id: 'm', productId: 'lamp', purchaseId: null } as never])
  expect(server.received).toMatchObject([{ url: '/api/v1/inventory/lamp/movements' }])
})

test('the product of a stock and of a sale is read, or only named', async () => {
  const named = answers(200, { data: { type: 'products', id: 'lamp' } })
  using server = await serverThat(answers(200, { data: lamp }), named, answers(200, { data: lamp }), named)
  const { inventory, purchases } = client(server)

  const counted = [await inventory.getProduct('lamp'), await inventory.getProductIdentifier('lamp')]
  const sold = [await purchases.getProduct('sale'), await purchases.getProductIdentifier('sale')]

  expect(counted).toEqual([{ sku: 'LAMP-1', type: 'products', id: 'lamp', price: '12.50' } as never, identifier])
  expect(sold).toEqual(counted)
  expect(server.received.map(({ url }) => url)).toEqual([
    '/api/v1/inventory/lamp/product',
    '/api/v1/inventory/lamp/relationships/product',
    '/api/v1/purchases/sale/product',
    '/api/v1/purchases/sale/relationships/product',
  ])
})

test('members with dangerous names stay what they are', async () => {
  const text = '{"data":{"type":"products","id":"lamp","attributes":{"__proto__":{"admin":true}}}}'
  using server = await serverThat((response) => response.end(text), answers(200, { data: lamp }))
  const { products } = client(server)

  const product = await products.get('lamp')
  await products.update('lamp', { constructor: 'x' } as never)

  expect((product as { admin?: boolean }).admin).toBeUndefined()
  expect(server.received[1]?.body).toMatchObject({ data: { attributes: { constructor: 'x' } } })
})

test('a list is walked over all its pages', async () => {
  using server = await serverThat(...threePages)

  const ids = await Array.fromAsync(client(server).products.list({ pageSize: 2 }), ({ id }) => id)

  expect(ids).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(server.received.map(({ url }) => decodeURIComponent(url))).toEqual([
    '/api/v1/products?page[size]=2',
    '/api/v1/products?page[size]=2&page[after]=b+/=',
    '/api/v1/products?page[size]=2&page[after]=d',
  ])
})

test('who stops walking fetches no further page', async () => {
  using server = await serverThat(...threePages)

  for await (const { id } of client(server).products.list()) if (id === 'a') break

  expect(server.received).toHaveLength(1)
})

test('a page leads to the next and to the one before', async () => {
  using server = await serverThat(...threePages)
  const first = await client(server).products.list().page()

  const second = await first.next()
  const third = await second?.next()

  expect([first.after, second?.after, third?.after]).toEqual(['b+/=', 'd', null])
  expect([first.before, second?.before, third?.before]).toEqual([null, 'c', 'e'])
  expect([await first.previous(), await third?.next()]).toEqual([null, null])
  expect(server.received).toHaveLength(3)
  await second?.previous()
  expect(decodeURIComponent(server.received[3]?.url ?? '')).toBe('/api/v1/products?page[before]=c')
})

test('a list of those that are named is asked for as such, from page to page', async () => {
  using server = await serverThat(answers(200, { data: [lamp], links: { next: '/x?page%5Bafter%5D=n' } }))
  const first = await client(server)
    .products.list({ filter: { id: ['lamp', 'chair'] } })
    .page()

  await first.next()

  expect(server.received.map(({ url }) => decodeURIComponent(url))).toEqual([
    '/api/v1/products?filter[id]=lamp,chair',
    '/api/v1/products?filter[id]=lamp,chair&page[after]=n',
  ])
})

test('who asks for no product by name gets none, and not all of them', async () => {
  using server = await serverThat(answers(200, { data: [lamp], links: {} }))
  const none = await client(server)
    .products.list({ filter: { id: [] } })
    .page()

  expect([none.items, none.after, await none.next(), await none.previous()]).toEqual([[], null, null, null])
  expect(server.received).toEqual([])
})

test('what is not given, or includes nothing, is not asked for', async () => {
  const list = answers(200, { data: [stock], links: {} })
  using server = await serverThat(list, answers(200, { data: stock }), list)
  const { inventory, movements } = client(server)

  await inventory.list({ include: [], after: undefined, pageSize: undefined }).page()
  await inventory.get('lamp', { include: [] })
  await movements.list({ filter: { product: undefined as never, kind: ['sale'] } }).page()

  expect(server.received.map(({ url }) => decodeURIComponent(url))).toEqual([
    '/api/v1/inventory',
    '/api/v1/inventory/lamp',
    '/api/v1/movements?filter[kind]=sale',
  ])
})

test('a list brings related resources along', async () => {
  using server = await serverThat(answers(200, { data: [stock], included: [lamp], links: { next: null } }))

  const levels = await Array.fromAsync(client(server).inventory.list({ include: ['product'] }))

  expect(levels).toMatchObject([{ quantity: 7, product: { sku: 'LAMP-1' } }])
  expect(server.received).toMatchObject([{ url: '/api/v1/inventory?include=product' }])
})

const client = ({ baseUrl }: { baseUrl: string }) => new Abasto({ apiKey: 'a-key', baseUrl })

const identifier = { type: 'products', id: 'lamp' } as const

const lamp = { type: 'products', id: 'lamp', attributes: { sku: 'LAMP-1', price: '12.50' } }

const ofLamp = { relationships: { product: { data: { type: 'products', id: 'lamp' } } } }

const stock = { type: 'inventory', id: 'lamp', attributes: { quantity: 7 }, ...ofLamp }

/** One page of products; its links are those of a server that believes itself at another address. */
function page(ids: readonly string[], prev: string | null, next: string | null): Behaviour {
  const link = (name: string, cursor: string | null) =>
    cursor === null ? null : `http://inside:1/api/v1/products?page%5B${name}%5D=${encodeURIComponent(cursor)}&x=1`
  const data = ids.map((id) => ({ type: 'products', id, attributes: {} }))
  return answers(200, { data, links: { prev: link('before', prev), next: link('after', next) } })
}

const threePages = [page(['a', 'b'], null, 'b+/='), page(['c', 'd'], 'c', 'd'), page(['e'], 'e', null)] as [
  Behaviour,
  Behaviour,
  Behaviour,
]
