import type { Context, PageRequest, Uuid } from '@abasto/kernel'
import { adjustStock, getInventory, listInventory, listMovements, openInventory } from './application/inventories.ts'
import type { Ports } from './application/ports.ts'
import { getPurchase, type LineToSell, listPurchases, sell } from './application/purchases.ts'

/** Everything the inventory service can do: the table of contents of this package. */
export const createInventory = (ports: Ports) => ({
  openInventory: (context: Context, input: { productId: Uuid; quantity: number }) =>
    openInventory(ports, context, input),
  adjustStock: (context: Context, input: AdjustStockInput) => adjustStock(ports, context, input),
  getInventory: (context: Context, productId: Uuid) => getInventory(ports, context, productId),
  listInventory: (context: Context, page: PageRequest) => listInventory(ports, context, page),
  listMovements: (context: Context, input: { productId: Uuid; page: PageRequest }) =>
    listMovements(ports, context, input),
  sell: (context: Context, input: { lines: readonly LineToSell[] }) => sell(ports, context, input),
  getPurchase: (context: Context, id: Uuid) => getPurchase(ports, context, id),
  listPurchases: (context: Context, page: PageRequest) => listPurchases(ports, context, page),
  /** The products behind stock and purchases, for `include`. */
  findProducts: (context: Context, ids: readonly Uuid[]) => ports.products.findProducts(context, ids),
})

export type Inventory = ReturnType<typeof createInventory>

type AdjustStockInput = Parameters<typeof adjustStock>[2]
