import { join } from 'node:path'
import type { Database } from '@abasto/chassis/database/database'
import { openEmbedded } from '@abasto/chassis/database/embedded'
import { lockFolder } from '@abasto/chassis/database/folder-lock'
import { migrate, readMigrations } from '@abasto/chassis/database/migrations'
import { connectPostgres } from '@abasto/chassis/database/postgres'
import type { Settings } from './settings.ts'

/** The databases of the process, migrated and ready. */
export type Stores = Readonly<{
  products: Store
  inventory: Store
  close: () => Promise<void>
}>

/** `writer` is one connection whose statements arrive in the order in which they were sent. */
export type Store = Readonly<{ database: Database; writer: Database; isEmbedded: boolean }>

/** Opens each service's database: PostgreSQL where an address is set, else the one embedded database of the process. */
export async function openStores(settings: Settings): Promise<Stores> {
  const closing: (() => Promise<void> | void)[] = []
  const close = async () => {
    for (const step of closing.toReversed()) await step()
  }
  try {
    const embedded = lazily(() => openEmbeddedStore(settings, closing))
    const [products, inventory] = [
      await openStore('products', settings.databases.products, embedded, closing),
      await openStore('inventory', settings.databases.inventory, embedded, closing),
    ]
    return { products, inventory, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function openStore(
  service: 'products' | 'inventory',
  url: string | undefined,
  embedded: () => Promise<Store>,
  closing: (() => Promise<void> | void)[],
): Promise<Store> {
  const store = url ? postgresStore(service, url) : await embedded()
  if (!store.isEmbedded) closing.push(store.database.close, store.writer.close)
  await migrate(store.database, service, readMigrations(join(import.meta.dir, `../../../${service}/migrations`)))
  return store
}

const postgresStore = (service: string, url: string): Store => ({
  database: connectPostgres({ url, name: `abasto-${service}` }),
  writer: connectPostgres({ url, name: `abasto-${service}-writer`, connections: 1 }),
  isEmbedded: false,
})

async function openEmbeddedStore(settings: Settings, closing: (() => Promise<void> | void)[]): Promise<Store> {
  const lock = lockFolder(settings.data, { owner: `the Abasto of process ${process.pid}` })
  closing.push(lock.release)
  const database = await openEmbedded(join(settings.data, 'database'))
  closing.push(database.close)
  return { database, writer: database, isEmbedded: true }
}

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}
