import type { Entity } from '@abasto/chassis/http/binding'
import { formatMoney } from '@abasto/kernel'
import { movementPosition } from '../application/inventories.ts'
import type { Inventory, RecordedMovement } from '../application/ports.ts'
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
export function movementEntity(movement: RecordedMovement): Entity {
  const { id, productId, warehouseId, purchaseId, ...attributes } = movement
  const relationships = { product: productId, warehouse: warehouseId, purchase: purchaseId }
  return { type: 'movements', id, cursor: movementPosition(movement), attributes, relationships }
}
