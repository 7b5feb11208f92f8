import type { Database } from '@abasto/chassis/database/database'
import { asking, drizzleOn, throwingPlainly } from '@abasto/chassis/database/drizzle'
import { readPage, type Trace, type Uuid } from '@abasto/kernel'
import { and, asc, desc, gt, isNull, lt, sql } from 'drizzle-orm'
import type { Catalogue } from '../application/ports.ts'
import type { Product } from '../domain/product.ts'
import { products } from './tables.ts'
import { writeParameters, writeStatement } from './write-statement.ts'

type ProductRow = typeof products.$inferSelect

/** The catalogue in a SQL database: PostgreSQL or the embedded one. */
export function postgresCatalogue(database: Database): Catalogue {
  const drizzle = drizzleOn(database)
  const isThere = isNull(products.deletedAt)

  const find = drizzle
    .select()
    .from(products)
    .where(and(sql`${products.id} = ANY (${sql.placeholder('ids')}::text::uuid[])`, isThere))
    .prepare('products')

  const findProducts = async (ids: readonly Uuid[], trace?: Trace) => {
    const rows = await asking({ name: 'read products', trace }, () => find.execute({ ids: `{${ids.join()}}` }))
    return rows.map(productOf)
  }

  return throwingPlainly({
    read: async ({ operationId, productId, sku }, trace) => {
      const asked = database.query<ReadRow>(readStatement, [operationId, sku ?? null], {
        name: 'read operation',
        trace,
      })
      const [row, [product]] = await Promise.all([asked, productId ? findProducts([productId], trace) : []])
      const { now, sku_owner, fingerprint, verdict } = row[0]!
      const operation =
        verdict && fingerprint ? { id: operationId, fingerprint, verdict: JSON.parse(verdict) } : undefined
      return { now, product, skuOwner: sku_owner ?? undefined, operation }
    },
    write: async (changes, operation, now, trace) => {
      const parameters = writeParameters(changes, operation, now)
      const options = { name: 'write products', trace }
      const rows = await database.query<{ holds: boolean }>(writeStatement, parameters, options)
      return rows[0]!.holds
    },
    find: findProducts,
    prices: async (ids, trace) => {
      const rows = await database.values(pricesStatement, [`{${ids.join()}}`], { name: 'read prices', trace })
      return (rows as PriceRow[]).map(([id, minor, currency, active]) => ({ id, price: { minor, currency }, active }))
    },
    list: (page, { ids } = {}, trace) =>
      readPage(page, async (direction, position, limit) => {
        const [beyond, order] = direction === 'forward' ? [gt, asc] : [lt, desc]
        const isMeant = ids && sql`${products.id} = ANY (${`{${ids.join()}}`}::text::uuid[])`
        const isBeyond = position === undefined ? undefined : beyond(products.id, position)
        const where = and(isThere, isMeant, isBeyond)
        const query = drizzle.select().from(products).where(where).orderBy(order(products.id)).limit(limit)
        const rows = await asking({ name: 'list products', trace }, () => query.execute())
        return rows.map(productOf)
      }),
  } satisfies Catalogue)
}

// Every sale asks this, so it takes no more than a sale needs.
const pricesStatement = `
SELECT id, price_minor, currency, active FROM products.products
WHERE id = ANY ($1::text::uuid[]) AND deleted_at IS NULL`

type PriceRow = [id: Uuid, minor: number, currency: string, active: boolean]

// One round trip for the clock, the owner of a SKU and the operation if it was decided before.
const readStatement = `
SELECT clock_timestamp() AS now, s.product_id AS sku_owner, o.fingerprint, o.verdict
FROM (SELECT 1) AS always
  LEFT JOIN products.operations o ON o.id = $1::text::uuid
  LEFT JOIN products.product_skus s ON s.sku = $2::text`

type ReadRow = { now: string; sku_owner: Uuid | null; fingerprint: string | null; verdict: string | null }

function productOf({ priceMinor, currency, deletedAt, ...row }: ProductRow): Product {
  return { ...row, price: { minor: priceMinor, currency } }
}
