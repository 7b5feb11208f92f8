import { createHttpApp } from '../../packages/chassis/src/http/app.ts'
import { type Listener, listen } from '../../packages/chassis/src/http/listen.ts'
import { apiKeyAuthentication } from '../../packages/chassis/src/identity.ts'
import { createLog } from '../../packages/chassis/src/log.ts'
import type { Telemetry } from '../../packages/chassis/src/telemetry/telemetry.ts'
import { contract } from '../../packages/contract/src/contract.ts'
import { inventoryBindings } from '../../packages/inventory/src/api/http.ts'
import { stockEventBindings } from '../../packages/inventory/src/api/stock-events.ts'
import type { Commit, Stock } from '../../packages/inventory/src/application/ports.ts'
import type { StockStream } from '../../packages/inventory/src/application/stream.ts'
import { productsClient } from '../../packages/inventory/src/infrastructure/products-client.ts'
import { createInventory, type Inventory } from '../../packages/inventory/src/inventory.ts'
import { type Context, ok, type Uuid } from '../../packages/kernel/src/kernel.ts'
import { lamp } from '../../packages/products/src/domain/examples.ts'
import { API_KEY } from './service.ts'

export const silentLog = createLog({ service: 'inventory', level: 'silent' })

/** The inventory service on any stock; every product that is asked for is there, and costs 12.50 EUR. */
export function inventoryWith(stock: Stock, commit: Commit): Inventory {
  const find = async (_: Context, ids: readonly Uuid[]) => ok(new Map(ids.map((id) => [id, lamp(id)])))
  return createInventory({
    stock,
    commit,
    products: productsClient({ findProducts: find, priceProducts: find }),
    newId: () => Bun.randomUUIDv7(),
    announce: () => {},
  })
}

/** Puts it on a port of its own, with the stream of its events. */
export function listenFor(
  inventory: Inventory,
  { stream, telemetry }: Readonly<{ stream: StockStream; telemetry: Telemetry }>,
): Listener {
  const app = createHttpApp({
    contract,
    services: ['inventory'],
    bindings: inventoryBindings(inventory),
    streams: stockEventBindings(stream),
    authenticate: apiKeyAuthentication({ key: API_KEY }),
    log: silentLog,
    telemetry,
  })
  return listen(app, { host: '127.0.0.1', port: 0 })
}
