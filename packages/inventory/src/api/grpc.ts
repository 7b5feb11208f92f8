import { boundsMessage, mapResult, pageOf, versionOf } from '@abasto/chassis/grpc/messages'
import { type GrpcService, grpcService } from '@abasto/chassis/grpc/service'
import { commandCheck, idRefusal, idsRefusal, pageRefusal, versionRefusal } from '@abasto/chassis/grpc/validation'
import { inventoryOperations } from '@abasto/contract/inventory'
import type { Operation } from '@abasto/contract/operation'
import { type Failure, invalid } from '@abasto/kernel'
import { productMessage } from '@abasto/products/api/messages'
import {
  type AdjustStockRequest,
  InventoryService,
  type OpenInventoryRequest,
} from '@abasto/proto/inventory/v1/inventory_service'
import type { LineToSell } from '../application/purchases.ts'
import type { Reason } from '../domain/stock-level.ts'
import type { Inventory } from '../inventory.ts'
import {
  inventoryMessage,
  lineCommand,
  linesOf,
  movementMessage,
  purchaseMessage,
  reasonOf,
  saleCommand,
  writeOf,
} from './messages.ts'

const openingRefusal = commandCheck('inventory', 'create')
const changeRefusal = commandCheck('inventory', 'update')
const lineRefusal = commandCheck('purchases', 'create')

/** The inventory service on gRPC: one answer for each call of its proto file. */
export const inventoryGrpc = (inventory: Inventory): GrpcService =>
  grpcService(InventoryService, {
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

    listMovements: {
      operation: operation('listInventoryMovements'),
      refusal: ({ productId, page }) => idRefusal(productId, ['productId']) ?? pageRefusal(page),
      handle: async (context, { productId, page }) =>
        mapResult(await inventory.listMovements(context, { productId, page: pageOf(page) }), (page) => ({
          movements: page.items.map(movementMessage),
          bounds: boundsMessage(page),
        })),
    },

    createPurchases: {
      operation: operation('createPurchase'),
      command: (message) => saleCommand(linesOf(message)),
      refusal: (message) => saleRefusal(linesOf(message)),
      handle: async (context, message) =>
        mapResult(await inventory.sell(context, { lines: linesOf(message) }), (purchases) => ({
          purchases: purchases.map(purchaseMessage),
        })),
    },

    getPurchase: {
      operation: operation('getPurchase'),
      refusal: ({ id }) => idRefusal(id, ['id']),
      handle: async (context, { id }) =>
        mapResult(await inventory.getPurchase(context, id), (purchase) => ({ purchase: purchaseMessage(purchase) })),
    },

    listPurchases: {
      operation: operation('listPurchases'),
      refusal: ({ page }) => pageRefusal(page),
      handle: async (context, { page }) =>
        mapResult(await inventory.listPurchases(context, pageOf(page)), (page) => ({
          purchases: page.items.map(purchaseMessage),
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

function operation(id: (typeof inventoryOperations)[number]['id']): Operation {
  return inventoryOperations.find((operation) => operation.id === id)!
}

const opening = ({ productId, quantity }: OpenInventoryRequest) =>
  writeOf({ attributes: quantity === undefined ? {} : { quantity: Number(quantity) }, product: productId })

const change = ({ productId, quantityDelta, reason: sent, expectedVersion }: AdjustStockRequest) => {
  const reason = reasonOf(sent)
  const attributes = { quantityDelta: Number(quantityDelta), ...(reason === undefined ? {} : { reason }) }
  return writeOf({ id: productId, attributes, expectedVersion })
}

/** What is wrong with a line. How many there may be is a rule of the sale itself. */
function saleRefusal(lines: readonly LineToSell[]): Failure | undefined {
  if (lines.length > 100) return invalid('invalid_value', `A sale has 1 to 100 lines, not ${lines.length}.`, ['lines'])
  for (const [index, line] of lines.entries()) {
    const at = ['lines', index]
    const { warehouseId } = line
    const refusal =
      lineRefusal(lineCommand(line), at) ??
      (warehouseId === undefined ? undefined : idRefusal(warehouseId, [...at, 'warehouseId']))
    if (refusal) return refusal
  }
  return undefined
}

const inside = (level: Parameters<typeof inventoryMessage>[0]) => ({ inventory: inventoryMessage(level) })
