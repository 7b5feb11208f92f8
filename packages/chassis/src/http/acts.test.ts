import { afterAll, beforeEach, describe, expect, test } from 'bun:test'
import { exampleId } from '@abasto/contract/example-id'
import type { Entity } from './binding.ts'
import { openShop, type Received } from './toy-shop.ts'

const shop = openShop()
afterAll(shop.close)
beforeEach(() => {
  shop.asked.length = 0
})

const lamp = exampleId('products')
const level = `${lamp}.${exampleId('warehouses')}`
const cart = exampleId('reservations')
const commit = `/api/v1/reservations/${cart}/commit`
const last = () => shop.asked.at(-1)!.request
const errorsOf = ({ document }: Received) =>
  document.errors.map(({ status, code, source }: Fault) => `${status} ${code} ${Object.values(source ?? {}).join()}`)

type Fault = { status: string; code: string; source?: object }

describe('an act on a resource', () => {
  test('is answered with the resource and its tag, and creates nothing', async () => {
    const document = { data: { type: 'commit', attributes: { lines: [{ productId: lamp }] } } }

    const answer = await shop.send('POST', commit, { document })

    expect([answer.status, answer.headers.get('etag'), answer.headers.get('location')]).toEqual([200, '"7"', null])
    expect(answer.document.data).toMatchObject({ type: 'reservations', id: cart })
    expect(answer.document.links.self).toBe(`/api/v1/reservations/${cart}`)
    expect(last()).toMatchObject({ id: cart, attributes: { lines: [{ productId: lamp }] } })
  })

  test('may be sent without a document where it can say nothing more, whatever Content-Type it names', async () => {
    const [bare, typed, empty] = [
      await shop.send('POST', commit),
      await shop.send('POST', commit, { headers: { 'Content-Type': 'text/plain' } }),
      await shop.send('POST', commit, { document: { data: { type: 'commit' } } }),
    ]

    expect([bare.status, typed.status, empty.status]).toEqual([200, 200, 200])
    expect(shop.asked.map(({ request }) => request.attributes)).toEqual([{}, {}, {}])
    // So the same key may come with a document that says nothing, and without one.
    const [first, ...others] = shop.asked.map(({ request }) => request.context.fingerprint)
    expect(others).toEqual([first!, first!])
  })

  test('needs its document where there is no act without it', async () => {
    const answer = await shop.send('POST', `/api/v1/stock-levels/${level}/adjustments`)

    expect([answer.status, errorsOf(answer)]).toEqual([400, ['400 malformed_document ']])
  })

  test.each([
    ['of another act', { type: 'release' }, '409 type_mismatch /data/type'],
    ['of the resource itself', { type: 'reservations' }, '409 type_mismatch /data/type'],
    ['with an id', { type: 'commit', id: cart }, '403 unsupported_client_id /data/id'],
    ['with an unknown attribute', { type: 'commit', attributes: { x: 1 } }, '400 invalid_document /data/attributes/x'],
    ['with a relationship', { type: 'commit', relationships: { x: {} } }, '400 invalid_document /data/relationships/x'],
    [
      'with a line of no product',
      { type: 'commit', attributes: { lines: [{ productId: 'lamp' }] } },
      '422 invalid_value /data/attributes/lines/0/productId',
    ],
    [
      'with a line that says more',
      { type: 'commit', attributes: { lines: [{ productId: lamp, quantity: 1 }] } },
      '400 invalid_document /data/attributes/lines/0',
    ],
    ['without any line', { type: 'commit', attributes: { lines: [] } }, '422 invalid_value /data/attributes/lines'],
  ])('is refused %s', async (_what, data, error) => {
    const answer = await shop.send('POST', commit, { document: { data } })

    expect(errorsOf(answer)).toEqual([error])
    expect(shop.asked).toEqual([])
  })

  test('refuses If-Match where nobody would look at it, instead of passing it over', async () => {
    const answer = await shop.send('POST', commit, { headers: { 'If-Match': '"7"' } })

    expect([answer.status, errorsOf(answer)]).toEqual([400, ['400 invalid_header If-Match']])
    expect(shop.asked).toEqual([])
  })

  test('takes If-Match where the resource has a say', async () => {
    const document = { data: { type: 'adjust', attributes: { countedOnHand: 5 } } }

    await shop.send('POST', `/api/v1/stock-levels/${level}/adjustments`, {
      document,
      headers: { 'If-Match': '"7.2"' },
    })

    expect(last()).toMatchObject({ id: level, ifMatch: 7, attributes: { countedOnHand: 5 } })
  })

  test('is another write under another id, so that one key does not stand for both', async () => {
    await shop.send('POST', commit, { headers: { 'Idempotency-Key': 'k' } })
    await shop.send('POST', commit.replace(cart, lamp), { headers: { 'Idempotency-Key': 'k' } })

    const [one, other] = shop.asked.map(({ request }) => request.context)
    expect(one!.operationId).toBe(other!.operationId)
    expect(one!.fingerprint).not.toBe(other!.fingerprint)
  })
})

test('what is kept nowhere is answered with 200, and neither an address nor a tag', async () => {
  const attributes = { lines: [{ productId: lamp, quantityDelta: 1, reason: 'receipt' }] }

  const answer = await shop.send('POST', '/api/v1/adjustments', {
    document: { data: { type: 'adjustments', attributes } },
  })

  expect([answer.status, answer.headers.get('location')]).toEqual([200, null])
  expect(answer.document.data.links).toBeUndefined()
  expect(answer.document.links).toEqual({ describedby: '/openapi.json' })
})

describe('an id that the caller chooses (97)', () => {
  const document = (id: unknown) => ({
    data: { type: 'reservations', id, attributes: { lines: [{ productId: lamp, quantity: 1 }] } },
  })

  test('is handed to the service, and part of what the write asks for', async () => {
    const chosen = await shop.send('POST', '/api/v1/reservations', { document: document(cart) })
    const other = await shop.send('POST', '/api/v1/reservations', { document: document(lamp) })
    const none = await shop.send('POST', '/api/v1/reservations', { document: document(undefined) })

    expect([chosen.status, other.status, none.status]).toEqual([201, 201, 201])
    expect(chosen.headers.get('location')).toBe(`/api/v1/reservations/${cart}`)
    expect(shop.asked.map(({ request }) => request.chosenId)).toEqual([cart, lamp, undefined])
    expect(new Set(shop.asked.map(({ request }) => request.context.fingerprint)).size).toBe(3)
  })

  test.each([
    [7, '400 invalid_document /data/id'],
    [null, '400 invalid_document /data/id'],
    ['', '422 invalid_value /data/id'],
    [cart.toUpperCase(), '422 invalid_value /data/id'],
    [level, '422 invalid_value /data/id'],
  ])('is a UUID in lower case, and not %p', async (id, error) => {
    const answer = await shop.send('POST', '/api/v1/reservations', { document: document(id) })

    expect(errorsOf(answer)).toEqual([error])
  })

  test('is pointed at when the service has something against it', async () => {
    const refusing = openShop({
      bindings: {
        createReservation: async () => ({
          ok: false,
          error: { kind: 'conflict', code: 'reservation_exists', message: 'There is one.', at: ['id'] },
        }),
      },
    })

    const answer = await refusing.send('POST', '/api/v1/reservations', { document: document(cart) })
    await refusing.close()

    expect(errorsOf(answer)).toEqual(['409 reservation_exists /data/id'])
  })
})

describe('an address with an id of two parts', () => {
  test('is found, and leads to itself', async () => {
    const { status, document } = await shop.send('GET', `/api/v1/stock-levels/${level}`)

    expect([status, document.data.id, document.data.links.self]).toEqual([200, level, `/api/v1/stock-levels/${level}`])
  })

  test.each([lamp, `${level}.${lamp}`, `${lamp}.`, `.${lamp}`, level.toUpperCase(), 'lamp.default', `${lamp}%2E`])(
    'is not %s',
    async (id) => {
      const answer = await shop.send('GET', `/api/v1/stock-levels/${id}`)

      expect([answer.status, answer.document.errors[0].code]).toEqual([404, 'stock_level_not_found'])
      expect(shop.asked).toEqual([])
    },
  )

  test('and one of two parts is no id of anything else', async () => {
    const answer = await shop.send('GET', `/api/v1/reservations/${level}`)

    expect([answer.status, answer.document.errors[0].code]).toEqual([404, 'reservation_not_found'])
  })
})

describe('a parameter of an operation of its own (77, 78)', () => {
  const read = (search: string) => shop.send('GET', `/api/v1/stock-levels/${level}${search}`)

  test('is handed to the service as it was sent', async () => {
    const { status } = await read('?asOf=2026-01-31T09:30:00.123%2B01:00')

    expect(status).toBe(200)
    expect(last().parameters).toEqual({ asOf: '2026-01-31T09:30:00.123+01:00' })
  })

  test.each([
    '',
    'yesterday',
    '2026-01-31',
    '2026-01-31T09:30:00',
    '2026-02-30T09:30:00Z',
    '2026-01-31T24:00:00Z',
    '0000-01-31T09:30:00Z',
    '2026-01-31T09:30:00+09:00', // The plus sign is a blank in a query.
    '2026-01-31t09:30:00z',
  ])('is a moment, and not "%s"', async (text) => {
    const answer = await read(`?asOf=${text}`)

    expect([answer.status, errorsOf(answer)]).toEqual([400, ['400 invalid_parameter asOf']])
  })

  test('is refused where it is given twice, or where nobody takes it', async () => {
    const moment = '2026-01-31T09:30:00Z'

    const [twice, elsewhere] = [
      await read(`?asOf=${moment}&asOf=${moment}`),
      await shop.send('GET', `/api/v1/stock-levels?asOf=${moment}`),
    ]

    expect([errorsOf(twice), errorsOf(elsewhere)]).toEqual([
      ['400 invalid_parameter asOf'],
      ['400 invalid_parameter asOf'],
    ])
  })
})

describe('a filter', () => {
  test('of one value takes it whole, commas and all, and the next page asks for the same', async () => {
    const reference = 'cart 1, 50% & more'

    const { document } = await shop.send(
      'GET',
      `/api/v1/reservations?filter[reference]=${encodeURIComponent(reference)}&filter[status]=held,expired`,
    )
    await shop.send('GET', document.links.next)

    const [first, next] = shop.asked.map(({ request }) => request)
    expect(first!.filters).toEqual({ reference: [reference], status: ['held', 'expired'] })
    expect(next!.filters).toEqual(first!.filters)
    expect(next!.page.after).toBe(cart)
  })

  test.each(['reference=', 'reference=%20padded', 'status=lost', 'status=held,', 'status=', 'name=x'])(
    'is refused as %s',
    async (filter) => {
      const [name] = filter.split('=')

      const answer = await shop.send('GET', `/api/v1/reservations?filter[${name}]=${filter.slice(name!.length + 1)}`)

      expect(errorsOf(answer)).toEqual([`400 invalid_parameter filter[${name}]`])
    },
  )
})

describe('the tag of what changes with time alone', () => {
  const shown = (variant?: string | number): Entity => {
    const variants = variant === undefined ? {} : { variant }
    return { type: 'reservations', id: cart, version: 7, attributes: { status: 'held' }, ...variants }
  }

  test('tells the change, so that nobody is told that nothing has changed', async () => {
    let now = shown()
    const passing = openShop({ bindings: { getReservation: async () => ({ ok: true, value: { data: now } }) } })
    const read = (known: string) =>
      passing.send('GET', `/api/v1/reservations/${cart}`, { headers: { 'If-None-Match': known } })

    const fresh = await read('"7"')
    now = shown('expired')
    const expired = await read('"7"')
    const known = await read('"7.expired"')
    await passing.close()

    expect([fresh.status, expired.status, expired.headers.get('etag'), known.status]).toEqual([
      304,
      200,
      '"7.expired"',
      304,
    ])
  })
})
