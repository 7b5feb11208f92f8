import { bigint, boolean, jsonb, pgSchema, text, timestamp, uuid } from 'drizzle-orm/pg-core'

/** The tables of `migrations/`, for queries. Only the migrations make or change them. */
const schema = pgSchema('products')

const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' })

export const products = schema.table('products', {
  id: uuid('id').primaryKey(),
  sku: text('sku').notNull(),
  name: text('name').notNull(),
  description: text('description').notNull(),
  priceMinor: bigint('price_minor', { mode: 'number' }).notNull(),
  currency: text('currency').notNull(),
  images: jsonb('images').$type<string[]>().notNull(),
  active: boolean('active').notNull(),
  version: bigint('version', { mode: 'number' }).notNull(),
  createdAt: moment('created_at').notNull(),
  updatedAt: moment('updated_at').notNull(),
  deletedAt: moment('deleted_at'),
})

export const productSkus = schema.table('product_skus', {
  sku: text('sku').primaryKey(),
  productId: uuid('product_id').notNull(),
})

export const operations = schema.table('operations', {
  id: uuid('id').primaryKey(),
  fingerprint: text('fingerprint').notNull(),
  verdict: text('verdict').notNull(),
  createdAt: moment('created_at').notNull(),
})
