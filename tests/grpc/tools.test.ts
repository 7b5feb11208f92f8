import { afterAll, beforeAll, expect, test } from 'bun:test'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { GrpcListener } from '../../packages/chassis/src/grpc/server.ts'
import { inventoryGrpc } from '../../packages/inventory/src/api/grpc.ts'
import { productsGrpc } from '../../packages/products/src/api/grpc.ts'
import { temporaryFolder } from '../running-shop.ts'
import { API_KEY, memoryInventory, memoryProducts, serve, stillStream } from './services.ts'

// Programs of others ask the services: what they know is the proto files, or what the server says of itself.

let listener: GrpcListener
beforeAll(async () => {
  const products = memoryProducts()
  listener = await serve({
    services: [productsGrpc(products), inventoryGrpc(memoryInventory(products), stillStream())],
  })
})
afterAll(() => listener.stop())

const node = Bun.which('node')
if (!node) console.log('A client on Node was not tested: there is no node.')
else
  test('a program on Node creates a product, sends it again, reads it, and understands a refusal', async () => {
    const { folder, remove } = temporaryFolder()
    const entry = join(import.meta.dir, '../../packages/chassis/src/grpc/node-client.ts')
    const built = await Bun.build({ entrypoints: [entry], target: 'node', outdir: folder, naming: 'client.mjs' })
    expect(built.logs.map(String)).toEqual([])

    const { code, out, err } = await run([node, join(folder, 'client.mjs'), listener.url, API_KEY])

    expect({ code, err }).toEqual({ code: 0, err: '' })
    const { shown, failure, known } = JSON.parse(out)
    expect(shown[0]).toMatchObject({ sku: 'NODE-1', name: 'Lamp é 灯', price: { minorUnits: '1250', currency: 'EUR' } })
    expect(shown[1]).toEqual(shown[0])
    expect(shown[2]).toEqual(shown[0])
    expect(failure).toMatchObject({ kind: 'conflict', code: 'sku_taken', at: ['sku'], details: { sku: 'NODE-1' } })
    expect(known).toBe(true)
    remove()
  }, 30_000)

const grpcurl = Bun.which('grpcurl') ?? Bun.which('grpcurl', { PATH: join(homedir(), 'go/bin') })
if (!grpcurl) console.log('grpcurl was not tried: it is not installed.')
else {
  const grpcurlAs = [grpcurl, '-plaintext', '-H', `x-api-key: ${API_KEY}`]
  const ask = (...more: string[]) => run([...grpcurlAs, ...more])

  test('grpcurl finds out what the server can do', async () => {
    const { out } = await ask(listener.url, 'list')
    expect(out.trim().split('\n')).toEqual([
      'grpc.health.v1.Health',
      'inventory.v1.InventoryService',
      'products.v1.ProductsService',
    ])

    const { out: calls } = await ask(listener.url, 'list', 'inventory.v1.InventoryService')
    expect(calls).toContain('inventory.v1.InventoryService.CreatePurchases')
    const { out: message } = await ask(listener.url, 'describe', 'inventory.v1.AdjustStockRequest')
    expect(message).toContain('.inventory.v1.Reason reason = 3;')
  }, 30_000)

  test('grpcurl sees the health of the server, and of each service', async () => {
    for (const service of ['', 'products.v1.ProductsService', 'inventory.v1.InventoryService']) {
      const body = JSON.stringify({ service })
      const { out } = await ask('-d', body, listener.url, 'grpc.health.v1.Health/Check')
      expect(JSON.parse(out)).toEqual({ status: 'SERVING' })
    }
    const { err } = await ask('-d', '{"service":"coffee"}', listener.url, 'grpc.health.v1.Health/Check')
    expect(err).toContain('NotFound')
  }, 30_000)

  test('whoever watches the health of a server does not hold up its end', async () => {
    const own = await serve({ services: [productsGrpc(memoryProducts())] })
    const watcher = Bun.spawn([...grpcurlAs, '-d', '{}', own.url, 'grpc.health.v1.Health/Watch'], { timeout: 20_000 })
    let out = ''
    const decoder = new TextDecoder()
    const reader = watcher.stdout.getReader()
    const hear = async () => {
      const { value, done } = await reader.read()
      if (!done) out += decoder.decode(value, { stream: true })
      return !done
    }
    while (!out.includes('SERVING') && (await hear()));

    const startedMs = performance.now()
    own.drain()
    await own.stop()

    expect(performance.now() - startedMs).toBeLessThan(5_000)
    while (await hear());
    expect(out.replaceAll(/\s/g, '')).toBe('{"status":"SERVING"}{"status":"NOT_SERVING"}')
  }, 30_000)

  const call = async (method: string, message: unknown) => {
    const { out, err } = await ask('-d', JSON.stringify(message), listener.url, method)
    return { answer: out === '' ? undefined : JSON.parse(out), err }
  }

  test('somebody with grpcurl creates a product, counts it, sells it, and is told why there is no more', async () => {
    const draft = { sku: 'CURL-1', name: 'Lamp', price: '12.50', currency: 'EUR' }
    const { answer: created } = await call('products.v1.ProductsService/CreateProduct', draft)
    const productId = created.product.id
    await call('inventory.v1.InventoryService/OpenInventory', { productId, quantity: 3 })
    const sell = (quantity: number) =>
      call('inventory.v1.InventoryService/CreatePurchases', { lines: [{ productId, quantity }] })

    expect((await sell(2)).answer).toMatchObject({
      purchases: [{ productId, quantity: '2', total: { minorUnits: '2500', currency: 'EUR' } }],
    })
    const { err } = await sell(2)
    expect(err).toContain('FailedPrecondition')
    expect(err).toContain('insufficient_stock: 2 asked for, 1 available.')
  }, 30_000)

  test('somebody with grpcurl sets a level up, holds stock beyond it, and sees what is owed', async () => {
    const inventory = (method: string, message: unknown) => call(`inventory.v1.InventoryService/${method}`, message)
    const draft = { sku: 'CURL-2', name: 'Lamp', price: '12.50', currency: 'EUR' }
    const productId = (await call('products.v1.ProductsService/CreateProduct', draft)).answer.product.id
    const warehouseId = (await inventory('CreateWarehouse', { name: 'Cellar' })).answer.warehouse.id
    const key = { productId, warehouseId }

    const settings = { never: {}, backorderLimit: 2 }
    const { answer: opened } = await inventory('OpenLevel', { ...key, quantity: 1, settings })
    expect(opened.level).toMatchObject({ ...key, onHand: '1', backorderLimit: '2' })
    const lines = [{ ...key, quantity: 3 }]
    const { answer: held } = await inventory('ReserveStock', { lines, ttlSeconds: 60, reference: 'cart' })
    expect(held.reservation).toMatchObject({ status: 'RESERVATION_STATUS_HELD', reference: 'cart' })
    const { answer: owed } = await inventory('ListBackorders', { productIds: [productId] })
    expect(owed.backorders).toMatchObject([{ ...key, reservationId: held.reservation.id, quantity: '3', owed: '2' }])
    const changes = [
      { ...key, delta: { quantityDelta: 2, reason: 'REASON_RECEIPT' } },
      { ...key, count: { countedOnHand: 9, expectedOnHand: 1 } },
    ]
    const { answer: changed } = await inventory('ChangeLevels', { lines: changes })
    expect(changed.verdicts).toMatchObject([
      { level: { onHand: '3' } },
      { failure: { kind: 'FAILURE_KIND_PRECONDITION', code: 'quantity_mismatch' } },
    ])
    const { err } = await inventory('CommitReservation', { id: held.reservation.id, only: { lines: [{ productId }] } })
    expect(err).toContain('line_not_reserved')
    expect((await inventory('CommitReservation', { id: held.reservation.id })).answer.reservation).toMatchObject({
      status: 'RESERVATION_STATUS_COMMITTED',
    })
  }, 30_000)
}

async function run(command: string[]) {
  const child = Bun.spawn(command, { stdout: 'pipe', stderr: 'pipe', timeout: 20_000 })
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return { out, err, code: await child.exited }
}
