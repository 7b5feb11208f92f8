import { join } from 'node:path'
import { isMongo } from '../../packages/chassis/src/config.ts'
import type { Database } from '../../packages/chassis/src/database/database.ts'
import { type MigrateOptions, migrate, readMigrations } from '../../packages/chassis/src/database/migrations.ts'
import { connectMongo } from '../../packages/chassis/src/database/mongo.ts'
import { connectPostgres } from '../../packages/chassis/src/database/postgres.ts'
import { createCommitter, type Round } from '../../packages/inventory/src/application/committer.ts'
import type { Commit, Stock } from '../../packages/inventory/src/application/ports.ts'
import { prepareMongo } from '../../packages/inventory/src/infrastructure/mongodb/schema.ts'
import { mongoStock } from '../../packages/inventory/src/infrastructure/mongodb/stock.ts'
import { postgresStock } from '../../packages/inventory/src/infrastructure/postgres.ts'
import { createInventory, type Inventory } from '../../packages/inventory/src/inventory.ts'
import { type Context, ok, type Uuid } from '../../packages/kernel/src/kernel.ts'
import { lamp } from '../../packages/products/src/domain/examples.ts'

/** What one process holds of the inventory service, on connections of its own: its surface, and what is behind it. */
export type Seller = Readonly<{ inventory: Inventory; stock: Stock; commit: Commit; close: () => Promise<void> }>

type SellerOptions = Readonly<{
  /** What becomes of each statement that writes, where it is one of SQL. */
  revise?: (statement: string) => string
  observe?: (round: Round) => void
}>

/** An inventory service on PostgreSQL or MongoDB whose products all exist and cost 2.50 EUR. */
export function openSeller(url: string, { revise, observe }: SellerOptions = {}): Seller {
  const { stock, close } = isMongo(url) ? inMongo(url) : inPostgres(url, revise)
  const committer = createCommitter(stock, observe ? { observe } : {})
  const inventory = createInventory({
    stock,
    commit: committer.commit,
    products: { findProducts: find, priceProducts: find },
    newId: () => Bun.randomUUIDv7(),
    announce: () => {},
  })
  return {
    inventory,
    stock,
    commit: committer.commit,
    close: async () => {
      await committer.idle()
      await close()
    },
  }
}

type Opened = Readonly<{ stock: Stock; close: () => Promise<unknown> }>

function inPostgres(url: string, revise: SellerOptions['revise']): Opened {
  const [database, writer] = [connectPostgres({ url, connections: 4 }), connectPostgres({ url, connections: 1 })]
  const stock = postgresStock(database, writer, revise ? { revise } : {})
  return { stock, close: () => Promise.all([database.close(), writer.close()]) }
}

function inMongo(url: string): Opened {
  const mongo = connectMongo({ url, connections: 5 })
  return { stock: mongoStock(mongo), close: mongo.close }
}

export async function migrateInventory(url: string, options: MigrateOptions = {}): Promise<void> {
  if (isMongo(url)) {
    const mongo = connectMongo({ url, connections: 1 })
    return prepareMongo(mongo.db).finally(mongo.close)
  }
  const database: Database = connectPostgres({ url, connections: 1 })
  const migrations = readMigrations(join(import.meta.dir, '../../packages/inventory/migrations'))
  await migrate(database, 'inventory', migrations, options)
  await database.close()
}

/** A context as the edge makes one, for a write that has a name of its own. */
export const context = (deadlineMs = Date.now() + 60_000): Context => ({
  requestId: 'proof',
  caller: { id: 'proof', permissions: ['*'] },
  deadlineMs,
  operationId: Bun.randomUUIDv7(),
  fingerprint: 'f'.repeat(32),
})

/** Does `work` for each number below `count`, `atOnce` at a time. */
export async function each(count: number, atOnce: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const lane = async () => {
    for (let index = next++; index < count; index = next++) await work(index)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane))
}

const find = async (_: Context, ids: readonly Uuid[]) =>
  ok(new Map(ids.map((id) => [id, lamp(id, { priceMinor: 250 })])))
