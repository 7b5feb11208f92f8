import { plainArray } from '@abasto/chassis/database/array'
import type { Database } from '@abasto/chassis/database/database'
import { asking, drizzleOn } from '@abasto/chassis/database/drizzle'
import { readPage, type Trace, type Uuid } from '@abasto/kernel'
import { and, asc, desc, eq, gt, gte, inArray, isNull, lt, or, type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import type { LevelAt, LevelState, StockQueries } from '../application/ports.ts'
import type { Movement } from '../domain/movement.ts'
import type { Purchase } from '../domain/purchase.ts'
import type { ProductTotals } from '../domain/state.ts'
import { type StockLevel, withoutLapsed } from '../domain/stock-level.ts'
import { promiseQueries } from './promise-queries.ts'
import { movements, purchases, stockLevels, warehouses } from './tables.ts'

/** The questions that only read: one statement each, whatever the number of rows. */
export function stockQueries(database: Database): StockQueries {
  const drizzle = drizzleOn(database)

  const inventories = () => drizzle.select(inventoryColumns).from(stockLevels).groupBy(stockLevels.productId).$dynamic()

  const inventory = inventories()
    .where(eq(stockLevels.productId, sql.placeholder('productId')))
    .prepare('inventory')

  const levels = () => drizzle.select({ level: stockLevels, lapsed }).from(stockLevels).$dynamic()

  const level = levels()
    .where(
      and(
        eq(stockLevels.productId, sql.placeholder('productId')),
        eq(stockLevels.warehouseId, sql.placeholder('warehouseId')),
      ),
    )
    .prepare('level')

  const levelsOf = drizzle
    .select({ productId: stockLevels.productId, warehouseId: stockLevels.warehouseId })
    .from(stockLevels)
    .where(eq(stockLevels.productId, sql.placeholder('productId')))
    .orderBy(asc(stockLevels.warehouseId))
    .prepare('levels_of')

  const purchase = drizzle
    .select()
    .from(purchases)
    .where(eq(purchases.id, sql.placeholder('id')))
    .prepare('purchase')

  return {
    ...promiseQueries(database),

    inventory: async (productId, trace) => {
      const rows = await asking({ name: 'read inventory', trace }, () => inventory.execute({ productId }))
      return rows[0] as ProductTotals | undefined
    },

    inventories: (page, trace) =>
      readPage(page, async (direction, position, limit) => {
        const [beyond, order] = direction === 'forward' ? [gt, asc] : [lt, desc]
        const where = position === undefined ? undefined : beyond(stockLevels.productId, position)
        const query = inventories().where(where).orderBy(order(stockLevels.productId)).limit(limit)
        const rows = await asking({ name: 'list inventory', trace }, () => query.execute())
        return rows as ProductTotals[]
      }),

    levelsOf: (productId, trace) => asking({ name: 'read levels of', trace }, () => levelsOf.execute({ productId })),

    level: async (key, trace) =>
      (await asking({ name: 'read level', trace }, () => level.execute(key))).map(currentLevel)[0],

    levels: ({ productIds, warehouseIds, states }, page, trace) =>
      readPage(page, async (direction, position, limit) => {
        const order = direction === 'forward' ? asc : desc
        const where = and(
          productIds && inArray(stockLevels.productId, [...productIds]),
          warehouseIds && inArray(stockLevels.warehouseId, [...warehouseIds]),
          states && (or(...states.map((state) => inState[state])) ?? sql`false`),
          position === undefined ? undefined : beyond(direction, levelColumns, position),
        )
        const query = levels()
          .where(where)
          .orderBy(order(stockLevels.productId), order(stockLevels.warehouseId))
          .limit(limit)
        return (await asking({ name: 'list levels', trace }, () => query.execute())).map(currentLevel)
      }),

    levelAt: async (key, moment, trace) => {
      const rows = await database.query<LevelAtRow>(levelAtStatement, [key.productId, key.warehouseId, moment], {
        name: 'read level at',
        trace,
      })
      return rows.map(({ on_hand, reserved, sequence, created_at }): LevelAt => {
        return { ...key, onHand: on_hand, reserved, sequence, updatedAt: created_at }
      })[0]
    },

    movements: ({ productIds, warehouseIds, kinds, from, until }, page, trace) =>
      readPage(page, async (direction, position, limit) => {
        const order = direction === 'forward' ? asc : desc
        const where = and(
          productIds && inArray(movements.productId, [...productIds]),
          warehouseIds && inArray(movements.warehouseId, [...warehouseIds]),
          kinds && sql`${movements.kind} = ANY (${plainArray(kinds)}::text::inventory.movement_kind[])`,
          from === undefined ? undefined : gte(movements.createdAt, from),
          until === undefined ? undefined : lt(movements.createdAt, until),
          position === undefined ? undefined : beyond(direction, movementColumns, position),
        )
        const query = drizzle
          .select()
          .from(movements)
          .where(where)
          .orderBy(...movementColumns.map((column) => order(column)))
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

    warehouse: async (id, trace) => {
      const query = drizzle.select().from(warehouses).where(eq(warehouses.id, id))
      const [row] = await asking({ name: 'read warehouse', trace }, () => query.execute())
      return row && { ...row, updatedAt: row.updatedAt ?? row.createdAt }
    },

    warehouses: (page, trace) =>
      readPage(page, async (direction, position, limit) => {
        const [beyond, order] = direction === 'forward' ? [gt, asc] : [lt, desc]
        const where = and(
          isNull(warehouses.deletedAt),
          position === undefined ? undefined : beyond(warehouses.id, position),
        )
        const query = drizzle.select().from(warehouses).where(where).orderBy(order(warehouses.id)).limit(limit)
        const rows = await asking({ name: 'list warehouses', trace }, () => query.execute())
        return rows.map((row) => ({ ...row, updatedAt: row.updatedAt ?? row.createdAt }))
      }),

    holdsStock: async (warehouseId, trace) => {
      const query = drizzle
        .select({ productId: stockLevels.productId })
        .from(stockLevels)
        .where(
          and(
            eq(stockLevels.warehouseId, warehouseId),
            or(gt(stockLevels.onHand, 0), gt(sql`${stockLevels.reserved} - ${lapsed}`, 0)),
          ),
        )
        .limit(1)
      return (await asking({ name: 'look for stock', trace }, () => query.execute())).length > 0
    },
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

/** Units of a level that are past their time and not written off yet; looked for only where there may be some. */
const lapsed = wholeNumber(sql`CASE WHEN ${stockLevels.nextExpiryAt} <= clock_timestamp() THEN (
  SELECT coalesce(sum(h.quantity), 0) FROM inventory.holds h
  WHERE h.product_id = ${stockLevels.productId} AND h.warehouse_id = ${stockLevels.warehouseId}
    AND h.expires_at <= clock_timestamp()) ELSE 0 END`)

const reserved = sql`(${stockLevels.reserved} - ${lapsed})`

const inState: Readonly<Record<LevelState, SQL>> = {
  reorder: sql`${stockLevels.onHand} - ${reserved} <= ${stockLevels.reorderPoint}`,
  out: sql`${stockLevels.onHand} - ${reserved} <= 0`,
  short: sql`(${stockLevels.short} > 0 AND ${reserved} > ${stockLevels.onHand} + ${stockLevels.backorderLimit})`,
}

const inventoryColumns = {
  productId: stockLevels.productId,
  onHand: wholeNumber(sql`sum(${stockLevels.onHand})`),
  reserved: wholeNumber(sql`sum(${reserved})`),
  version: wholeNumber(sql`sum(${stockLevels.version})`),
  updatedAt: sql<string>`max(${stockLevels.updatedAt})`,
}

const currentLevel = (row: { level: StockLevel; lapsed: number }): StockLevel => withoutLapsed(row.level, row.lapsed)

const levelColumns = [stockLevels.productId, stockLevels.warehouseId]

const movementColumns = [movements.productId, movements.warehouseId, movements.sequence]

/** What stands beyond a position, which names a row by its key, with dots between. */
function beyond(direction: 'forward' | 'backward', columns: readonly AnyPgColumn[], position: string): SQL {
  const parts = position.split('.')
  const row = sql.join([...columns], sql`, `)
  const cursor = sql.join(
    parts.map((part, index) => (index < 2 ? sql`${part}::uuid` : sql`${part}::bigint`)),
    sql`, `,
  )
  return direction === 'forward' ? sql`(${row}) > (${cursor})` : sql`(${row}) < (${cursor})`
}

type LevelAtRow = { on_hand: number; reserved: number; sequence: number; created_at: string }

/**
 * The last movement of a level until a moment, found by halving its sequence: time rises with it, and the ledger needs
 * no index for a question that is asked rarely.
 */
const levelAtStatement = `
WITH RECURSIVE search AS (
  SELECT 0::bigint AS low, l.sequence AS high
  FROM inventory.stock_levels l WHERE l.product_id = $1::uuid AND l.warehouse_id = $2::uuid
  UNION ALL
  SELECT CASE WHEN is_until THEN middle ELSE low END, CASE WHEN is_until THEN high ELSE middle - 1 END
  FROM (
    SELECT s.low, s.high, (s.low + s.high + 1) / 2 AS middle, (
      SELECT m.created_at <= $3::timestamptz FROM inventory.movements m
      WHERE m.product_id = $1::uuid AND m.warehouse_id = $2::uuid AND m.sequence = (s.low + s.high + 1) / 2
    ) AS is_until
    FROM search s WHERE s.low < s.high
  ) half
)
SELECT m.on_hand_after AS on_hand, m.reserved_after AS reserved, m.sequence, m.created_at
FROM search s JOIN inventory.movements m
  ON m.product_id = $1::uuid AND m.warehouse_id = $2::uuid AND m.sequence = s.low
WHERE s.low = s.high`

function purchaseOf(row: typeof purchases.$inferSelect): Purchase {
  const { unitPriceMinor, totalMinor, currency, ...purchase } = row
  return { ...purchase, unitPrice: { minor: unitPriceMinor, currency }, total: { minor: totalMinor, currency } }
}
