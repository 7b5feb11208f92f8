import { SQL } from 'bun'
import { freshDatabase } from '../../packages/chassis/src/database/fresh-database.ts'
import { wholeTables } from '../../packages/chassis/src/database/partitioned.ts'
import { connectPostgres } from '../../packages/chassis/src/database/postgres.ts'
import type { Uuid } from '../../packages/kernel/src/kernel.ts'
import { faultsIn } from '../kills/books.ts'
import { CUTS, openPostgresProxy } from '../network/postgres-proxy.ts'
import { tornIn } from '../race/books.ts'
import { figure } from '../stock/audit.ts'
import { dealer, WORST } from './dealer.ts'
import type { Books, Cable, Cuts, Move, SharedStore } from './shared-store.ts'

export const postgres: SharedStore = {
  name: 'PostgreSQL',
  needs: 'TEST_POSTGRES_URL',
  isUsual: true,
  fresh: freshDatabase,
  settings: (url) => ({ INVENTORY_DATABASE_URL: url, PRODUCTS_DATABASE_URL: url }),
  misfits: async () => [],
  openCable,
  books: booksIn,
  // The server ends by itself what a connection that is gone has begun.
  clearUp: async () => {},
}

const PARTITIONS = 4

/** The same, with every table of both services in partitions, as a shop can have it. */
export const postgresInPartitions: SharedStore = {
  ...postgres,
  name: 'PostgreSQL with every table in partitions',
  isUsual: false,
  settings: (url) => ({ ...postgres.settings(url), POSTGRES_PARTITIONS: String(PARTITIONS) }),
  partitions: PARTITIONS,
  misfits: wholeIn,
}

/** The tables that are whole, and the inventory's own if it is in fewer partitions than all of its tables have. */
async function wholeIn(url: string): Promise<readonly string[]> {
  const database = connectPostgres({ url, connections: 1 })
  try {
    const whole = [...(await wholeTables(database, 'inventory')), ...(await wholeTables(database, 'products'))]
    const rows = await database.query<{ parts: number }>(
      "SELECT count(*) AS parts FROM pg_partition_tree('inventory.movements') WHERE isleaf",
      [],
    )
    const isCut = rows[0]?.parts === PARTITIONS
    return [...whole.map((table) => `${table} is whole`), ...(isCut ? [] : ['the ledger is not in its partitions'])]
  } finally {
    await database.close()
  }
}

function booksIn(url: string): Books {
  const ask = async <Row>(query: string): Promise<readonly Row[]> => {
    const sql = new SQL(url, { max: 1 })
    try {
      return await sql.unsafe(query)
    } finally {
      await sql.end()
    }
  }
  return {
    purchases: () => ask<{ id: Uuid; quantity: number }>('SELECT id::text, quantity::float8 FROM inventory.purchases'),
    levels: () =>
      ask<{ id: Uuid; onHand: number }>(
        'SELECT product_id::text AS id, on_hand::float8 AS "onHand" FROM inventory.stock_levels',
      ),
    reservations: () => ask<{ id: Uuid; status: string }>('SELECT id::text, status FROM inventory.reservations'),
    movements: () =>
      ask<Move>(`SELECT operation_id::text AS operation, reservation_id::text AS reservation,
                        product_id::text AS product, kind, sequence::int FROM inventory.movements`),
    held: () =>
      figure(url, 'SELECT count(*) + (SELECT sum(reserved) FROM inventory.stock_levels) FROM inventory.holds'),
    faults: () => faultsIn(url),
    torn: () => tornIn(url),
    deadlocks: () => figure(url, 'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()'),
  }
}

/** A proxy that speaks the protocol, and so can cut after COMMIT was handed on. */
async function openCable(url: string, cuts: Cuts): Promise<Cable> {
  const proxy = await openPostgresProxy(Number(new URL(url).port), { fate: dealer(cuts, CUTS) })
  const through = new URL(url)
  through.port = String(proxy.port)
  return {
    url: through.href,
    worst: () => proxy.writes[WORST],
    figures: () => ({ 'fates of writes': proxy.writes, 'fates of reads': proxy.reads }),
    close: proxy.close,
  }
}
