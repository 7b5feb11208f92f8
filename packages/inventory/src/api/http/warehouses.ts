import { answer, type Bindings } from '@abasto/chassis/http/binding'
import { mapPage } from '@abasto/kernel'
import type { Inventory } from '../../inventory.ts'
import { warehouseEntity } from '../entity.ts'
import { ofAddress } from './names.ts'

/** Warehouses on HTTP. */
export const warehouseBindings = (inventory: Inventory) =>
  ({
    createWarehouse: async ({ context, attributes }) =>
      answer(await inventory.createWarehouse(context, attributes as { name: string }), warehouseEntity),

    listWarehouses: async ({ context, page }) =>
      answer(await inventory.listWarehouses(context, page), (page) => mapPage(page, warehouseEntity)),

    getWarehouse: async ({ context, id }) => answer(await inventory.getWarehouse(context, id), warehouseEntity),

    updateWarehouse: async ({ context, id, attributes, ifMatch: expectedVersion }) => {
      const { name } = attributes as { name: string }
      const renamed = await inventory.renameWarehouse(context, { id, name, expectedVersion })
      return ofAddress(answer(renamed, warehouseEntity), 'warehouseId')
    },

    deleteWarehouse: async ({ context, id, ifMatch: expectedVersion }) =>
      answer(await inventory.deleteWarehouse(context, { id, expectedVersion }), () => null),
  }) satisfies Bindings
