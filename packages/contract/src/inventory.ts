import { adjustmentOperations, adjustments } from './adjustments.ts'
import { backorderOperations, backorders } from './backorders.ts'
import { movementOperations, movements } from './movements.ts'
import { inventory, productInventoryOperations } from './product-inventory.ts'
import { purchaseOperations, purchases } from './purchases.ts'
import { reservationOperations, reservations } from './reservations.ts'
import { stockEventOperations } from './stock-events.ts'
import { stockLevelOperations, stockLevels } from './stock-levels.ts'
import { transferOperations, transfers } from './transfers.ts'
import { warehouseOperations, warehouses } from './warehouses.ts'

/** What the inventory service shows. */
export const inventoryResources = {
  inventory,
  purchases,
  movements,
  warehouses,
  'stock-levels': stockLevels,
  adjustments,
  transfers,
  reservations,
  backorders,
} as const

/** What the inventory service answers. */
export const inventoryOperations = [
  ...productInventoryOperations,
  ...purchaseOperations,
  ...movementOperations,
  ...warehouseOperations,
  ...stockLevelOperations,
  ...adjustmentOperations,
  ...transferOperations,
  ...reservationOperations,
  ...backorderOperations,
  ...stockEventOperations,
] as const
