import { describe, expect, test } from 'bun:test'
import { startRedisCluster } from '../../../scripts/redis-cluster.ts'
import { found, size } from '../../stock/size.ts'
import { newDatabase, openReplica, until } from '../replica.ts'
import { startTraffic } from '../traffic.ts'

const server = process.env.TEST_POSTGRES_URL
const ROUNDS = size({ usual: 0, full: 2 })

if (!server) console.log('A Redis Cluster that loses a primary was not tested: TEST_POSTGRES_URL is not set.')
else if (ROUNDS > 0)
  describe('six processes of a Redis Cluster, of which a primary is killed under load', () => {
    test('nobody meets with an error, and reads are right again after the failover', async () => {
      const figures = []
      for (let round = 0; round < ROUNDS; round++) figures.push(await survive(round, server))
      found('a primary of a Redis Cluster is killed', Object.fromEntries(figures.map((each, round) => [round, each])))
    }, 300_000)
  })

async function survive(round: number, postgresServer: string) {
  await using cleaning = new AsyncDisposableStack()
  const cluster = await startRedisCluster({ primaries: 3, replicas: 3 })
  cleaning.defer(cluster.stop)
  const { url: postgresUrl, drop } = await newDatabase(postgresServer)
  cleaning.defer(drop)
  const open = async () => {
    const replica = await openReplica({ postgresUrl, redisUrl: cluster.url })
    cleaning.defer(replica.stop)
    return replica
  }
  const replicas = [await open(), await open()]
  const hits = async () => {
    const figures = await Promise.all(replicas.map(({ figure }) => figure('abasto_products_cache_reads_total', 'hit')))
    return figures.reduce((total, figure) => total + figure, 0)
  }
  const traffic = await startTraffic(replicas, { products: 24, readersPerReplica: 4, writers: 2, pauseMs: 2 })
  await Bun.sleep(1_000)
  const before = { ...traffic.counts }

  const killedMs = performance.now()
  await cluster.servers[round % 3]!.stop()
  await until(async () => !(await replicas[0]!.isCacheUp()), 'the cache to be missed')
  await until(
    async () => (await Promise.all(replicas.map((each) => each.isCacheUp()))).every(Boolean),
    'the failover',
    30_000,
  )
  const backMs = performance.now()
  const hitsBefore = await hits()
  await Bun.sleep(3_000)
  const { reads, writes } = traffic.counts
  await traffic.end()

  const staleAfterMs = Math.max(0, Math.round(traffic.lastStaleMs() - backMs))
  for (const replica of replicas) {
    for (const [id, version] of traffic.answered) expect(await replica.version(id)).toBe(version)
  }
  expect(reads - before.reads).toBeGreaterThan(100)
  expect(writes - before.writes).toBeGreaterThan(50)
  expect(staleAfterMs).toBeLessThan(3_000)
  // It really is used again, and not merely back.
  expect((await hits()) - hitsBefore).toBeGreaterThan(100)
  return {
    ...traffic.counts,
    'back after (ms)': Math.round(backMs - killedMs),
    'stale after that (ms)': staleAfterMs,
    'oldest read (ms)': traffic.stalestMs(),
  }
}
