import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { encodeCursor } from './cursor.ts'
import { lampDocument, openShop } from './toy-shop.ts'

const shop = openShop()
afterAll(shop.close)

beforeAll(async () => {
  for (let index = 0; index < 30; index++) {
    await shop.send('POST', '/api/v1/products', { document: lampDocument(`LAMP-${index}`) })
  }
})

const list = (search: string) => shop.send('GET', `/api/v1/products${search}`)
const skus = (document: { data: { attributes: { sku: string } }[] }) => document.data.map((item) => item.attributes.sku)
const expected = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `LAMP-${from + index}`)

describe('pages (checklist 71, 72, 141-147)', () => {
  test('have 25 items when nobody says how many (143)', async () => {
    const { document } = await list('')

    expect(skus(document)).toEqual(expected(0, 25))
    expect(document.links.prev).toBeNull()
    expect(document.links.next).toBeString()
  })

  test('lead to each other, forth and back, and each item comes once (71, 144, 147)', async () => {
    const forth: string[][] = []
    let link: string | null = '/api/v1/products?page[size]=7'
    let last = ''
    while (link !== null) {
      const { status, document } = await shop.send('GET', link)
      expect(status).toBe(200)
      forth.push(skus(document))
      last = link
      link = document.links.next
    }
    const back: string[][] = []
    link = last
    while (link !== null) {
      const { document } = await shop.send('GET', link)
      back.unshift(skus(document))
      link = document.links.prev
    }

    expect(forth.flat()).toEqual(expected(0, 30))
    expect(back).toEqual(forth)
  })

  test('take brackets raw and percent-encoded alike (65, 79)', async () => {
    const raw = await list('?page[size]=2')
    const encoded = await list('?page%5bsize%5D=%32')

    expect(encoded.document.data).toEqual(raw.document.data)
    expect(encoded.document.links.self).toBe('/api/v1/products?page%5bsize%5D=%32')
  })

  test.each(['0', '-1', '1.5', '', 'x', '1e1', '0x10', '%2B1'])('cannot have the size %s (141)', async (size) => {
    const { status, document } = await list(`?page[size]=${size}`)

    expect(status).toBe(400)
    expect(document.errors[0].source).toEqual({ parameter: 'page[size]' })
  })

  test.each(['101', '1000000000000000000', '9'.repeat(400)])('are not larger than 100: %s (142)', async (size) => {
    const { status, document } = await list(`?page[size]=${size}`)

    expect(status).toBe(400)
    expect(document.errors[0]).toMatchObject({
      source: { parameter: 'page[size]' },
      links: { type: 'https://jsonapi.org/profiles/ethanresnick/cursor-pagination/max-size-exceeded' },
      meta: { page: { maxSize: 100 } },
    })
    expect((await list('?page[size]=100')).status).toBe(200)
  })

  test.each(['', '!', '%00', 'a b', 'YQ==', encodeCursor('a\0b'), 'gICA'])(
    'do not begin at %p (145)',
    async (cursor) => {
      for (const name of ['page[after]', 'page[before]']) {
        const { status, document } = await list(`?${name}=${cursor}`)

        expect(status).toBe(400)
        expect(document.errors[0]).toMatchObject({ code: 'invalid_cursor', source: { parameter: name } })
      }
    },
  )

  test('do not begin and end at a cursor at once (146)', async () => {
    const cursor = encodeCursor('x')
    const { status, document } = await list(`?page[after]=${cursor}&page[before]=${cursor}`)

    expect(status).toBe(400)
    expect(document.errors[0].links.type).toEndWith('/range-pagination-not-supported')
  })

  test('point at the cursor when a service refuses it (145)', async () => {
    const error = { kind: 'invalid', code: 'invalid_cursor', message: 'No cursor.', at: ['page', 'after'] } as const
    const own = openShop({ bindings: { listProducts: async () => ({ ok: false, error }) } })
    const { status, document } = await own.send('GET', `/api/v1/products?page[after]=${encodeCursor('x')}`)
    await own.close()

    expect([status, document.errors[0].source]).toEqual([400, { parameter: 'page[after]' }])
  })
})

describe('filters (74, 75)', () => {
  const ids = async (...indexes: number[]) => {
    const { document } = await list('?page[size]=100')
    return indexes.map((index) => document.data[index].id as string)
  }
  const nobody = '019b76da-a800-7000-8000-00000000dead'

  test('list those that are named, in the order of the list, and pass over those that nobody has', async () => {
    const [third, first] = (await ids(3, 1)) as [string, string]

    const { document } = await list(`?filter[id]=${third},${nobody},${first},${third}`)

    expect(skus(document)).toEqual(['LAMP-1', 'LAMP-3'])
    expect([document.links.prev, document.links.next]).toEqual([null, null])
    expect((await list(`?filter[id]=${nobody}`)).document.data).toEqual([])
  })

  test('are kept by the links from page to page (144)', async () => {
    const chosen = await ids(...Array.from({ length: 30 }, (_, index) => index))

    const first = await list(`?filter%5Bid%5D=${chosen.join('%2C')}`)
    const second = await shop.send('GET', first.document.links.next)
    const back = await shop.send('GET', second.document.links.prev)

    expect([...skus(first.document), ...skus(second.document)]).toEqual(expected(0, 30))
    expect(second.document.links.next).toBeNull()
    expect(back.document.data).toEqual(first.document.data)
  })

  test('take 100 values and no more', async () => {
    const many = (count: number) => list(`?filter[id]=${Array(count).fill(nobody).join()}`)

    expect((await many(100)).status).toBe(200)
    expect((await many(101)).document.errors).toMatchObject([
      {
        code: 'invalid_parameter',
        source: { parameter: 'filter[id]' },
        detail: 'filter[id] takes at most 100 values.',
      },
    ])
  })

  test.each(['', 'lamp', `${nobody},`, `${nobody},,`, nobody.toUpperCase(), ` ${nobody}`, `${nobody};${nobody}`])(
    'refuse the value %p',
    async (value) => {
      const { status, document } = await list(`?filter[id]=${encodeURIComponent(value)}`)

      expect([status, document.errors[0].source]).toEqual([400, { parameter: 'filter[id]' }])
    },
  )

  test('are refused where a list has none, and where nothing is listed', async () => {
    for (const path of ['/api/v1/purchases', `/api/v1/products/${nobody}`]) {
      const { status, document } = await shop.send('GET', `${path}?filter[id]=${nobody}`)

      expect([status, document.errors[0].source]).toEqual([400, { parameter: 'filter[id]' }])
    }
  })
})

describe('parameters (68, 78-80)', () => {
  test.each([
    ['sort=sku', 'sort'],
    ['filter=x', 'filter'],
    ['filter[sku]=x', 'filter[sku]'],
    ['filter[]=x', 'filter[]'],
    ['filter[constructor]=x', 'filter[constructor]'],
    ['filter[id]=x&filter%5Bid]=y', 'filter[id]'],
    ['fields[products]=sku', 'fields[products]'],
    ['page[number]=2', 'page[number]'],
    ['page=2', 'page'],
    ['dryRun=1', 'dryRun'],
    ['=', ''],
    ['__proto__=1', '__proto__'],
    ['page[size]=1&page[size]=2', 'page[size]'],
    ['page%5Bsize%5D=1&page[size]=1', 'page[size]'],
    ['Page[size]=1', 'Page[size]'],
  ])('?%s is refused', async (search, parameter) => {
    const { status, document } = await list(`?${search}`)

    expect(status).toBe(400)
    expect(document.errors[0]).toMatchObject({ code: 'invalid_parameter', source: { parameter } })
  })

  test('are refused where a write would take none', async () => {
    const answer = await shop.send('POST', '/api/v1/products?page[size]=1', { document: lampDocument('QUERY-1') })

    expect([answer.status, answer.document.errors[0].source.parameter]).toEqual([400, 'page[size]'])
  })

  test('may be absent after the question mark', async () => {
    expect((await list('?')).status).toBe(200)
    expect((await list('?&')).status).toBe(200)
  })

  test('say everything that is wrong at once', async () => {
    expect((await list('?a=1&b=2&sort=x')).document.errors).toHaveLength(3)
  })
})
