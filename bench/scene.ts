import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectPostgres } from '@abasto/chassis/database/postgres'
import { type PostgresServer, startPostgres } from '../scripts/postgres-server.ts'
import { type RedisServer, startRedis } from '../scripts/redis-server.ts'
import { type Counter, openCounter } from './counter.ts'
import { type LookUpServer, openLookUpServer } from './look-ups.ts'
import { atEnd } from './processes.ts'
import { openPurchasingShop, openSplitShop, type PurchasingShop } from './purchasing-shop.ts'
import { openReadingShop, openRedisShop, type ReadingShop } from './reading-shop.ts'

/** What the contestants share. Each part is made when the first of them asks for it. */
export type Scene = Readonly<{
  postgres: PostgresServer
  folder: string
  /** How many products the random purchases are spread over. */
  products: number
  warmUpSeconds: number
  /** Where servers leave their profiles when they stop; undefined: they are not profiled. */
  profiles: string | undefined
  counter: () => Promise<Counter>
  purchasingShop: () => Promise<PurchasingShop>
  splitShop: () => Promise<PurchasingShop>
  readingShop: () => Promise<ReadingShop>
  redis: () => Promise<RedisServer>
  redisShop: () => Promise<ReadingShop>
  lookUpServer: () => Promise<LookUpServer>
}>

export type SceneOptions = Pick<Scene, 'products' | 'warmUpSeconds' | 'profiles'>

export async function openScene(options: SceneOptions): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'abasto-bench-'))
  atEnd(() => rmSync(folder, { recursive: true, force: true }))
  const postgres = await startPostgres()
  atEnd(postgres.stop)
  const scene: Scene = {
    ...options,
    postgres,
    folder,
    counter: once(() => openCounter(scene)),
    purchasingShop: once(() => openPurchasingShop(scene)),
    splitShop: once(() => openSplitShop(scene)),
    readingShop: once(() => openReadingShop(scene)),
    redis: once(async () => {
      const redis = await startRedis()
      atEnd(() => void redis.stop())
      return redis
    }),
    redisShop: once(() => openRedisShop(scene)),
    lookUpServer: once(() => openLookUpServer(scene)),
  }
  return scene
}

/** Makes a database of its own on the shared PostgreSQL and returns its address. */
export async function createDatabase({ postgres }: Scene, name: string): Promise<string> {
  const database = connectPostgres({ url: postgres.url, connections: 1 })
  await database.script(`CREATE DATABASE ${name}`)
  await database.close()
  return postgres.url.replace(/\/postgres$/, `/${name}`)
}

/** Starts every sample from the same point: nothing is left to write from the one before. */
export async function checkpoint({ postgres }: Scene): Promise<void> {
  const database = connectPostgres({ url: postgres.url, connections: 1 })
  await database.query('CHECKPOINT', [], { timeoutMs: 60_000 })
  await database.close()
}

/** Lets the planner know what a database holds once it has been filled, as it would on any server that has run a while. */
export async function analyze(url: string): Promise<void> {
  const database = connectPostgres({ url, connections: 1 })
  await database.query('VACUUM ANALYZE', [], { timeoutMs: 60_000 })
  await database.close()
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}
