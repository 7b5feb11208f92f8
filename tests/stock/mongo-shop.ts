import { join } from 'node:path'
import { createTelemetry } from '../../packages/chassis/src/telemetry/process-telemetry.ts'
import { createCommitter } from '../../packages/inventory/src/application/committer.ts'
import { sweepExpired } from '../../packages/inventory/src/application/expiry.ts'
import { createStockStream } from '../../packages/inventory/src/application/stream.ts'
import type { Inventory } from '../../packages/inventory/src/inventory.ts'
import { stockInMongo } from '../../packages/inventory/src/stock-store.ts'
import type { Uuid } from '../../packages/kernel/src/kernel.ts'
import { inventoryWith, listenFor, silentLog } from './inventory-service.ts'
import { context } from './seller.ts'
import { API_KEY, type Replica, replicaOf } from './service.ts'

/** An inventory service on MongoDB, with everything of its own that a process has: connections, tail and address. */
export type MongoShop = Readonly<{
  url: string
  inventory: Inventory
  /** Adds a product with this much of it. */
  stocked: (quantity: number) => Promise<Uuid>
  metric: (name: string) => Promise<number>
  stop: () => Promise<void>
}>

/** How far a reader may fall behind, if not as far as usual. */
export type MongoShopOptions = Readonly<{ mostWaiting?: number }>

/** Opens a shop whose products all exist and cost 12.50 EUR. */
export async function openMongoShop(url: string, options: MongoShopOptions = {}): Promise<MongoShop> {
  const telemetry = createTelemetry({ service: 'inventory' })
  const store = await stockInMongo({ url, connections: 6, setting: 'the address', telemetry })
  const stream = createStockStream({ feed: store.feed, log: silentLog, metrics: telemetry.metrics, ...options })
  const stock = stream.noticing(store.stock)
  const committer = createCommitter(stock)
  const sweeper = sweepExpired({ stock, commit: committer.commit, log: silentLog })
  const inventory = inventoryWith(stock, committer.commit)
  const listener = listenFor(inventory, { stream, telemetry })
  const close = async () => {
    await stream.stop()
    await listener.stop()
    await sweeper.stop()
    await committer.idle()
    await store.close()
    await telemetry.stop()
  }
  let closed: Promise<void> | undefined
  return {
    url: listener.url,
    inventory,
    stocked: async (quantity) => {
      const productId = Bun.randomUUIDv7()
      const opened = await inventory.openInventory(context(), { productId, quantity })
      if (!opened.ok) throw new Error(opened.error.message)
      return productId
    },
    metric: async (name) => {
      const { body } = await telemetry.metrics.page()
      return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(body)?.[1] ?? Number.NaN)
    },
    stop: () => (closed ??= close()),
  }
}

/** The same in a process of its own, which is spoken to over HTTP. */
export async function startMongoShop(url: string): Promise<Replica> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'mongo-shop-process.ts')], {
    env: { ...process.env, INVENTORY_DATABASE_URL: url },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const { value } = await child.stdout.getReader().read()
  const address = new TextDecoder().decode(value).trim()
  if (address === '') throw new Error(`the shop did not open: it ended with ${await child.exited}`)
  const end: Replica['end'] = async (signal) => {
    child.kill(signal)
    await child.exited
    return child.exitCode
  }
  return replicaOf({ urls: { products: address, inventory: address }, apiKey: API_KEY, end })
}
