import type { GrpcPeer } from '@abasto/chassis/grpc/client'
import { mapResult } from '@abasto/chassis/grpc/messages'
import { inParts } from '@abasto/products/api/grpc-client'
import { productOf } from '@abasto/products/api/messages'
import { InventoryService } from '@abasto/proto/inventory/v1/inventory_service'
import type { Inventory } from '../inventory.ts'
import { inventoriesOverGrpc } from './grpc-client/inventories.ts'
import { levelsOverGrpc } from './grpc-client/levels.ts'
import { purchasesOverGrpc } from './grpc-client/purchases.ts'
import { reservationsOverGrpc } from './grpc-client/reservations.ts'
import { warehousesOverGrpc } from './grpc-client/warehouses.ts'

/** The inventory service of another process, asked over gRPC: the same surface. */
export const inventoryOverGrpc = (peer: GrpcPeer): Inventory => ({
  ...inventoriesOverGrpc(peer),
  ...warehousesOverGrpc(peer),
  ...levelsOverGrpc(peer),
  ...reservationsOverGrpc(peer),
  ...purchasesOverGrpc(peer),

  findProducts: (context, ids) =>
    inParts(ids, async (ids) =>
      mapResult(await peer.call(context, InventoryService.method.batchGetProducts, { ids }), ({ products }) =>
        products.map(productOf),
      ),
    ),
})
