import { SQL } from 'bun'
import { freshDatabase } from '../../packages/chassis/src/database/fresh-database.ts'
import type { Uuid } from '../../packages/kernel/src/kernel.ts'
import { faultsIn } from '../kills/books.ts'
import { CUTS, type Fate, openPostgresProxy } from '../network/postgres-proxy.ts'
import { tornIn } from '../race/books.ts'
import { figure } from '../stock/audit.ts'
import type { Books, Cable, Cuts, Move, SharedStore } from './shared-store.ts'

export const postgres: SharedStore = {
  name: 'PostgreSQL',
  needs: 'TEST_POSTGRES_URL',
  isUsual: true,
  fresh: freshDatabase,
  settings: (url) => ({ INVENTORY_DATABASE_URL: url, PRODUCTS_DATABASE_URL: url }),
  openCable,
  books: booksIn,
  // The server ends by itself what a connection that is gone has begun.
  clearUp: async () => {},
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
  const proxy = await openPostgresProxy(Number(new URL(url).port), { fate: dealer(cuts) })
  const through = new URL(url)
  through.port = String(proxy.port)
  return {
    url: through.href,
    worst: () => proxy.writes[WORST],
    figures: () => ({ 'fates of writes': proxy.writes, 'fates of reads': proxy.reads }),
    close: proxy.close,
  }
}

const WORST = 'cut when it was done, before the answer'

/**
 * Cuts so many of a thousand, at random. The kinds of cuts come in rounds, so that a short race has each of them too,
 * and every other cut of a write is the worst one.
 */
function dealer(cuts: Cuts): (isWrite: boolean) => Fate {
  const deck = CUTS.filter((cut) => cut !== WORST).flatMap((cut) => [WORST, cut] as const)
  let dealt = 0
  return (isWrite) => {
    if (Math.random() * 1_000 >= (isWrite ? cuts.writes : cuts.reads)) return 'pass'
    return isWrite ? deck[dealt++ % deck.length]! : CUTS[Math.floor(Math.random() * CUTS.length)]!
  }
}
