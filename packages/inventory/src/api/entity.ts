import type { Entity } from '@abasto/chassis/http/binding'
import { formatMoney, type Uuid } from '@abasto/kernel'
import { movementPosition } from '../application/movements.ts'
import type { Backorder, LevelAt } from '../application/ports.ts'
import { backorderPosition } from '../application/reservations.ts'
import { keyOf } from '../domain/command.ts'
import type { Movement } from '../domain/movement.ts'
import type { Purchase } from '../domain/purchase.ts'
import type { Reservation } from '../domain/reservation.ts'
import type { ProductTotals } from '../domain/state.ts'
import { available, type StockLevel } from '../domain/stock-level.ts'
import type { Transfer } from '../domain/transfer.ts'
import type { Warehouse } from '../domain/warehouse.ts'

/** The inventory of a product as the public API shows it. */
export const inventoryEntity = ({ productId, onHand, reserved, version, updatedAt }: ProductTotals): Entity => ({
  type: 'inventory',
  id: productId,
  version,
  ...variantOf(reserved),
  attributes: { quantity: onHand, reserved, available: onHand - reserved, updatedAt },
  relationships: { product: productId },
})

/** A purchase as the public API shows it. It never changes, so its version is always 1. */
export function purchaseEntity(purchase: Purchase): Entity {
  const { id, productId, warehouseId, quantity, unitPrice, total, createdAt } = purchase
  const paid = { unitPrice: formatMoney(unitPrice), total: formatMoney(total), currency: total.currency }
  const attributes = { quantity, ...paid, createdAt }
  return {
    type: 'purchases',
    id,
    version: 1,
    attributes,
    relationships: { product: productId, warehouse: warehouseId },
  }
}

/** A movement as the public API shows it. */
export function movementEntity(movement: Movement): Entity {
  const { productId, warehouseId, purchaseId, reservationId, ...attributes } = movement
  const relationships = {
    product: productId,
    warehouse: warehouseId,
    purchase: purchaseId,
    reservation: reservationId,
  }
  return { type: 'movements', id: movementId(movement), cursor: movementPosition(movement), attributes, relationships }
}

/**
 * A movement is named by its level and its number within it; its id is made of those, so it needs no column and stays
 * the same wherever the ledger is copied (RFC 9562, section 5.5: a UUID of version 5).
 */
const movementId = ({ productId, warehouseId, sequence }: Movement): Uuid =>
  Bun.randomUUIDv5(`${warehouseId}.${sequence}`, productId)

/** A warehouse as the public API shows it. */
export const warehouseEntity = ({ id, name, version, createdAt, updatedAt }: Warehouse): Entity => ({
  type: 'warehouses',
  id,
  version,
  attributes: { name, createdAt, updatedAt },
})

/** A stock level as the public API shows it. */
export function levelEntity(level: StockLevel): Entity {
  const { productId, warehouseId, reserved, version } = level
  const attributes = {
    onHand: level.onHand,
    reserved,
    available: available(level),
    short: level.short,
    incoming: level.incoming,
    reorderPoint: level.reorderPoint,
    backorderLimit: level.backorderLimit,
    sequence: level.sequence,
    version,
    updatedAt: level.updatedAt,
  }
  const relationships = { product: productId, warehouse: warehouseId }
  return { type: 'stock-levels', id: keyOf(level), version, ...variantOf(reserved), attributes, relationships }
}

/** What a stock level was at a moment in the past: what its movements tell, and nothing that can be changed by it. */
export function levelAtEntity(level: LevelAt): Entity {
  const { productId, warehouseId, onHand, reserved, sequence, updatedAt } = level
  const attributes = { onHand, reserved, available: onHand - reserved, sequence, updatedAt }
  return {
    type: 'stock-levels',
    id: keyOf(level),
    attributes,
    relationships: { product: productId, warehouse: warehouseId },
  }
}

/** A reservation as the public API shows it. */
export function reservationEntity(reservation: Reservation): Entity {
  const { id, status, reference, version, expiresAt, createdAt, updatedAt } = reservation
  const lines = reservation.lines.map(({ productId, warehouseId, quantity, status }) => {
    return { productId, warehouseId, quantity, status }
  })
  const attributes = { lines, reference, status, expiresAt, createdAt, updatedAt }
  return { type: 'reservations', id, version, ...(status === 'held' ? {} : { variant: status }), attributes }
}

/** What is owed as the public API shows it. It is named by the hold that it is a part of. */
export function backorderEntity(backorder: Backorder): Entity {
  const { productId, warehouseId, reservationId, quantity, owed, expiresAt, createdAt } = backorder
  return {
    type: 'backorders',
    id: Bun.randomUUIDv5(`${warehouseId}.${reservationId}`, productId),
    cursor: backorderPosition(backorder),
    attributes: { quantity, owed, expiresAt, createdAt },
    relationships: { product: productId, warehouse: warehouseId, reservation: reservationId },
  }
}

/** A transfer as the public API shows it. */
export function transferEntity({ id, lines, actor, operationId, createdAt }: Transfer): Entity {
  const moved = lines.map(({ productId, from, to, quantity }) => ({ productId, from, to, quantity }))
  return { type: 'transfers', id, attributes: { lines: moved, actor, operationId, createdAt } }
}

// What is past its time is no longer reserved, though nobody may have written that down with a new version yet.
const variantOf = (reserved: number): Pick<Entity, 'variant'> => (reserved === 0 ? {} : { variant: reserved })
