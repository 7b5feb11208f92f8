import { createHttpApp } from '@abasto/chassis/http/app'
import { type Listener, listen } from '@abasto/chassis/http/listen'
import { apiKeyAuthentication } from '@abasto/chassis/identity'
import { createLog, type Log } from '@abasto/chassis/log'
import { contract } from '@abasto/contract/contract'
import { inventoryBindings } from '@abasto/inventory/api/http'
import { createCommitter } from '@abasto/inventory/application/committer'
import { postgresStock } from '@abasto/inventory/infrastructure/postgres'
import { productsClient } from '@abasto/inventory/infrastructure/products-client'
import { createInventory } from '@abasto/inventory/inventory'
import type { Context } from '@abasto/kernel'
import { productBindings } from '@abasto/products/api/http'
import { memoryCache, noCache } from '@abasto/products/infrastructure/memory'
import { postgresCatalogue } from '@abasto/products/infrastructure/postgres'
import { createProducts } from '@abasto/products/products'
import { apiKeyOf } from './api-key.ts'
import type { Settings } from './settings.ts'
import { openStores, type Stores } from './stores.ts'

/** The whole shop in one process, running. */
export type Shop = Readonly<{
  urls: Readonly<{ gateway: string; products: string; inventory: string }>
  apiKey: string
  /** Answers what has arrived, writes what was decided, and lets everything go. */
  stop: () => Promise<void>
}>

/** Starts every service in this process: the composition root of the one process. */
export async function startShop(
  settings: Settings,
  { log = createLog({ service: 'abasto', level: settings.logLevel }) } = {},
): Promise<Shop> {
  const stores = await openStores(settings)
  const listeners: Listener[] = []
  const stock = postgresStock(stores.inventory.database, stores.inventory.writer)
  const committer = createCommitter(stock)
  const stop = async () => {
    await Promise.all(listeners.map((listener) => listener.stop()))
    await committer.idle()
    await stores.close()
    log.flush()
  }

  try {
    const products = createProducts({
      catalogue: postgresCatalogue(stores.products.database),
      cache: stores.products.isEmbedded ? memoryCache() : noCache,
      newId: Bun.randomUUIDv7,
      announce: announceTo(log.named('products')),
    })
    const inventory = createInventory({
      stock,
      commit: committer.commit,
      products: productsClient(products),
      newId: Bun.randomUUIDv7,
      announce: announceTo(log.named('inventory')),
    })

    const bindings = { ...productBindings(products), ...inventoryBindings(inventory) }
    const apiKey = apiKeyOf(settings.data, settings.apiKey)
    const authenticate = apiKeyAuthentication({ key: apiKey })
    const health = () => healthOf(stores)
    const serve = (name: keyof Settings['ports'], services: readonly string[]): string => {
      const app = createHttpApp({ contract, services, bindings, authenticate, health, log: log.named(name) })
      const listener = listen(app, {
        host: settings.host,
        port: settings.ports[name],
        setting: `${name.toUpperCase()}_PORT`,
      })
      listeners.push(listener)
      return listener.url
    }
    const urls = {
      gateway: serve('gateway', ['products', 'inventory']),
      products: serve('products', ['products']),
      inventory: serve('inventory', ['inventory']),
    }
    return { urls, apiKey, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const announceTo =
  (log: Log) =>
  (event: string, context: Context, fields: Readonly<Record<string, unknown>>): void =>
    log.info(event, fields, context.requestId)

async function healthOf({ products, inventory }: Stores): Promise<Record<string, 'up' | 'down'>> {
  const [productsDatabase, inventoryDatabase] = await Promise.all(
    [products, inventory].map(({ database }) =>
      database.query('SELECT 1', [], { timeoutMs: 1_000 }).then(
        () => 'up' as const,
        () => 'down' as const,
      ),
    ),
  )
  return { 'products-database': productsDatabase!, 'inventory-database': inventoryDatabase! }
}
