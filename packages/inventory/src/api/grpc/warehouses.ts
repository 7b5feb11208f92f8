import { boundsMessage, mapResult, pageOf, versionOf } from '@abasto/chassis/grpc/messages'
import { commandCheck, idRefusal, pageRefusal, versionRefusal } from '@abasto/chassis/grpc/validation'
import type { CreateWarehouseRequest, RenameWarehouseRequest } from '@abasto/proto/inventory/v1/warehouse'
import type { Warehouse } from '../../domain/warehouse.ts'
import type { Inventory } from '../../inventory.ts'
import { warehouseMessage } from '../messages/warehouses.ts'
import { type Calls, operation, writeOf } from './operations.ts'

const draftRefusal = commandCheck('warehouses', 'create')
const changesRefusal = commandCheck('warehouses', 'update')

type Names = 'createWarehouse' | 'renameWarehouse' | 'deleteWarehouse' | 'getWarehouse' | 'listWarehouses'

/** The places that hold stock. */
export const warehouseCalls = (inventory: Inventory): Calls<Names> => ({
  createWarehouse: {
    operation: operation('createWarehouse'),
    command: draft,
    refusal: (message) => draftRefusal(draft(message)),
    handle: async (context, { name }) => mapResult(await inventory.createWarehouse(context, { name }), inside),
  },

  renameWarehouse: {
    operation: operation('updateWarehouse'),
    command: renaming,
    refusal: (message) =>
      idRefusal(message.id, ['id']) ?? versionRefusal(message.expectedVersion) ?? changesRefusal(renaming(message)),
    handle: async (context, message) => {
      const { id, name } = message
      return mapResult(await inventory.renameWarehouse(context, { id, name, ...versionOf(message) }), inside)
    },
  },

  deleteWarehouse: {
    operation: operation('deleteWarehouse'),
    command: ({ id, expectedVersion }) => writeOf({ id, expectedVersion }),
    refusal: ({ id, expectedVersion }) => idRefusal(id, ['id']) ?? versionRefusal(expectedVersion),
    handle: async (context, message) =>
      mapResult(await inventory.deleteWarehouse(context, { id: message.id, ...versionOf(message) }), inside),
  },

  getWarehouse: {
    operation: operation('getWarehouse'),
    refusal: ({ id }) => idRefusal(id, ['id']),
    handle: async (context, { id }) => mapResult(await inventory.getWarehouse(context, id), inside),
  },

  listWarehouses: {
    operation: operation('listWarehouses'),
    refusal: ({ page }) => pageRefusal(page),
    handle: async (context, { page }) =>
      mapResult(await inventory.listWarehouses(context, pageOf(page)), (page) => ({
        warehouses: page.items.map(warehouseMessage),
        bounds: boundsMessage(page),
      })),
  },
})

const draft = ({ name }: CreateWarehouseRequest) => writeOf({ attributes: { name } })

const renaming = ({ id, name, expectedVersion }: RenameWarehouseRequest) =>
  writeOf({ id, attributes: { name }, expectedVersion })

const inside = (warehouse: Warehouse) => ({ warehouse: warehouseMessage(warehouse) })
