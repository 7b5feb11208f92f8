import { afterEach, describe, expect, test } from 'bun:test'
import { freshDatabase } from '../../packages/chassis/src/database/fresh-database.ts'
import type { Uuid } from '../../packages/kernel/src/kernel.ts'
import { startRedis } from '../../scripts/redis-server.ts'
import { openProxy } from '../network/tcp-proxy.ts'
import { type Settings, type Started, startCommand } from '../processes/command.ts'
import { temporaryFolder } from '../running-shop.ts'
import { found, size } from '../stock/size.ts'
import { until } from './replica.ts'
import { type Desk, GONE, startTraffic } from './traffic.ts'

const server = process.env.TEST_POSTGRES_URL
const redisUrl = process.env.TEST_REDIS_URL
if (!server || !redisUrl)
  console.log('Two processes with one cache were not tested: TEST_POSTGRES_URL or TEST_REDIS_URL is not set.')
else {
  const cleaning: (() => unknown)[] = []
  afterEach(async () => {
    for (const step of cleaning.splice(0).reverse()) await step()
  }, 60_000)

  const city = async () => {
    const { url, drop } = await freshDatabase(server)
    cleaning.push(drop)
    return async (settings: Settings = {}) => {
      const { folder, remove } = temporaryFolder()
      const process = await startCommand('products', {
        ABASTO_DATA: folder,
        ABASTO_API_KEY: 'the-key-of-a-shop-in-a-test',
        PRODUCTS_DATABASE_URL: url,
        REDIS_URL: redisUrl,
        LOG_LEVEL: 'error',
        ...settings,
      })
      cleaning.push(remove, () => process.end('SIGKILL'))
      return { ...process, ...deskAt(process) }
    }
  }

  describe('two products processes with one cache', () => {
    test('nobody reads an old product after a PATCH or DELETE was answered', async () => {
      const open = await city()
      const desks = [await open(), await open()]
      const traffic = await startTraffic(desks, { products: 8, readersPerReplica: 4, writers: 2, pauseMs: 5 })

      await until(
        () => traffic.counts.reads > size({ usual: 5_000, full: 100_000 }) && traffic.counts.deletions > 2,
        'the reads',
        300_000,
      )
      await traffic.end()

      const figures = await Promise.all(desks.map(cacheFigures))
      const [hits, late] = [0, 1].map((index) => figures.reduce((sum, each) => sum + each[index]!, 0))
      found('reads of two processes while products change', { ...traffic.counts, hits, 'news that came late': late })
      if (late === 0) expect(traffic.counts.stale).toBe(0)
      expect(traffic.stalestMs()).toBeLessThan(3_000)
      expect(hits).toBeGreaterThan(100)
    }, 400_000)

    test('one that is killed between commit and answer: the other shows the new product about a second later', async () => {
      const open = await city()
      const survivor = await open()
      const times: number[] = []
      for (let round = 0; round < size({ usual: 1, full: 10 }); round++) {
        const victim = await open({ ABASTO_FAILPOINT: 'after-commit-before-delivery' })
        const id = await survivor.add()
        expect(await survivor.version(id)).toBe(1)

        const answer = await victim.change(id).catch(() => 'no answer')
        const diedMs = performance.now()
        await until(async () => (await survivor.version(id)) === 2, 'the new version')

        times.push(Math.round(performance.now() - diedMs))
        expect(answer).toBe('no answer')
      }
      found('a products process is killed between commit and answer', {
        times: times.length,
        'stale for (ms)': Math.max(...times),
      })
      expect(Math.max(...times)).toBeLessThan(3_000)
    }, 200_000)

    test('without Redis a process is ready all the same, and says that it is gone', async () => {
      const open = await city()
      const redis = await startRedis()
      cleaning.push(() => redis.stop())
      const proxy = await openProxy(redis.port)
      cleaning.push(proxy.close)
      const desk = await open({ REDIS_URL: `redis://127.0.0.1:${proxy.port}` })
      const id = await desk.add()
      await until(async () => (await health(desk)).dependencies.redis === 'up', 'Redis to be up')
      proxy.hang()

      await until(async () => (await health(desk)).dependencies.redis === 'down', 'Redis to be down')
      const ready = await fetch(`${desk.url}/health/ready`)

      expect(ready.status).toBe(200)
      expect(await desk.change(id)).toBe(2)
      expect(await desk.version(id)).toBe(2)
      await desk.remove(id)
      expect(await desk.version(id)).toBe(GONE)
    }, 60_000)
  })
}

/** A products process over HTTP. */
function deskAt({ url, apiKey }: Started): Desk {
  const send = async (method: string, path: string, data?: object) => {
    const response = await fetch(`${url}/api/v1/products${path}`, {
      method,
      headers: {
        'X-API-Key': apiKey,
        ...(data ? { 'Content-Type': 'application/vnd.api+json' } : {}),
      },
      ...(data ? { body: JSON.stringify({ data }) } : {}),
    })
    const text = await response.text()
    if (response.status >= 400 && response.status !== 404) throw new Error(`${method} ${response.status}: ${text}`)
    return { status: response.status, version: Number(response.headers.get('etag')?.replaceAll('"', '')), text }
  }
  const attributes = () => ({ name: `Lamp ${Math.random()}` })
  return {
    add: async () => {
      const lamp = { sku: Bun.randomUUIDv7(), price: '12.50', currency: 'EUR', ...attributes() }
      const { text } = await send('POST', '', { type: 'products', attributes: lamp })
      return JSON.parse(text).data.id
    },
    change: async (id: Uuid) =>
      (await send('PATCH', `/${id}`, { type: 'products', id, attributes: attributes() })).version,
    remove: async (id) => void (await send('DELETE', `/${id}`)),
    version: async (id) => {
      const { status, version } = await send('GET', `/${id}`)
      return status === 404 ? GONE : version
    },
  }
}

const health = async ({ url }: Started) => (await (await fetch(`${url}/health`)).json()) as Health

type Health = Readonly<{ dependencies: Readonly<Record<string, 'up' | 'down'>> }>

/** How many reads a process answered from the cache, and how many writes the cache did not hear of in time. */
async function cacheFigures({ url }: Started): Promise<number[]> {
  const page = await (await fetch(`${url}/metrics`)).text()
  const figure = (pattern: RegExp) => Number(pattern.exec(page)?.[1] ?? 0)
  return [
    figure(/^abasto_products_cache_reads_total\{.*result="hit".*\} (\d+)/m),
    figure(/^abasto_products_cache_failures_total\{.*command="outdate".*\} (\d+)/m),
  ]
}
