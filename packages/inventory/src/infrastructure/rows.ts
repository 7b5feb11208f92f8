import type { Uuid } from '@abasto/kernel'
import { keyOf } from '../domain/command.ts'
import type { Movement } from '../domain/movement.ts'
import type { Reservation } from '../domain/reservation.ts'
import type { StockLevel } from '../domain/stock-level.ts'
import type { Warehouse } from '../domain/warehouse.ts'

/** The rows of `migrations/` as statements return them, and what they stand for. */

export type LevelRow = Readonly<{
  product_id: Uuid
  warehouse_id: Uuid
  on_hand: number
  reserved: number
  short: number
  backorder_limit: number
  incoming: number
  reorder_point: number | null
  next_expiry_at: string | null
  sequence: number
  version: number
  updated_at: string
}>

export const levelOf = (row: LevelRow): StockLevel => ({
  productId: row.product_id,
  warehouseId: row.warehouse_id,
  onHand: row.on_hand,
  reserved: row.reserved,
  short: row.short,
  backorderLimit: row.backorder_limit,
  incoming: row.incoming,
  reorderPoint: row.reorder_point,
  nextExpiryAt: row.next_expiry_at,
  sequence: row.sequence,
  version: row.version,
  updatedAt: row.updated_at,
})

export function addLevel(levels: Map<string, StockLevel>, row: LevelRow): void {
  const level = levelOf(row)
  levels.set(keyOf(level), level)
}

export type ReservationRow = Readonly<{
  id: Uuid
  status: Reservation['status']
  reference: string | null
  lines: Reservation['lines']
  expires_at: string
  version: number
  actor: string
  operation_id: Uuid
  created_at: string
  updated_at: string
}>

export const reservationOf = (row: ReservationRow): Reservation => ({
  id: row.id,
  status: row.status,
  reference: row.reference,
  lines: row.lines.map(({ productId, warehouseId, quantity, status }) => ({
    productId,
    warehouseId,
    quantity,
    status,
  })),
  expiresAt: row.expires_at,
  version: row.version,
  actor: row.actor,
  operationId: row.operation_id,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

export type WarehouseRow = Readonly<{
  id: Uuid
  name: string
  version: number
  created_at: string
  updated_at: string | null
  deleted_at: string | null
}>

export const warehouseOf = (row: WarehouseRow): Warehouse => ({
  id: row.id,
  name: row.name,
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at ?? row.created_at,
  deletedAt: row.deleted_at,
})

export type MovementRow = Readonly<{
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
  created_at: string
}>

export const movementOf = (row: MovementRow): Movement => ({
  productId: row.product_id,
  warehouseId: row.warehouse_id,
  sequence: row.sequence,
  kind: row.kind,
  onHandChange: row.on_hand_change,
  reservedChange: row.reserved_change,
  onHandAfter: row.on_hand_after,
  reservedAfter: row.reserved_after,
  reason: row.reason,
  actor: row.actor,
  purchaseId: row.purchase_id,
  reservationId: row.reservation_id,
  operationId: row.operation_id,
  createdAt: row.created_at,
})
