import { afterAll, beforeAll, expect, test } from 'bun:test'
import { connectGrpc, type GrpcPeer } from '../../packages/chassis/src/grpc/client.ts'
import type { GrpcListener } from '../../packages/chassis/src/grpc/server.ts'
import { callToy } from '../../packages/chassis/src/grpc/toy-service.ts'
import type { Listener } from '../../packages/chassis/src/http/listen.ts'
import { createLog } from '../../packages/chassis/src/log.ts'
import { inventoryGrpc } from '../../packages/inventory/src/api/grpc.ts'
import { productsGrpc } from '../../packages/products/src/api/grpc.ts'
import { InventoryService } from '../../proto/gen/inventory/v1/inventory_service_pb.ts'
import { ProductsService } from '../../proto/gen/products/v1/products_service_pb.ts'
import {
  API_KEY,
  asked,
  connectProducts,
  listenHttp,
  memoryInventory,
  memoryProducts,
  serve,
  serveProducts,
  stillStream,
} from './services.ts'

// One shop of two services: customers ask inventory over HTTP, which asks products over gRPC.

const products = memoryProducts()
const productsLog = lines('products')
const inventoryLog = lines('inventory')
let productsServer: GrpcListener
let both: GrpcListener
let peer: GrpcPeer
let bare: GrpcPeer
let http: Listener
let productsHttp: Listener
let productId = ''

beforeAll(async () => {
  productsServer = await serveProducts(products, { log: productsLog.log })
  const connected = connectProducts(productsServer.url)
  peer = connected.peer
  const inventory = memoryInventory(connected.products)
  http = listenHttp({ inventory }, { log: inventoryLog.log })
  productsHttp = listenHttp({ products })
  both = await serve({ services: [productsGrpc(products), inventoryGrpc(inventory, stillStream())] })
  bare = connectGrpc({ addresses: both.url, name: 'shop' })
  const draft = { sku: 'LAMP', name: 'Lamp', price: '12.50', currency: 'EUR' }
  const lamp = await products.createProduct(asked(), draft)
  if (!lamp.ok) throw new Error(lamp.error.message)
  productId = lamp.value.id
  await inventory.openInventory(asked(), { productId, quantity: 100 })
})
afterAll(async () => {
  await Promise.all([http.stop(), productsHttp.stop()])
  peer.close()
  bare.close()
  await Promise.all([productsServer.stop(), both.stop()])
})

test('a purchase is found under one request id in the logs of both services', async () => {
  expect(await buy({ 'X-Request-ID': 'order-1' })).toMatchObject({ status: 201 })

  expect(inventoryLog.of('request.completed', 'order-1')).toHaveLength(1)
  const [call] = productsLog.of('rpc.completed', 'order-1')
  expect(call).toMatchObject({ method: 'products.v1.ProductsService/BatchGetPrices', code: 'OK' })
})

test('purchases of one moment share their look-ups, and each is found in the log of the other service', async () => {
  const ids = Array.from({ length: 12 }, (_, index) => `together-${index}`)
  const before = productsLog.of('rpc.completed').length

  await Promise.all(ids.map((id) => buy({ 'X-Request-ID': id })))

  const calls = productsLog.of('rpc.completed').slice(before)
  expect(calls.length).toBeLessThan(ids.length)
  const named = calls.flatMap(({ request_id, request_ids }) => (request_ids as string[] | undefined) ?? [request_id])
  expect(named.toSorted()).toEqual(ids.toSorted())
})

test('what was sold over HTTP may be sent again over gRPC under its key, and is sold once', async () => {
  const sold = await buy({ 'Idempotency-Key': 'order 7' })
  const purchase = sold.document.data

  const again = await callWithKey('order 7')

  expect(again.answer).toMatchObject({ purchases: [{ id: purchase.id, quantity: 1n }] })
  expect(again.trailers.get('idempotency-replayed')).toEqual(['true'])
})

test('one key for two writes is refused, whichever roads they take', async () => {
  expect((await buy({ 'Idempotency-Key': 'order 8' })).status).toBe(201)

  expect((await callWithKey('order 8', 2n)).details).toStartWith('idempotency_key_reused')
})

test('the wrong key is refused by whoever is asked in the end', async () => {
  const stranger = asked({ credential: 'somebody' })
  const answer = await bare.call(stranger, ProductsService.method.getProduct, { id: productId })

  expect(answer).toMatchObject({ ok: false, error: { kind: 'unauthenticated' } })
})

test.each([
  ['a SKU of nothing', { sku: '' }, 'sku'],
  ['a SKU with a space before it', { sku: ' LAMP' }, 'sku'],
  ['a SKU that is too long', { sku: 'x'.repeat(65) }, 'sku'],
  ['a name of two lines', { name: 'a\nb' }, 'name'],
  ['a description that is too long', { description: 'x'.repeat(10_001) }, 'description'],
  ['a price that is no number', { price: 'cheap' }, 'price'],
  ['a price below nothing', { price: '-1' }, 'price'],
  ['a currency in small letters', { currency: 'eur' }, 'currency'],
  ['a picture that is no address', { images: ['ftp://a/b'] }, 'images'],
  ['too many pictures', { images: Array.from({ length: 51 }, () => 'https://a/b') }, 'images'],
])('%s is refused over gRPC as it is over HTTP', async (_, wrong, where) => {
  const draft = { sku: 'X', name: 'X', price: '1', currency: 'EUR', ...wrong }
  const { images, ...others } = draft as typeof draft & { images?: string[] }
  const message = { ...others, ...(images ? { images: { addresses: images } } : {}) }

  const refused = await bare.call(asked(), ProductsService.method.createProduct, message, { isWrite: true })
  const overHttp = await post(productsHttp, '/products', { type: 'products', attributes: draft }, {})

  expect(refused).toMatchObject({ ok: false, error: { kind: 'invalid', code: overHttp.document.errors[0].code } })
  if (!refused.ok) expect(refused.error.at?.[0]).toBe(where)
  expect(overHttp.document.errors[0].source.pointer).toStartWith(`/data/attributes/${where}`)
})

test('numbers and reasons that are none are refused where they stand', async () => {
  const { adjustStock, createPurchases, openInventory, listPurchases } = InventoryService.method
  const isWrite = { isWrite: true }
  const line = (quantity: bigint) => ({ productId, quantity })

  expect(await bare.call(asked(), createPurchases, { lines: [line(1n), line(0n)] }, isWrite)).toMatchObject({
    error: { kind: 'invalid', code: 'invalid_value', at: ['lines', 1, 'quantity'] },
  })
  expect(await bare.call(asked(), createPurchases, { lines: [line(2n ** 53n)] }, isWrite)).toMatchObject({
    error: { at: ['lines', 0, 'quantity'] },
  })
  expect(await bare.call(asked(), adjustStock, { productId, quantityDelta: 1n }, isWrite)).toMatchObject({
    error: { kind: 'invalid', at: ['reason'] },
  })
  expect(await bare.call(asked(), adjustStock, { productId, reason: 1 }, isWrite)).toMatchObject({
    error: { kind: 'invalid', at: ['quantityDelta'] },
  })
  expect(await bare.call(asked(), openInventory, { productId: 'LAMP', quantity: 1n }, isWrite)).toMatchObject({
    error: { kind: 'invalid', at: ['productId'] },
  })
  expect(await bare.call(asked(), listPurchases, { page: { size: 101 } })).toMatchObject({
    error: { kind: 'invalid', at: ['page', 'size'] },
  })
})

/** A purchase as any program of the proto files sends it. */
const callWithKey = (key: string, quantity = 1n) =>
  callToy(
    both.url,
    InventoryService.method.createPurchases,
    { lines: [{ productId, quantity }] },
    { 'x-api-key': API_KEY, 'idempotency-key': key },
  )

const buy = (headers: Record<string, string>) =>
  post(
    http,
    '/purchases',
    {
      type: 'purchases',
      attributes: { quantity: 1 },
      relationships: { product: { data: { type: 'products', id: productId } } },
    },
    headers,
  )

async function post({ url }: Listener, path: string, data: unknown, headers: Record<string, string>) {
  const type = 'application/vnd.api+json'
  const response = await fetch(`${url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'X-API-Key': API_KEY, Accept: type, 'Content-Type': type, ...headers },
    body: JSON.stringify({ data }),
  })
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents at will, and say what they expect to find.
  return { status: response.status, document: (await response.json()) as any }
}

/** A log whose lines can be looked for. */
function lines(service: string) {
  const written: Record<string, unknown>[] = []
  const log = createLog({
    service,
    write: (text) =>
      written.push(
        ...text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
      ),
  })
  const of = (message: string, requestId?: string) => {
    log.flush()
    const named = written.filter((line) => line.message === message)
    return requestId === undefined ? named : named.filter((line) => line.request_id === requestId)
  }
  return { log, of }
}
