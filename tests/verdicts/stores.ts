import { join } from 'node:path'
import type { Database } from '../../packages/chassis/src/database/database.ts'
import { openEmbedded } from '../../packages/chassis/src/database/embedded.ts'
import { freshDatabase } from '../../packages/chassis/src/database/fresh-database.ts'
import { type MigrateOptions, migrate, readMigrations } from '../../packages/chassis/src/database/migrations.ts'
import { connectPostgres } from '../../packages/chassis/src/database/postgres.ts'
import type { Stock } from '../../packages/inventory/src/application/ports.ts'
import { DEFAULT_WAREHOUSE } from '../../packages/inventory/src/domain/warehouse.ts'
import { memoryStock } from '../../packages/inventory/src/infrastructure/memory.ts'
import { postgresStock } from '../../packages/inventory/src/infrastructure/postgres.ts'
import { clockScript, SEARCH_PATH, type VirtualClock } from './virtual-clock.ts'

/** One kind of store, on a clock that is told when to go on. */
export type Store = Readonly<{
  name: string
  /** An empty shop in it: the same stock as two processes would hold it. */
  empty: () => Promise<readonly [Stock, Stock]>
  /** The databases that must be told the time. */
  databases: readonly Database[]
  close: () => Promise<void>
}>

export function memoryStore(clock: VirtualClock): Store {
  const empty = async () => {
    const stock = memoryStock({ now: clock.now })
    return [stock, stock] as const
  }
  return { name: 'plain memory', empty, databases: [], close: async () => {} }
}

export async function embeddedStore(clock: VirtualClock): Promise<Store> {
  const database = await openEmbedded()
  await prepare(database, clock)
  await database.script(`SET search_path = ${SEARCH_PATH}`)
  return sqlStore('the embedded database', [database], [postgresStock(database), postgresStock(database)], () =>
    database.close(),
  )
}

export async function postgresStore(
  clock: VirtualClock,
  server: string,
  { isPartitioned = false } = {},
): Promise<Store> {
  const { url, drop } = await freshDatabase(server)
  const first = connectPostgres({ url, connections: 1 })
  await prepare(first, clock, isPartitioned ? { partitions: 4 } : {})
  const name = new URL(url).pathname.slice(1)
  await first.script(`ALTER DATABASE ${name} SET search_path = ${SEARCH_PATH}`)
  await first.close()
  // Connections that are made from here on go by the clock of the proof.
  const pools = Array.from({ length: 4 }, () => connectPostgres({ url, connections: 1 }))
  const [one, other] = [postgresStock(pools[0]!, pools[1]!), postgresStock(pools[2]!, pools[3]!)]
  return sqlStore(isPartitioned ? 'PostgreSQL in partitions' : 'PostgreSQL', [pools[0]!], [one, other], async () => {
    await Promise.all(pools.map((pool) => pool.close()))
    await drop()
  })
}

async function prepare(database: Database, clock: VirtualClock, options: MigrateOptions = {}): Promise<void> {
  const migrations = join(import.meta.dir, '../../packages/inventory/migrations')
  await migrate(database, 'inventory', readMigrations(migrations), options)
  await database.script(clockScript(clock.now()))
}

function sqlStore(
  name: string,
  databases: readonly [Database],
  stocks: readonly [Stock, Stock],
  close: () => Promise<void>,
): Store {
  const empty = async () => {
    await databases[0].script(EMPTY)
    return stocks
  }
  return { name, empty, databases, close }
}

const EMPTY = `
  DELETE FROM inventory.holds;
  DELETE FROM inventory.reservations;
  DELETE FROM inventory.movements;
  DELETE FROM inventory.purchases;
  DELETE FROM inventory.operations;
  DELETE FROM inventory.stock_levels;
  DELETE FROM inventory.warehouses WHERE id <> '${DEFAULT_WAREHOUSE}';
  UPDATE inventory.warehouses SET name = 'default', version = 1, deleted_at = NULL, updated_at = NULL,
    created_at = (SELECT now FROM proof.clock)`
