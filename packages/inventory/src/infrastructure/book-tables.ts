import type { Uuid } from '@abasto/kernel'
import type { Section, Sections } from '../application/books.ts'
import { levelOf, movementOf, reservationOf, warehouseOf } from './rows.ts'

// Rows come from a statement that is made of the very columns that are named here.
type Row = never

/** Where the records of a section lie in a SQL database. */
export type Table<S extends Section> = Readonly<{
  name: string
  /** Every column of it that is part of the books. */
  columns: readonly string[]
  /** The order in which it is read, and the type of each column: an index has them first. */
  order: Readonly<Record<string, 'uuid' | 'bigint' | 'xid8'>>
  recordOf: (row: Row) => Sections[S]
  rowOf: (record: Sections[S]) => Readonly<Record<string, unknown>>
}>

const LEVEL = ['product_id', 'warehouse_id'] as const
const levelKey = (key: Readonly<{ productId: Uuid; warehouseId: Uuid }>) => ({
  product_id: key.productId,
  warehouse_id: key.warehouseId,
})

type LevelPart = Readonly<{ product_id: Uuid; warehouse_id: Uuid }>

const warehouses: Table<'warehouses'> = {
  name: 'warehouses',
  columns: ['id', 'name', 'version', 'created_at', 'updated_at', 'deleted_at'],
  order: { id: 'uuid' },
  recordOf: warehouseOf,
  rowOf: ({ id, name, version, createdAt, updatedAt, deletedAt }) => ({
    id,
    name,
    version,
    created_at: createdAt,
    updated_at: updatedAt,
    deleted_at: deletedAt,
  }),
}

const levels: Table<'levels'> = {
  name: 'stock_levels',
  columns: [
    ...LEVEL,
    ...['on_hand', 'reserved', 'short', 'backorder_limit', 'incoming', 'reorder_point', 'next_expiry_at'],
    ...['sequence', 'version', 'updated_at'],
  ],
  order: { product_id: 'uuid', warehouse_id: 'uuid' },
  recordOf: levelOf,
  rowOf: (level) => ({
    ...levelKey(level),
    on_hand: level.onHand,
    reserved: level.reserved,
    short: level.short,
    backorder_limit: level.backorderLimit,
    incoming: level.incoming,
    reorder_point: level.reorderPoint,
    next_expiry_at: level.nextExpiryAt,
    sequence: level.sequence,
    version: level.version,
    updated_at: level.updatedAt,
  }),
}

const reservations: Table<'reservations'> = {
  name: 'reservations',
  columns: [
    ...['id', 'status', 'reference', 'lines', 'expires_at', 'version', 'actor', 'operation_id', 'created_at'],
    'updated_at',
  ],
  order: { id: 'uuid' },
  recordOf: reservationOf,
  rowOf: ({ expiresAt, operationId, createdAt, updatedAt, ...same }) => ({
    ...same,
    expires_at: expiresAt,
    operation_id: operationId,
    created_at: createdAt,
    updated_at: updatedAt,
  }),
}

type HoldRow = LevelPart &
  Readonly<{ reservation_id: Uuid; quantity: number; expires_at: string; operation_id: Uuid; created_at: string }>

const holds: Table<'holds'> = {
  name: 'holds',
  columns: [...LEVEL, 'reservation_id', 'quantity', 'expires_at', 'operation_id', 'created_at'],
  order: { product_id: 'uuid', warehouse_id: 'uuid', reservation_id: 'uuid' },
  recordOf: (row: HoldRow) => ({
    productId: row.product_id,
    warehouseId: row.warehouse_id,
    reservationId: row.reservation_id,
    quantity: row.quantity,
    expiresAt: row.expires_at,
    operationId: row.operation_id,
    createdAt: row.created_at,
  }),
  rowOf: (hold) => ({
    ...levelKey(hold),
    reservation_id: hold.reservationId,
    quantity: hold.quantity,
    expires_at: hold.expiresAt,
    operation_id: hold.operationId,
    created_at: hold.createdAt,
  }),
}

/**
 * The number of its transaction is no part of a movement: it says something in one database only, and in another the
 * copy is what wrote it. But movements are read in that order, so that in the copy too those of a time lie together,
 * which is what finds them by it.
 */
const movements: Table<'movements'> = {
  name: 'movements',
  columns: [
    ...[...LEVEL, 'sequence', 'kind', 'on_hand_change', 'reserved_change', 'on_hand_after', 'reserved_after', 'reason'],
    ...['actor', 'purchase_id', 'reservation_id', 'operation_id', 'created_at'],
  ],
  order: { transaction_id: 'xid8', product_id: 'uuid', warehouse_id: 'uuid', sequence: 'bigint' },
  recordOf: movementOf,
  rowOf: (movement) => ({
    ...levelKey(movement),
    sequence: movement.sequence,
    kind: movement.kind,
    on_hand_change: movement.onHandChange,
    reserved_change: movement.reservedChange,
    on_hand_after: movement.onHandAfter,
    reserved_after: movement.reservedAfter,
    reason: movement.reason,
    actor: movement.actor,
    purchase_id: movement.purchaseId,
    reservation_id: movement.reservationId,
    operation_id: movement.operationId,
    created_at: movement.createdAt,
  }),
}

type PurchaseRow = LevelPart &
  Readonly<{
    id: Uuid
    quantity: number
    unit_price_minor: number
    total_minor: number
    currency: string
    operation_id: Uuid
    created_at: string
  }>

const purchases: Table<'purchases'> = {
  name: 'purchases',
  columns: [
    ...['id', ...LEVEL, 'quantity', 'unit_price_minor', 'total_minor', 'currency', 'operation_id', 'created_at'],
  ],
  order: { id: 'uuid' },
  recordOf: (row: PurchaseRow) => ({
    id: row.id,
    productId: row.product_id,
    warehouseId: row.warehouse_id,
    quantity: row.quantity,
    unitPrice: { minor: row.unit_price_minor, currency: row.currency },
    total: { minor: row.total_minor, currency: row.currency },
    operationId: row.operation_id,
    createdAt: row.created_at,
  }),
  rowOf: (purchase) => ({
    id: purchase.id,
    ...levelKey(purchase),
    quantity: purchase.quantity,
    unit_price_minor: purchase.unitPrice.minor,
    total_minor: purchase.total.minor,
    currency: purchase.unitPrice.currency,
    operation_id: purchase.operationId,
    created_at: purchase.createdAt,
  }),
}

type OperationRow = Readonly<{ id: Uuid; fingerprint: string; verdict: string; created_at: string }>

const operations: Table<'operations'> = {
  name: 'operations',
  columns: ['id', 'fingerprint', 'verdict', 'created_at'],
  order: { id: 'uuid' },
  recordOf: ({ created_at, fingerprint, ...same }: OperationRow) => ({
    ...same,
    fingerprint: fingerprint.replaceAll('-', ''),
    createdAt: created_at,
  }),
  rowOf: ({ createdAt, ...same }) => ({ ...same, created_at: createdAt }),
}

export const TABLES: { readonly [S in Section]: Table<S> } = {
  warehouses,
  levels,
  reservations,
  holds,
  movements,
  purchases,
  operations,
}
