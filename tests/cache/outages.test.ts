import { afterEach, describe, expect, test } from 'bun:test'
import { createClient } from '../../packages/products/node_modules/redis'
import { startRedis } from '../../scripts/redis-server.ts'
import { openProxy, type TcpProxy } from '../network/tcp-proxy.ts'
import { found, size } from '../stock/size.ts'
import { newDatabase, openReplica, type Replica, until } from './replica.ts'
import { startTraffic, type Traffic } from './traffic.ts'

const server = process.env.TEST_POSTGRES_URL
const redisUrl = process.env.TEST_REDIS_URL
if (!server || !redisUrl)
  console.log('A cache that fails under load was not tested: TEST_POSTGRES_URL or TEST_REDIS_URL is not set.')
else {
  const cleaning: (() => unknown)[] = []
  afterEach(async () => {
    for (const step of cleaning.splice(0).reverse()) await step()
  }, 60_000)

  /** Two replicas in full swing, each with a line to Redis of its own that can be made to fail. */
  const openTrading = async (redisPort = Number(new URL(redisUrl).port)) => {
    const { url: postgresUrl, drop } = await newDatabase(server)
    cleaning.push(drop)
    const open = async () => {
      const proxy = await openProxy(redisPort)
      cleaning.push(proxy.close)
      const replica = await openReplica({ postgresUrl, redisUrl: `redis://127.0.0.1:${proxy.port}` })
      cleaning.push(replica.stop)
      return { proxy, replica }
    }
    const [one, other] = [await open(), await open()]
    const replicas = [one.replica, other.replica]
    const traffic = await startTraffic(replicas, { products: 12, readersPerReplica: 4, writers: 2, pauseMs: 2 })
    await Bun.sleep(200)
    return { replicas, proxies: [one.proxy, other.proxy], traffic }
  }

  /** Breaks something for a while, several times, and says how long old products were read at the worst. */
  const endure = async (
    { replicas, proxies, traffic }: Awaited<ReturnType<typeof openTrading>>,
    fault: (proxies: readonly TcpProxy[]) => unknown,
    mend: (proxies: readonly TcpProxy[]) => unknown,
  ) => {
    const rounds = size({ usual: 1, full: 10 })
    const before = { ...traffic.counts }
    let staleAfterMs = 0
    for (let round = 0; round < rounds; round++) {
      await fault(proxies)
      await Bun.sleep(1_500)
      await mend(proxies)
      const mendedMs = performance.now()
      await until(async () => (await Promise.all(replicas.map((each) => each.isCacheUp()))).every(Boolean), 'the cache')
      await Bun.sleep(1_500)
      staleAfterMs = Math.max(staleAfterMs, Math.round(traffic.lastStaleMs() - mendedMs))
    }
    const { reads, writes } = traffic.counts
    const settledMs = await settled(replicas, traffic)
    await traffic.end()
    // With nobody writing any more, everybody is shown exactly what was answered last.
    await until(async () => (await wrong(replicas, traffic)) === 0, 'nothing but what was answered to be shown')
    expect(reads - before.reads).toBeGreaterThan(100)
    expect(writes - before.writes).toBeGreaterThan(50)
    expect(staleAfterMs).toBeLessThan(3_000)
    expect(traffic.stalestMs()).toBeLessThan(5_000)
    return {
      ...traffic.counts,
      rounds,
      'stale after it was back (ms)': staleAfterMs,
      'oldest read (ms)': traffic.stalestMs(),
      'all fresh after (ms)': settledMs,
    }
  }

  describe('a cache that fails under load costs time, never an answer', () => {
    test('cut: no error, no failed write, fresh about a second after it is back', async () => {
      const trading = await openTrading()
      found('the cache is cut', await endure(trading, cutAll, passAll))
    }, 200_000)

    test('hung: it takes connections and says nothing', async () => {
      const trading = await openTrading()
      const slowest = await slowestRead(trading.replicas[0]!, () => hangAll(trading.proxies))
      const isOpen = async () => (await trading.replicas[0]!.figure('abasto_products_cache_breaker_state')) === 2
      await until(isOpen, 'the breaker to show in the metrics')
      passAll(trading.proxies)
      found('the cache hangs', { ...(await endure(trading, hangAll, passAll)), 'slowest read (ms)': slowest })
    }, 200_000)

    test('slow: it answers, but later than anybody waits', async () => {
      const trading = await openTrading()
      found('the cache is slow', await endure(trading, slowAll, passAll))
    }, 200_000)

    test('wiped: what it forgot is read again, and nothing old comes back', async () => {
      const own = await startRedis()
      cleaning.push(() => own.stop())
      const trading = await openTrading(own.port)
      const redis = await createClient({ url: own.url }).connect()
      const wiping = setInterval(() => void redis.flushAll().catch(() => {}), 20)
      cleaning.push(() => {
        clearInterval(wiping)
        redis.destroy()
      })

      const figures = await endure(
        trading,
        () => {},
        () => {},
      )

      const late = await Promise.all(
        trading.replicas.map((each) => each.figure('abasto_products_cache_failures_total', 'outdate')),
      )
      found('the cache is wiped 50 times a second', { ...figures, 'news that came late': late })
      // On a machine so busy that Redis did not answer a write in time, the promise is the weaker one.
      if (late.every((count) => count === 0)) expect(trading.traffic.counts.stale).toBe(0)
    }, 200_000)

    test('away for one replica only: the other delivers what that one writes', async () => {
      let stale = 0
      // A short outage on a busy machine may be over before anybody reads what that one has changed.
      for (let times = 0; times < 10 && stale === 0; times++) {
        const trading = await openTrading()
        found(
          'the cache is cut from one replica of two',
          await endure(
            trading,
            ([first]) => first!.cut(),
            ([first]) => first!.pass(),
          ),
        )
        stale = trading.traffic.counts.stale
      }
      expect(stale).toBeGreaterThan(0)
    }, 200_000)

    test('killed, and started anew with nothing in it', async () => {
      let redis = await startRedis()
      cleaning.push(() => redis.stop())
      const trading = await openTrading(redis.port)
      const figures = await endure(
        trading,
        () => redis.stop(),
        async () => {
          redis = await startRedis({ port: redis.port })
        },
      )
      found('Redis is killed and started anew', figures)
    }, 200_000)
  })
}

const every = (change: (proxy: TcpProxy) => void) => (proxies: readonly TcpProxy[]) => {
  for (const proxy of proxies) change(proxy)
}
const passAll = every((proxy) => proxy.pass())
const cutAll = every((proxy) => proxy.cut())
const hangAll = every((proxy) => proxy.hang())
const slowAll = every((proxy) => proxy.slow(20))

/** How long it takes until every replica shows of every product what was answered last, writers going on. */
async function settled(replicas: readonly Replica[], { answered }: Traffic): Promise<number> {
  const begun = performance.now()
  const wanted = [...answered]
  await until(async () => {
    const seen = await Promise.all(
      replicas.flatMap((replica) => wanted.map(async ([id, version]) => (await replica.version(id)) >= version)),
    )
    return seen.every(Boolean)
  }, 'every product to be fresh')
  return Math.round(performance.now() - begun)
}

/** How many products are shown at another version than the one that was answered last, over all replicas. */
async function wrong(replicas: readonly Replica[], { answered }: Traffic): Promise<number> {
  const seen = await Promise.all(
    replicas.flatMap((replica) => [...answered].map(async ([id, version]) => (await replica.version(id)) !== version)),
  )
  return seen.filter(Boolean).length
}

/** The slowest of 50 reads one after the other, from the moment at which something happens. */
async function slowestRead(replica: Replica, happen: () => void): Promise<number> {
  let slowestMs = 0
  happen()
  for (let count = 0; count < 50; count++) {
    const begun = performance.now()
    await replica.version(Bun.randomUUIDv7())
    slowestMs = Math.max(slowestMs, performance.now() - begun)
  }
  return Math.round(slowestMs)
}
