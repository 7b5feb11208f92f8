import { migrate, readMigrations } from '@abasto/chassis/database/migrations'
import type { Committer } from '@abasto/inventory/application/committer'
import { DEFAULT_WAREHOUSE } from '@abasto/inventory/domain/warehouse'
import { stockSchema } from '@abasto/inventory/stock-store'
import type { Uuid } from '@abasto/kernel'
import { type Counter, connectCounter, OPENING_STOCK } from './counter.ts'
import { analyze, createDatabase, onDatabase } from './databases.ts'
import { newTally, type Tally } from './ledger-check.ts'
import type { Scene } from './scene.ts'

/** A counter, and the products that are there. */
export type StockedCounter = Counter & Readonly<{ products: readonly Uuid[] }>

/** One on a PostgreSQL database of its own, and what was answered there. */
export type PostgresCounter = StockedCounter & Readonly<{ url: string; tally: Tally }>

/** A counter on a new database with so many products. */
export async function openCounter(scene: Scene, name: string, count: number): Promise<PostgresCounter> {
  const url = await createDatabase(scene, name)
  await onDatabase(url, (database) => migrate(database, stockSchema.name, readMigrations(stockSchema.migrations)))
  const counter = await stocked(connectCounter(url), count)
  await analyze(url)
  return { ...counter, url, tally: newTally() }
}

/** Puts so many products on a counter. */
export async function stocked(counter: Counter, count: number): Promise<StockedCounter> {
  const products = Array.from({ length: count }, () => Bun.randomUUIDv7())
  await Promise.all(products.map((productId) => opened(counter.commit, productId)))
  return { ...counter, products }
}

const opening = {
  type: 'open',
  shown: 'inventory',
  siblings: [],
  warehouseId: DEFAULT_WAREHOUSE,
  quantity: OPENING_STOCK,
} as const

async function opened(commit: Committer['commit'], productId: Uuid): Promise<void> {
  const name = { operationId: crypto.randomUUID(), fingerprint: '0'.repeat(32), actor: 'owner' }
  const verdict = await commit({ ...opening, productId, ...name }, Date.now() + 60_000)
  if (!verdict.ok) throw new Error(`The stock was not opened: ${verdict.error.message}`)
}
