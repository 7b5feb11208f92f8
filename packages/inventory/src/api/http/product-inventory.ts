import { answer, type Bindings, type OperationRequest } from '@abasto/chassis/http/binding'
import { mapPage, type Uuid } from '@abasto/kernel'
import type { Reason } from '../../domain/stock-level.ts'
import type { Inventory } from '../../inventory.ts'
import { inventoryEntity } from '../entity.ts'
import { inNamesOfApi } from './names.ts'
import { productOf, withProducts } from './related.ts'

/** The inventory of products on HTTP. */
export function productInventoryBindings(inventory: Inventory) {
  const getInventory = async ({ context, id }: OperationRequest) =>
    answer(await inventory.getInventory(context, id), inventoryEntity)

  return {
    createInventory: async ({ context, attributes, relationships }) => {
      const { quantity = 0 } = attributes as { quantity?: number }
      const productId = relationships.product as Uuid
      return answer(await inventory.openInventory(context, { productId, quantity }), inventoryEntity)
    },

    listInventory: async (request) => {
      const page = await inventory.listInventory(request.context, request.page)
      return withProducts(
        inventory,
        request,
        answer(page, (page) => mapPage(page, inventoryEntity)),
      )
    },

    getInventory: async (request) => withProducts(inventory, request, await getInventory(request)),

    adjustInventory: async ({ context, id: productId, attributes, ifMatch: expectedVersion }) => {
      const { quantityDelta, reason } = attributes as { quantityDelta: number; reason: Reason }
      const change = { productId, quantityDelta, reason, expectedVersion }
      const adjusted = answer(await inventory.adjustStock(context, change), inventoryEntity)
      return inNamesOfApi(adjusted, { quantity: 'quantityDelta' })
    },

    getInventoryProduct: async (request) => productOf(inventory, request, await getInventory(request)),
    getInventoryProductLinkage: getInventory,
  } satisfies Bindings
}
