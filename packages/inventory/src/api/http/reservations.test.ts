import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import {
  CHAIR,
  DEFAULT,
  LAMP,
  NOBODY,
  openShop,
  type Received,
  refusalIn,
  sendTwice,
  walk,
} from '../../shop-on-http.ts'

let shop: ReturnType<typeof openShop>
beforeEach(() => {
  shop = openShop()
})
afterEach(() => shop.close())

const document = (attributes: object, id?: string) => ({ type: 'reservations', ...(id ? { id } : {}), attributes })
const reserve = (lines: object[], more: object = {}, id?: string) =>
  shop.send('POST', '/reservations', { data: document({ lines, ...more }, id) })
const act = (id: string, what: string, attributes?: object) =>
  shop.send('POST', `/reservations/${id}/${what}`, attributes ? { data: { type: what, attributes } } : {})
const lamps = (quantity: number, warehouseId?: string) => ({
  productId: LAMP,
  quantity,
  ...(warehouseId ? { warehouseId } : {}),
})
const attributesOf = ({ document }: Received) => document.data.attributes
const statusesOf = (answer: Received) => attributesOf(answer).lines.map(({ status }: { status: string }) => status)

describe('a reservation', () => {
  test('holds all its lines once, for ten minutes when nobody says how long', async () => {
    const level = await shop.stockUp(LAMP, 5)
    const data = document({ lines: [lamps(2)], reference: 'cart, 1' })

    const held = await sendTwice(shop, 'POST', '/reservations', { data })

    const { id, attributes, links } = held.document.data
    expect([held.status, held.headers.get('etag'), held.headers.get('location')]).toEqual([201, '"1"', links.self])
    expect(attributes).toEqual({
      lines: [{ productId: LAMP, warehouseId: DEFAULT, quantity: 2, status: 'held' }],
      reference: 'cart, 1',
      status: 'held',
      expiresAt: expect.stringMatching(/^2026-01-31T09:40:/),
      createdAt: expect.any(String),
      updatedAt: attributes.createdAt,
    })
    expect((await shop.send('GET', `/reservations/${id}`)).document.data).toEqual(held.document.data)
    const { reserved, available } = attributesOf(await shop.send('GET', `/stock-levels/${level}`))
    expect([reserved, available]).toEqual([2, 3])
  })

  test('holds nothing when one line is short, and says which', async () => {
    const level = await shop.stockUp(LAMP, 5)
    await shop.stockUp(CHAIR, 1)

    const answer = await reserve([lamps(1), { productId: CHAIR, quantity: 2 }])

    expect(refusalIn(answer)).toEqual(['409 insufficient_stock /data/attributes/lines/1/quantity'])
    expect(answer.document.errors[0].meta).toMatchObject({ productId: CHAIR, requested: 2, available: 1 })
    expect(attributesOf(await shop.send('GET', `/stock-levels/${level}`)).reserved).toBe(0)
  })

  test('is refused for a product that is unknown, not sold or not counted', async () => {
    await shop.stockUp(LAMP, 5)
    const place = '/data/attributes/lines/0/productId'

    expect(refusalIn(await reserve([{ productId: NOBODY, quantity: 1 }]))).toEqual([`404 product_not_found ${place}`])
    expect(refusalIn(await reserve([{ productId: CHAIR, quantity: 1 }]))).toEqual([`404 no_inventory ${place}`])
    shop.products.set(LAMP, { ...shop.products.get(LAMP)!, active: false })
    expect(refusalIn(await reserve([lamps(1)]))).toEqual([`409 product_inactive ${place}`])
  })

  test('is refused when it asks for what no reservation can be', async () => {
    const lines = [lamps(1)]

    expect(refusalIn(await reserve([]))).toEqual(['422 invalid_value /data/attributes/lines'])
    expect(refusalIn(await reserve(Array(101).fill(lamps(1))))).toEqual(['422 invalid_value /data/attributes/lines'])
    expect(refusalIn(await reserve([lamps(0)]))).toEqual(['422 invalid_value /data/attributes/lines/0/quantity'])
    for (const ttlSeconds of [0, 2_592_001]) {
      expect(refusalIn(await reserve(lines, { ttlSeconds }))).toEqual(['422 invalid_value /data/attributes/ttlSeconds'])
    }
    for (const reference of ['', 'x'.repeat(256)]) {
      expect(refusalIn(await reserve(lines, { reference }))).toEqual(['422 invalid_value /data/attributes/reference'])
    }
  })

  test('may have an id that the caller chose, which nobody else can then have', async () => {
    await shop.stockUp(LAMP, 5)

    const [chosen, taken] = [await reserve([lamps(1)], {}, NOBODY), await reserve([lamps(1)], {}, NOBODY)]

    expect([chosen.status, chosen.document.data.id]).toEqual([201, NOBODY])
    expect(refusalIn(taken)).toEqual(['409 reservation_exists /data/id'])
  })

  test('that is released before it is made can no longer be made', async () => {
    await shop.stockUp(LAMP, 5)

    const [early, late] = [await act(NOBODY, 'release'), await reserve([lamps(1)], {}, NOBODY)]

    expect(refusalIn(early)).toEqual(['404 reservation_not_found'])
    expect(refusalIn(late)).toEqual(['409 reservation_released /data/id'])
    expect(refusalIn(await shop.send('GET', `/reservations/${NOBODY}`))).toEqual(['404 reservation_not_found'])
  })
})

describe('what is held', () => {
  let id: string
  let north: string
  beforeEach(async () => {
    north = await shop.openWarehouse('North')
    await shop.stockUp(LAMP, 5)
    await shop.stockUp(LAMP, 5, north)
    id = (await reserve([lamps(2), lamps(1, north)])).document.data.id
  })

  test('is taken once, and can then not be given back', async () => {
    const taken = await sendTwice(shop, 'POST', `/reservations/${id}/commit`)

    expect([taken.status, taken.headers.get('etag')]).toEqual([200, '"2.committed"'])
    expect([attributesOf(taken).status, statusesOf(taken)]).toEqual(['committed', ['committed', 'committed']])
    for (const what of ['commit', 'release', 'extend']) {
      expect(refusalIn(await act(id, what))).toEqual(['409 reservation_committed'])
    }
    expect(attributesOf(await shop.send('GET', `/stock-levels/${LAMP}.${north}`)).onHand).toBe(4)
  })

  test('is given back, and giving it back again changes nothing', async () => {
    const released = await sendTwice(shop, 'POST', `/reservations/${id}/release`)
    const again = await act(id, 'release')

    expect(attributesOf(released).status).toBe('released')
    expect([again.status, again.document]).toEqual([200, released.document])
    expect(refusalIn(await act(id, 'commit'))).toEqual(['409 reservation_released'])
  })

  test('is taken and given back line by line, and held until the last of them', async () => {
    const some = await act(id, 'commit', { lines: [{ productId: LAMP, warehouseId: north }] })
    const again = await act(id, 'commit', { lines: [{ productId: LAMP, warehouseId: north }] })
    const other = await act(id, 'release', { lines: [{ productId: CHAIR }] })
    const rest = await act(id, 'release', { lines: [{ productId: LAMP }] })

    expect([attributesOf(some).status, statusesOf(some)]).toEqual(['held', ['held', 'committed']])
    expect(refusalIn(again)).toEqual(['409 line_not_held /data/attributes/lines/0'])
    expect(refusalIn(other)).toEqual(['422 line_not_reserved /data/attributes/lines/0'])
    expect([attributesOf(rest).status, statusesOf(rest)]).toEqual(['committed', ['released', 'committed']])
  })

  test('is held for longer, and never for less', async () => {
    const longer = await sendTwice(shop, 'POST', `/reservations/${id}/extend`, {
      data: { type: 'extend', attributes: { ttlSeconds: 3_600 } },
    })
    const shorter = await act(id, 'extend', { ttlSeconds: 1 })

    expect(attributesOf(longer).expiresAt).toStartWith('2026-01-31T10:30:')
    expect(attributesOf(shorter).expiresAt).toBe(attributesOf(longer).expiresAt)
    expect(refusalIn(await act(id, 'extend', { ttlSeconds: 0 }))).toEqual([
      '422 invalid_value /data/attributes/ttlSeconds',
    ])
  })

  test('counts no more once its time is over, and the tags say so', async () => {
    const level = `/stock-levels/${LAMP}.${north}`
    const [held, full] = [await shop.send('GET', `/reservations/${id}`), await shop.send('GET', level)]

    shop.pass(11 * 60_000)
    const unlessKnown = (known: Received) => ({ headers: { 'If-None-Match': known.headers.get('etag')! } })
    const [expired, free] = [
      await shop.send('GET', `/reservations/${id}`, unlessKnown(held)),
      await shop.send('GET', level, unlessKnown(full)),
    ]

    expect([expired.status, attributesOf(expired).status, statusesOf(expired)]).toEqual([
      200,
      'expired',
      ['expired', 'expired'],
    ])
    expect([full, free].map((answer) => [answer.status, attributesOf(answer).reserved])).toEqual([
      [200, 1],
      [200, 0],
    ])
    for (const what of ['commit', 'extend']) {
      expect(refusalIn(await act(id, what))).toEqual(['409 reservation_expired'])
    }
  })

  test('under one key cannot become something else', async () => {
    const headers = { 'Idempotency-Key': 'k' }
    const extend = (ttlSeconds: number) => ({ headers, data: { type: 'extend', attributes: { ttlSeconds } } })

    await shop.send('POST', `/reservations/${id}/extend`, extend(900))
    const other = await shop.send('POST', `/reservations/${id}/extend`, extend(901))

    expect(refusalIn(other)).toEqual(['422 idempotency_key_reused Idempotency-Key'])
  })

  test('is nobody’s who has another id', async () => {
    for (const what of ['commit', 'release', 'extend']) {
      expect(refusalIn(await act(NOBODY, what))).toEqual(['404 reservation_not_found'])
      expect(refusalIn(await act(`${LAMP}.${north}`, what))).toEqual(['404 reservation_not_found'])
    }
  })
})

test('the list of reservations pages, and can be asked for by status and reference', async () => {
  await shop.stockUp(LAMP, 50)
  const ids: string[] = []
  for (const reference of ['a,b', 'a', null, 'a']) {
    ids.push((await reserve([lamps(1)], { reference })).document.data.id)
  }
  await act(ids[1]!, 'release')
  const list = (filter: string) => walk(shop, `/reservations?${filter}`)

  expect(await list('')).toEqual(ids)
  expect(await list('filter[status]=held')).toEqual([ids[0]!, ids[2]!, ids[3]!])
  expect(await list('filter[reference]=a')).toEqual([ids[1]!, ids[3]!])
  expect(await list('filter[reference]=a,b')).toEqual([ids[0]!])
  expect(await list('filter[reference]=a&filter[status]=released,expired')).toEqual([ids[1]!])
  for (const [name, value] of [
    ['filter[status]', 'lost'],
    ['filter[product]', LAMP],
    ['include', 'lines'],
  ]) {
    expect(refusalIn(await shop.send('GET', `/reservations?${name}=${value}`))).toEqual([
      `400 invalid_parameter ${name}`,
    ])
  }
})

describe('what is owed', () => {
  test('is listed, the oldest first, until it is there', async () => {
    const level = await shop.stockUp(LAMP, 1, DEFAULT, { backorderLimit: 5 })
    await shop.stockUp(CHAIR, 0, DEFAULT, { backorderLimit: 5 })
    const first = (await reserve([lamps(2)])).document.data.id
    shop.pass(1_000)
    await reserve([lamps(3), { productId: CHAIR, quantity: 1 }])

    const { document } = await shop.send('GET', '/backorders')
    const waiting = await act(first, 'commit')
    await shop.send('POST', `/stock-levels/${level}/adjustments`, {
      data: { type: 'adjust', attributes: { quantityDelta: 1, reason: 'receipt' } },
    })
    const served = await act(first, 'commit')

    expect(document.data.map(({ attributes }: { attributes: object }) => attributes)).toMatchObject([
      { quantity: 2, owed: 1 },
      { quantity: 3, owed: 3 },
      { quantity: 1, owed: 1 },
    ])
    expect(document.data[0]).toMatchObject({
      type: 'backorders',
      relationships: {
        product: { data: { type: 'products', id: LAMP } },
        warehouse: { data: { type: 'warehouses', id: DEFAULT } },
        reservation: { data: { type: 'reservations', id: first } },
      },
    })
    expect(refusalIn(waiting)).toEqual(['409 insufficient_stock'])
    expect(served.status).toBe(200)
    expect(await walk(shop, '/backorders')).toEqual(document.data.slice(1).map(({ id }: { id: string }) => id))
    expect(await walk(shop, `/backorders?filter[product]=${CHAIR}`)).toEqual([document.data[2].id])
    expect(await walk(shop, `/backorders?filter[warehouse]=${NOBODY}`)).toEqual([])
  })

  test.each(['2026Z', '1 Z', '2026-02-30T00:00:00.000Z', '0000-01-01T00:00:00.000Z', '+275760-09-13T00:00:00.000Z'])(
    'is not listed from %s on, which is no moment of a backorder',
    async (moment) => {
      const cursor = Buffer.from(`${moment}_${NOBODY}_${LAMP}_${DEFAULT}`).toString('base64url')

      expect(refusalIn(await shop.send('GET', `/backorders?page[after]=${cursor}`))).toEqual([
        '400 invalid_cursor page[after]',
      ])
    },
  )

  test('is not promised beyond the limit', async () => {
    await shop.stockUp(LAMP, 1, DEFAULT, { backorderLimit: 2 })

    const answer = await reserve([lamps(4)])

    expect(refusalIn(answer)).toEqual(['409 insufficient_stock /data/attributes/lines/0/quantity'])
    expect(answer.document.errors[0].meta).toMatchObject({ requested: 4, available: 3 })
  })
})
