import { expect, test } from 'bun:test'
import { Abasto, type AbastoOptions } from './abasto.ts'
import { answers, serverThat } from './unreliable-server.ts'

test.each(['', '/', '//', '/api/v1', '/api/v1/'])(
  'an address that ends in "%s" leads to the same place',
  async (end) => {
    using server = await serverThat(product)

    await new Abasto({ apiKey: 'a-key', baseUrl: server.baseUrl + end }).products.get('lamp')

    expect(server.received).toMatchObject([{ method: 'GET', url: '/api/v1/products/lamp' }])
  },
)

test('a shop may stand below a path', async () => {
  using server = await serverThat(product)

  await new Abasto({ apiKey: 'a-key', baseUrl: `${server.baseUrl}/shop/` }).products.get('lamp')

  expect(server.received).toMatchObject([{ url: '/shop/api/v1/products/lamp' }])
})

test('products and inventory may have addresses of their own', async () => {
  using products = await serverThat(product)
  using inventory = await serverThat(product)
  const abasto = new Abasto({ apiKey: 'a-key', baseUrl: { products: products.baseUrl, inventory: inventory.baseUrl } })

  await abasto.products.get('lamp')
  await abasto.purchases.create({ productId: 'lamp', quantity: 1 })

  expect(products.received).toMatchObject([{ url: '/api/v1/products/lamp' }])
  expect(inventory.received).toMatchObject([{ url: '/api/v1/purchases' }])
})

test.each([
  ['no key', { apiKey: '' }, 'needs an apiKey'],
  ['a key with its line break', { apiKey: 'key\n' }, 'apiKey'],
  ['an address without http', { baseUrl: 'localhost:8080' }, 'baseUrl'],
  ['an address with a password', { baseUrl: 'http://me:secret@localhost' }, 'baseUrl'],
  ['an address with a query', { baseUrl: 'http://localhost:8080/?a=b' }, 'baseUrl'],
  ['an address that is none', { baseUrl: 'http://localhost:port' }, 'baseUrl'],
  ['no time at all', { timeoutMs: 0 }, 'timeoutMs'],
  ['time without end', { attemptTimeoutMs: Number.POSITIVE_INFINITY }, 'attemptTimeoutMs'],
  ['fewer retries than none', { maxRetries: -1 }, 'maxRetries'],
] satisfies [string, Partial<AbastoOptions>, string][])('a client with %s is refused at once', (_, options, named) => {
  expect(() => new Abasto({ apiKey: 'a-key', ...options })).toThrow(named)
})

test.each([
  ['an empty idempotency key', (abasto: Abasto) => abasto.products.delete('lamp', { idempotencyKey: '' })],
  [
    'an idempotency key of 256 characters',
    (abasto) => abasto.products.delete('lamp', { idempotencyKey: 'k'.repeat(256) }),
  ],
  ['an idempotency key in Cyrillic', (abasto) => abasto.products.delete('lamp', { idempotencyKey: 'ключ' })],
  ['an idempotency key with a line break', (abasto) => abasto.products.delete('lamp', { idempotencyKey: 'a\nb: c' })],
  [
    'an etag that is not there',
    (abasto) => abasto.products.delete('lamp', { ifMatch: undefined as unknown as string }),
  ],
  ['an empty id', (abasto) => abasto.products.get('')],
  ['an id that is not there', (abasto) => abasto.inventory.adjust(undefined as unknown as string, one)],
  ['a dot for an id', (abasto) => abasto.products.delete('.')],
  ['two dots for an id', async (abasto) => abasto.inventory.movements('..').page()],
  ['two dots for the id of what it acts on', (abasto) => abasto.stockLevels.adjust('..', one)],
  ['an empty id to find', (abasto) => abasto.products.list({ filter: { id: [''] } }).page()],
  ['an empty id among those to find', (abasto) => abasto.products.list({ filter: { id: ['lamp', ''] } }).page()],
  ['an id to find that is not there', (abasto) => abasto.products.list({ filter: { id: [unset] } }).page()],
  ['an empty reference', (abasto) => abasto.reservations.list({ filter: { reference: '' } }).page()],
  ['an empty moment to list from', (abasto) => abasto.movements.list({ filter: { from: '' } }).page()],
  ['an empty moment', (abasto) => abasto.stockLevels.asOf('lamp.attic', '')],
  ['an empty cursor', (abasto) => abasto.products.list({ after: '' }).page()],
  ['an empty warehouse to follow', (abasto) => abasto.stock.watch({ warehouse: '' }).next()],
  ['an empty product to follow', (abasto) => abasto.stock.watch({ products: [''] }).next()],
  ['a product to follow that is not there', (abasto) => abasto.stock.watch({ products: [unset] }).next()],
  ['no product to follow', (abasto) => abasto.stock.watch({ products: [] }).next()],
  ['an empty place to go on from', (abasto) => abasto.stock.watch({ after: '' }).next()],
  ['no time at all', (abasto) => abasto.products.get('lamp', { timeoutMs: Number.NaN })],
] as [string, (abasto: Abasto) => Promise<unknown>][])(
  'a call with %s is refused before anything is sent',
  async (_, call) => {
    using server = await serverThat(product)

    const error = await call(new Abasto({ apiKey: 'a-key', baseUrl: server.baseUrl })).catch((reason) => reason)

    expect(error).toBeInstanceOf(TypeError)
    expect(server.received).toHaveLength(0)
  },
)

test('requests go through the fetch that the client was given', async () => {
  const asked: string[] = []
  const fetch = async (url: string) => {
    asked.push(url)
    return Response.json({ data: { type: 'products', id: 'lamp' } })
  }

  await new Abasto({ apiKey: 'a-key', fetch }).products.get('lamp')

  expect(asked).toEqual(['http://localhost:8080/api/v1/products/lamp'])
})

/** What stands in a variable of the environment that nobody has set. */
const unset = undefined as unknown as string

const one = { quantityDelta: 1, reason: 'receipt' } as const

const product = answers(200, { data: { type: 'products', id: 'lamp', attributes: {} } })
