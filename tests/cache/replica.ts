import { join } from 'node:path'
import type { Database } from '../../packages/chassis/src/database/database.ts'
import { freshDatabase } from '../../packages/chassis/src/database/fresh-database.ts'
import { migrate, readMigrations } from '../../packages/chassis/src/database/migrations.ts'
import { connectPostgres } from '../../packages/chassis/src/database/postgres.ts'
import { createTelemetry } from '../../packages/chassis/src/telemetry/process-telemetry.ts'
import type { Context, Result } from '../../packages/kernel/src/kernel.ts'
import { openCache } from '../../packages/products/src/infrastructure/cache.ts'
import { postgresCatalogue } from '../../packages/products/src/infrastructure/postgres.ts'
import { createProducts, type Products } from '../../packages/products/src/products.ts'
import { type Desk, GONE } from './traffic.ts'

/** A replica of the products service: connections, cache and deliverer of its own, everything but the HTTP. */
export type Replica = Desk &
  Readonly<{
    products: Products
    database: Database
    /** How often it asked the database for products. */
    queries: () => number
    /** What a metric comes to, over all labels that contain this text. */
    figure: (metric: string, labels?: string) => Promise<number>
    isCacheUp: () => Promise<boolean>
    stop: () => Promise<void>
  }>

/** A database of one test, migrated. */
export async function newDatabase(server: string) {
  const { url, drop } = await freshDatabase(server)
  const database = connectPostgres({ url, connections: 1 })
  await migrate(database, 'products', readMigrations(join(import.meta.dir, '../../packages/products/migrations')))
  await database.close()
  return { url, drop }
}

export type ReplicaOptions = Readonly<{
  redisUrl?: string
  /** Its writes tell the cache nothing. */
  isDeafToWrites?: boolean
  /** It waits for the cache for as long as that takes, so that counts do not depend on how busy the machine is. */
  isPatient?: boolean
}>

export async function openReplica(options: ReplicaOptions & Readonly<{ postgresUrl: string }>): Promise<Replica> {
  const telemetry = createTelemetry({ service: 'products' })
  const database = connectPostgres({ url: options.postgresUrl, connections: 8 })
  const patience = options.isPatient ? { read: 5_000 } : undefined
  const opened = openCache({ redisUrl: options.redisUrl, database, isEmbedded: false, telemetry, patience })
  const catalogue = postgresCatalogue(database)
  let queries = 0
  const products = createProducts({
    catalogue: {
      ...catalogue,
      find: (ids) => {
        queries++
        return catalogue.find(ids)
      },
    },
    cache: options.isDeafToWrites ? { ...opened.cache, outdate: async () => false } : opened.cache,
    newId: () => Bun.randomUUIDv7(),
    announce: () => {},
  })
  const isCacheUp = async () => (await opened.isUp?.()) ?? false
  if (options.redisUrl) await until(isCacheUp, 'the cache to be up')
  return {
    ...deskOf(products),
    products,
    database,
    queries: () => queries,
    figure: async (metric, labels = '') => figureIn((await telemetry.metrics.page()).body, metric, labels),
    isCacheUp,
    stop: async () => {
      await opened.stop()
      await database.close()
      await telemetry.stop()
    },
  }
}

const figureIn = (page: string, metric: string, labels: string): number =>
  page
    .split('\n')
    .filter((line) => line.startsWith(metric) && line.includes(labels))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)

export async function until(isSo: () => boolean | Promise<boolean>, what: string, patienceMs = 10_000): Promise<void> {
  const endMs = performance.now() + patienceMs
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`waited ${patienceMs} ms for ${what}`)
    await Bun.sleep(10)
  }
}

export const asked = (): Context => ({
  requestId: 'test',
  caller: { id: 'tester', permissions: ['*'] },
  deadlineMs: Date.now() + 10_000,
  operationId: Bun.randomUUIDv7(),
  fingerprint: 'f'.repeat(32),
})

export function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`)
  return result.value
}

const deskOf = (products: Products): Desk => ({
  add: async () => {
    const lamp = { sku: Bun.randomUUIDv7(), name: 'Desk lamp', price: '12.50', currency: 'EUR' }
    return value(await products.createProduct(asked(), lamp)).id
  },
  change: async (id) =>
    value(await products.updateProduct(asked(), { id, changes: { name: `Lamp ${Math.random()}` } })).version,
  remove: async (id) => void value(await products.deleteProduct(asked(), { id })),
  version: async (id) => {
    const result = await products.getProduct(asked(), id)
    return !result.ok && result.error.code === 'product_not_found' ? GONE : value(result).version
  },
})
