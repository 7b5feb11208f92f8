import { afterEach, beforeEach, expect, test } from 'bun:test'
import { CHAIR, DEFAULT, LAMP, NOBODY, openShop, refusalIn, sendTwice, walk } from '../../shop-on-http.ts'

let shop: ReturnType<typeof openShop>
beforeEach(() => {
  shop = openShop()
})
afterEach(() => shop.close())

const purchase = (quantity: number, warehouse?: string, product = LAMP) => ({
  type: 'purchases',
  attributes: { quantity },
  relationships: {
    product: { data: { type: 'products', id: product } },
    ...(warehouse ? { warehouse: { data: { type: 'warehouses', id: warehouse } } } : {}),
  },
})

test('a purchase leaves from the warehouse that is named, and shows it', async () => {
  const north = await shop.openWarehouse('North')
  await shop.stockUp(LAMP, 5)
  await shop.stockUp(LAMP, 5, north)

  const sold = await sendTwice(shop, 'POST', '/purchases', { data: purchase(2, north) })
  const usual = await shop.send('POST', '/purchases', { data: purchase(1) })

  const { warehouse } = sold.document.data.relationships
  expect(warehouse.data).toEqual({ type: 'warehouses', id: north })
  expect(usual.document.data.relationships.warehouse.data.id).toBe(DEFAULT)
  const follow = async (link: string) => (await shop.send('GET', link.slice('/api/v1'.length))).document.data
  expect(await follow(warehouse.links.related)).toMatchObject({ type: 'warehouses', attributes: { name: 'North' } })
  expect(await follow(warehouse.links.self)).toEqual({ type: 'warehouses', id: north })
  const { document } = await shop.send('GET', `/stock-levels/${LAMP}.${north}`)
  expect(document.data.attributes.onHand).toBe(3)
})

test('a purchase from where there is nothing is refused, and says of what', async () => {
  await shop.stockUp(LAMP, 5)

  const [elsewhere, tooMany] = [
    await shop.send('POST', '/purchases', { data: purchase(1, NOBODY) }),
    await shop.send('POST', '/purchases', { data: purchase(6, DEFAULT) }),
  ]

  expect(refusalIn(elsewhere)).toEqual(['404 no_inventory /data/relationships/product/data'])
  expect(refusalIn(tooMany)).toEqual(['409 insufficient_stock /data/attributes/quantity'])
})

test('the ledger tells what happened, by whom, and because of what', async () => {
  await shop.stockUp(LAMP, 5)
  const bought = (await shop.send('POST', '/purchases', { data: purchase(1) })).document.data.id
  const attributes = { lines: [{ productId: LAMP, quantity: 2 }] }
  const held = (await shop.send('POST', '/reservations', { data: { type: 'reservations', attributes } })).document.data
    .id

  const { document } = await shop.send('GET', '/movements')

  const causes = document.data.map(({ attributes: { kind, reservedAfter }, relationships }: Movement) => {
    return [kind, reservedAfter, relationships.purchase.data?.id ?? null, relationships.reservation.data?.id ?? null]
  })
  expect(causes).toEqual([
    ['receipt', 0, null, null],
    ['sale', 0, bought, null],
    ['reservation', 2, null, held],
  ])
  expect(document.data[1].relationships.warehouse.data).toEqual({ type: 'warehouses', id: DEFAULT })
})

test('the ledger pages, and can be asked for by product, warehouse, kind and period', async () => {
  const north = await shop.openWarehouse('North')
  await shop.stockUp(LAMP, 5)
  await shop.stockUp(LAMP, 5, north)
  await shop.stockUp(CHAIR, 5)
  const noon = shop.pass(60_000)
  for (const [warehouse, product] of [[DEFAULT], [north], [DEFAULT, CHAIR]]) {
    await shop.send('POST', '/purchases', { data: purchase(1, warehouse, product) })
  }
  const all = await walk(shop, '/movements')
  const list = async (filter: string) => (await walk(shop, `/movements?${filter}`)).map((id) => all.indexOf(id))

  expect(new Set(all).size).toBe(6)
  expect(await list(`filter[product]=${LAMP}`)).toEqual([0, 1, 2, 3])
  expect(await list(`filter[product]=${LAMP},${CHAIR}&filter[warehouse]=${DEFAULT}`)).toEqual([0, 1, 4, 5])
  expect(await list('filter[kind]=sale')).toEqual([1, 3, 5])
  expect(await list(`filter[from]=${noon}`)).toEqual([1, 3, 5])
  expect(await list(`filter[until]=${noon}&filter[product]=${CHAIR}`)).toEqual([4])
  expect(await list(`filter[from]=${noon}&filter[until]=${noon}`)).toEqual([])
  expect(await walk(shop, `/inventory/${LAMP}/movements`)).toEqual(all.slice(0, 4))
})

test('the ledger refuses what it cannot be asked for', async () => {
  await shop.stockUp(LAMP, 5)
  for (const [name, value] of [
    ['filter[kind]', 'gift'],
    ['filter[from]', 'noon'],
    ['filter[until]', '2026-01-31T09:30:00Z,2026-02-01T09:30:00Z'],
    ['filter[actor]', 'owner'],
    ['filter[product]', ''],
  ]) {
    const answer = await shop.send('GET', `/movements?${name}=${value}`)
    expect(refusalIn(answer)).toEqual([`400 invalid_parameter ${name}`])
  }
  const [method, filter] = [
    await shop.send('POST', '/movements', { data: { type: 'movements' } }),
    await shop.send('GET', `/inventory/${LAMP}/movements?filter[kind]=sale`),
  ]
  expect([refusalIn(method), refusalIn(filter)]).toEqual([
    ['405 method_not_allowed'],
    ['400 invalid_parameter filter[kind]'],
  ])
})

type Movement = {
  attributes: { kind: string; reservedAfter: number }
  relationships: Record<'purchase' | 'reservation', { data: { id: string } | null }>
}
