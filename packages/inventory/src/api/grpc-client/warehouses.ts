import type { GrpcPeer } from '@abasto/chassis/grpc/client'
import { boundsOf, mapResult, pageMessage, versionMessage } from '@abasto/chassis/grpc/messages'
import { InventoryService } from '@abasto/proto/inventory/v1/inventory_service'
import type { Warehouse as WarehouseMessage } from '@abasto/proto/inventory/v1/warehouse'
import type { Inventory } from '../../inventory.ts'
import { always } from '../messages/members.ts'
import { warehouseOf } from '../messages/warehouses.ts'

const rpc = InventoryService.method
const isWrite = { isWrite: true } as const

type Calls = 'createWarehouse' | 'renameWarehouse' | 'deleteWarehouse' | 'getWarehouse' | 'listWarehouses'

/** The places that hold stock. */
export const warehousesOverGrpc = (peer: GrpcPeer): Pick<Inventory, Calls> => ({
  createWarehouse: async (context, { name }) =>
    mapResult(await peer.call(context, rpc.createWarehouse, { name }, isWrite), inside),

  renameWarehouse: async (context, { id, name, expectedVersion }) => {
    const message = { id, name, ...versionMessage(expectedVersion) }
    return mapResult(await peer.call(context, rpc.renameWarehouse, message, isWrite), inside)
  },

  deleteWarehouse: async (context, { id, expectedVersion }) => {
    const message = { id, ...versionMessage(expectedVersion) }
    return mapResult(await peer.call(context, rpc.deleteWarehouse, message, isWrite), inside)
  },

  getWarehouse: async (context, id) => mapResult(await peer.call(context, rpc.getWarehouse, { id }), inside),

  listWarehouses: async (context, page) =>
    mapResult(await peer.call(context, rpc.listWarehouses, { page: pageMessage(page) }), ({ warehouses, bounds }) => ({
      items: warehouses.map(warehouseOf),
      ...boundsOf(bounds),
    })),
})

const inside = ({ warehouse }: { warehouse?: WarehouseMessage | undefined }) => warehouseOf(always(warehouse))
