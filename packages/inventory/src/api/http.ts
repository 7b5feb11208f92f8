import type { Bindings } from '@abasto/chassis/http/binding'
import type { Inventory } from '../inventory.ts'
import { adjustmentBindings } from './http/adjustments.ts'
import { levelBindings } from './http/levels.ts'
import { movementBindings } from './http/movements.ts'
import { productInventoryBindings } from './http/product-inventory.ts'
import { purchaseBindings } from './http/purchases.ts'
import { reservationBindings } from './http/reservations.ts'
import { warehouseBindings } from './http/warehouses.ts'

/** The inventory service on HTTP: one binding for each of its operations in the contract. */
export const inventoryBindings = (inventory: Inventory): Bindings => ({
  ...productInventoryBindings(inventory),
  ...purchaseBindings(inventory),
  ...movementBindings(inventory),
  ...warehouseBindings(inventory),
  ...levelBindings(inventory),
  ...adjustmentBindings(inventory),
  ...reservationBindings(inventory),
})
