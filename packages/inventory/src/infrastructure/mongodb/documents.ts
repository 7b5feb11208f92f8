import { formatMoney, type Uuid } from '@abasto/kernel'
import { keyOf } from '../../domain/command.ts'
import type { Movement } from '../../domain/movement.ts'
import type { Purchase } from '../../domain/purchase.ts'
import type { Hold, Reservation } from '../../domain/reservation.ts'
import type { LevelKey, StockLevel } from '../../domain/stock-level.ts'
import type { Warehouse } from '../../domain/warehouse.ts'

// The documents as they lie in MongoDB, and what they stand for. They are there to be read by people too: names as in
// the SQL schema, ids as text, moments as dates. Whatever belongs to a product carries its id.

/** `stock_levels`: one for each product in each warehouse. Its `_id` is `<product>.<warehouse>`. */
export type LevelDocument = Readonly<{
  _id: string
  product_id: Uuid
  warehouse_id: Uuid
  on_hand: number
  reserved: number
  short: number
  backorder_limit: number
  incoming: number
  reorder_point: number | null
  next_expiry_at: Date | null
  sequence: number
  version: number
  last_updated: Date
}>

/** `movements`: never changed, never deleted. Its `_id` is `<product>.<warehouse>.<sequence>`. */
export type MovementDocument = Readonly<{
  _id: string
  product_id: Uuid
  warehouse_id: Uuid
  sequence: number
  kind: Movement['kind']
  on_hand_change: number
  reserved_change: number
  on_hand_after: number
  reserved_after: number
  reason: Movement['reason']
  actor: string
  purchase_id: Uuid | null
  reservation_id: Uuid | null
  operation_id: Uuid
  created_at: Date
}>

/** `purchases`. Amounts of money are in minor units, and once more as people write them. */
export type PurchaseDocument = Readonly<{
  _id: Uuid
  product_id: Uuid
  warehouse_id: Uuid
  quantity: number
  unit_price_minor: number
  total_minor: number
  currency: string
  total: string
  operation_id: Uuid
  created_at: Date
}>

/** `operations`: the verdict on each write, under its operation id; `verdict` as `verdict.ts` writes it. */
export type OperationDocument = Readonly<{ _id: Uuid; fingerprint: string; verdict: string; created_at: Date }>

/** `reservations`; those without lines are tombstones. */
export type ReservationDocument = Readonly<{
  _id: Uuid
  status: Reservation['status']
  reference: string | null
  lines: readonly Readonly<{
    product_id: Uuid
    warehouse_id: Uuid
    quantity: number
    status: Reservation['status']
  }>[]
  expires_at: Date
  version: number
  actor: string
  operation_id: Uuid
  created_at: Date
  updated_at: Date
}>

/** `holds`: what one reservation holds of one level. Its `_id` is `<product>.<warehouse>.<reservation>`. */
export type HoldDocument = Readonly<{
  _id: string
  product_id: Uuid
  warehouse_id: Uuid
  reservation_id: Uuid
  quantity: number
  expires_at: Date
  operation_id: Uuid
  created_at: Date
}>

/** `warehouses`. */
export type WarehouseDocument = Readonly<{
  _id: Uuid
  name: string
  version: number
  created_at: Date
  updated_at: Date
  deleted_at: Date | null
}>

/** The collections of the inventory service, by the name that they have in the database. */
export type Collections = {
  stock_levels: LevelDocument
  movements: MovementDocument
  purchases: PurchaseDocument
  operations: OperationDocument
  reservations: ReservationDocument
  holds: HoldDocument
  warehouses: WarehouseDocument
}

export const levelDocument = (level: StockLevel): LevelDocument => ({
  _id: keyOf(level),
  product_id: level.productId,
  warehouse_id: level.warehouseId,
  on_hand: level.onHand,
  reserved: level.reserved,
  short: level.short,
  backorder_limit: level.backorderLimit,
  incoming: level.incoming,
  reorder_point: level.reorderPoint,
  next_expiry_at: dateOrNull(level.nextExpiryAt),
  sequence: level.sequence,
  version: level.version,
  last_updated: new Date(level.updatedAt),
})

export const levelOf = (document: LevelDocument): StockLevel => ({
  productId: document.product_id,
  warehouseId: document.warehouse_id,
  onHand: document.on_hand,
  reserved: document.reserved,
  short: document.short,
  backorderLimit: document.backorder_limit,
  incoming: document.incoming,
  reorderPoint: document.reorder_point,
  nextExpiryAt: document.next_expiry_at?.toISOString() ?? null,
  sequence: document.sequence,
  version: document.version,
  updatedAt: document.last_updated.toISOString(),
})

export const movementId = ({ sequence, ...key }: LevelKey & Readonly<{ sequence: number }>): string =>
  `${keyOf(key)}.${sequence}`

export const movementDocument = (movement: Movement): MovementDocument => ({
  _id: movementId(movement),
  product_id: movement.productId,
  warehouse_id: movement.warehouseId,
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
  created_at: new Date(movement.createdAt),
})

export const movementOf = (document: MovementDocument): Movement => ({
  productId: document.product_id,
  warehouseId: document.warehouse_id,
  sequence: document.sequence,
  kind: document.kind,
  onHandChange: document.on_hand_change,
  reservedChange: document.reserved_change,
  onHandAfter: document.on_hand_after,
  reservedAfter: document.reserved_after,
  reason: document.reason,
  actor: document.actor,
  purchaseId: document.purchase_id,
  reservationId: document.reservation_id,
  operationId: document.operation_id,
  createdAt: document.created_at.toISOString(),
})

export const purchaseDocument = (purchase: Purchase): PurchaseDocument => ({
  _id: purchase.id,
  product_id: purchase.productId,
  warehouse_id: purchase.warehouseId,
  quantity: purchase.quantity,
  unit_price_minor: purchase.unitPrice.minor,
  total_minor: purchase.total.minor,
  currency: purchase.unitPrice.currency,
  total: formatMoney(purchase.total),
  operation_id: purchase.operationId,
  created_at: new Date(purchase.createdAt),
})

export const purchaseOf = (document: PurchaseDocument): Purchase => ({
  id: document._id,
  productId: document.product_id,
  warehouseId: document.warehouse_id,
  quantity: document.quantity,
  unitPrice: { minor: document.unit_price_minor, currency: document.currency },
  total: { minor: document.total_minor, currency: document.currency },
  operationId: document.operation_id,
  createdAt: document.created_at.toISOString(),
})

export const reservationDocument = (reservation: Reservation): ReservationDocument => ({
  _id: reservation.id,
  status: reservation.status,
  reference: reservation.reference,
  lines: reservation.lines.map(({ productId, warehouseId, quantity, status }) => ({
    product_id: productId,
    warehouse_id: warehouseId,
    quantity,
    status,
  })),
  expires_at: new Date(reservation.expiresAt),
  version: reservation.version,
  actor: reservation.actor,
  operation_id: reservation.operationId,
  created_at: new Date(reservation.createdAt),
  updated_at: new Date(reservation.updatedAt),
})

export const reservationOf = (document: ReservationDocument): Reservation => ({
  id: document._id,
  status: document.status,
  reference: document.reference,
  lines: document.lines.map((line) => ({
    productId: line.product_id,
    warehouseId: line.warehouse_id,
    quantity: line.quantity,
    status: line.status,
  })),
  expiresAt: document.expires_at.toISOString(),
  version: document.version,
  actor: document.actor,
  operationId: document.operation_id,
  createdAt: document.created_at.toISOString(),
  updatedAt: document.updated_at.toISOString(),
})

export const holdId = ({ reservationId, ...key }: LevelKey & Readonly<{ reservationId: Uuid }>): string =>
  `${keyOf(key)}.${reservationId}`

export const holdDocument = (hold: Hold): HoldDocument => ({
  _id: holdId(hold),
  product_id: hold.productId,
  warehouse_id: hold.warehouseId,
  reservation_id: hold.reservationId,
  quantity: hold.quantity,
  expires_at: new Date(hold.expiresAt),
  operation_id: hold.operationId,
  created_at: new Date(hold.createdAt),
})

export const holdOf = (document: HoldDocument): Hold => ({
  productId: document.product_id,
  warehouseId: document.warehouse_id,
  reservationId: document.reservation_id,
  quantity: document.quantity,
  expiresAt: document.expires_at.toISOString(),
  operationId: document.operation_id,
  createdAt: document.created_at.toISOString(),
})

export const warehouseDocument = (warehouse: Warehouse): WarehouseDocument => ({
  _id: warehouse.id,
  name: warehouse.name,
  version: warehouse.version,
  created_at: new Date(warehouse.createdAt),
  updated_at: new Date(warehouse.updatedAt),
  deleted_at: dateOrNull(warehouse.deletedAt),
})

export const warehouseOf = (document: WarehouseDocument): Warehouse => ({
  id: document._id,
  name: document.name,
  version: document.version,
  createdAt: document.created_at.toISOString(),
  updatedAt: document.updated_at.toISOString(),
  deletedAt: document.deleted_at?.toISOString() ?? null,
})

const dateOrNull = (moment: string | null): Date | null => (moment === null ? null : new Date(moment))
