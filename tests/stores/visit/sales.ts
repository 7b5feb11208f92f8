import type { Customer } from './customer.ts'
import { DEFAULT, inventoryOf, LONG, MOST, makerFor, NOBODY, purchaseOf } from './things.ts'

export async function sales(customer: Customer): Promise<void> {
  const { get, send, leaf } = customer
  const { product, warehouse, level } = makerFor(customer)
  const lamp = await product('SALES-1', { name: LONG, price: '0.10' })
  const yen = await product('SALES-2', { price: '19', currency: 'JPY' })
  const dinar = await product('SALES-3', { price: '999999999999.999', currency: 'KWD' })
  const uncounted = await product('SALES-4')
  const asleep = await product('SALES-5', { active: false })
  const west = await warehouse('West')
  const sell = (id: string, quantity: unknown, place?: string) =>
    send('POST', '/purchases', purchaseOf(id, quantity, place))

  await send('POST', '/inventory', inventoryOf(lamp, { quantity: 30 }))
  await level(lamp, west, 1)
  await level(yen, DEFAULT, MOST)
  await level(dinar, DEFAULT, MOST)
  await level(asleep, DEFAULT, 5)
  for (const quantity of [3, 0, -1, 1.5, 28, '3', MOST, 1e300]) await sell(lamp, quantity)
  for (const quantity of [7, MOST, MOST - 7]) await sell(yen, quantity)
  for (const quantity of [1, 1_000_000, MOST - 1]) await sell(dinar, quantity)
  for (const id of [uncounted, asleep, NOBODY]) await sell(id, 1)
  await sell(lamp, 2, west)
  const { document } = await sell(lamp, 1, west)
  await sell(lamp, 1, west)
  await sell(lamp, 1, NOBODY)
  await sell(lamp, 27)
  await sell(lamp, 1)

  for (const size of [2, 100]) await leaf('/purchases', size)
  for (const id of [document.data.id, NOBODY, 'lamp']) {
    for (const rest of ['', '/product', '/warehouse', '/relationships/product', '/relationships/warehouse']) {
      await get(`/purchases/${id}${rest}`)
    }
  }

  // What becomes of the books when the catalogue no longer knows what they are about.
  await send('DELETE', `/products/${lamp}`)
  await sell(lamp, 1)
  await get(`/inventory/${lamp}`)
  await get(`/inventory/${lamp}?include=product`)
  await get(`/inventory/${lamp}/product`)
  await get(`/stock-levels/${lamp}.${west}`)
  await get(`/inventory/${lamp}/movements`)
  await send('PATCH', `/inventory/${lamp}`, {
    type: 'inventory',
    id: lamp,
    attributes: { quantityDelta: 1, reason: 'return' },
  })
  await leaf('/inventory?include=product', 2)
}
