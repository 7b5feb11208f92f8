import { afterAll, describe, expect, test } from 'bun:test'
import { freshDatabase } from '../../packages/chassis/src/database/fresh-database.ts'
import { openProxy, type TcpProxy } from '../network/tcp-proxy.ts'
import { temporaryFolder } from '../running-shop.ts'
import { type Settings, type Started, startCommand } from './command.ts'
import { until } from './until.ts'

const cleaning: (() => unknown)[] = []
afterAll(async () => {
  for (const step of cleaning.splice(0).reverse()) await step()
}, 60_000)

const PATIENCE_MS = 180_000

/** Each test goes on in the folder of the one before it: a database that exists opens faster than a new one is made. */
const { folder, remove } = temporaryFolder()
cleaning.push(remove)

describe('the inventory service, without products', () => {
  test.each(['PRODUCTS_GRPC_URL', 'PRODUCTS_URL'])(
    'found by %s: is not ready while they cannot be asked, and is again when they can',
    async (setting) => {
      const products = await start('products')
      const isRest = setting === 'PRODUCTS_URL'
      const way = await proxyTo(Number((isRest ? products.url : products.grpc!).split(':').at(-1)))
      const inventory = await start('inventory', { [setting]: `${isRest ? 'http://' : ''}127.0.0.1:${way.port}` })
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

  test(
    'products that are killed and started anew are found again',
    async () => {
      const first = await start('products')
      const inventory = await start('inventory', { PRODUCTS_GRPC_URL: first.grpc! })
      await until(async () => (await readiness(inventory)) === 200)

      await first.end('SIGKILL')
      await until(async () => (await readiness(inventory)) === 503)
      const second = await start('products', { PRODUCTS_GRPC_PORT: first.grpc!.split(':')[1]! })
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
  test(
    'a service whose database is gone is not ready, says which, and is ready again when it is back',
    async () => {
      const { url, drop } = await freshDatabase(server)
      cleaning.push(drop)
      const way = await proxyTo(Number(new URL(url).port))
      const far = new URL(url)
      far.port = String(way.port)
      const products = await start('products', { PRODUCTS_DATABASE_URL: far.href })
      const inventory = await start('inventory', {
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
  test(
    'products without Redis stays ready, and says that Redis is down until it is back',
    async () => {
      const { url, drop } = await freshDatabase(server)
      cleaning.push(drop)
      const way = await proxyTo(Number(new URL(redis).port))
      const products = await start('products', {
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

/** A service of this file's folder; all are ended with the tests. */
async function start(command: 'products' | 'inventory', settings: Settings = {}): Promise<Started> {
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
