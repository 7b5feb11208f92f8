import type { Entity } from '@abasto/chassis/http/binding'
import { formatMoney, type Uuid } from '@abasto/kernel'
import { movementPosition } from '../application/inventories.ts'
import type { Inventory } from '../application/ports.ts'
import type { Movement } from '../domain/movement.ts'
import type { Purchase } from '../domain/purchase.ts'

/** The inventory of a product as the public API shows it. */
export const inventoryEntity = ({ productId, onHand, reserved, version, updatedAt }: Inventory): Entity => ({
  type: 'inventory',
  id: productId,
  version,
  attributes: { quantity: onHand, reserved, available: onHand - reserved, updatedAt },
  relationships: { product: productId },
})

/** A purchase as the public API shows it. It never changes, so its version is always 1. */
export const purchaseEntity = ({ id, productId, quantity, unitPrice, total, createdAt }: Purchase): Entity => ({
  type: 'purchases',
  id,
  version: 1,
  attributes: {
    quantity,
    unitPrice: formatMoney(unitPrice),
    total: formatMoney(total),
    currency: total.currency,
    createdAt,
  },
  relationships: { product: productId },
})

/** A movement as the public API shows it. */
export function movementEntity(movement: Movement): Entity {
  const { productId, warehouseId, purchaseId, ...attributes } = movement
  const relationships = { product: productId, warehouse: warehouseId, purchase: purchaseId }
  return { type: 'movements', id: movementId(movement), cursor: movementPosition(movement), attributes, relationships }
}

/**
 * A movement is named by its level and its number within it; its id is made of those, so it needs no column and stays
 * the same wherever the ledger is copied (RFC 9562, section 5.5: a UUID of version 5).
 */
const movementId = ({ productId, warehouseId, sequence }: Movement): Uuid =>
  Bun.randomUUIDv5(`${warehouseId}.${sequence}`, productId)
