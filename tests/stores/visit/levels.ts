import type { Customer } from './customer.ts'
import { DEFAULT, inventoryOf, LONG, levelOf, MOST, makerFor, NOBODY } from './things.ts'

export async function levels(customer: Customer): Promise<void> {
  const { get, send } = customer
  const { product, warehouse, level } = makerFor(customer)
  const [lamp, chair] = [await product('LEVELS-1'), await product('LEVELS-2')]
  const east = await warehouse('East')

  await send('POST', '/inventory', inventoryOf(lamp, { quantity: 10 }))
  await send('POST', '/inventory', inventoryOf(lamp, { quantity: 10 }))
  for (const quantity of [-1, 1.5, '3', null]) await send('POST', '/inventory', inventoryOf(chair, { quantity }))
  await send('POST', '/inventory', inventoryOf(NOBODY, { quantity: 1 }))
  await level(lamp, east, 4, { reorderPoint: 4, backorderLimit: 2, incoming: 7 })
  await level(lamp, east, 4)
  await level(chair, DEFAULT, 0, { reorderPoint: null })
  await level(chair, east, MOST, { backorderLimit: MOST, incoming: MOST, reorderPoint: MOST })
  await level(NOBODY, east, 4)
  await level(chair, NOBODY, 4)
  for (const attributes of [{ onHand: -1 }, { onHand: MOST + 1 }, { backorderLimit: -1 }, { incoming: null }]) {
    await send('POST', '/stock-levels', levelOf(lamp, NOBODY, attributes))
  }

  await byHand(customer, `${lamp}.${DEFAULT}`, `${chair}.${east}`)
  await inventories(customer, lamp, chair)
  await many(customer, lamp, chair, east)
  await transfers(customer, lamp, chair, east)
  await lists(customer, lamp, chair, east)
  for (const id of [`${lamp}.${DEFAULT}`, `${NOBODY}.${DEFAULT}`, `${lamp}.${NOBODY}`, lamp, `${lamp}.`]) {
    for (const rest of ['', '/product', '/warehouse', '/relationships/product', '/relationships/warehouse']) {
      await get(`/stock-levels/${id}${rest}`)
    }
  }
}

/** Changes, counts and settings of one level, and of one that is as full as can be. */
async function byHand({ get, send }: Customer, level: string, full: string): Promise<void> {
  const adjust = (id: string, attributes: object, headers = {}) =>
    send('POST', `/stock-levels/${id}/adjustments`, { type: 'adjust', attributes }, headers)
  const changes = [
    { quantityDelta: 5, reason: 'receipt' },
    { quantityDelta: -5, reason: 'receipt' },
    { quantityDelta: 5, reason: 'damage' },
    { quantityDelta: -2, reason: 'damage', actor: LONG },
    { quantityDelta: -2, reason: 'correction', actor: '' },
    { quantityDelta: -1_000, reason: 'loss' },
    { quantityDelta: -1_000, reason: 'correction' },
    { quantityDelta: 0, reason: 'correction' },
    { quantityDelta: 1 },
    { quantityDelta: MOST, reason: 'return' },
    { quantityDelta: -MOST, reason: 'correction' },
    { countedOnHand: 12 },
    { countedOnHand: 12, expectedOnHand: 13 },
    { countedOnHand: 14, expectedOnHand: 12 },
    { countedOnHand: 14, expectedOnHand: 12, expectedVersion: 1 },
    { countedOnHand: 14, expectedVersion: MOST },
    { countedOnHand: 14, quantityDelta: 1, reason: 'receipt', expectedOnHand: 14 },
    { quantityDelta: 1, reason: 'receipt', expectedVersion: 1 },
    {},
  ]
  for (const change of changes) await adjust(level, change)
  await adjust(level, { countedOnHand: 20 }, { 'If-Match': '"1"' })
  const { headers } = await get(`/stock-levels/${level}`)
  await adjust(level, { countedOnHand: 20 }, { 'If-Match': headers.get('etag')! })
  await adjust(full, { quantityDelta: 1, reason: 'receipt' })
  await adjust(full, { quantityDelta: -MOST, reason: 'correction' })
  await adjust(full, { countedOnHand: MOST, expectedOnHand: 0 })
  await adjust(`${NOBODY}.${DEFAULT}`, { quantityDelta: 1, reason: 'receipt' })

  const set = (id: string, attributes: object, headers = {}) =>
    send('PATCH', `/stock-levels/${id}`, { type: 'stock-levels', id, attributes }, headers)
  await set(level, { reorderPoint: 20 })
  await set(level, { reorderPoint: null, incoming: 3 }, { 'If-Match': '"1"' })
  await set(level, { reorderPoint: null, incoming: MOST, backorderLimit: 4 })
  await set(level, {})
  await set(level, { onHand: 4 })
  await set(`${NOBODY}.${DEFAULT}`, { incoming: 4 })
  await get(`/stock-levels/${level}`)
}

async function inventories({ get, send, leaf }: Customer, lamp: string, chair: string): Promise<void> {
  const change = (id: string, attributes: object, headers = {}) =>
    send('PATCH', `/inventory/${id}`, { type: 'inventory', id, attributes }, headers)
  await change(lamp, { quantityDelta: 3, reason: 'receipt' })
  await change(lamp, { quantityDelta: -3_000, reason: 'correction' })
  await change(lamp, { quantity: 3 })
  await change(lamp, { quantity: 3 }, { 'If-Match': '"1"' })
  await change(NOBODY, { quantityDelta: 3, reason: 'receipt' })
  for (const id of [lamp, chair, NOBODY]) {
    for (const rest of ['', '?include=product', '/product', '/relationships/product', '/movements']) {
      await get(`/inventory/${id}${rest}`)
    }
  }
  await leaf('/inventory', 2)
  await leaf('/inventory?include=product', 100)
}

/** Many changes in one call: each has a verdict of its own. */
async function many({ send, get }: Customer, lamp: string, chair: string, east: string): Promise<void> {
  const adjustments = (lines: readonly object[]) =>
    send('POST', '/adjustments', { type: 'adjustments', attributes: { lines } })
  await adjustments([
    { productId: lamp, quantityDelta: 2, reason: 'receipt' },
    { productId: lamp, quantityDelta: 3, reason: 'return', actor: 'Zoë' },
    { productId: lamp, warehouseId: east, countedOnHand: 9, expectedOnHand: 4 },
    { productId: lamp, warehouseId: east, countedOnHand: 8, expectedOnHand: 4 },
    { productId: lamp, warehouseId: east, quantityDelta: -100, reason: 'correction' },
    { productId: chair, warehouseId: NOBODY, quantityDelta: 1, reason: 'receipt' },
    { productId: NOBODY, quantityDelta: 1, reason: 'receipt' },
    { productId: chair, warehouseId: east, quantityDelta: 1, reason: 'receipt' },
    { productId: lamp, countedOnHand: 1, expectedVersion: 1 },
    { productId: lamp, countedOnHand: 1 },
    { productId: lamp, quantityDelta: -1, reason: 'receipt' },
  ])
  await adjustments([])
  await adjustments([{ productId: 'lamp', quantityDelta: 2, reason: 'receipt' }])
  await adjustments(Array(1_001).fill({ productId: lamp, quantityDelta: 1, reason: 'receipt' }))
  await adjustments(
    Array.from({ length: 300 }, (_, n) => ({
      productId: n % 3 ? lamp : chair,
      quantityDelta: n % 5 ? 1 : -2,
      reason: 'correction',
    })),
  )
  await get(`/inventory/${lamp}`)
}

async function transfers({ send }: Customer, lamp: string, chair: string, east: string): Promise<void> {
  const transfer = (lines: readonly object[], more = {}) =>
    send('POST', '/transfers', { type: 'transfers', attributes: { lines, ...more } })
  const line = { productId: lamp, from: DEFAULT, to: east, quantity: 2 }
  await transfer([line], { actor: 'night shift' })
  await transfer([line, { ...line, quantity: 1 }, { ...line, from: east, to: DEFAULT, quantity: 4 }])
  await transfer([line, { ...line, quantity: 100_000 }])
  await transfer([line, { ...line, productId: NOBODY }])
  await transfer([{ ...line, to: DEFAULT }])
  await transfer([{ ...line, to: NOBODY }])
  await transfer([{ ...line, from: NOBODY }])
  await transfer([{ ...line, productId: chair, from: DEFAULT, quantity: 1 }])
  await transfer([{ ...line, quantity: MOST }])
  await transfer([{ ...line, quantity: -1 }])
  await transfer([{ ...line, productId: chair, from: DEFAULT, quantity: 30 }])
}

async function lists({ get, leaf }: Customer, lamp: string, chair: string, east: string): Promise<void> {
  for (const size of [3, 100]) await leaf('/stock-levels', size)
  const filters = [
    `filter[product]=${lamp}`,
    `filter[product]=${chair},${lamp},${lamp}`,
    `filter[product]=${NOBODY}`,
    `filter[warehouse]=${east}`,
    `filter[warehouse]=${east},${NOBODY}&filter[product]=${lamp}`,
    'filter[state]=out',
    'filter[state]=reorder',
    'filter[state]=short',
    'filter[state]=short,out,reorder',
    `filter[state]=out,reorder&filter[product]=${chair}&filter[warehouse]=${east}`,
    'filter[state]=',
    'filter[state]=gone',
    `filter[product]=${Array(100).fill(lamp).join()}`,
    `filter[product]=${Array(101).fill(lamp).join()}`,
  ]
  for (const filter of filters) await leaf(`/stock-levels?${filter}`, 2)
  // The place of one list in another.
  const { document } = await get('/warehouses?page[size]=1')
  await get(`/stock-levels?${new URL(document.links.next, 'http://shop').searchParams}`)
  await get('/stock-levels?sort=-onHand')
  await get('/stock-levels?fields[stock-levels]=onHand')
  await get('/stock-levels?include=product,warehouse')
  await get('/stock-levels?include=product&page[size]=2')
}
