import type { Customer } from './customer.ts'
import { DEFAULT, LONG, levelOf, makerFor, NOBODY } from './things.ts'

export async function warehouses(customer: Customer): Promise<void> {
  const { get, send, leaf } = customer
  const { product, warehouse, level } = makerFor(customer)
  const [north, south, long] = [await warehouse('North'), await warehouse('South'), await warehouse(LONG)]
  const named = (name: unknown) => ({ type: 'warehouses', attributes: { name } })

  for (const name of ['North', 'north', 'default', '', ' padded ', `${LONG}x`, null, 7]) {
    await send('POST', '/warehouses', named(name))
  }
  await leaf('/warehouses', 2)
  for (const id of [north, DEFAULT, NOBODY, 'north', north.toUpperCase()]) await get(`/warehouses/${id}`)

  const rename = (id: string, name: string, tag?: string) =>
    send('PATCH', `/warehouses/${id}`, { ...named(name), id }, tag ? { 'If-Match': tag } : {})
  await rename(north, 'Far North', '"1"')
  await rename(north, 'Nearer', '"1"')
  await rename(north, 'Far North')
  await rename(north, 'South')
  await rename(north, 'Nearer', '"3", "9"')
  await rename(north, 'Nearest', '*')
  await rename(NOBODY, 'Nowhere')
  await rename(DEFAULT, 'Front')
  await rename(DEFAULT, 'default')
  await get(`/warehouses/${north}`, { 'If-None-Match': '"2"' })

  const lamp = await product('WAREHOUSES-1')
  await level(lamp, south, 3)
  for (const id of [south, DEFAULT, NOBODY, long, long, north]) await send('DELETE', `/warehouses/${id}`)
  await send('POST', `/stock-levels/${lamp}.${south}/adjustments`, adjust({ quantityDelta: -3, reason: 'loss' }))
  await send('DELETE', `/warehouses/${south}`, undefined, { 'If-Match': '"7"' })
  await send('DELETE', `/warehouses/${south}`)

  // What was in one that is gone, and what somebody would put there.
  await get(`/warehouses/${south}`)
  await get(`/stock-levels/${lamp}.${south}`)
  await get(`/stock-levels?filter[warehouse]=${south}`)
  await get(`/stock-levels/${lamp}.${south}/warehouse`)
  await get(`/movements?filter[warehouse]=${south}`)
  await send('POST', '/stock-levels', levelOf(lamp, long, { onHand: 1 }))
  await send('POST', `/stock-levels/${lamp}.${south}/adjustments`, adjust({ quantityDelta: 3, reason: 'receipt' }))
  await rename(south, 'South again')
  await send('POST', '/warehouses', named('South'))
  await leaf('/warehouses', 100)
}

const adjust = (attributes: object): object => ({ type: 'adjust', attributes })
