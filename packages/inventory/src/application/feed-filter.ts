import type { FedMovement, FeedFilter } from './ports.ts'

/** Whether a movement is among those that somebody asked for. */
export function matcher({ productIds, warehouseIds }: FeedFilter): (fed: FedMovement) => boolean {
  const products = productIds && new Set(productIds)
  const warehouses = warehouseIds && new Set(warehouseIds)
  return ({ movement }) =>
    (products === undefined || products.has(movement.productId)) &&
    (warehouses === undefined || warehouses.has(movement.warehouseId))
}
