import { afterEach, expect, test } from 'bun:test'
import { watchToy } from '../../packages/chassis/src/grpc/toy-stream.ts'
import { noTelemetry } from '../../packages/chassis/src/telemetry/telemetry.ts'
import { inventoryGrpc } from '../../packages/inventory/src/api/grpc.ts'
import { createCommitter } from '../../packages/inventory/src/application/committer.ts'
import { createStockStream } from '../../packages/inventory/src/application/stream.ts'
import { memoryStock } from '../../packages/inventory/src/infrastructure/memory.ts'
import { followedStock } from '../../packages/inventory/src/infrastructure/memory-feed.ts'
import { productsClient } from '../../packages/inventory/src/infrastructure/products-client.ts'
import { createInventory } from '../../packages/inventory/src/inventory.ts'
import { InventoryService } from '../../proto/gen/inventory/v1/inventory_service_pb.ts'
import { API_KEY, asked, memoryProducts, serve, silent } from './services.ts'

const cleaning: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleaning.splice(0).reverse()) await step()
})

const { watchStock } = InventoryService.method

/** A shop over gRPC whose stock can be followed. */
async function openShop({ silenceMs = 15_000 } = {}) {
  const products = memoryProducts()
  const { stock: kept, feed } = followedStock(memoryStock())
  const stream = createStockStream({ feed, log: silent, metrics: noTelemetry.metrics, silenceMs, everyMs: 5 })
  const stock = stream.noticing(kept)
  const inventory = createInventory({
    stock,
    commit: createCommitter(stock).commit,
    products: productsClient(products),
    newId: () => Bun.randomUUIDv7(),
    announce: () => {},
  })
  const listener = await serve({ services: [inventoryGrpc(inventory, stream)] })
  cleaning.push(listener.stop, stream.stop)

  const lamp = async (quantity: number) => {
    const draft = { sku: `LAMP-${Bun.randomUUIDv7()}`, name: 'Lamp', price: '12.50', currency: 'EUR' }
    const created = await products.createProduct(asked(), draft)
    if (!created.ok) throw new Error(created.error.message)
    await inventory.openInventory(asked(), { productId: created.value.id, quantity })
    return created.value.id
  }
  const sell = (productId: string) => inventory.sell(asked(), { lines: [{ productId, quantity: 1 }] })

  const watch = (
    request: Readonly<{ productIds?: string[]; cursor?: string }> = {},
    { key = API_KEY, deadlineMs }: { key?: string; deadlineMs?: number } = {},
  ) => {
    const reader = watchToy(listener.url, watchStock, request, { headers: { 'x-api-key': key }, deadlineMs })
    cleaning.push(reader.cancel)
    return reader
  }
  return { stream, lamp, sell, watch }
}

test('a snapshot and then what happens, and the rest from a cursor on', async () => {
  const { lamp, sell, watch } = await openShop()
  const productId = await lamp(5)

  const first = watch({ productIds: [productId] })
  const shown = await first.take(3)
  await sell(productId)
  await sell(productId)
  const sold = await first.take(2)
  first.cancel()
  const [rest] = await watch({ cursor: sold[0]!.cursor! }).take(1)

  expect(shown.map(({ event }) => event.case)).toEqual(['snapshot', 'level', 'ready'])
  expect(shown[1]!.event.value).toMatchObject({ productId, onHand: 5n, sequence: 1n })
  expect(sold.map(({ event }) => event.value)).toMatchObject([
    { productId, onHandChange: -1n, onHandAfter: 4n, sequence: 2n },
    { productId, onHandChange: -1n, onHandAfter: 3n, sequence: 3n },
  ])
  expect(rest).toEqual(sold[1]!)
})

test('a silence is told, and a stream outlives the time that a call has', async () => {
  const { watch } = await openShop({ silenceMs: 2_000 })

  const messages = await watch().take(5)

  expect(messages.map(({ event }) => event.case)).toEqual(['snapshot', 'ready', 'silence', 'silence', 'silence'])
}, 20_000)

test('whoever has no key, no cursor of ours or no id of ours is told so', async () => {
  const { watch } = await openShop()
  expect(await watch({}, { key: 'another-key' }).ended).toEqual({ code: 'UNAUTHENTICATED', failure: 'unauthenticated' })
  expect(await watch({ cursor: 'nonsense' }).ended).toEqual({ code: 'INVALID_ARGUMENT', failure: 'invalid_cursor' })
  expect(await watch({ productIds: ['lamp'] }).ended).toEqual({ code: 'INVALID_ARGUMENT', failure: 'invalid_value' })
})

test('a stream ends without a failure when the server is about to stop, and with its caller’s own deadline', async () => {
  const { stream, watch } = await openShop()
  const patient = watch()
  await patient.take(2)
  const hasty = watch({}, { deadlineMs: Date.now() + 100 })

  await hasty.take(9)
  expect((await hasty.ended).code).toBe('DEADLINE_EXCEEDED')
  const rest = patient.take(1)
  stream.drain()

  expect(await rest).toEqual([])
  expect(await patient.ended).toEqual({ code: 'OK', failure: undefined })
  expect(await watch().ended).toEqual({ code: 'UNAVAILABLE', failure: 'unavailable' })
})
