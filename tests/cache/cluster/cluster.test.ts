import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createClient } from '../../../packages/products/node_modules/redis'
import { cachePromises, filled, leased, product } from '../../../packages/products/src/infrastructure/cache-promises.ts'
import { redisCache } from '../../../packages/products/src/infrastructure/redis.ts'
import { openRedis } from '../../../packages/products/src/infrastructure/redis-cluster.ts'
import { slotOf } from '../../../packages/products/src/infrastructure/redis-slots.ts'
import { type RedisCluster, startRedisCluster } from '../../../scripts/redis-cluster.ts'
import { size } from '../../stock/size.ts'
import { until } from '../replica.ts'

const PRIMARIES = 3

/** The ordinary run has no replicas: what they do is proved once, in `failover.test.ts`. */
const REPLICAS = size({ usual: 0, full: 3 })

// It starts servers of its own, where Redis is to be had.
if (!process.env.TEST_REDIS_URL) console.log('A Redis Cluster was not tested: TEST_REDIS_URL is not set.')
else
  describe('a cache in a Redis Cluster', () => {
    let cluster: RedisCluster
    let clients: Awaited<ReturnType<typeof connected>>[] = []
    beforeAll(async () => {
      cluster = await startRedisCluster({ primaries: PRIMARIES, replicas: REPLICAS })
      clients = await Promise.all(cluster.servers.slice(0, PRIMARIES).map(({ url }) => connected(url)))
    }, 60_000)
    afterAll(async () => {
      for (const client of clients) client.destroy()
      await cluster.stop()
    }, 60_000)

    const open = async () => {
      const line = openRedis({ url: cluster.url, patience: { read: 2_000, news: 2_000 } })
      const cache = redisCache(line)
      await until(cache.isUp, 'the cluster to be reached')
      return cache
    }

    cachePromises('a Redis Cluster', async () => {
      const [cache, another] = [await open(), await open()]
      const close = async () => {
        await Promise.all([cache.close(), another.close()])
      }
      return { cache, another, wipe: () => Promise.all(clients.map((client) => client.flushDb())), close }
    })

    test('products are spread over all of its servers', async () => {
      const cache = await open()
      const before = await Promise.all(clients.map((client) => client.dbSize()))

      await Promise.all(Array.from({ length: 120 }, () => filled(cache, product(1))))

      const sizes = await Promise.all(clients.map((client) => client.dbSize()))
      for (const [index, keys] of sizes.entries()) expect(keys - before[index]!).toBeGreaterThan(15)
      await cache.close()
    })

    test('a key lies where the cluster says', async () => {
      const keys = [
        '',
        '{}',
        '{}a',
        'a{b}c{d}',
        '{{a}}',
        'a}b{c}',
        'é灯',
        '123456789',
        `products:{${Bun.randomUUIDv7()}}`,
      ]
      for (const key of keys) {
        expect([key, slotOf(key)]).toEqual([key, Number(await clients[0]!.sendCommand(['CLUSTER', 'KEYSLOT', key]))])
      }
    })

    test('while a slot moves to another server, and afterwards, nothing is lost and nothing is old', async () => {
      const [cache, another] = [await open(), await open()]
      const lamp = product(1)
      const { slot, from, to, others } = await mover(lamp.id)
      const slow = await leased(cache, lamp)
      await to.sendCommand(['CLUSTER', 'SETSLOT', slot, 'IMPORTING', await nameOf(from)])
      await from.sendCommand(['CLUSTER', 'SETSLOT', slot, 'MIGRATING', await nameOf(to)])

      // What was there is still there; what is not is made at the other server.
      await cache.outdate({ id: lamp.id, version: 2, isDeleted: false })
      await slow.fill(lamp)
      expect(await another.get(lamp.id)).toBeUndefined()
      await filled(another, { ...lamp, version: 2 })
      expect(await cache.get(lamp.id)).toEqual({ ...lamp, version: 2 })
      expect(await to.sendCommand(['CLUSTER', 'COUNTKEYSINSLOT', slot])).toBe(1)

      const owner = await nameOf(to)
      for (const client of [to, from, ...others]) await client.sendCommand(['CLUSTER', 'SETSLOT', slot, 'NODE', owner])
      expect(await cache.outdate({ id: lamp.id, version: 3, isDeleted: false })).toBe(true)
      expect(await another.get(lamp.id)).toBeUndefined()
      await filled(another, { ...lamp, version: 3 })
      expect(await cache.get(lamp.id)).toEqual({ ...lamp, version: 3 })
      await Promise.all([cache.close(), another.close()])
    })

    /** The slot of a product, the server that holds it, another, and those that are left. */
    async function mover(id: string) {
      const slot = slotOf(`products:{${id}}`)
      const holders = (await clients[0]!.sendCommand(['CLUSTER', 'SLOTS'])) as [number, number, [string, number]][]
      const [, , [, port]] = holders.find(([first, last]) => first <= slot && slot <= last)!
      const index = cluster.servers.findIndex((server) => server.port === port)
      const [to, ...others] = clients.filter((_, position) => position !== index)
      return { slot: String(slot), from: clients[index]!, to: to!, others }
    }
  })

const connected = (url: string) => createClient({ url, RESP: 2 }).connect()

const nameOf = async (client: Awaited<ReturnType<typeof connected>>) =>
  String(await client.sendCommand(['CLUSTER', 'MYID']))
