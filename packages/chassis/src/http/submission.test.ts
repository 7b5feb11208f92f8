import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { documentOf, lampDocument, openShop, type SendOptions } from './toy-shop.ts'

const shop = openShop()
afterAll(shop.close)

const LAMP = { sku: 'LAMP-1', name: 'Desk lamp', price: '12.50', currency: 'EUR' }
let lamp = ''
beforeAll(async () => {
  lamp = (await shop.send('POST', '/api/v1/products', { document: lampDocument('KNOWN-1') })).document.data.id
  await shop.send('POST', '/api/v1/inventory', { document: documentOf('inventory', lamp, { quantity: 5 }) })
})

/** What a refused write says: its status, and each error as "status code source". */
async function refusal(method: string, path: string, options: SendOptions) {
  const before = shop.effects()
  const answer = await shop.send(method, path, options)
  expect(shop.effects()).toBe(before)
  const errors = answer.document.errors.map(
    (error: { status: string; code: string; source?: { pointer?: string } }) => {
      return `${error.status} ${error.code} ${error.source?.pointer ?? '-'}`
    },
  )
  return { status: answer.status, errors }
}

const create = (data: unknown) => refusal('POST', '/api/v1/products', { document: { data } })
const product = (attributes: unknown, more: object = {}) => create({ type: 'products', attributes, ...more })

describe('a create (checklist F, 123, 125, 128)', () => {
  test.each([
    ['no object', [], '400 invalid_document '],
    ['no data', {}, '400 invalid_document '],
    ['an array (88)', { data: [] }, '400 invalid_document /data'],
    ['null (88)', { data: null }, '400 invalid_document /data'],
    ['a text', { data: 'lamp' }, '400 invalid_document /data'],
    ['no type (89)', { data: { attributes: LAMP } }, '400 invalid_document /data'],
    ['a type that is a number', { data: { type: 1, attributes: LAMP } }, '400 invalid_document /data/type'],
    ['another type (99)', { data: { type: 'purchases' } }, '409 type_mismatch /data/type'],
    ['an id of its own (97)', { data: { type: 'products', id: 'x' } }, '403 unsupported_client_id /data/id'],
    [
      'attributes that are an array',
      { data: { type: 'products', attributes: [] } },
      '400 invalid_document /data/attributes',
    ],
    [
      'attributes that are null',
      { data: { type: 'products', attributes: null } },
      '400 invalid_document /data/attributes',
    ],
  ])('is refused with %s', async (_what, document, error) => {
    const { errors } = await refusal('POST', '/api/v1/products', { document })

    expect(errors).toEqual([error])
  })

  test('without attributes names each that is missing, and points at data', async () => {
    const { status, errors } = await create({ type: 'products' })

    expect(status).toBe(400)
    expect(errors).toEqual(Array(4).fill('400 invalid_document /data'))
  })

  test('without one attribute points at the others', async () => {
    const { errors } = await product({ ...LAMP, price: undefined })

    expect(errors).toEqual(['400 invalid_document /data/attributes'])
  })

  test.each([
    ['price', 12.5, '400 invalid_document'],
    ['price', null, '400 invalid_document'],
    ['price', '1e3', '422 invalid_value'],
    ['price', '-1', '422 invalid_value'],
    ['price', '12.34567', '422 invalid_value'],
    ['sku', '', '422 invalid_value'],
    ['sku', ' LAMP', '422 invalid_value'],
    ['sku', 'A\nB', '422 invalid_value'],
    ['name', 'x'.repeat(10_000), '422 invalid_value'],
    ['currency', 'euro', '422 invalid_value'],
    ['active', 'true', '400 invalid_document'],
    ['active', null, '400 invalid_document'],
    ['images', 'https://example.com', '400 invalid_document'],
    ['images', {}, '400 invalid_document'],
  ])('with the %s %p is refused', async (name, value, error) => {
    const { status, errors } = await product({ ...LAMP, [name]: value })

    expect(errors).toEqual([`${error} /data/attributes/${name}`])
    expect(`${status}`).toBe(error.slice(0, 3))
  })

  test('points into an array', async () => {
    const { errors } = await product({ ...LAMP, images: ['https://example.com/a.jpg', 'ftp://a', 7] })

    expect(errors).toEqual([
      '400 invalid_document /data/attributes/images/2',
      '422 invalid_value /data/attributes/images/1',
    ])
  })

  test('with attributes that it does not take is refused at each of them', async () => {
    const { errors } = await product({ ...LAMP, colour: 'green', createdAt: 'now', 'a/b~c': 1 })

    expect(errors).toEqual([
      '400 invalid_document /data/attributes/colour',
      '400 invalid_document /data/attributes/createdAt',
      '400 invalid_document /data/attributes/a~1b~0c',
    ])
  })

  test('says all that is wrong at once, with the most general status (125)', async () => {
    const { status, errors } = await product({ ...LAMP, price: '-1', active: 1 })

    expect(status).toBe(400)
    expect(errors).toEqual(['422 invalid_value /data/attributes/price', '400 invalid_document /data/attributes/active'])
  })

  test('says no more than twenty things', async () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`extra${index}`, 1]))

    expect((await product({ ...LAMP, ...many })).errors).toHaveLength(20)
  })

  test('with unknown members and @-members elsewhere is accepted (24, 49)', async () => {
    const document = {
      '@context': 'x',
      extra: { deep: [1] },
      meta: {},
      data: {
        type: 'products',
        lid: 'a',
        meta: {},
        extra: 1,
        attributes: { ...LAMP, sku: 'AT-1', '@note': 'ignored' },
      },
    }

    const answer = await shop.send('POST', '/api/v1/products', { document })

    expect(answer.status).toBe(201)
    expect(answer.text).not.toContain('@note')
  })
})

describe('a relationship (90, 100)', () => {
  const purchase = (relationships: unknown) =>
    refusal('POST', '/api/v1/purchases', {
      document: { data: { type: 'purchases', attributes: { quantity: 1 }, relationships } },
    })
  const named = (data: unknown) => ({ product: { data } })

  test.each([
    ['no object', [], '400 invalid_document /data/relationships'],
    ['none', {}, '400 invalid_document /data/relationships'],
    ['no data', { product: {} }, '400 invalid_document /data/relationships/product'],
    ['a text', { product: 'x' }, '400 invalid_document /data/relationships/product'],
    ['null', named(null), '400 invalid_document /data/relationships/product/data'],
    ['many', named([]), '400 invalid_document /data/relationships/product/data'],
    ['no type', named({ id: 'x' }), '400 invalid_document /data/relationships/product/data'],
    ['no id', named({ type: 'products' }), '400 invalid_document /data/relationships/product/data'],
    [
      'an id that is a number',
      named({ type: 'products', id: 1 }),
      '400 invalid_document /data/relationships/product/data/id',
    ],
    [
      'an id that is no UUID',
      named({ type: 'products', id: 'x' }),
      '422 invalid_value /data/relationships/product/data/id',
    ],
    ['another type', named({ type: 'users', id: 'x' }), '409 type_mismatch /data/relationships/product/data/type'],
  ])('is refused with %s', async (_what, relationships, error) => {
    expect((await purchase(relationships)).errors).toContain(error)
  })

  test('that is missing altogether points at data', async () => {
    const document = { data: { type: 'purchases', attributes: { quantity: 1 } } }

    expect((await refusal('POST', '/api/v1/purchases', { document })).errors).toEqual(['400 invalid_document /data'])
  })

  test('that the type does not have is refused', async () => {
    const known = { product: { data: { type: 'products', id: lamp } } }

    expect((await purchase({ ...known, buyer: { data: null } })).errors).toEqual([
      '400 invalid_document /data/relationships/buyer',
    ])
  })

  test('that names a product which does not exist is pointed at', async () => {
    const document = documentOf('purchases', '019b76da-a800-7000-8000-000000000000', { quantity: 1 })
    const answer = await shop.send('POST', '/api/v1/purchases', { document })

    expect(answer.status).toBe(404)
    expect(answer.document.errors[0].source).toEqual({ pointer: '/data/relationships/product/data' })
  })
})

describe('an update (checklist G)', () => {
  const update = (data: unknown) => refusal('PATCH', `/api/v1/products/${lamp}`, { document: { data } })

  test.each([
    ['an array (102)', [], '400 invalid_document /data'],
    ['no id (102)', { type: 'products', attributes: {} }, '400 invalid_document /data'],
    ['an id that is a number', { type: 'products', id: 1 }, '400 invalid_document /data/id'],
    ['another id (108)', { type: 'products', id: 'x' }, '409 type_mismatch /data/id'],
    [
      'another id and a bad value (108)',
      { type: 'products', id: 'x', attributes: { price: 1 } },
      '409 type_mismatch /data/id',
    ],
    ['another type (108)', { type: 'inventory', id: 'x' }, '409 type_mismatch /data/type'],
  ])('is refused with %s', async (_what, data, error) => {
    expect((await update(data)).errors).toEqual([error])
  })

  test('without attributes changes nothing that a caller can see', async () => {
    const before = await shop.send('GET', `/api/v1/products/${lamp}`)
    const answer = await shop.send('PATCH', `/api/v1/products/${lamp}`, {
      document: { data: { type: 'products', id: lamp } },
    })

    expect(answer.status).toBe(200)
    expect(answer.document.data.attributes).toEqual(before.document.data.attributes)
  })

  test('keeps what it does not name (103)', async () => {
    const document = { data: { type: 'products', id: lamp, attributes: { name: 'Reading lamp' } } }
    const answer = await shop.send('PATCH', `/api/v1/products/${lamp}`, { document })

    expect(answer.document.data.attributes).toMatchObject({ name: 'Reading lamp', price: '12.50' })
  })

  test('of the stock needs a quantity and a reason', async () => {
    const { errors } = await refusal('PATCH', `/api/v1/inventory/${lamp}`, {
      document: { data: { type: 'inventory', id: lamp } },
    })

    expect(errors).toEqual(['400 invalid_document /data', '400 invalid_document /data'])
  })

  test('that a rule refuses points at the value, or at what would hold it', async () => {
    const change = (attributes: object) => ({ data: { type: 'products', id: lamp, attributes } })
    const given = await shop.send('PATCH', `/api/v1/products/${lamp}`, { document: change({ price: '9.999' }) })

    expect([given.status, given.document.errors[0].source.pointer]).toEqual([422, '/data/attributes/price'])
  })
})

describe('a number that JavaScript would round', () => {
  test.each(['9007199254740993', '9007199254740991.4', '1.00000000000000000001', '1e400', '1.5', '-1', '0', '2e-1'])(
    '%s is not taken as another',
    async (literal) => {
      const body = JSON.stringify(documentOf('purchases', lamp, { quantity: 'N' })).replace('"N"', literal)

      expect((await refusal('POST', '/api/v1/purchases', { body })).errors).toEqual([
        '422 invalid_value /data/attributes/quantity',
      ])
    },
  )

  test('of a megabyte is refused as quickly as another', async () => {
    const literal = `1.${'0'.repeat(1_000_000)}1`
    const body = JSON.stringify(documentOf('purchases', lamp, { quantity: 'N' })).replace('"N"', literal)

    expect((await refusal('POST', '/api/v1/purchases', { body })).errors).toEqual([
      '422 invalid_value /data/attributes/quantity',
    ])
  })

  test.each(['1.0', '1e0', '10e-1', '0.1e1', '1.000'])('%s is just 1', async (literal) => {
    const body = JSON.stringify(documentOf('purchases', lamp, { quantity: 'N' })).replace('"N"', literal)
    const answer = await shop.send('POST', '/api/v1/purchases', { body })

    expect(answer.document.data.attributes.quantity).toBe(1)
  })
})
