import { join } from 'node:path'
import { isMongo } from '@abasto/chassis/config'
import { embeddedStore, postgresStore, prepare, type Store } from '@abasto/chassis/process/store'
import type { Telemetry } from '@abasto/chassis/telemetry/telemetry'
import { type StockStore, stockInMongo, stockInSql } from '@abasto/inventory/stock-store'
import type { Settings } from './settings.ts'

/** The databases of the process, migrated and ready. */
export type Stores = Readonly<{ products: Store; inventory: StockStore; close: () => Promise<void> }>

/**
 * Opens each service's database: PostgreSQL, or for the stock MongoDB, where an address is set, else the one embedded
 * database of the process.
 */
export async function openStores(
  { data, databases, connections, partitions }: Settings,
  telemetry: Telemetry,
): Promise<Stores> {
  await using opening = new AsyncDisposableStack()
  let embedded: Promise<Store> | undefined

  const open = async (name: 'products' | 'inventory'): Promise<Store> => {
    const url = databases[name]
    if (url === undefined && embedded === undefined) {
      embedded = embeddedStore(join(data, 'database'), { lockedAt: data, telemetry })
      opening.defer((await embedded).close)
    }
    const store =
      url === undefined ? await embedded! : postgresStore(name, { url, connections: connections[name], telemetry })
    if (!store.isEmbedded) opening.defer(store.close)
    const migrations = join(import.meta.dir, `../../../${name}/migrations`)
    await prepare(store, { name, migrations }, { setting: `${name.toUpperCase()}_DATABASE_URL`, partitions })
    return store
  }
  const openStock = async (): Promise<StockStore> => {
    const url = databases.inventory
    if (url === undefined || !isMongo(url)) return stockInSql(await open('inventory'))
    const setting = 'INVENTORY_DATABASE_URL'
    const store = await stockInMongo({ url, connections: connections.inventory, setting, telemetry })
    opening.defer(store.close)
    return store
  }
  const products = await open('products')
  const inventory = await openStock()
  const opened = opening.move()
  return { products, inventory, close: () => opened.disposeAsync() }
}
