import type { Customer } from './customer.ts'
import { DEFAULT, inventoryOf, makerFor, NOBODY, purchaseOf } from './things.ts'

export async function repeats(customer: Customer): Promise<void> {
  const { get, send, leaf } = customer
  const { product, level } = makerFor(customer)
  const [lamp, chair] = [await product('AGAIN-1'), await product('AGAIN-2')]
  await level(lamp, DEFAULT, 20)
  let number = 0
  /** Sends a write, again, what was meant for another, and to another address, all under one key. */
  const fourTimes = async (path: string, data: object, other: object, elsewhere = '/purchases') => {
    const headers = { 'Idempotency-Key': `again ${++number}`.padEnd(number % 2 ? 255 : 20, '~') }
    await send('POST', path, data, headers)
    await send('POST', path, data, headers)
    await send('POST', path, other, headers)
    await send('POST', elsewhere, purchaseOf(lamp, 1), headers)
    await send('POST', path, data, headers)
  }

  await fourTimes('/inventory', inventoryOf(chair, { quantity: 4 }), inventoryOf(chair, { quantity: 5 }))
  await fourTimes('/purchases', purchaseOf(lamp, 2), purchaseOf(lamp, 3), '/reservations')
  // Refusals are kept too: nobody is sold in the second try what there was not in the first.
  await fourTimes('/purchases', purchaseOf(chair, 5), purchaseOf(chair, 1), '/transfers')
  await fourTimes('/purchases', purchaseOf(NOBODY, 5), purchaseOf(chair, 1), '/adjustments')
  await fourTimes('/warehouses', { type: 'warehouses', attributes: { name: 'Again' } }, { type: 'warehouses' })
  const lines = [{ productId: lamp, quantity: 3 }]
  const held = (more: object) => ({ type: 'reservations', attributes: { lines, ...more } })
  await fourTimes('/reservations', held({}), held({ reference: 'other' }))
  const change = (quantityDelta: number) => ({ type: 'adjust', attributes: { quantityDelta, reason: 'correction' } })
  await fourTimes(`/stock-levels/${lamp}.${DEFAULT}/adjustments`, change(-1), change(-2))
  const many = (quantityDelta: number) => ({
    type: 'adjustments',
    attributes: {
      lines: [lamp, NOBODY, lamp].map((productId) => ({ productId, quantityDelta, reason: 'correction' })),
    },
  })
  await fourTimes('/adjustments', many(-1), many(-2))
  const moved = {
    type: 'transfers',
    attributes: { lines: [{ productId: lamp, from: DEFAULT, to: NOBODY, quantity: 1 }] },
  }
  await fourTimes('/transfers', moved, { type: 'transfers' })

  // Keys that are not the same, though somebody might take them for it.
  for (const key of ['Key', 'key', 'key.', '$key', '__proto__', '%00']) {
    await send('POST', '/purchases', purchaseOf(lamp, 1), { 'Idempotency-Key': key })
  }
  for (const key of ['', 'clé', ' ', 'x'.repeat(256)]) {
    await send('POST', '/purchases', purchaseOf(lamp, 1), {
      'Idempotency-Key': encodeURI(key) === key ? key : '\u00e9',
    })
  }
  await get(`/inventory/${lamp}`)
  await leaf(`/inventory/${lamp}/movements`, 3)
  await leaf(`/inventory/${chair}/movements`, 3)
}
