import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { CHAIR, DEFAULT, LAMP, NOBODY, openShop, type Received, refusalIn, sendTwice } from '../../shop-on-http.ts'

let shop: ReturnType<typeof openShop>
beforeEach(() => {
  shop = openShop()
})
afterEach(() => shop.close())

const level = `${LAMP}.${DEFAULT}`
const address = `/stock-levels/${level}/adjustments`
const adjust = (attributes: object, headers: Record<string, string> = {}) =>
  shop.send('POST', address, { data: { type: 'adjust', attributes }, headers })
const bulk = (lines: object[], headers: Record<string, string> = {}) =>
  shop.send('POST', '/adjustments', { data: { type: 'adjustments', attributes: { lines } }, headers })
const transfer = (lines: object[], more: object = {}) =>
  shop.send('POST', '/transfers', { data: { type: 'transfers', attributes: { lines, ...more } } })
const attributesOf = ({ document }: Received) => document.data.attributes
const onHand = async (id: string) => attributesOf(await shop.send('GET', `/stock-levels/${id}`)).onHand
const lastMovement = async () => (await shop.send('GET', '/movements')).document.data.at(-1).attributes

describe('a change by hand', () => {
  test('adds or takes once, for a reason, and says who did it', async () => {
    await shop.stockUp(LAMP, 10)
    const data = { type: 'adjust', attributes: { quantityDelta: -3, reason: 'damage', actor: 'night shift' } }

    const changed = await sendTwice(shop, 'POST', address, { data })

    expect([changed.status, changed.headers.get('etag'), changed.headers.get('location')]).toEqual([200, '"2"', null])
    expect(changed.document.data).toMatchObject({ type: 'stock-levels', id: level, attributes: { onHand: 7 } })
    expect(await lastMovement()).toMatchObject({ kind: 'adjustment', reason: 'damage', actor: 'night shift' })
  })

  test('is made by the caller when nobody else is named', async () => {
    await shop.stockUp(LAMP, 10)

    await adjust({ quantityDelta: 5, reason: 'receipt' })

    expect(await lastMovement()).toMatchObject({ kind: 'receipt', reason: 'receipt', actor: 'owner' })
  })

  test('of what has changed since is refused, whether a header says so or an attribute', async () => {
    await shop.stockUp(LAMP, 10)
    const one = { quantityDelta: 1, reason: 'receipt' }

    expect(refusalIn(await adjust(one, { 'If-Match': '"7"' }))).toEqual(['412 version_mismatch If-Match'])
    expect(refusalIn(await adjust({ ...one, expectedVersion: 7 }))).toEqual([
      '412 version_mismatch /data/attributes/expectedVersion',
    ])
    expect((await adjust({ ...one, expectedVersion: 1 })).status).toBe(200)
    expect((await adjust(one, { 'If-Match': '"2"' })).status).toBe(200)
  })

  test.each([
    [{ quantityDelta: -11, reason: 'loss' }, '409 insufficient_stock /data/attributes/quantityDelta'],
    [{ quantityDelta: -1, reason: 'receipt' }, '422 reason_mismatch /data/attributes/reason'],
    [
      { quantityDelta: Number.MAX_SAFE_INTEGER, reason: 'receipt' },
      '422 quantity_out_of_range /data/attributes/quantityDelta',
    ],
    [
      { countedOnHand: Number.MAX_SAFE_INTEGER, expectedOnHand: 10 },
      '422 quantity_out_of_range /data/attributes/countedOnHand',
    ],
    [{ quantityDelta: 0, reason: 'receipt' }, '422 invalid_value /data/attributes/quantityDelta'],
    [{ quantityDelta: 1, reason: 'count' }, '422 invalid_value /data/attributes/reason'],
    [{ quantityDelta: 1, reason: 'receipt', actor: '' }, '422 invalid_value /data/attributes/actor'],
    [{ quantityDelta: 1 }, '400 invalid_document /data/attributes'],
    [{ reason: 'receipt' }, '400 invalid_document /data/attributes'],
    [
      { quantityDelta: 1, reason: 'receipt', expectedOnHand: 1 },
      '400 invalid_document /data/attributes/expectedOnHand',
    ],
    [{ quantityDelta: 1, countedOnHand: 1 }, '400 invalid_document /data/attributes/countedOnHand'],
    [{ countedOnHand: 1, reason: 'loss', expectedOnHand: 1 }, '400 invalid_document /data/attributes/reason'],
    [{ countedOnHand: 8 }, '422 count_without_base /data/attributes'],
    [{ countedOnHand: 8, expectedOnHand: 9 }, '412 quantity_mismatch /data/attributes/expectedOnHand'],
    [{ countedOnHand: 8, expectedVersion: 9 }, '412 version_mismatch /data/attributes/expectedVersion'],
  ])('is refused as %o', async (attributes, refusal) => {
    // One more than is on hand would pass what a level can hold, so that the limit matters as well.
    await shop.stockUp(LAMP, 10, DEFAULT, { backorderLimit: 1 })

    expect(refusalIn(await adjust(attributes))).toEqual([refusal])
    expect(await onHand(level)).toBe(10)
  })

  test('needs a level that exists', async () => {
    expect(refusalIn(await adjust({ quantityDelta: 1, reason: 'receipt' }))).toEqual(['404 stock_level_not_found'])
  })
})

describe('a count', () => {
  test('says what is there, however much is promised of it, and the rest is short', async () => {
    await shop.stockUp(LAMP, 10)
    const attributes = { lines: [{ productId: LAMP, quantity: 8 }] }
    await shop.send('POST', '/reservations', { data: { type: 'reservations', attributes } })

    const counted = await adjust({ countedOnHand: 5, expectedOnHand: 10 })

    expect(attributesOf(counted)).toMatchObject({ onHand: 5, reserved: 8, available: -3, short: 3 })
    const { document } = await shop.send('GET', '/stock-levels?filter[state]=short')
    expect(document.data.map(({ id }: { id: string }) => id)).toEqual([level])
    expect(await lastMovement()).toMatchObject({ kind: 'adjustment', reason: 'count', onHandChange: -5 })
  })

  test('against a version may come by header or by attribute, and not by both', async () => {
    await shop.stockUp(LAMP, 10)

    const [both, any, header, attribute] = [
      await adjust({ countedOnHand: 9, expectedVersion: 1 }, { 'If-Match': '"1"' }),
      await adjust({ countedOnHand: 9 }, { 'If-Match': '*' }),
      await adjust({ countedOnHand: 9 }, { 'If-Match': '"1"' }),
      await adjust({ countedOnHand: 8, expectedVersion: 2 }),
    ]

    expect(refusalIn(both)).toEqual(['400 invalid_document /data/attributes/expectedVersion'])
    expect(refusalIn(any)).toEqual(['422 count_without_base /data/attributes'])
    expect([header, attribute].map((answer) => attributesOf(answer).onHand)).toEqual([9, 8])
  })
})

describe('many changes in one call', () => {
  test('have a verdict each, in their order, and are made once', async () => {
    const north = await shop.openWarehouse('North')
    await shop.stockUp(LAMP, 10)
    await shop.stockUp(LAMP, 3, north)
    const lines = [
      { productId: LAMP, quantityDelta: 5, reason: 'receipt', actor: 'dock' },
      { productId: LAMP, warehouseId: north, countedOnHand: 2, expectedOnHand: 4 },
      { productId: LAMP, warehouseId: north, countedOnHand: 2, expectedVersion: 1 },
      { productId: CHAIR, quantityDelta: 1, reason: 'receipt' },
      { productId: LAMP, warehouseId: north, countedOnHand: 2 },
      { productId: LAMP, quantityDelta: -16, reason: 'loss' },
    ]

    const { status, document, headers } = await sendTwice(shop, 'POST', '/adjustments', {
      data: { type: 'adjustments', attributes: { lines } },
    })

    expect([status, headers.get('location')]).toEqual([200, null])
    const { verdicts } = document.data.attributes
    expect(verdicts.map(shortly)).toEqual([
      [level, 15],
      ['412 quantity_mismatch', '/data/attributes/lines/1/expectedOnHand', { expected: 4, onHand: 3 }],
      [`${LAMP}.${north}`, 2],
      ['404 stock_level_not_found', '/data/attributes/lines/3', { productId: CHAIR, warehouseId: DEFAULT }],
      ['422 count_without_base', '/data/attributes/lines/4', undefined],
      [
        '409 insufficient_stock',
        '/data/attributes/lines/5/quantityDelta',
        { productId: LAMP, requested: 16, available: 15 },
      ],
    ])
    expect([await onHand(level), await onHand(`${LAMP}.${north}`)]).toEqual([15, 2])
  })

  test('are refused whole where the document is not as it should be', async () => {
    await shop.stockUp(LAMP, 10)
    const good = { productId: LAMP, quantityDelta: 5, reason: 'receipt' }

    expect(refusalIn(await bulk([]))).toEqual(['422 invalid_value /data/attributes/lines'])
    expect(refusalIn(await bulk(Array(1_001).fill(good)))).toEqual(['422 invalid_value /data/attributes/lines'])
    expect(refusalIn(await bulk([good, { productId: LAMP }]))).toEqual([
      '400 invalid_document /data/attributes/lines/1',
    ])
    expect(refusalIn(await bulk([good, { ...good, countedOnHand: 1 }]))).toEqual([
      '400 invalid_document /data/attributes/lines/1/countedOnHand',
    ])
    expect(await onHand(level)).toBe(10)
  })

  test('may be a thousand', async () => {
    await shop.stockUp(LAMP, 10)

    const { document } = await bulk(Array(1_000).fill({ productId: LAMP, quantityDelta: 1, reason: 'receipt' }))

    expect(document.data.attributes.verdicts).toHaveLength(1_000)
    expect(await onHand(level)).toBe(1_010)
  })

  test('under one key cannot become others, not even in part', async () => {
    await shop.stockUp(LAMP, 10)
    const one = { productId: LAMP, quantityDelta: 1, reason: 'receipt' }
    const headers = { 'Idempotency-Key': 'monday' }

    await bulk([one], headers)
    const more = await bulk([one, one], headers)

    expect(refusalIn(more)).toEqual(['422 idempotency_key_reused Idempotency-Key'])
    expect(await onHand(level)).toBe(11)
  })
})

describe('a transfer', () => {
  let north: string
  beforeEach(async () => {
    north = await shop.openWarehouse('North')
    await shop.stockUp(LAMP, 10)
  })

  test('moves stock once, and its movements carry its name', async () => {
    const lines = [{ productId: LAMP, from: DEFAULT, to: north, quantity: 4 }]
    const data = { type: 'transfers', attributes: { lines, actor: 'van 3' } }

    const moved = await sendTwice(shop, 'POST', '/transfers', { data })

    expect([moved.status, moved.headers.get('location'), moved.headers.get('etag')]).toEqual([200, null, null])
    expect(attributesOf(moved)).toMatchObject({ lines, actor: 'van 3' })
    expect([await onHand(level), await onHand(`${LAMP}.${north}`)]).toEqual([6, 4])
    const { document } = await shop.send('GET', '/movements?filter[kind]=transfer_in,transfer_out')
    const { operationId } = attributesOf(moved)
    expect(document.data.map(({ attributes }: { attributes: object }) => attributes)).toMatchObject([
      { kind: 'transfer_out', onHandChange: -4, operationId, actor: 'van 3' },
      { kind: 'transfer_in', onHandChange: 4, operationId, actor: 'van 3' },
    ])
  })

  test('moves nothing when one line cannot be moved, and says which', async () => {
    const good = { productId: LAMP, from: DEFAULT, to: north, quantity: 4 }
    const refusalOf = async (line: object) => refusalIn(await transfer([good, { ...good, ...line }]))
    const place = '/data/attributes/lines/1'

    expect(await refusalOf({ quantity: 7 })).toEqual([`409 insufficient_stock ${place}/quantity`])
    expect(await refusalOf({ productId: CHAIR })).toEqual([`404 stock_level_not_found ${place}/productId`])
    expect(await refusalOf({ to: NOBODY })).toEqual([`404 warehouse_not_found ${place}/to`])
    expect(await refusalOf({ to: DEFAULT })).toEqual([`422 same_warehouse ${place}/to`])
    expect(await refusalOf({ quantity: 0 })).toEqual([`422 invalid_value ${place}/quantity`])
    expect(refusalIn(await transfer([]))).toEqual(['422 invalid_value /data/attributes/lines'])
    expect(await onHand(level)).toBe(10)
  })
})

type Verdict = {
  stockLevel?: { id: string; onHand: number }
  error?: { status: string; code: string; source?: { pointer: string }; meta?: object }
}

const shortly = ({ stockLevel, error }: Verdict) =>
  stockLevel
    ? [stockLevel.id, stockLevel.onHand]
    : [`${error!.status} ${error!.code}`, error!.source?.pointer, error!.meta]
