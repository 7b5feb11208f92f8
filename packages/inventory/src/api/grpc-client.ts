import type { GrpcPeer } from '@abasto/chassis/grpc/client'
import { boundsOf, mapResult, pageMessage, versionMessage } from '@abasto/chassis/grpc/messages'
import { inParts } from '@abasto/products/api/grpc-client'
import { productOf } from '@abasto/products/api/messages'
import type { Inventory as InventoryMessage } from '@abasto/proto/inventory/v1/inventory'
import { InventoryService } from '@abasto/proto/inventory/v1/inventory_service'
import type { Inventory } from '../inventory.ts'
import { inventoryOf, movementOf, purchaseOf, reasonMessage } from './messages.ts'

const rpc = InventoryService.method
const isWrite = { isWrite: true } as const

/** The inventory service of another process, asked over gRPC: the same surface. */
export const inventoryOverGrpc = (peer: GrpcPeer): Inventory => ({
  openInventory: async (context, { productId, quantity }) => {
    const message = { productId, quantity: BigInt(quantity) }
    return mapResult(await peer.call(context, rpc.openInventory, message, isWrite), inside)
  },

  adjustStock: async (context, { productId, quantityDelta, reason, expectedVersion }) => {
    const message = { productId, quantityDelta: BigInt(quantityDelta), reason: reasonMessage(reason) }
    const guarded = { ...message, ...versionMessage(expectedVersion) }
    return mapResult(await peer.call(context, rpc.adjustStock, guarded, isWrite), inside)
  },

  getInventory: async (context, productId) =>
    mapResult(await peer.call(context, rpc.getInventory, { productId }), inside),

  listInventory: async (context, page) =>
    mapResult(await peer.call(context, rpc.listInventory, { page: pageMessage(page) }), ({ inventories, bounds }) => ({
      items: inventories.map(inventoryOf),
      ...boundsOf(bounds),
    })),

  listMovements: async (context, { productId, page }) => {
    const message = { productId, page: pageMessage(page) }
    return mapResult(await peer.call(context, rpc.listMovements, message), ({ movements, bounds }) => ({
      items: movements.map(movementOf),
      ...boundsOf(bounds),
    }))
  },

  sell: async (context, { lines }) => {
    const message = {
      lines: lines.map(({ productId, quantity, warehouseId }) => ({
        productId,
        quantity: BigInt(quantity),
        ...(warehouseId === undefined ? {} : { warehouseId }),
      })),
    }
    return mapResult(await peer.call(context, rpc.createPurchases, message, isWrite), ({ purchases }) =>
      purchases.map(purchaseOf),
    )
  },

  getPurchase: async (context, id) =>
    mapResult(await peer.call(context, rpc.getPurchase, { id }), ({ purchase }) => {
      if (!purchase) throw new Error('The inventory service answered without a purchase.')
      return purchaseOf(purchase)
    }),

  listPurchases: async (context, page) =>
    mapResult(await peer.call(context, rpc.listPurchases, { page: pageMessage(page) }), ({ purchases, bounds }) => ({
      items: purchases.map(purchaseOf),
      ...boundsOf(bounds),
    })),

  findProducts: (context, ids) =>
    inParts(ids, async (ids) =>
      mapResult(await peer.call(context, rpc.batchGetProducts, { ids }), ({ products }) => products.map(productOf)),
    ),
})

function inside({ inventory }: { inventory?: InventoryMessage | undefined }) {
  if (!inventory) throw new Error('The inventory service answered without an inventory.')
  return inventoryOf(inventory)
}
