import { createHealth } from '@abasto/chassis/http/health'
import { apiKeyAuthentication } from '@abasto/chassis/identity'
import { createLog } from '@abasto/chassis/log'
import { announceTo } from '@abasto/chassis/process/announce'
import { apiKeyOf } from '@abasto/chassis/process/api-key'
import { createListeners } from '@abasto/chassis/process/listeners'
import { leave } from '@abasto/chassis/process/running'
import { createTelemetry } from '@abasto/chassis/telemetry/process-telemetry'
import { contract } from '@abasto/contract/contract'
import { inventoryGrpc } from '@abasto/inventory/api/grpc'
import { inventoryBindings } from '@abasto/inventory/api/http'
import { stockEventBindings } from '@abasto/inventory/api/stock-events'
import { productsClient } from '@abasto/inventory/infrastructure/products-client'
import { createInventory } from '@abasto/inventory/inventory'
import { openStockCore } from '@abasto/inventory/stock-core'
import { productsGrpc } from '@abasto/products/api/grpc'
import { productBindings } from '@abasto/products/api/http'
import { openCache } from '@abasto/products/infrastructure/cache'
import { postgresCatalogue } from '@abasto/products/infrastructure/postgres'
import { createProducts } from '@abasto/products/products'
import type { Settings } from './settings.ts'
import { openStores } from './stores.ts'

/** The whole shop in one process, running. */
export type Shop = Readonly<{
  urls: Readonly<{ gateway: string; products: string; inventory: string }>
  /** Where the services take gRPC calls, as `host:port`. */
  grpc: Readonly<{ products: string; inventory: string }>
  apiKey: string
  /** Answers what has arrived, writes what was decided, and lets everything go. */
  stop: () => Promise<void>
}>

/** Starts every service in this process: the composition root of the one process. */
export async function startShop(
  settings: Settings,
  { log = createLog({ service: 'abasto', level: settings.logLevel }) } = {},
): Promise<Shop> {
  await using opening = new AsyncDisposableStack()
  opening.defer(log.flush)
  const telemetry = createTelemetry({
    service: 'abasto',
    version: contract.version,
    otlpEndpoint: settings.otlpEndpoint,
  })
  opening.defer(telemetry.stop)
  const stores = await openStores(settings, telemetry)
  opening.defer(stores.close)
  const { database, isEmbedded } = stores.products
  const productsLog = log.named('products')
  const { redisUrl } = settings
  const { cache, isUp: isCacheUp, stop } = openCache({ redisUrl, database, isEmbedded, telemetry, log: productsLog })
  opening.defer(stop)

  const products = createProducts({
    catalogue: postgresCatalogue(database),
    cache,
    newId: Bun.randomUUIDv7,
    announce: announceTo(productsLog),
  })
  const { stock, commit, stream, close } = openStockCore(stores.inventory, { log, telemetry })
  opening.defer(close)
  const inventory = createInventory({
    stock,
    commit,
    products: productsClient(products),
    newId: Bun.randomUUIDv7,
    announce: announceTo(log.named('inventory')),
  })

  const bindings = { ...productBindings(products), ...inventoryBindings(inventory) }
  const apiKey = apiKeyOf(settings.data, settings.apiKey)
  const authenticate = apiKeyAuthentication({ key: apiKey })
  const health = createHealth(
    {
      'products-database': { isUp: stores.products.isUp, isNeeded: true },
      'inventory-database': { isUp: stores.inventory.isUp, isNeeded: true },
      // Without its cache the shop is slower, and nothing else.
      ...(isCacheUp ? { redis: { isUp: isCacheUp, isNeeded: false } } : {}),
    },
    log,
  )
  const listeners = createListeners({ settings, authenticate, health, log, telemetry })
  opening.defer(listeners.close)
  opening.defer(stream.stop)
  const { ports, grpcPorts } = settings
  const streams = stockEventBindings(stream)
  const urls = {
    gateway: listeners.http('gateway', ports.gateway, { services: ['products', 'inventory'], bindings, streams }),
    products: listeners.http('products', ports.products, { services: ['products'], bindings }),
    inventory: listeners.http('inventory', ports.inventory, { services: ['inventory'], bindings, streams }),
  }
  const grpc = {
    products: await listeners.grpc('products', grpcPorts.products, productsGrpc(products)),
    inventory: await listeners.grpc('inventory', grpcPorts.inventory, inventoryGrpc(inventory, stream)),
  }
  const held = opening.move()
  return {
    urls,
    grpc,
    apiKey,
    stop: () => leave({ health, taking: [...listeners.taking, stream], held }, settings.drainMs),
  }
}
