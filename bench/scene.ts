import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type MongoServer, startMongo } from '../scripts/mongo-server.ts'
import { type PostgresServer, startPostgres } from '../scripts/postgres-server.ts'
import { type RedisServer, startRedis } from '../scripts/redis-server.ts'
import { type EmbeddedProcess, type EmbeddedSeller, openEmbeddedProcess } from './embedded.ts'
import { type LookUpServer, openLookUpServer } from './look-ups.ts'
import { atEnd } from './processes.ts'
import { openReadingShop, openRedisShop, type ReadingShop } from './reading-shop.ts'
import { once } from './sharing.ts'
import { openCounter, type PostgresCounter } from './stocked-counter.ts'
import { openSplitShop, openStockedShop, type StockedShop } from './stocked-shop.ts'

/** What the contestants share. Each part is made when the first of them asks for it. */
export type Scene = Readonly<{
  postgres: PostgresServer
  folder: string
  /** How many products the random purchases are spread over. */
  products: number
  /** How many movements the longer of the two ledgers begins with. */
  movements: number
  /** Where servers leave their profiles when they stop; undefined: they are not profiled. */
  profiles: string | undefined
  counter: () => Promise<PostgresCounter>
  purchasingShop: () => Promise<StockedShop>
  reservingShop: () => Promise<StockedShop>
  splitShop: () => Promise<StockedShop>
  readingShop: () => Promise<ReadingShop>
  redis: () => Promise<RedisServer>
  mongo: () => Promise<MongoServer>
  /** The embedded database with the stock of the service in it, and another one with the tables of the textbook. */
  embedded: Readonly<Record<EmbeddedSeller, () => Promise<EmbeddedProcess>>>
  redisShop: () => Promise<ReadingShop>
  lookUpServer: () => Promise<LookUpServer>
  /** Stops Redis and MongoDB and takes away what they kept; a run that fails has no time for that and only ends them. */
  close: () => Promise<void>
}>

/** Less than MongoDB takes by itself; with much less it spends a third of its time on what it has no room for. */
const MONGO_CACHE_GB = 2

export type SceneOptions = Pick<Scene, 'products' | 'movements' | 'profiles'>

export async function openScene(options: SceneOptions): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'abasto-bench-'))
  atEnd(() => rmSync(folder, { recursive: true, force: true }))
  const postgres = await startPostgres()
  atEnd(postgres.stop)
  const stops: (() => Promise<void>)[] = []
  const willStop = (stop: () => Promise<void>) => {
    stops.push(stop)
    atEnd(() => void stop())
  }
  const scene: Scene = {
    ...options,
    postgres,
    folder,
    counter: once(() => openCounter(scene, 'counter', scene.products + 1)),
    purchasingShop: once(() => openStockedShop(scene, 'purchases', scene.products)),
    reservingShop: once(() => openStockedShop(scene, 'reservations', 0)),
    splitShop: once(() => openSplitShop(scene)),
    readingShop: once(() => openReadingShop(scene)),
    redis: once(async () => {
      const redis = await startRedis()
      willStop(redis.stop)
      return redis
    }),
    mongo: once(async () => {
      const mongo = await startMongo({ cacheGb: MONGO_CACHE_GB })
      willStop(mongo.stop)
      return mongo
    }),
    embedded: {
      adapter: once(() => openEmbeddedProcess(scene, 'adapter')),
      textbook: once(() => openEmbeddedProcess(scene, 'textbook')),
    },
    redisShop: once(() => openRedisShop(scene)),
    lookUpServer: once(() => openLookUpServer(scene)),
    close: async () => void (await Promise.all(stops.map((stop) => stop()))),
  }
  return scene
}
