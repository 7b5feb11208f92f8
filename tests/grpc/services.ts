import { connectGrpc, type PeerOptions } from '../../packages/chassis/src/grpc/client.ts'
import { type GrpcListener, type GrpcOptions, serveGrpc } from '../../packages/chassis/src/grpc/server.ts'
import { createHttpApp } from '../../packages/chassis/src/http/app.ts'
import { listen } from '../../packages/chassis/src/http/listen.ts'
import { apiKeyAuthentication } from '../../packages/chassis/src/identity.ts'
import { createLog } from '../../packages/chassis/src/log.ts'
import { noTelemetry } from '../../packages/chassis/src/telemetry/telemetry.ts'
import { contract } from '../../packages/contract/src/contract.ts'
import { inventoryGrpc } from '../../packages/inventory/src/api/grpc.ts'
import { inventoryBindings } from '../../packages/inventory/src/api/http.ts'
import { stockEventBindings } from '../../packages/inventory/src/api/stock-events.ts'
import { createCommitter } from '../../packages/inventory/src/application/committer.ts'
import type { Stock } from '../../packages/inventory/src/application/ports.ts'
import { createStockStream, type StockStream } from '../../packages/inventory/src/application/stream.ts'
import { memoryStock } from '../../packages/inventory/src/infrastructure/memory.ts'
import { followedStock } from '../../packages/inventory/src/infrastructure/memory-feed.ts'
import { productsClient } from '../../packages/inventory/src/infrastructure/products-client.ts'
import { createInventory, type Inventory } from '../../packages/inventory/src/inventory.ts'
import type { Context } from '../../packages/kernel/src/kernel.ts'
import { productsGrpc } from '../../packages/products/src/api/grpc.ts'
import { productsOverGrpc } from '../../packages/products/src/api/grpc-client.ts'
import { productBindings } from '../../packages/products/src/api/http.ts'
import { memoryCatalogue, noCache } from '../../packages/products/src/infrastructure/memory.ts'
import { createProducts, type Products } from '../../packages/products/src/products.ts'

export const API_KEY = 'a-key-of-the-tests'

export const authenticate = apiKeyAuthentication({ key: API_KEY })

export const silent = createLog({ service: 'tests', level: 'silent' })

/** A caller with the right key and five seconds of patience. */
export const asked = (changes: Partial<Context> = {}): Context => ({
  requestId: 'test',
  caller: { id: 'owner', permissions: ['*'] },
  deadlineMs: Date.now() + 5_000,
  operationId: Bun.randomUUIDv7(),
  fingerprint: 'f'.repeat(32),
  credential: API_KEY,
  ...changes,
})

/** A products service in plain memory. */
export const memoryProducts = (): Products =>
  createProducts({ catalogue: memoryCatalogue(), cache: noCache, newId: () => Bun.randomUUIDv7(), announce: () => {} })

/** An inventory service that asks the given products. */
export function inventoryWith(stock: Stock, products: Pick<Products, 'findProducts' | 'priceProducts'>): Inventory {
  const { commit } = createCommitter(stock)
  return createInventory({
    stock,
    commit,
    products: productsClient(products),
    newId: () => Bun.randomUUIDv7(),
    announce: () => {},
  })
}

/** The same in plain memory. */
export const memoryInventory = (products: Pick<Products, 'findProducts' | 'priceProducts'>): Inventory =>
  inventoryWith(memoryStock(), products)

/** Puts services on a free port of the loopback. */
export const serve = (options: Partial<GrpcOptions> & Pick<GrpcOptions, 'services'>): Promise<GrpcListener> =>
  serveGrpc({ authenticate, log: silent, port: 0, ...options })

export const serveProducts = (products: Products, options: Partial<GrpcOptions> = {}) =>
  serve({ services: [productsGrpc(products)], ...options })

export const serveInventory = (inventory: Inventory, options: Partial<GrpcOptions> = {}) =>
  serve({ services: [inventoryGrpc(inventory, stillStream())], ...options })

export function connectProducts(addresses: string, options: Partial<PeerOptions> = {}) {
  const peer = connectGrpc({ addresses, name: 'products', ...options })
  return { peer, products: productsOverGrpc(peer) }
}

/** A stock in plain memory that nothing happens to, for those who want to follow it. */
export const stillStream = (): StockStream =>
  createStockStream({ feed: followedStock(memoryStock()).feed, log: silent, metrics: noTelemetry.metrics })

/** Puts the public API of a service on a free port of the loopback. */
export const listenHttp = (service: { products: Products } | { inventory: Inventory }, { log = silent } = {}) => {
  const isProducts = 'products' in service
  const app = createHttpApp({
    contract,
    services: [isProducts ? 'products' : 'inventory'],
    bindings: isProducts ? productBindings(service.products) : inventoryBindings(service.inventory),
    streams: stockEventBindings(stillStream()),
    authenticate,
    log,
  })
  return listen(app, { host: '127.0.0.1', port: 0 })
}
