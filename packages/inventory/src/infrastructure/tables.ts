import { bigint, jsonb, pgSchema, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import type { Reservation } from '../domain/reservation.ts'

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
    incoming: count('incoming'),
    reorderPoint: bigint('reorder_point', { mode: 'number' }),
    nextExpiryAt: timestamp('next_expiry_at', { withTimezone: true, mode: 'string' }),
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
    reservationId: uuid('reservation_id'),
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

export const reservations = schema.table('reservations', {
  id: uuid('id').primaryKey(),
  status: text('status').$type<Reservation['status']>().notNull(),
  reference: text('reference'),
  lines: jsonb('lines').$type<Reservation['lines']>().notNull(),
  expiresAt: moment('expires_at'),
  version: count('version'),
  actor: text('actor').notNull(),
  operationId: uuid('operation_id').notNull(),
  createdAt: moment('created_at'),
  updatedAt: moment('updated_at'),
})

export const holds = schema.table(
  'holds',
  {
    productId: uuid('product_id').notNull(),
    warehouseId: uuid('warehouse_id').notNull(),
    reservationId: uuid('reservation_id').notNull(),
    quantity: count('quantity'),
    expiresAt: moment('expires_at'),
    operationId: uuid('operation_id').notNull(),
    createdAt: moment('created_at'),
  },
  (table) => [primaryKey({ columns: [table.productId, table.warehouseId, table.reservationId] })],
)

export const warehouses = schema.table('warehouses', {
  id: uuid('id').primaryKey(),
  name: text('name').notNull(),
  version: count('version'),
  createdAt: moment('created_at'),
  updatedAt: timestamp('updated_at', { withTimezone: true, mode: 'string' }),
  deletedAt: timestamp('deleted_at', { withTimezone: true, mode: 'string' }),
})
