import type { GrpcPeer } from '@abasto/chassis/grpc/client'
import { boundsOf, mapResult, pageMessage, versionMessage } from '@abasto/chassis/grpc/messages'
import type { Inventory as InventoryMessage, Movement as MovementMessage } from '@abasto/proto/inventory/v1/inventory'
import { InventoryService } from '@abasto/proto/inventory/v1/inventory_service'
import type { PageBounds } from '@abasto/proto/pages/v1/page'
import type { Inventory } from '../../inventory.ts'
import { filterMessage, inventoryOf, movementOf, reasonMessage } from '../messages/inventories.ts'
import { always } from '../messages/members.ts'
import { isOfNothing, nothing } from './lists.ts'

const rpc = InventoryService.method
const isWrite = { isWrite: true } as const

type Calls =
  | 'openInventory'
  | 'adjustStock'
  | 'getInventory'
  | 'listInventory'
  | 'listMovements'
  | 'listInventoryMovements'

/** The stock of products as a whole, and what happened to it. */
export const inventoriesOverGrpc = (peer: GrpcPeer): Pick<Inventory, Calls> => ({
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

  listMovements: async (context, { filter, page }) => {
    if (isOfNothing(filter)) return nothing(page)
    const message = { ...filterMessage(filter), page: pageMessage(page) }
    return mapResult(await peer.call(context, rpc.listMovements, message), listed)
  },

  listInventoryMovements: async (context, { productId, page }) => {
    const message = { productId, page: pageMessage(page) }
    return mapResult(await peer.call(context, rpc.listInventoryMovements, message), listed)
  },
})

const inside = ({ inventory }: { inventory?: InventoryMessage | undefined }) => inventoryOf(always(inventory))

const listed = ({ movements, bounds }: { movements: MovementMessage[]; bounds?: PageBounds | undefined }) => ({
  items: movements.map(movementOf),
  ...boundsOf(bounds),
})
