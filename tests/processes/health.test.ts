import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { freshDatabase } from '../../packages/chassis/src/database/fresh-database.ts'
import { openProxy, type TcpProxy } from '../network/tcp-proxy.ts'
import { furnish, temporaryFolder } from '../running-shop.ts'
import { type Settings, type Started, startCommand } from './command.ts'
import { until } from './until.ts'

const cleaning: (() => unknown)[] = []
afterAll(async () => {
  for (const step of cleaning.splice(0).reverse()) await step()
}, 60_000)

const PATIENCE_MS = 180_000

/**
 * The tests wait most of the time, for what comes to be known by and by: so they do it together, each in a folder of its
 * own. What is embedded there is made before, because that would hold up the cables, which lead through this process.
 */
const folders = Array.from({ length: 5 }, () => {
  const { folder, remove } = temporaryFolder()
  cleaning.push(remove)
  return folder
})
const embedded = folders.slice(0, 3)
const [ofGrpc, ofRest, ofKilled, ofPostgres, ofRedis] = folders as [string, string, string, string, string]
beforeAll(async () => {
  for (const folder of embedded) await furnish(['products', 'inventory'].map((name) => join(folder, name, 'database')))
}, 60_000)

describe('the inventory service, without products', () => {
  test.concurrent.each([
    ['PRODUCTS_GRPC_URL', ofGrpc],
    ['PRODUCTS_URL', ofRest],
  ])(
    'found by %s: is not ready while they cannot be asked, and is again when they can',
    async (setting, folder) => {
      const products = await start('products', folder)
      const isRest = setting === 'PRODUCTS_URL'
      const way = await proxyTo(Number((isRest ? products.url : products.grpc!).split(':').at(-1)))
      const inventory = await start('inventory', folder, {
        [setting]: `${isRest ? 'http://' : ''}127.0.0.1:${way.port}`,
      })
      await until(async () => (await readiness(inventory)) === 200)

      for (const fault of ['cut', 'hang'] as const) {
        way[fault]()
        await until(async () => (await readiness(inventory)) === 503)
        const told = await health(inventory)
        way.pass()
        await until(async () => (await readiness(inventory)) === 200)

        expect(told).toEqual({ status: 'down', dependencies: { 'inventory-database': 'up', products: 'down' } })
        expect((await fetch(`${inventory.url}/health/live`)).status).toBe(200)
      }
      await Promise.all([products.end('SIGKILL'), inventory.end('SIGKILL')])
    },
    PATIENCE_MS,
  )

  test.concurrent(
    'products that are killed and started anew are found again',
    async () => {
      const first = await start('products', ofKilled)
      const inventory = await start('inventory', ofKilled, { PRODUCTS_GRPC_URL: first.grpc! })
      await until(async () => (await readiness(inventory)) === 200)

      await first.end('SIGKILL')
      await until(async () => (await readiness(inventory)) === 503)
      const second = await start('products', ofKilled, { PRODUCTS_GRPC_PORT: first.grpc!.split(':')[1]! })
      await until(async () => (await readiness(inventory)) === 200)

      expect(await health(inventory)).toMatchObject({ status: 'up', dependencies: { products: 'up' } })
      await Promise.all([second.end('SIGKILL'), inventory.end('SIGKILL')])
    },
    PATIENCE_MS,
  )
})

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('Health without a database was not tested: TEST_POSTGRES_URL is not set.')
else {
  test.concurrent(
    'a service whose database is gone is not ready, says which, and is ready again when it is back',
    async () => {
      const { url, drop } = await freshDatabase(server)
      cleaning.push(drop)
      const way = await proxyTo(Number(new URL(url).port))
      const far = new URL(url)
      far.port = String(way.port)
      const products = await start('products', ofPostgres, { PRODUCTS_DATABASE_URL: far.href })
      const inventory = await start('inventory', ofPostgres, {
        INVENTORY_DATABASE_URL: url,
        PRODUCTS_GRPC_URL: products.grpc!,
      })
      await until(async () => (await readiness(inventory)) === 200)

      for (const fault of ['cut', 'hang'] as const) {
        way[fault]()
        await until(async () => (await readiness(products)) === 503)
        await until(async () => (await readiness(inventory)) === 503)
        const told = [await health(products), await health(inventory)]
        way.pass()
        await until(async () => (await readiness(inventory)) === 200)

        expect(told).toEqual([
          { status: 'down', dependencies: { 'products-database': 'down' } },
          { status: 'down', dependencies: { 'inventory-database': 'up', products: 'down' } },
        ])
        expect(await readiness(products)).toBe(200)
      }
    },
    PATIENCE_MS,
  )
}

const redis = process.env.TEST_REDIS_URL
if (!redis || !server) console.log('Health without Redis was not tested: TEST_REDIS_URL is not set.')
else {
  test.concurrent(
    'products without Redis stays ready, and says that Redis is down until it is back',
    async () => {
      const { url, drop } = await freshDatabase(server)
      cleaning.push(drop)
      const way = await proxyTo(Number(new URL(redis).port))
      const products = await start('products', ofRedis, {
        PRODUCTS_DATABASE_URL: url,
        REDIS_URL: `redis://127.0.0.1:${way.port}`,
      })
      const says = async (state: string) => (await health(products)).dependencies.redis === state
      await until(() => says('up'))

      for (const fault of ['cut', 'hang'] as const) {
        way[fault]()
        await until(() => says('down'))
        const ready = await readiness(products)
        way.pass()
        await until(() => says('up'))

        expect(ready).toBe(200)
      }
    },
    PATIENCE_MS,
  )
}

type Command = 'products' | 'inventory'

/** A service in the folder; all are ended with the tests. */
async function start(command: Command, folder: string, settings: Settings = {}): Promise<Started> {
  const started = await startCommand(command, { ABASTO_DATA: folder, LOG_LEVEL: 'silent', ...settings })
  cleaning.push(() => started.end('SIGKILL'))
  return started
}

async function proxyTo(port: number): Promise<TcpProxy> {
  const proxy = await openProxy(port)
  cleaning.push(proxy.close)
  return proxy
}

const readiness = async ({ url }: Started): Promise<number> => (await fetch(`${url}/health/ready`)).status

const health = async ({ url }: Started) =>
  (await (await fetch(`${url}/health`)).json()) as { status: string; dependencies: Record<string, string> }
