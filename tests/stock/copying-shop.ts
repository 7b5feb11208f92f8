import { createHttpApp } from '../../packages/chassis/src/http/app.ts'
import { listen } from '../../packages/chassis/src/http/listen.ts'
import { apiKeyAuthentication } from '../../packages/chassis/src/identity.ts'
import { createLog } from '../../packages/chassis/src/log.ts'
import { createTelemetry } from '../../packages/chassis/src/telemetry/process-telemetry.ts'
import { contract } from '../../packages/contract/src/contract.ts'
import { inventoryBindings } from '../../packages/inventory/src/api/http.ts'
import { stockEventBindings } from '../../packages/inventory/src/api/stock-events.ts'
import { productsClient } from '../../packages/inventory/src/infrastructure/products-client.ts'
import { createInventory } from '../../packages/inventory/src/inventory.ts'
import { openStockCore } from '../../packages/inventory/src/stock-core.ts'
import { openStockStore } from '../../packages/inventory/src/stock-store.ts'
import { type Context, ok, type Uuid } from '../../packages/kernel/src/kernel.ts'
import { lamp } from '../../packages/products/src/domain/examples.ts'
import { API_KEY, type Replica, replicaOf } from './service.ts'

/** An inventory service as it is, on any store, in which every product there is costs 12.50 EUR. */
export async function openShopOn(url: string): Promise<Replica> {
  await using opening = new AsyncDisposableStack()
  const telemetry = createTelemetry({ service: 'inventory' })
  opening.defer(telemetry.stop)
  const options = { data: '/nowhere', connections: 6, setting: 'the address', telemetry }
  const store = await openStockStore({ url, ...options })
  opening.defer(store.close)
  const log = createLog({ service: 'inventory', level: 'silent' })
  const { stock, commit, stream, close } = openStockCore(store, { log, telemetry })
  opening.defer(close)
  const find = async (_: Context, ids: readonly Uuid[]) => ok(new Map(ids.map((id) => [id, lamp(id)])))
  const inventory = createInventory({
    stock,
    commit,
    products: productsClient({ findProducts: find, priceProducts: find }),
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
  opening.defer(() => listener.stop())
  opening.defer(stream.stop)
  const open = opening.move()
  const end = async () => {
    await open.disposeAsync()
    return 0
  }
  return replicaOf({ urls: { products: listener.url, inventory: listener.url }, apiKey: API_KEY, end })
}
