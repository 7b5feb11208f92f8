import { join } from 'node:path'
import {
  connectionsSetting,
  type Environment,
  partitionsSetting,
  portSetting,
  postgresSetting,
  urlsSetting,
} from '@abasto/chassis/config'
import { createHealth } from '@abasto/chassis/http/health'
import { apiKeyAuthentication } from '@abasto/chassis/identity'
import { createLog } from '@abasto/chassis/log'
import { announceTo } from '@abasto/chassis/process/announce'
import { apiKeyOf } from '@abasto/chassis/process/api-key'
import { createListeners } from '@abasto/chassis/process/listeners'
import { leave, type Running, runUntilTold } from '@abasto/chassis/process/running'
import { processSettings } from '@abasto/chassis/process/settings'
import { openStore } from '@abasto/chassis/process/store'
import { databaseRow, welcome } from '@abasto/chassis/process/welcome'
import { createTelemetry } from '@abasto/chassis/telemetry/process-telemetry'
import { contract } from '@abasto/contract/contract'
import { productsGrpc } from './api/grpc.ts'
import { productBindings } from './api/http.ts'
import { openCache } from './infrastructure/cache.ts'
import { postgresCatalogue } from './infrastructure/postgres.ts'
import { createProducts } from './products.ts'

/** How the products service is set up as a process of its own; see `.env.example`. */
const readSettings = (environment: Environment) => ({
  ...processSettings(environment, { drainMs: 1_000 }),
  port: portSetting(environment, 'PRODUCTS_PORT', 8001),
  grpcPort: portSetting(environment, 'PRODUCTS_GRPC_PORT', 50_051),
  ...databaseSettings(environment),
  connections: connectionsSetting(environment, 'PRODUCTS_DATABASE_CONNECTIONS'),
  redisUrl: urlsSetting(environment, 'REDIS_URL', 'redis://localhost:6379'),
})

function databaseSettings(environment: Environment) {
  const databaseUrl = postgresSetting(environment, 'PRODUCTS_DATABASE_URL')
  return { databaseUrl, partitions: partitionsSetting(environment, { PRODUCTS_DATABASE_URL: databaseUrl }) }
}

const migrations = join(import.meta.dir, '../migrations')

/** Runs the products service until it is told to stop; says with which code the process should end. */
export const runProducts = (environment: Environment): Promise<number> =>
  runUntilTold(() => start(readSettings(environment)))

/** The composition root of the products service: everything it holds, in the order in which it is needed. */
async function start(settings: ReturnType<typeof readSettings>): Promise<Running> {
  const { data, databaseUrl, connections, partitions } = settings
  await using opening = new AsyncDisposableStack()
  const log = createLog({ service: 'products', level: settings.logLevel })
  opening.defer(log.flush)
  const telemetry = createTelemetry({
    service: 'products',
    version: contract.version,
    otlpEndpoint: settings.otlpEndpoint,
  })
  opening.defer(telemetry.stop)

  const store = await openStore(
    { name: 'products', migrations },
    { url: databaseUrl, connections, data, setting: 'PRODUCTS_DATABASE_URL', partitions, telemetry },
  )
  opening.defer(store.close)
  const { database, isEmbedded } = store
  const {
    cache,
    isUp: isCacheUp,
    stop,
  } = openCache({ redisUrl: settings.redisUrl, database, isEmbedded, telemetry, log })
  opening.defer(stop)
  const products = createProducts({
    catalogue: postgresCatalogue(database),
    cache,
    newId: Bun.randomUUIDv7,
    announce: announceTo(log),
  })

  const apiKey = apiKeyOf(data, settings.apiKey)
  const authenticate = apiKeyAuthentication({ key: apiKey })
  const health = createHealth(
    {
      'products-database': { isUp: store.isUp, isNeeded: true },
      // Without its cache the service is slower, and nothing else.
      ...(isCacheUp ? { redis: { isUp: isCacheUp, isNeeded: false } } : {}),
    },
    log,
  )
  const listeners = createListeners({ settings, authenticate, health, log, telemetry })
  opening.defer(listeners.close)
  const behind = { services: ['products'], bindings: productBindings(products) }
  const url = listeners.http('products', settings.port, behind)
  const grpc = await listeners.grpc('products', settings.grpcPort, productsGrpc(products))

  const held = opening.move()
  return {
    welcome: welcome('products', settings, {
      url,
      apiKey,
      rows: { gRPC: grpc, Database: databaseRow('products', settings, databaseUrl) },
    }),
    stop: () => leave({ health, taking: listeners.taking, held }, settings.drainMs),
  }
}

// Where nothing has to be installed first, as in a container, this is the whole command.
if (import.meta.main) process.exit(await runProducts(process.env))
