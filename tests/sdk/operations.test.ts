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
}

test('the SDK has a call for every operation of the contract, and no other', () => {
  const { abasto } = recordingClient()
  const called = Object.values(calls).map(([method]) => method)

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

test('the list of methods names every call with its operation, and no other', () => {
  const listed = readFileSync(join(root, 'sdk/api.md'), 'utf8').matchAll(
    /^\| `abasto\.([\w.]+)\(.*\| `([A-Z]+ .+)` \|$/gm,
  )
  const wanted = contract.operations.map(({ id, method, path }) => `${calls[id][0]} ${method} ${path}`)

  expect([...listed].map(([, name, operation]) => `${name} ${operation}`).sort()).toEqual(wanted.sort())
})

/** A client whose requests go nowhere and are answered with something. */
function recordingClient() {
  const sent: string[] = []
  const abasto = new Abasto({
    apiKey: 'key',
    baseUrl: { products: 'http://products', inventory: 'http://inventory' },
    fetch: async (url, { method }) => {
      sent.push(`${method} ${url}`)
      if (method === 'DELETE') return new Response(null, { status: 204 })
      const isList = /\/(products|inventory|purchases|movements)$/.test(url) && method === 'GET'
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
