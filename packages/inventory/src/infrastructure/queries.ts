import type { Database } from '@abasto/chassis/database/database'
import { drizzleOn } from '@abasto/chassis/database/drizzle'
import { readPage, type Uuid } from '@abasto/kernel'
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
    inventory: async (productId) => (await inventory.execute({ productId }))[0] as Inventory | undefined,

    inventories: (page) =>
      readPage(page, async (direction, position, limit) => {
        const [beyond, order] = direction === 'forward' ? [gt, asc] : [lt, desc]
        const where = position === undefined ? undefined : beyond(stockLevels.productId, position)
        const rows = await inventories().where(where).orderBy(order(stockLevels.productId)).limit(limit)
        return rows as Inventory[]
      }),

    movements: (productId, page) =>
      readPage(page, async (direction, position, limit) => {
        const { warehouseId, sequence } = movements
        const order = direction === 'forward' ? asc : desc
        const where = and(
          eq(movements.productId, productId),
          position === undefined ? undefined : beyondMovement(direction, position),
        )
        const rows = drizzle
          .select()
          .from(movements)
          .where(where)
          .orderBy(order(warehouseId), order(sequence))
          .limit(limit)
        return (await rows) as Movement[]
      }),

    purchase: async (id) => (await purchase.execute({ id })).map(purchaseOf)[0],

    purchases: (page) =>
      readPage(page, async (direction, position, limit) => {
        const [beyond, order] = direction === 'forward' ? [gt, asc] : [lt, desc]
        const where = position === undefined ? undefined : beyond(purchases.id, position)
        const rows = await drizzle.select().from(purchases).where(where).orderBy(order(purchases.id)).limit(limit)
        return rows.map(purchaseOf)
      }),
  }
}

/** The purchases with these ids, by id. */
export async function findPurchases(database: Database, ids: readonly Uuid[]): Promise<ReadonlyMap<Uuid, Purchase>> {
  if (ids.length === 0) return new Map()
  const rows = await drizzleOn(database)
    .select()
    .from(purchases)
    .where(inArray(purchases.id, [...ids]))
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
