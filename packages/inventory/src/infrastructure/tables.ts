import { bigint, pgSchema, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core'

/** The tables of `migrations/`, for queries. Only the migrations make or change them. */
const schema = pgSchema('inventory')

const count = (name: string) => bigint(name, { mode: 'number' }).notNull()
const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' }).notNull()

export const stockLevels = schema.table(
  'stock_levels',
  {
    productId: uuid('product_id').notNull(),
    warehouseId: uuid('warehouse_id').notNull(),
    onHand: count('on_hand'),
    reserved: count('reserved'),
    short: count('short'),
    backorderLimit: count('backorder_limit'),
    sequence: count('sequence'),
    version: count('version'),
    updatedAt: moment('updated_at'),
  },
  (table) => [primaryKey({ columns: [table.productId, table.warehouseId] })],
)

export const movements = schema.table(
  'movements',
  {
    productId: uuid('product_id').notNull(),
    warehouseId: uuid('warehouse_id').notNull(),
    sequence: count('sequence'),
    kind: text('kind').notNull(),
    onHandChange: count('on_hand_change'),
    reservedChange: count('reserved_change'),
    onHandAfter: count('on_hand_after'),
    reservedAfter: count('reserved_after'),
    reason: text('reason'),
    actor: text('actor').notNull(),
    purchaseId: uuid('purchase_id'),
    operationId: uuid('operation_id').notNull(),
    createdAt: moment('created_at'),
  },
  (table) => [primaryKey({ columns: [table.productId, table.warehouseId, table.sequence] })],
)

export const purchases = schema.table('purchases', {
  id: uuid('id').primaryKey(),
  productId: uuid('product_id').notNull(),
  warehouseId: uuid('warehouse_id').notNull(),
  quantity: count('quantity'),
  unitPriceMinor: count('unit_price_minor'),
  totalMinor: count('total_minor'),
  currency: text('currency').notNull(),
  operationId: uuid('operation_id').notNull(),
  createdAt: moment('created_at'),
})
