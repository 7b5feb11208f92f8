import { afterEach, beforeEach, expect, test } from 'bun:test'
import { DEFAULT, LAMP, NOBODY, openShop, refusalIn, sendTwice, walk } from '../../shop-on-http.ts'

let shop: ReturnType<typeof openShop>
beforeEach(() => {
  shop = openShop()
})
afterEach(() => shop.close())

const named = (name: string, id?: string) => ({ type: 'warehouses', ...(id ? { id } : {}), attributes: { name } })

test('a warehouse is created once, and found at the address that the answer gives', async () => {
  const created = await sendTwice(shop, 'POST', '/warehouses', { data: named('North') })

  expect([created.status, created.headers.get('etag')]).toEqual([201, '"1"'])
  const { links, attributes } = created.document.data
  expect(created.headers.get('location')).toBe(links.self)
  expect(attributes).toEqual({
    name: 'North',
    createdAt: '2026-01-31T09:30:00.000Z',
    updatedAt: '2026-01-31T09:30:00.000Z',
  })
  const read = await shop.send('GET', links.self.slice('/api/v1'.length))
  expect([read.status, read.headers.get('etag'), read.document.data]).toEqual([200, '"1"', created.document.data])
})

test('there is a warehouse before anybody has created one, and the list pages', async () => {
  const [north, south] = [await shop.openWarehouse('North'), await shop.openWarehouse('South')]

  expect(await walk(shop, '/warehouses')).toEqual([DEFAULT, north, south])
})

test('a warehouse gets another name, unless somebody else was faster', async () => {
  const id = await shop.openWarehouse('North')
  const rename = (name: string) => ({ data: named(name, id), headers: { 'If-Match': '"1"' } })

  const renamed = await sendTwice(shop, 'PATCH', `/warehouses/${id}`, rename('Harbour'))
  const late = await shop.send('PATCH', `/warehouses/${id}`, rename('Hill'))

  expect([renamed.status, renamed.headers.get('etag')]).toEqual([200, '"2"'])
  expect(renamed.document.data.attributes.name).toBe('Harbour')
  expect(refusalIn(late)).toEqual(['412 version_mismatch If-Match'])
})

test('a name is one line of 1 to 200 characters', async () => {
  for (const name of ['', ' ', ' North', 'two\nlines', 'x'.repeat(201)]) {
    const answer = await shop.send('POST', '/warehouses', { data: named(name) })
    expect(refusalIn(answer)).toEqual(['422 invalid_value /data/attributes/name'])
  }
})

test('a deleted warehouse is gone, for whatever is asked of it', async () => {
  const id = await shop.openWarehouse('North')

  const late = await shop.send('DELETE', `/warehouses/${id}`, { headers: { 'If-Match': '"7"' } })
  const deleted = await sendTwice(shop, 'DELETE', `/warehouses/${id}`, { headers: { 'If-Match': '"1"' } })

  expect(refusalIn(late)).toEqual(['412 version_mismatch If-Match'])
  expect([deleted.status, deleted.text]).toEqual([204, ''])
  for (const [method, data] of [['GET'], ['PATCH', named('South', id)], ['DELETE']] as const) {
    expect(refusalIn(await shop.send(method, `/warehouses/${id}`, { data }))).toEqual(['404 warehouse_not_found'])
  }
  expect(await walk(shop, '/warehouses')).toEqual([DEFAULT])
})

test('what holds stock cannot go, and neither can the default warehouse', async () => {
  const id = await shop.openWarehouse('North')
  await shop.stockUp(LAMP, 1, id)

  const [full, always] = [
    await shop.send('DELETE', `/warehouses/${id}`),
    await shop.send('DELETE', `/warehouses/${DEFAULT}`),
  ]

  expect([refusalIn(full), full.document.errors[0].meta]).toEqual([['409 warehouse_not_empty'], { id, ...idOf(full) }])
  expect(refusalIn(always)).toEqual(['409 default_warehouse'])
})

test('what nobody knows is not found, and what no list takes is refused', async () => {
  expect(refusalIn(await shop.send('GET', `/warehouses/${NOBODY}`))).toEqual(['404 warehouse_not_found'])
  for (const parameter of ['filter[name]', 'include', 'sort', 'asOf']) {
    const answer = await shop.send('GET', `/warehouses?${parameter}=name`)
    expect(refusalIn(answer)).toEqual([`400 invalid_parameter ${parameter}`])
  }
})

const idOf = ({ headers }: { headers: Headers }) => ({ requestId: headers.get('x-request-id') })
