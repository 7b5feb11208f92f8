import {
  addressesSetting,
  BadSetting,
  connectionsSetting,
  databaseSetting,
  type Environment,
  partitionsSetting,
  portSetting,
  urlSetting,
} from '@abasto/chassis/config'
import { connectGrpc } from '@abasto/chassis/grpc/client'
import { createHealth, PATIENCE_MS } from '@abasto/chassis/http/health'
import { apiKeyAuthentication } from '@abasto/chassis/identity'
import { createLog, type Log } from '@abasto/chassis/log'
import { announceTo } from '@abasto/chassis/process/announce'
import { apiKeyOf } from '@abasto/chassis/process/api-key'
import { createListeners } from '@abasto/chassis/process/listeners'
import { leave, type Running, runUntilTold } from '@abasto/chassis/process/running'
import { processSettings } from '@abasto/chassis/process/settings'
import { databaseRow, welcome } from '@abasto/chassis/process/welcome'
import { createTelemetry } from '@abasto/chassis/telemetry/process-telemetry'
import type { Telemetry } from '@abasto/chassis/telemetry/telemetry'
import { contract } from '@abasto/contract/contract'
import { productsOverGrpc } from '@abasto/products/api/grpc-client'
import { productsOverRest } from '@abasto/products/api/rest-client'
import type { Products } from '@abasto/products/products'
import { Abasto } from '@abasto/sdk'
import { inventoryGrpc } from './api/grpc.ts'
import { inventoryBindings } from './api/http.ts'
import { stockEventBindings } from './api/stock-events.ts'
import { productsClient } from './infrastructure/products-client.ts'
import { createInventory } from './inventory.ts'
import { openStockCore } from './stock-core.ts'
import { openStockStore } from './stock-store.ts'

/** How the inventory service is set up as a process of its own; see `.env.example`. */
const readSettings = (environment: Environment) => ({
  ...processSettings(environment, { drainMs: 1_000 }),
  port: portSetting(environment, 'INVENTORY_PORT', 8002),
  grpcPort: portSetting(environment, 'INVENTORY_GRPC_PORT', 50_052),
  ...databaseSettings(environment),
  connections: connectionsSetting(environment, 'INVENTORY_DATABASE_CONNECTIONS'),
  products: productsSettings(environment),
})

type Settings = ReturnType<typeof readSettings>

function databaseSettings(environment: Environment) {
  const databaseUrl = databaseSetting(environment, 'INVENTORY_DATABASE_URL')
  return { databaseUrl, partitions: partitionsSetting(environment, { INVENTORY_DATABASE_URL: databaseUrl }) }
}

/** Where products is: over gRPC unless an address for REST is given. */
function productsSettings(environment: Environment): Readonly<{ rest: string } | { grpc: string }> {
  const rest = urlSetting(environment, 'PRODUCTS_URL', 'http://localhost:8001')
  const grpc = addressesSetting(environment, 'PRODUCTS_GRPC_URL')
  if (rest !== undefined && grpc !== undefined) {
    throw new BadSetting('PRODUCTS_URL and PRODUCTS_GRPC_URL are both set: products is asked over one of them.')
  }
  return rest === undefined ? { grpc: grpc ?? 'localhost:50051' } : { rest }
}

/** Runs the inventory service until it is told to stop; says with which code the process should end. */
export const runInventory = (environment: Environment): Promise<number> =>
  runUntilTold(() => start(readSettings(environment)))

/** The composition root of the inventory service: everything it holds, in the order in which it is needed. */
async function start(settings: Settings): Promise<Running> {
  const { data, databaseUrl, connections, partitions } = settings
  await using opening = new AsyncDisposableStack()
  const log = createLog({ service: 'inventory', level: settings.logLevel })
  opening.defer(log.flush)
  const telemetry = createTelemetry({
    service: 'inventory',
    version: contract.version,
    otlpEndpoint: settings.otlpEndpoint,
  })
  opening.defer(telemetry.stop)

  const setting = 'INVENTORY_DATABASE_URL'
  const store = await openStockStore({ url: databaseUrl, connections, data, setting, partitions, telemetry })
  opening.defer(store.close)
  const { stock, commit, stream, close } = openStockCore(store, { log, telemetry })
  opening.defer(close)
  const apiKey = apiKeyOf(data, settings.apiKey)
  const peer = findProducts(settings, { apiKey, telemetry, log })
  opening.defer(peer.close)
  const inventory = createInventory({
    stock,
    commit,
    products: productsClient(peer.products),
    newId: Bun.randomUUIDv7,
    announce: announceTo(log),
  })

  const authenticate = apiKeyAuthentication({ key: apiKey })
  const health = createHealth(
    {
      'inventory-database': { isUp: store.isUp, isNeeded: true },
      products: { isUp: peer.isUp, isNeeded: true },
    },
    log,
  )
  const listeners = createListeners({ settings, authenticate, health, log, telemetry })
  opening.defer(listeners.close)
  opening.defer(stream.stop)
  const behind = {
    services: ['inventory'],
    bindings: inventoryBindings(inventory),
    streams: stockEventBindings(stream),
  }
  const url = listeners.http('inventory', settings.port, behind)
  const grpc = await listeners.grpc('inventory', settings.grpcPort, inventoryGrpc(inventory, stream))

  const held = opening.move()
  return {
    welcome: welcome('inventory', settings, {
      url,
      apiKey,
      rows: {
        gRPC: grpc,
        Database: databaseRow('inventory', settings, databaseUrl),
        Products: 'grpc' in settings.products ? `gRPC at ${settings.products.grpc}` : settings.products.rest,
      },
    }),
    stop: () => leave({ health, taking: [...listeners.taking, stream], held }, settings.drainMs),
  }
}

/** The products service of another process, and whether it can be asked. */
type Peer = Readonly<{ products: Products; isUp: () => Promise<boolean>; close: () => void }>

function findProducts(
  { products: place, tls }: Settings,
  { apiKey, telemetry, log }: Readonly<{ apiKey: string; telemetry: Telemetry; log: Log }>,
): Peer {
  if ('rest' in place) {
    const ready = `${place.rest.replace(/\/+$/, '')}/health/ready`
    return {
      products: productsOverRest(new Abasto({ apiKey, baseUrl: place.rest })),
      isUp: async () => (await fetch(ready, { signal: AbortSignal.timeout(PATIENCE_MS) })).ok,
      close: () => {},
    }
  }
  const peer = connectGrpc({ addresses: place.grpc, name: 'products', tls, telemetry, log })
  return { products: productsOverGrpc(peer), isUp: peer.isUp, close: peer.close }
}

// Where nothing has to be installed first, as in a container, this is the whole command.
if (import.meta.main) process.exit(await runInventory(process.env))
