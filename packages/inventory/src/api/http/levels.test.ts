import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import {
  CHAIR,
  DEFAULT,
  LAMP,
  levelDocument,
  NOBODY,
  openShop,
  refusalIn,
  sendTwice,
  walk,
} from '../../shop-on-http.ts'

let shop: ReturnType<typeof openShop>
beforeEach(() => {
  shop = openShop()
})
afterEach(() => shop.close())

const settings = (id: string, attributes: object) => ({ type: 'stock-levels', id, attributes })

describe('a stock level', () => {
  test('is opened once, and named by its product and its warehouse', async () => {
    const north = await shop.openWarehouse('North')
    const data = levelDocument(LAMP, north, { onHand: 3, reorderPoint: 5, backorderLimit: 2, incoming: 10 })

    const opened = await sendTwice(shop, 'POST', '/stock-levels', { data })

    const id = `${LAMP}.${north}`
    expect([opened.status, opened.headers.get('location')]).toEqual([201, `/api/v1/stock-levels/${id}`])
    expect(opened.document.data).toMatchObject({
      type: 'stock-levels',
      id,
      attributes: {
        onHand: 3,
        reserved: 0,
        available: 3,
        short: 0,
        incoming: 10,
        reorderPoint: 5,
        backorderLimit: 2,
        sequence: 1,
        version: 1,
      },
      links: { self: `/api/v1/stock-levels/${id}` },
    })
    const read = await shop.send('GET', `/stock-levels/${id}`)
    expect(read.document.data).toEqual(opened.document.data)
    expect(read.headers.get('etag')).toBe(opened.headers.get('etag'))
  })

  test('begins with nothing when nobody says how much', async () => {
    const { document } = await shop.send('POST', '/stock-levels', { data: levelDocument(LAMP, DEFAULT, {}) })

    expect(document.data.attributes).toMatchObject({ onHand: 0, reorderPoint: null, backorderLimit: 0, sequence: 0 })
  })

  test('is refused where its product or warehouse is unknown, or where it is already', async () => {
    await shop.stockUp(LAMP, 1)
    const open = (product: string, warehouse: string, attributes = {}) =>
      shop.send('POST', '/stock-levels', { data: levelDocument(product, warehouse, attributes) })

    const again = await open(LAMP, DEFAULT)

    expect(refusalIn(again)).toEqual(['409 stock_level_exists /data/relationships/product/data'])
    expect(again.document.errors[0].meta).toMatchObject({ productId: LAMP, warehouseId: DEFAULT })
    expect(refusalIn(await open(NOBODY, DEFAULT))).toEqual(['404 product_not_found /data/relationships/product/data'])
    expect(refusalIn(await open(LAMP, NOBODY))).toEqual(['404 warehouse_not_found /data/relationships/warehouse/data'])
    const most = { onHand: Number.MAX_SAFE_INTEGER, backorderLimit: 1 }
    expect(refusalIn(await open(CHAIR, DEFAULT, most))).toEqual(['422 quantity_out_of_range /data/attributes/onHand'])
  })

  test('leads to its product and its warehouse, and to which they are', async () => {
    const id = await shop.stockUp(LAMP, 1)
    const { product, warehouse } = (await shop.send('GET', `/stock-levels/${id}`)).document.data.relationships
    const follow = async (link: string) => (await shop.send('GET', link.slice('/api/v1'.length))).document.data

    expect(await follow(product.links.related)).toMatchObject({ type: 'products', id: LAMP })
    expect(await follow(product.links.self)).toEqual({ type: 'products', id: LAMP })
    expect(await follow(warehouse.links.related)).toMatchObject({ type: 'warehouses', attributes: { name: 'default' } })
    expect(await follow(warehouse.links.self)).toEqual({ type: 'warehouses', id: DEFAULT })
  })

  test('is set up again, keeping what is not said, unless somebody else was faster', async () => {
    const id = await shop.stockUp(LAMP, 4, DEFAULT, { reorderPoint: 5, incoming: 10 })
    const data = settings(id, { reorderPoint: null, backorderLimit: 3 })
    const headers = { 'If-Match': '"1"' }

    const changed = await sendTwice(shop, 'PATCH', `/stock-levels/${id}`, { data, headers })
    const late = await shop.send('PATCH', `/stock-levels/${id}`, { data, headers })

    expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"'])
    expect(changed.document.data.attributes).toMatchObject({ reorderPoint: null, backorderLimit: 3, incoming: 10 })
    expect(refusalIn(late)).toEqual(['412 version_mismatch If-Match'])
  })

  test('keeps a backorder limit that covers what is owed', async () => {
    const id = await shop.stockUp(LAMP, 0, DEFAULT, { backorderLimit: 3 })
    await shop.send('POST', '/reservations', {
      data: { type: 'reservations', attributes: { lines: [{ productId: LAMP, quantity: 2 }] } },
    })

    const lowered = await shop.send('PATCH', `/stock-levels/${id}`, { data: settings(id, { backorderLimit: 1 }) })

    expect(refusalIn(lowered)).toEqual(['409 backorder_limit_too_low /data/attributes/backorderLimit'])
    expect(lowered.document.errors[0].meta).toMatchObject({ productId: LAMP, owed: 2 })
  })

  test('that nobody opened is not found, under whatever name', async () => {
    for (const id of [`${LAMP}.${DEFAULT}`, LAMP, `${LAMP}.north`, `${LAMP}.${DEFAULT}.${DEFAULT}`]) {
      const data = settings(id, { incoming: 1 })
      expect(refusalIn(await shop.send('GET', `/stock-levels/${id}`))).toEqual(['404 stock_level_not_found'])
      expect(refusalIn(await shop.send('PATCH', `/stock-levels/${id}`, { data }))).toEqual([
        '404 stock_level_not_found',
      ])
    }
  })
})

describe('a level at a moment in the past', () => {
  test('is what its movements until then say, and has no tag', async () => {
    const id = await shop.stockUp(LAMP, 10)
    const moment = shop.pass(1_000)
    await shop.send('POST', '/purchases', {
      data: {
        type: 'purchases',
        attributes: { quantity: 4 },
        relationships: { product: { data: { type: 'products', id: LAMP } } },
      },
    })
    shop.pass(1_000)

    const [before, after] = [
      await shop.send('GET', `/stock-levels/${id}?asOf=2026-01-31T09:30:00.500Z`),
      await shop.send('GET', `/stock-levels/${id}?asOf=${moment}&include=product`),
    ]

    const attributes = { onHand: 10, reserved: 0, available: 10, sequence: 1, updatedAt: '2026-01-31T09:30:00.000Z' }
    expect(before.document.data.attributes).toEqual(attributes)
    expect([before.status, before.headers.get('etag')]).toEqual([200, null])
    expect(before.document.links.self).toBe(`/api/v1/stock-levels/${id}?asOf=2026-01-31T09:30:00.500Z`)
    expect(after.document.data.attributes).toMatchObject({ onHand: 6, sequence: 2, updatedAt: moment })
    expect(after.document.included).toHaveLength(1)
  })

  test('before its first movement there was none', async () => {
    const id = await shop.stockUp(LAMP, 10)

    const answer = await shop.send('GET', `/stock-levels/${id}?asOf=2026-01-31T09:29:59.999Z`)

    expect(refusalIn(answer)).toEqual(['404 stock_level_not_found'])
  })

  test('and what is no moment is refused', async () => {
    const id = await shop.stockUp(LAMP, 10)

    expect(refusalIn(await shop.send('GET', `/stock-levels/${id}?asOf=noon`))).toEqual(['400 invalid_parameter asOf'])
  })
})

describe('the list of levels', () => {
  test('pages by product and warehouse, with one look-up of products for each page', async () => {
    const north = await shop.openWarehouse('North')
    const ids = [await shop.stockUp(LAMP, 1), await shop.stockUp(LAMP, 1, north), await shop.stockUp(CHAIR, 1)]
    const before = shop.lookUps()

    const whole = await shop.send('GET', '/stock-levels?include=product')

    expect(shop.lookUps() - before).toBe(1)
    expect(whole.document.included.map(({ id }: { id: string }) => id)).toEqual([LAMP, CHAIR])
    expect(await walk(shop, '/stock-levels?include=product')).toEqual(ids)
  })

  test('can be asked for by product, by warehouse and by state', async () => {
    const north = await shop.openWarehouse('North')
    const calm = await shop.stockUp(LAMP, 100, DEFAULT, { reorderPoint: 5 })
    const low = await shop.stockUp(LAMP, 5, north, { reorderPoint: 5 })
    const out = await shop.stockUp(CHAIR, 0, north)
    const list = (filter: string) => walk(shop, `/stock-levels?${filter}`)

    expect(await list(`filter[product]=${LAMP}`)).toEqual([calm, low])
    expect(await list(`filter[product]=${LAMP},${CHAIR}&filter[warehouse]=${north}`)).toEqual([low, out])
    expect(await list('filter[state]=reorder')).toEqual([low])
    expect(await list('filter[state]=reorder,out')).toEqual([low, out])
    expect(await list('filter[state]=short')).toEqual([])
  })

  test('refuses a filter that it does not know, or a value that is none', async () => {
    const tooMany = Array(101).fill(LAMP).join()
    for (const [name, value] of [
      ['filter[name]', 'x'],
      ['filter[state]', 'full'],
      ['filter[product]', 'lamp'],
      ['filter[warehouse]', tooMany],
    ]) {
      const answer = await shop.send('GET', `/stock-levels?${name}=${value}`)
      expect(refusalIn(answer)).toEqual([`400 invalid_parameter ${name}`])
    }
    const cursor = Buffer.from(LAMP).toString('base64url')
    expect(refusalIn(await shop.send('GET', `/stock-levels?page[after]=${cursor}`))).toEqual([
      '400 invalid_cursor page[after]',
    ])
  })
})
