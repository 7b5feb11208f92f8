import { join } from 'node:path'
import { isMongo } from '@abasto/chassis/config'
import { openMongoStore } from '@abasto/chassis/process/mongo-store'
import { openStore, type Store, type StoreOptions } from '@abasto/chassis/process/store'
import type { Feed, Stock } from './application/ports.ts'
import { ledgerFeed } from './infrastructure/ledger-feed.ts'
import { changeFeed } from './infrastructure/mongodb/change-feed.ts'
import { prepareMongo } from './infrastructure/mongodb/schema.ts'
import { mongoStock } from './infrastructure/mongodb/stock.ts'
import { postgresStock } from './infrastructure/postgres.ts'
import { expectWholeBooks, expectWholeMongo, untilCopied, untilCopiedMongo } from './infrastructure/unfinished-copy.ts'

/** Where a process keeps its stock, whatever that is made of. */
export type StockStore = Readonly<{
  stock: Stock
  /** The ledger in it, for those who follow it. */
  feed: Feed
  isUp: () => Promise<boolean>
  close: () => Promise<void>
}>

/** The schema of the stock in a SQL database. */
export const stockSchema = { name: 'inventory', migrations: join(import.meta.dir, '../migrations') } as const

/**
 * Opens the store that an address leads to: MongoDB, PostgreSQL, or, without an address, a database of its own. One into
 * which the stock is still being copied is refused.
 */
export async function openStockStore(options: StoreOptions): Promise<StockStore> {
  const { url } = options
  if (url !== undefined && isMongo(url)) return stockInMongo({ ...options, url })
  const store = await openStore(stockSchema, options)
  try {
    return await stockInSql(store)
  } catch (error) {
    await store.close()
    throw error
  }
}

/** The stock in a SQL database that is open and migrated. */
export async function stockInSql({ database, writer, isUp, close }: Store): Promise<StockStore> {
  await expectWholeBooks(database)
  const ledger = { stock: postgresStock(database, writer), feed: ledgerFeed(database) }
  return { ...untilCopied(ledger), isUp, close }
}

/** Opens the stock in a MongoDB; its collections are made where they are not there yet. */
export async function stockInMongo(
  options: Omit<StoreOptions, 'data'> & Readonly<{ url: string }>,
): Promise<StockStore> {
  const { mongo, isUp, close } = await openMongoStore('inventory', {
    ...options,
    prepare: async (mongo) => {
      // First of all: to prepare it anew would open it to everybody.
      await expectWholeMongo(mongo)
      await prepareMongo(mongo.db)
    },
  })
  const ledger = { stock: mongoStock(mongo), feed: changeFeed(mongo) }
  return { ...untilCopiedMongo(ledger, mongo), isUp, close }
}
