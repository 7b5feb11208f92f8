import type { GrpcPeer } from '@abasto/chassis/grpc/client'
import { boundsOf, mapResult, pageMessage } from '@abasto/chassis/grpc/messages'
import { InventoryService } from '@abasto/proto/inventory/v1/inventory_service'
import type { Inventory } from '../../inventory.ts'
import { always } from '../messages/members.ts'
import { lineMessage, purchaseOf } from '../messages/purchases.ts'

const rpc = InventoryService.method

/** Sales. */
export const purchasesOverGrpc = (peer: GrpcPeer): Pick<Inventory, 'sell' | 'getPurchase' | 'listPurchases'> => ({
  sell: async (context, { lines }) => {
    const message = { lines: lines.map(lineMessage) }
    return mapResult(await peer.call(context, rpc.createPurchases, message, { isWrite: true }), ({ purchases }) =>
      purchases.map(purchaseOf),
    )
  },

  getPurchase: async (context, id) =>
    mapResult(await peer.call(context, rpc.getPurchase, { id }), ({ purchase }) => purchaseOf(always(purchase))),

  listPurchases: async (context, page) =>
    mapResult(await peer.call(context, rpc.listPurchases, { page: pageMessage(page) }), ({ purchases, bounds }) => ({
      items: purchases.map(purchaseOf),
      ...boundsOf(bounds),
    })),
})
