import type { Database } from '@abasto/chassis/database/database'
import { asking, drizzleOn } from '@abasto/chassis/database/drizzle'
import { readPage, type Trace, type Uuid } from '@abasto/kernel'
import { and, asc, desc, eq, gt, inArray, lt, type SQL, sql } from 'drizzle-orm'
import type { Inventory, Stock } from '../application/ports.ts'
import type { Movement } from '../domain/movement.ts'
import type { Purchase } from '../domain/purchase.ts'
import { movements, purchases, stockLevels } from './tables.ts'

type Queries = Pick<Stock, 'inventory' | 'inventories' | 'movements' | 'purchase' | 'purchases'>

/** The questions that only read: one statement each, whatever the number of rows. */
export function stockQueries(database: Database): Queries {
  const drizzle = drizzleOn(database)

  const inventories = () => drizzle.select(inventoryColumns).from(stockLevels).groupBy(stockLevels.productId).$dynamic()

  const inventory = inventories()
    .where(eq(stockLevels.productId, sql.placeholder('productId')))
    .prepare('inventory')

  const purchase = drizzle
    .select()
    .from(purchases)
    .where(eq(purchases.id, sql.placeholder('id')))
    .prepare('purchase')

  return {
    inventory: async (productId, trace) => {
      const rows = await asking({ name: 'read inventory', trace }, () => inventory.execute({ productId }))
      return rows[0] as Inventory | undefined
    },

    inventories: (page, trace) =>
      readPage(page, async (direction, position, limit) => {
        const [beyond, order] = direction === 'forward' ? [gt, asc] : [lt, desc]
        const where = position === undefined ? undefined : beyond(stockLevels.productId, position)
        const query = inventories().where(where).orderBy(order(stockLevels.productId)).limit(limit)
        const rows = await asking({ name: 'list inventory', trace }, () => query.execute())
        return rows as Inventory[]
      }),

    movements: (productId, page, trace) =>
      readPage(page, async (direction, position, limit) => {
        const { warehouseId, sequence } = movements
        const order = direction === 'forward' ? asc : desc
        const where = and(
          eq(movements.productId, productId),
          position === undefined ? undefined : beyondMovement(direction, position),
        )
        const query = drizzle
          .select()
          .from(movements)
          .where(where)
          .orderBy(order(warehouseId), order(sequence))
          .limit(limit)
        return (await asking({ name: 'list movements', trace }, () => query.execute())) as Movement[]
      }),

    purchase: async (id, trace) =>
      (await asking({ name: 'read purchase', trace }, () => purchase.execute({ id }))).map(purchaseOf)[0],

    purchases: (page, trace) =>
      readPage(page, async (direction, position, limit) => {
        const [beyond, order] = direction === 'forward' ? [gt, asc] : [lt, desc]
        const where = position === undefined ? undefined : beyond(purchases.id, position)
        const query = drizzle.select().from(purchases).where(where).orderBy(order(purchases.id)).limit(limit)
        const rows = await asking({ name: 'list purchases', trace }, () => query.execute())
        return rows.map(purchaseOf)
      }),
  }
}

/** The purchases with these ids, by id. */
export async function findPurchases(
  database: Database,
  ids: readonly Uuid[],
  trace?: Trace,
): Promise<ReadonlyMap<Uuid, Purchase>> {
  if (ids.length === 0) return new Map()
  const query = drizzleOn(database)
    .select()
    .from(purchases)
    .where(inArray(purchases.id, [...ids]))
  const rows = await asking({ name: 'read purchases', trace }, () => query.execute())
  return new Map(rows.map((row) => [row.id, purchaseOf(row)]))
}

const wholeNumber = (expression: SQL) => sql<number>`(${expression})::bigint`.mapWith(Number)

const inventoryColumns = {
  productId: stockLevels.productId,
  onHand: wholeNumber(sql`sum(${stockLevels.onHand})`),
  reserved: wholeNumber(sql`sum(${stockLevels.reserved})`),
  version: wholeNumber(sql`sum(${stockLevels.version})`),
  updatedAt: sql<string>`max(${stockLevels.updatedAt})`,
}

function beyondMovement(direction: 'forward' | 'backward', position: string): SQL {
  const [warehouseId, sequence] = position.split('.')
  const row = sql`(${movements.warehouseId}, ${movements.sequence})`
  const cursor = sql`(${warehouseId}::uuid, ${sequence}::bigint)`
  return direction === 'forward' ? sql`${row} > ${cursor}` : sql`${row} < ${cursor}`
}

function purchaseOf(row: typeof purchases.$inferSelect): Purchase {
  const { unitPriceMinor, totalMinor, currency, ...purchase } = row
  return { ...purchase, unitPrice: { minor: unitPriceMinor, currency }, total: { minor: totalMinor, currency } }
}
