import type { Context, PageRequest, Uuid } from '@abasto/kernel'
import { adjustStock, getInventory, listInventory, openInventory } from './application/inventories.ts'
import {
  changeLevel,
  changeLevels,
  configureLevel,
  getLevel,
  getLevelAt,
  listLevels,
  openLevel,
  transferStock,
} from './application/levels.ts'
import { listInventoryMovements, listMovements } from './application/movements.ts'
import type { Ports } from './application/ports.ts'
import { getPurchase, listPurchases, sell } from './application/purchases.ts'
import {
  commitReservation,
  extendReservation,
  getReservation,
  listBackorders,
  listReservations,
  releaseReservation,
  reserveStock,
} from './application/reservations.ts'
import {
  createWarehouse,
  deleteWarehouse,
  getWarehouse,
  listWarehouses,
  renameWarehouse,
} from './application/warehouses.ts'

/** Everything the inventory service can do: the table of contents of this package. */
export const createInventory = (ports: Ports) => ({
  openInventory: (context: Context, input: In<typeof openInventory>) => openInventory(ports, context, input),
  adjustStock: (context: Context, input: In<typeof adjustStock>) => adjustStock(ports, context, input),
  getInventory: (context: Context, productId: Uuid) => getInventory(ports, context, productId),
  listInventory: (context: Context, page: PageRequest) => listInventory(ports, context, page),

  createWarehouse: (context: Context, input: In<typeof createWarehouse>) => createWarehouse(ports, context, input),
  renameWarehouse: (context: Context, input: In<typeof renameWarehouse>) => renameWarehouse(ports, context, input),
  deleteWarehouse: (context: Context, input: In<typeof deleteWarehouse>) => deleteWarehouse(ports, context, input),
  getWarehouse: (context: Context, id: Uuid) => getWarehouse(ports, context, id),
  listWarehouses: (context: Context, page: PageRequest) => listWarehouses(ports, context, page),

  openLevel: (context: Context, input: In<typeof openLevel>) => openLevel(ports, context, input),
  changeLevel: (context: Context, input: In<typeof changeLevel>) => changeLevel(ports, context, input),
  changeLevels: (context: Context, input: In<typeof changeLevels>) => changeLevels(ports, context, input),
  configureLevel: (context: Context, input: In<typeof configureLevel>) => configureLevel(ports, context, input),
  transferStock: (context: Context, input: In<typeof transferStock>) => transferStock(ports, context, input),
  getLevel: (context: Context, key: In<typeof getLevel>) => getLevel(ports, context, key),
  getLevelAt: (context: Context, input: In<typeof getLevelAt>) => getLevelAt(ports, context, input),
  listLevels: (context: Context, input: In<typeof listLevels>) => listLevels(ports, context, input),

  reserveStock: (context: Context, input: In<typeof reserveStock>) => reserveStock(ports, context, input),
  commitReservation: (context: Context, input: In<typeof commitReservation>) =>
    commitReservation(ports, context, input),
  releaseReservation: (context: Context, input: In<typeof releaseReservation>) =>
    releaseReservation(ports, context, input),
  extendReservation: (context: Context, input: In<typeof extendReservation>) =>
    extendReservation(ports, context, input),
  getReservation: (context: Context, id: Uuid) => getReservation(ports, context, id),
  listReservations: (context: Context, input: In<typeof listReservations>) => listReservations(ports, context, input),
  listBackorders: (context: Context, input: In<typeof listBackorders>) => listBackorders(ports, context, input),

  sell: (context: Context, input: In<typeof sell>) => sell(ports, context, input),
  getPurchase: (context: Context, id: Uuid) => getPurchase(ports, context, id),
  listPurchases: (context: Context, page: PageRequest) => listPurchases(ports, context, page),

  listMovements: (context: Context, input: In<typeof listMovements>) => listMovements(ports, context, input),
  listInventoryMovements: (context: Context, input: In<typeof listInventoryMovements>) =>
    listInventoryMovements(ports, context, input),

  /** The products behind stock and purchases, for `include`. */
  findProducts: (context: Context, ids: readonly Uuid[]) => ports.products.findProducts(context, ids),
})

export type Inventory = ReturnType<typeof createInventory>

/** What a use case is given, beside its ports and the context. */
type In<UseCase extends (ports: Ports, context: Context, input: never) => unknown> = Parameters<UseCase>[2]
