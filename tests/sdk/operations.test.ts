import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { contract } from '../../packages/contract/src/contract.ts'
import { Abasto } from '../../sdk/src/abasto.ts'
import { root } from '../tidy/project.ts'

type OperationId = (typeof contract.operations)[number]['id']

/** How each operation of the contract is reached. */
const calls: Readonly<Record<OperationId, readonly [method: string, call: (abasto: Abasto) => Promise<unknown>]>> = {
  createProduct: [
    'products.create',
    ({ products }) => products.create({ sku: 'A', name: 'B', price: '1.00', currency: 'EUR' }),
  ],
  listProducts: ['products.list', ({ products }) => products.list().page()],
  getProduct: ['products.get', ({ products }) => products.get('x')],
  updateProduct: ['products.update', ({ products }) => products.update('x', { price: '2.00' })],
  deleteProduct: ['products.delete', ({ products }) => products.delete('x')],
  createInventory: ['inventory.create', ({ inventory }) => inventory.create({ productId: 'x' })],
  listInventory: ['inventory.list', ({ inventory }) => inventory.list().page()],
  getInventory: ['inventory.get', ({ inventory }) => inventory.get('x')],
  adjustInventory: [
    'inventory.adjust',
    ({ inventory }) => inventory.adjust('x', { quantityDelta: 1, reason: 'receipt' }),
  ],
  listInventoryMovements: ['inventory.movements', ({ inventory }) => inventory.movements('x').page()],
  getInventoryProduct: ['inventory.getProduct', ({ inventory }) => inventory.getProduct('x')],
  getInventoryProductLinkage: [
    'inventory.getProductIdentifier',
    ({ inventory }) => inventory.getProductIdentifier('x'),
  ],
  createPurchase: ['purchases.create', ({ purchases }) => purchases.create({ productId: 'x', quantity: 1 })],
  listPurchases: ['purchases.list', ({ purchases }) => purchases.list().page()],
  getPurchase: ['purchases.get', ({ purchases }) => purchases.get('x')],
  getPurchaseProduct: ['purchases.getProduct', ({ purchases }) => purchases.getProduct('x')],
  getPurchaseProductLinkage: ['purchases.getProductIdentifier', ({ purchases }) => purchases.getProductIdentifier('x')],
  getPurchaseWarehouse: ['purchases.getWarehouse', ({ purchases }) => purchases.getWarehouse('x')],
  getPurchaseWarehouseLinkage: [
    'purchases.getWarehouseIdentifier',
    ({ purchases }) => purchases.getWarehouseIdentifier('x'),
  ],
  createWarehouse: ['warehouses.create', ({ warehouses }) => warehouses.create({ name: 'Attic' })],
  listWarehouses: ['warehouses.list', ({ warehouses }) => warehouses.list().page()],
  getWarehouse: ['warehouses.get', ({ warehouses }) => warehouses.get('x')],
  updateWarehouse: ['warehouses.update', ({ warehouses }) => warehouses.update('x', { name: 'Loft' })],
  deleteWarehouse: ['warehouses.delete', ({ warehouses }) => warehouses.delete('x')],
  createStockLevel: [
    'stockLevels.create',
    ({ stockLevels }) => stockLevels.create({ productId: 'x', warehouseId: 'y' }),
  ],
  listStockLevels: ['stockLevels.list', ({ stockLevels }) => stockLevels.list().page()],
  getStockLevel: ['stockLevels.get', ({ stockLevels }) => stockLevels.get('x')],
  updateStockLevel: ['stockLevels.update', ({ stockLevels }) => stockLevels.update('x', { reorderPoint: 3 })],
  adjustStockLevel: [
    'stockLevels.adjust',
    ({ stockLevels }) => stockLevels.adjust('x', { quantityDelta: 1, reason: 'receipt' }),
  ],
  getStockLevelProduct: ['stockLevels.getProduct', ({ stockLevels }) => stockLevels.getProduct('x')],
  getStockLevelProductLinkage: [
    'stockLevels.getProductIdentifier',
    ({ stockLevels }) => stockLevels.getProductIdentifier('x'),
  ],
  getStockLevelWarehouse: ['stockLevels.getWarehouse', ({ stockLevels }) => stockLevels.getWarehouse('x')],
  getStockLevelWarehouseLinkage: [
    'stockLevels.getWarehouseIdentifier',
    ({ stockLevels }) => stockLevels.getWarehouseIdentifier('x'),
  ],
  adjustStockLevels: ['stockLevels.adjustMany', ({ stockLevels }) => stockLevels.adjustMany({ lines: [] })],
  transferStock: ['transfers.create', ({ transfers }) => transfers.create({ lines: [] })],
  createReservation: ['reservations.create', ({ reservations }) => reservations.create({ lines: [] })],
  listReservations: ['reservations.list', ({ reservations }) => reservations.list().page()],
  getReservation: ['reservations.get', ({ reservations }) => reservations.get('x')],
  commitReservation: ['reservations.commit', ({ reservations }) => reservations.commit('x')],
  releaseReservation: ['reservations.release', ({ reservations }) => reservations.release('x')],
  extendReservation: ['reservations.extend', ({ reservations }) => reservations.extend('x')],
  listBackorders: ['backorders.list', ({ backorders }) => backorders.list().page()],
  listMovements: ['movements.list', ({ movements }) => movements.list().page()],
  watchStock: ['stock.watch', ({ stock }) => stock.watch().next()],
}

/** What an operation can also be asked for under another name. */
const others: readonly (readonly [OperationId, method: string, call: (abasto: Abasto) => Promise<unknown>])[] = [
  [
    'adjustStockLevel',
    'stockLevels.count',
    ({ stockLevels }) => stockLevels.count('x', { countedOnHand: 1, expectedOnHand: 1 }),
  ],
  ['getStockLevel', 'stockLevels.asOf', ({ stockLevels }) => stockLevels.asOf('x', new Date('2026-01-31T09:30:00Z'))],
]

test('the SDK has a call for every operation of the contract, and no other', () => {
  const { abasto } = recordingClient()
  const called = [...Object.values(calls).map(([method]) => method), ...others.map(([, method]) => method)]

  expect(Object.keys(calls).sort()).toEqual(contract.operations.map(({ id }) => id).sort())
  expect(called.toSorted()).toEqual(methodsOf(abasto).toSorted())
})

test.each(contract.operations)(
  '$id is sent where the contract says, to the service that answers it',
  async (operation) => {
    const { abasto, sent } = recordingClient()

    await calls[operation.id][1](abasto)

    const address = `http://${operation.service}${contract.basePath}${operation.path.replace(/\{\w+\}/, 'x')}`
    expect(sent).toEqual([`${operation.method} ${address}`])
  },
)

test.each(others)('%s is sent there by %s too', async (id, _, call) => {
  const { abasto, sent } = recordingClient()
  const { method, path } = contract.operations.find((operation) => operation.id === id)!

  await call(abasto)

  expect(sent[0]!.split('?')[0]).toBe(`${method} http://inventory${contract.basePath}${path.replace(/\{\w+\}/, 'x')}`)
})

test('the list of methods names every call with its operation, and no other', () => {
  const listed = readFileSync(join(root, 'sdk/api.md'), 'utf8').matchAll(
    /^\| `abasto\.([\w.]+)\(.*\| `([A-Z]+ .+)` \|$/gm,
  )
  const wanted = contract.operations.flatMap(({ id, method, path }) => {
    const names = [calls[id][0], ...others.filter(([operation]) => operation === id).map(([, name]) => name)]
    return names.map((name) => `${name} ${method} ${path}`)
  })

  expect([...listed].map(([, name, operation]) => `${name} ${operation}`).sort()).toEqual(wanted.sort())
})

const LISTS = /\/(products|inventory|purchases|movements|warehouses|stock-levels|reservations|backorders)$/

/** A client whose requests go nowhere and are answered with something. */
function recordingClient() {
  const sent: string[] = []
  const abasto = new Abasto({
    apiKey: 'key',
    baseUrl: { products: 'http://products', inventory: 'http://inventory' },
    fetch: async (url, { method }) => {
      sent.push(`${method} ${url}`)
      if (method === 'DELETE') return new Response(null, { status: 204 })
      if (url.endsWith('/stock-events')) {
        return new Response('event: snapshot\ndata: {}\n\n', { headers: { 'Content-Type': 'text/event-stream' } })
      }
      const isList = LISTS.test(url) && method === 'GET'
      return Response.json({ data: isList ? [] : { type: 'products', id: 'x' }, links: {} })
    },
  })
  return { abasto, sent }
}

/** Every public method of every group of the client, as `products.create`. */
function methodsOf(abasto: Abasto): string[] {
  return Object.entries(abasto).flatMap(([group, value]) =>
    Object.getOwnPropertyNames(Object.getPrototypeOf(value))
      .filter((name) => name !== 'constructor')
      .map((name) => `${group}.${name}`),
  )
}
