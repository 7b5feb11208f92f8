import { connectMongo } from '../../packages/chassis/src/database/mongo.ts'
import { createHttpApp } from '../../packages/chassis/src/http/app.ts'
import { listen } from '../../packages/chassis/src/http/listen.ts'
import { apiKeyAuthentication } from '../../packages/chassis/src/identity.ts'
import { createLog } from '../../packages/chassis/src/log.ts'
import { createTelemetry } from '../../packages/chassis/src/telemetry/process-telemetry.ts'
import { contract } from '../../packages/contract/src/contract.ts'
import { inventoryBindings } from '../../packages/inventory/src/api/http.ts'
import { stockEventBindings } from '../../packages/inventory/src/api/stock-events.ts'
import { createCommitter } from '../../packages/inventory/src/application/committer.ts'
import { sweepExpired } from '../../packages/inventory/src/application/expiry.ts'
import { createStockStream } from '../../packages/inventory/src/application/stream.ts'
import { changeFeed } from '../../packages/inventory/src/infrastructure/mongodb/change-feed.ts'
import { prepareMongo } from '../../packages/inventory/src/infrastructure/mongodb/schema.ts'
import { mongoStock } from '../../packages/inventory/src/infrastructure/mongodb/stock.ts'
import { createInventory, type Inventory } from '../../packages/inventory/src/inventory.ts'
import { type Context, ok, type Uuid } from '../../packages/kernel/src/kernel.ts'
import { lamp } from '../../packages/products/src/domain/examples.ts'
import { context } from './seller.ts'
import { API_KEY } from './service.ts'

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

/** Opens a shop whose products all exist and cost 2.50 EUR. */
export async function openMongoShop(url: string, options: MongoShopOptions = {}): Promise<MongoShop> {
  const mongo = connectMongo({ url })
  await prepareMongo(mongo.db)
  const telemetry = createTelemetry({ service: 'inventory' })
  const log = createLog({ service: 'inventory', level: 'silent' })
  const stream = createStockStream({ feed: changeFeed(mongo), log, metrics: telemetry.metrics, ...options })
  const stock = stream.noticing(mongoStock(mongo))
  const committer = createCommitter(stock)
  const sweeper = sweepExpired({ stock, commit: committer.commit, log })
  const inventory = createInventory({
    stock,
    commit: committer.commit,
    products: { findProducts: find, priceProducts: find },
    newId: () => Bun.randomUUIDv7(),
    announce: () => {},
  })
  const app = createHttpApp({
    contract,
    services: ['inventory'],
    bindings: inventoryBindings(inventory),
    streams: stockEventBindings(stream),
    authenticate: apiKeyAuthentication({ key: API_KEY }),
    log,
    telemetry,
  })
  const listener = listen(app, { host: '127.0.0.1', port: 0 })
  const close = async () => {
    await stream.stop()
    await listener.stop()
    await sweeper.stop()
    await committer.idle()
    await mongo.close()
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

const find = async (_: Context, ids: readonly Uuid[]) =>
  ok(new Map(ids.map((id) => [id, lamp(id, { priceMinor: 250 })])))
