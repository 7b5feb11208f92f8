import type { Customer } from './customer.ts'
import { DEFAULT, LONG, MOST, makerFor, NOBODY } from './things.ts'

const idOf = (number: number): string => `22222222-2222-7222-8222-${`${number}`.padStart(12, '0')}`

export async function reservations(customer: Customer): Promise<void> {
  const { get, send, leaf, peek } = customer
  const { product, warehouse, level } = makerFor(customer)
  const [lamp, chair, vase] = [await product('HELD-1'), await product('HELD-2'), await product('HELD-3')]
  const cellar = await warehouse('Cellar')
  await level(lamp, DEFAULT, 10)
  await level(vase, DEFAULT, 3)
  await level(lamp, cellar, 5, { backorderLimit: 4 })
  await level(chair, DEFAULT, 0, { backorderLimit: 2 })

  const reserve = (number: number, lines: readonly object[], more: object = {}) =>
    send('POST', '/reservations', { type: 'reservations', id: idOf(number), attributes: { lines, ...more } })
  const act = (number: number, type: string, attributes?: object) =>
    send('POST', `/reservations/${idOf(number)}/${type}`, attributes ? { type, attributes } : undefined)
  const [some, deep] = [
    { productId: lamp, quantity: 2 },
    { productId: lamp, warehouseId: cellar, quantity: 7 },
  ]

  await reserve(1, [{ productId: vase, quantity: 2 }], { ttlSeconds: 1, reference: 'soon over' })
  await reserve(2, [some, some, deep], { reference: LONG })
  await reserve(2, [some, some, deep], { reference: LONG })
  await reserve(2, [some])
  await reserve(3, [{ ...some, quantity: 5 }])
  await reserve(3, [some])
  await reserve(4, [{ ...deep, quantity: 3 }])
  await reserve(5, [{ productId: chair, quantity: 1 }], { reference: 'a, b' })
  await reserve(6, [{ productId: chair, quantity: 1 }], { ttlSeconds: 2_592_000 })
  await reserve(7, [some, { productId: NOBODY, quantity: 1 }])
  await reserve(7, [{ ...some, warehouseId: NOBODY }])
  for (const quantity of [0, -1, MOST, 1.5]) await reserve(8, [{ ...some, quantity }])
  for (const ttlSeconds of [0, 2_592_001, '60']) await reserve(8, [some], { ttlSeconds })
  await reserve(8, [])
  await reserve(8, Array(101).fill(some))

  for (const size of [1, 3]) await leaf('/backorders', size)
  await leaf(`/backorders?filter[product]=${chair}`, 1)
  await leaf(`/backorders?filter[product]=${chair},${lamp}&filter[warehouse]=${cellar}`, 1)

  await act(2, 'commit')
  await act(2, 'commit', { lines: [{ productId: lamp }] })
  await act(2, 'commit', { lines: [{ productId: lamp }] })
  await act(2, 'release', { lines: [{ productId: chair }] })
  await act(2, 'extend', { ttlSeconds: 5 })
  await act(2, 'extend', { ttlSeconds: 5_000 })
  await act(2, 'release')
  await act(2, 'release')
  await act(2, 'commit')
  await act(2, 'extend')
  await act(3, 'commit', {})
  await act(3, 'commit')
  await act(3, 'release')
  await act(3, 'extend', { ttlSeconds: 60 })
  await act(5, 'release')
  await act(5, 'release')
  await act(5, 'commit')
  await act(6, 'commit')
  // Released before it was reserved: it can be no more.
  await act(9, 'commit')
  await act(9, 'release')
  await reserve(9, [some])
  await act(10, 'extend', { ttlSeconds: 60 })
  await send('POST', `/reservations/${idOf(6)}/commit`, undefined, { 'If-Match': '"1"' })

  await over(peek, `/reservations/${idOf(1)}`)
  await get(`/reservations/${idOf(1)}`)
  for (const type of ['commit', 'release', 'extend'])
    await act(1, type, type === 'extend' ? { ttlSeconds: 9 } : undefined)
  for (const id of [lamp, vase]) await get(`/stock-levels/${id}.${DEFAULT}`)

  for (const number of [2, 3, 4, 9, 99]) await get(`/reservations/${idOf(number)}`)
  for (const size of [3, 100]) await leaf('/reservations', size)
  for (const status of ['held', 'committed', 'released', 'expired', 'held,expired', 'lost']) {
    await leaf(`/reservations?filter[status]=${status}`, 2)
  }
  for (const reference of [LONG, 'a, b', 'soon over', 'SOON OVER', 'soon', '%', '.*', '$ne']) {
    await leaf(`/reservations?filter[reference]=${encodeURIComponent(reference)}`, 1)
  }
  await leaf(`/movements?filter[product]=${lamp},${chair},${vase}`, 4)
}

/** Waits until somebody has written down that a reservation is over: until it has another version than it was made with. */
async function over(peek: Customer['peek'], path: string): Promise<void> {
  for (const until = Date.now() + 15_000; Date.now() < until; await Bun.sleep(50)) {
    if ((await peek(path)).headers.get('etag') === '"2.expired"') return
  }
  throw new Error('nobody has written down for 15 s that a reservation of one second is over')
}
