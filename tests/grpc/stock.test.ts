import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { connectGrpc, type GrpcPeer } from '../../packages/chassis/src/grpc/client.ts'
import type { GrpcListener } from '../../packages/chassis/src/grpc/server.ts'
import { callToy } from '../../packages/chassis/src/grpc/toy-service.ts'
import type { Listener } from '../../packages/chassis/src/http/listen.ts'
import type { Inventory } from '../../packages/inventory/src/inventory.ts'
import type { Uuid } from '../../packages/kernel/src/kernel.ts'
import { InventoryService } from '../../proto/gen/inventory/v1/inventory_service_pb.ts'
import { API_KEY, asked, listenHttp, memoryInventory, memoryProducts, serveInventory } from './services.ts'

// What programs of the proto files and of the public API ask of the stock: the same writes, and what is none.

const DEFAULT_WAREHOUSE = '00000000-0000-7000-8000-000000000001'
const rpc = InventoryService.method
const products = memoryProducts()
const isWrite = { isWrite: true }

let inventory: Inventory
let server: GrpcListener
let http: Listener
let peer: GrpcPeer

beforeAll(async () => {
  inventory = memoryInventory(products)
  server = await serveInventory(inventory)
  http = listenHttp({ inventory })
  peer = connectGrpc({ addresses: server.url, name: 'inventory' })
})
afterAll(async () => {
  peer.close()
  await Promise.all([server.stop(), http.stop()])
})

describe('what was sent over HTTP may be sent again over gRPC under its key, and takes effect once:', () => {
  test('a warehouse', async () => {
    const { data } = await sent('key 1', 'POST', '/warehouses', { type: 'warehouses', attributes: { name: 'Cellar' } })
    expect(await again('key 1', rpc.createWarehouse, { name: 'Cellar' })).toMatchObject({ warehouse: { id: data.id } })

    const renaming = { type: 'warehouses', id: data.id, attributes: { name: 'Attic' } }
    await sent('key 2', 'PATCH', `/warehouses/${data.id}`, renaming, { 'If-Match': '"1"' })
    const message = { id: data.id, name: 'Attic', expectedVersion: 1n }
    expect(await again('key 2', rpc.renameWarehouse, message)).toMatchObject({ warehouse: { name: 'Attic' } })

    await sent('key 3', 'DELETE', `/warehouses/${data.id}`)
    expect(await again('key 3', rpc.deleteWarehouse, { id: data.id })).toMatchObject({ warehouse: { version: 3n } })
  })

  test('a level, and how it is set up', async () => {
    const [productId, warehouseId] = [await product(), DEFAULT_WAREHOUSE]
    const relationships = {
      product: { data: { type: 'products', id: productId } },
      warehouse: { data: { type: 'warehouses', id: warehouseId } },
    }
    const attributes = { onHand: 5, reorderPoint: null, backorderLimit: 2 }
    await sent('key 4', 'POST', '/stock-levels', { type: 'stock-levels', attributes, relationships })
    const settings = { reorder: { case: 'never', value: {} }, backorderLimit: 2n }
    const opening = { productId, warehouseId, quantity: 5n, settings }
    expect(await again('key 4', rpc.openLevel, opening)).toMatchObject({ level: { onHand: 5n, backorderLimit: 2n } })

    const id = `${productId}.${warehouseId}`
    const configuring = { type: 'stock-levels', id, attributes: { reorderPoint: 3, incoming: 7 } }
    await sent('key 5', 'PATCH', `/stock-levels/${id}`, configuring)
    const set = { productId, warehouseId, settings: { reorder: { case: 'reorderPoint', value: 3n }, incoming: 7n } }
    expect(await again('key 5', rpc.configureLevel, set)).toMatchObject({ level: { reorderPoint: 3n, incoming: 7n } })
  })

  test('a change by hand, alone and among others', async () => {
    const productId = await stocked(5)
    const path = `/stock-levels/${productId}.${DEFAULT_WAREHOUSE}/adjustments`
    const delta = { type: 'adjust', attributes: { quantityDelta: -1, reason: 'loss', actor: 'Ada' } }
    await sent('key 6', 'POST', path, delta)
    const loss = { case: 'delta', value: { quantityDelta: -1n, reason: 5 } }
    const change = { productId, change: loss, actor: 'Ada' }
    expect(await again('key 6', rpc.changeLevel, { change })).toMatchObject({ level: { onHand: 4n } })

    const attributes = { countedOnHand: 3, expectedOnHand: 4 }
    await sent('key 7', 'POST', path, { type: 'adjust', attributes }, { 'If-Match': '"2"' })
    const counted = { case: 'count', value: { countedOnHand: 3n, expectedOnHand: 4n } }
    const count = { productId, warehouseId: DEFAULT_WAREHOUSE, change: counted, expectedVersion: 2n }
    expect(await again('key 7', rpc.changeLevel, { change: count })).toMatchObject({ level: { onHand: 3n } })

    const lines = [
      { productId, quantityDelta: -1, reason: 'loss' },
      { productId, warehouseId: DEFAULT_WAREHOUSE, countedOnHand: 9, expectedVersion: 4 },
      { productId, countedOnHand: 9, expectedOnHand: 5 },
    ]
    await sent('key 8', 'POST', '/adjustments', { type: 'adjustments', attributes: { lines } })
    const nine = { case: 'count', value: { countedOnHand: 9n } }
    const stale = { case: 'count', value: { countedOnHand: 9n, expectedOnHand: 5n } }
    const changes = [
      { productId, change: loss },
      { productId, warehouseId: DEFAULT_WAREHOUSE, change: nine, expectedVersion: 4n },
      { productId, change: stale },
    ]
    expect(await again('key 8', rpc.changeLevels, { lines: changes })).toMatchObject({
      verdicts: [
        { verdict: { case: 'level', value: { onHand: 2n } }, replayed: true },
        { verdict: { case: 'level', value: { onHand: 9n } }, replayed: true },
        { verdict: { case: 'failure', value: { code: 'quantity_mismatch' } }, replayed: true },
      ],
    })
  })

  test('a transfer', async () => {
    const [productId, to] = [await stocked(5), await warehouse()]
    const line = { productId, from: DEFAULT_WAREHOUSE, to, quantity: 2 }
    await sent('key 9', 'POST', '/transfers', { type: 'transfers', attributes: { lines: [line], actor: 'Ada' } })

    const moved = { productId, fromWarehouseId: DEFAULT_WAREHOUSE, toWarehouseId: to, quantity: 2n }
    expect(await again('key 9', rpc.transferStock, { lines: [moved], actor: 'Ada' })).toMatchObject({
      transfer: { lines: [{ quantity: 2n }], actor: 'Ada' },
    })
  })

  test('a reservation, and what becomes of it', async () => {
    const [productId, id] = [await stocked(5), Bun.randomUUIDv7()]
    const attributes = { lines: [{ productId, quantity: 2 }], ttlSeconds: 60, reference: 'cart' }
    await sent('key 10', 'POST', '/reservations', { type: 'reservations', id, attributes })
    const message = { id, lines: [{ productId, quantity: 2n }], ttlSeconds: 60n, reference: 'cart' }
    expect(await again('key 10', rpc.reserveStock, message)).toMatchObject({ reservation: { id, version: 1n } })

    await sent('key 11', 'POST', `/reservations/${id}/extend`, { type: 'extend', attributes: { ttlSeconds: 90 } })
    const extending = { id, ttlSeconds: 90n }
    expect(await again('key 11', rpc.extendReservation, extending)).toMatchObject({ reservation: { version: 2n } })
    await sent('key 12', 'POST', `/reservations/${id}/commit`, {
      type: 'commit',
      attributes: { lines: [{ productId }] },
    })
    const only = { lines: [{ productId }] }
    expect(await again('key 12', rpc.commitReservation, { id, only })).toMatchObject({ reservation: { version: 3n } })

    const other = await inventory.reserveStock(asked(), { lines: [{ productId, quantity: 1 }] })
    const otherId = other.ok ? other.value.id : ''
    await sent('key 13', 'POST', `/reservations/${otherId}/release`)
    expect(await again('key 13', rpc.releaseReservation, { id: otherId })).toMatchObject({
      reservation: { id: otherId, version: 2n },
    })
  })

  test('a sale from another warehouse', async () => {
    const [productId, warehouseId] = [await stocked(5), await warehouse()]
    await inventory.openLevel(asked(), { productId, warehouseId, quantity: 3 })
    const relationships = {
      product: { data: { type: 'products', id: productId } },
      warehouse: { data: { type: 'warehouses', id: warehouseId } },
    }
    await sent('key 14', 'POST', '/purchases', { type: 'purchases', attributes: { quantity: 1 }, relationships })

    const lines = [{ productId, quantity: 1n, warehouseId }]
    expect(await again('key 14', rpc.createPurchases, { lines })).toMatchObject({ purchases: [{ warehouseId }] })
  })
})

describe('a message is refused where it is wrong, before anything is done:', () => {
  const productId = Bun.randomUUIDv7()
  const warehouseId = DEFAULT_WAREHOUSE
  const delta = (quantityDelta: bigint, reason: number) => ({ case: 'delta', value: { quantityDelta, reason } })
  const one = { case: 'count', value: { countedOnHand: 1n } }

  test('warehouses', async () => {
    expect(await ask(rpc.createWarehouse, { name: ' x' })).toMatchObject(wrong('name'))
    expect(await ask(rpc.createWarehouse, {})).toMatchObject(wrong('name'))
    const renaming = { id: warehouseId, name: 'x\ny' }
    expect(await ask(rpc.renameWarehouse, renaming)).toMatchObject(wrong('name'))
    expect(await ask(rpc.deleteWarehouse, { id: 'x' })).toMatchObject(wrong('id'))
    const stale = { id: warehouseId, expectedVersion: -1n }
    expect(await ask(rpc.deleteWarehouse, stale)).toMatchObject(wrong('expectedVersion'))
  })

  test('levels', async () => {
    const key = { productId, warehouseId }
    expect(await ask(rpc.openLevel, { ...key, warehouseId: 'x' })).toMatchObject(wrong('warehouseId'))
    expect(await ask(rpc.openLevel, { ...key, quantity: -1n })).toMatchObject(wrong('quantity'))
    const settings = { backorderLimit: 2n ** 53n }
    expect(await ask(rpc.openLevel, { ...key, settings })).toMatchObject(wrong('backorderLimit'))
    const never = { reorder: { case: 'reorderPoint', value: -1n } }
    expect(await ask(rpc.configureLevel, { ...key, settings: never })).toMatchObject(wrong('reorderPoint'))
    expect(await ask(rpc.getLevelAt, { ...key, moment: 'yesterday' })).toMatchObject(wrong('moment'))
    expect(await ask(rpc.listLevels, { states: [9] })).toMatchObject(wrong('states', 0))
    expect(await ask(rpc.listLevels, { productIds: [productId, 'x'] })).toMatchObject(wrong('productIds', 1))
  })

  test('changes by hand', async () => {
    const change = (message: Record<string, unknown>) => ask(rpc.changeLevel, message)
    expect(await change({})).toMatchObject(wrong('change'))
    expect(await change({ change: { productId } })).toMatchObject(wrong('change'))
    expect(await change({ change: { productId: 'x', change: one } })).toMatchObject(wrong('productId'))
    expect(await change({ change: { productId, change: delta(0n, 1) } })).toMatchObject(wrong('quantityDelta'))
    expect(await change({ change: { productId, change: delta(1n, 0) } })).toMatchObject(wrong('reason'))
    expect(await change({ change: { productId, change: delta(1n, 6) } })).toMatchObject(wrong('reason'))
    expect(await change({ change: { productId, change: one, actor: '' } })).toMatchObject(wrong('actor'))

    const lines = [
      { productId, change: one },
      { productId, change: delta(2n ** 60n, 1) },
    ]
    expect(await ask(rpc.changeLevels, { lines })).toMatchObject(wrong('lines', 1, 'quantityDelta'))
    const moved = { productId, fromWarehouseId: warehouseId, toWarehouseId: warehouseId, quantity: 0n }
    expect(await ask(rpc.transferStock, { lines: [moved] })).toMatchObject(wrong('lines', 0, 'quantity'))
  })

  test('reservations', async () => {
    const line = { productId, quantity: 1n }
    expect(await ask(rpc.reserveStock, { lines: [line, { ...line, quantity: 0n }] })).toMatchObject(
      wrong('lines', 1, 'quantity'),
    )
    expect(await ask(rpc.reserveStock, { lines: [line], id: 'x' })).toMatchObject(wrong('id'))
    expect(await ask(rpc.reserveStock, { lines: [line], reference: '' })).toMatchObject(wrong('reference'))
    const only = { lines: [{ productId, warehouseId: 'x' }] }
    const some = { id: productId, only }
    for (const call of [rpc.commitReservation, rpc.releaseReservation]) {
      expect(await ask(call, some)).toMatchObject(wrong('lines', 0, 'warehouseId'))
      expect(await ask(call, { id: 'x' })).toMatchObject(wrong('id'))
    }
    expect(await ask(rpc.listReservations, { statuses: [1, 9] })).toMatchObject(wrong('statuses', 1))
    const references = Array.from({ length: 101 }, () => 'cart')
    expect(await ask(rpc.listReservations, { references })).toMatchObject(wrong('references'))
    expect(await ask(rpc.listBackorders, { warehouseIds: ['x'] })).toMatchObject(wrong('warehouseIds', 0))
  })

  test('movements', async () => {
    expect(await ask(rpc.listMovements, { kinds: [0] })).toMatchObject(wrong('kinds', 0))
    expect(await ask(rpc.listMovements, { from: '2026-02-30T00:00:00Z' })).toMatchObject(wrong('from'))
    expect(await ask(rpc.listMovements, { until: '' })).toMatchObject(wrong('until'))
    expect(await ask(rpc.listInventoryMovements, {})).toMatchObject(wrong('productId'))
  })

  const ask = (method: Parameters<GrpcPeer['call']>[1], message: Record<string, unknown>) =>
    peer.call(asked(), method, message, isWrite)

  const wrong = (...at: (string | number)[]) => ({ ok: false, error: { kind: 'invalid', code: 'invalid_value', at } })
})

test('a program that knows no filters lists the movements of a product as it always did', async () => {
  const productId = await stocked(5)
  await inventory.adjustStock(asked(), { productId, quantityDelta: 1, reason: 'receipt' })
  const list = (message: Record<string, unknown>) => peer.call(asked(), rpc.listMovements, message)

  expect(await list({ productId, page: { size: 1 } })).toMatchObject({
    value: { movements: [{ productId, sequence: 1n }], bounds: { hasNext: true } },
  })
  expect(await list({ productId, page: { size: 5, after: `${DEFAULT_WAREHOUSE}.1` } })).toMatchObject({
    value: { movements: [{ productId, sequence: 2n }], bounds: { hasPrevious: true } },
  })
  expect(await list({ productId: await product() })).toMatchObject({ error: { code: 'no_inventory' } })
  expect(await list({ productId, productIds: [productId] })).toMatchObject({
    error: { kind: 'invalid', code: 'invalid_parameter', at: ['productId'] },
  })
})

async function product(): Promise<Uuid> {
  const draft = { sku: Bun.randomUUIDv7(), name: 'Lamp', price: '12.50', currency: 'EUR' }
  const created = await products.createProduct(asked(), draft)
  if (!created.ok) throw new Error(created.error.message)
  return created.value.id
}

async function stocked(quantity: number): Promise<Uuid> {
  const productId = await product()
  await inventory.openInventory(asked(), { productId, quantity })
  return productId
}

async function warehouse(): Promise<Uuid> {
  const made = await inventory.createWarehouse(asked(), { name: 'Cellar' })
  if (!made.ok) throw new Error(made.error.message)
  return made.value.id
}

/** A write over HTTP that is done, and done for the first time. */
async function sent(key: string, method: string, path: string, data?: unknown, headers: Record<string, string> = {}) {
  const type = 'application/vnd.api+json'
  const response = await fetch(`${http.url}/api/v1${path}`, {
    method,
    headers: {
      'X-API-Key': API_KEY,
      'Idempotency-Key': key,
      Accept: type,
      ...(data === undefined ? {} : { 'Content-Type': type }),
      ...headers,
    },
    ...(data === undefined ? {} : { body: JSON.stringify({ data }) }),
  })
  const text = await response.text()
  if (!response.ok || response.headers.has('Idempotency-Replayed')) throw new Error(`${response.status} ${text}`)
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents at will, and say what they expect to find.
  return (text === '' ? {} : JSON.parse(text)) as any
}

/** The answer over gRPC to a write that was done before under this key. */
async function again(key: string, method: Parameters<typeof callToy>[1], message: Record<string, unknown>) {
  const headers = { 'x-api-key': API_KEY, 'idempotency-key': key }
  const { answer, trailers, details } = await callToy(server.url, method, message, headers)
  if (trailers.get('idempotency-replayed')[0] !== 'true') throw new Error(`${key} was not done before: ${details}`)
  return answer
}
