import { boundsMessage, mapResult, pageOf, versionOf } from '@abasto/chassis/grpc/messages'
import { commandCheck, idRefusal, idsRefusal, pageRefusal, versionRefusal } from '@abasto/chassis/grpc/validation'
import { productMessage } from '@abasto/products/api/messages'
import type { AdjustStockRequest, OpenInventoryRequest } from '@abasto/proto/inventory/v1/inventory_service'
import type { Reason } from '../../domain/stock-level.ts'
import type { Inventory } from '../../inventory.ts'
import { inventoryMessage, reasonOf } from '../messages/inventories.ts'
import { given, numberOf } from '../messages/members.ts'
import { type Calls, operation, writeOf } from './operations.ts'

const openingRefusal = commandCheck('inventory', 'create')
const changeRefusal = commandCheck('inventory', 'update')

type Names = 'openInventory' | 'adjustStock' | 'getInventory' | 'listInventory' | 'batchGetProducts'

/** The stock of products as a whole. */
export const inventoryCalls = (inventory: Inventory): Calls<Names> => ({
  openInventory: {
    operation: operation('createInventory'),
    command: opening,
    refusal: (message) => openingRefusal(opening(message)),
    handle: async (context, { productId, quantity }) =>
      mapResult(await inventory.openInventory(context, { productId, quantity: Number(quantity ?? 0n) }), inside),
  },

  adjustStock: {
    operation: operation('adjustInventory'),
    command: change,
    refusal: (message) =>
      idRefusal(message.productId, ['productId']) ??
      versionRefusal(message.expectedVersion) ??
      changeRefusal(change(message)),
    handle: async (context, message) => {
      const { productId, quantityDelta } = message
      const reason = reasonOf(message.reason) as Reason
      const input = { productId, quantityDelta: Number(quantityDelta), reason, ...versionOf(message) }
      return mapResult(await inventory.adjustStock(context, input), inside)
    },
  },

  getInventory: {
    operation: operation('getInventory'),
    refusal: ({ productId }) => idRefusal(productId, ['productId']),
    handle: async (context, { productId }) => mapResult(await inventory.getInventory(context, productId), inside),
  },

  listInventory: {
    operation: operation('listInventory'),
    refusal: ({ page }) => pageRefusal(page),
    handle: async (context, { page }) =>
      mapResult(await inventory.listInventory(context, pageOf(page)), (page) => ({
        inventories: page.items.map(inventoryMessage),
        bounds: boundsMessage(page),
      })),
  },

  batchGetProducts: {
    operation: operation('getInventoryProduct'),
    refusal: ({ ids }) => idsRefusal(ids),
    handle: async (context, { ids }) =>
      mapResult(await inventory.findProducts(context, ids), (found) => ({
        products: [...found.values()].map(productMessage),
      })),
  },
})

const opening = ({ productId, quantity }: OpenInventoryRequest) =>
  writeOf({ attributes: given({ quantity: numberOf(quantity) }), product: productId })

const change = ({ productId, quantityDelta, reason, expectedVersion }: AdjustStockRequest) => {
  const attributes = { quantityDelta: Number(quantityDelta), ...given({ reason: reasonOf(reason) }) }
  return writeOf({ id: productId, attributes, expectedVersion })
}

const inside = (level: Parameters<typeof inventoryMessage>[0]) => ({ inventory: inventoryMessage(level) })
