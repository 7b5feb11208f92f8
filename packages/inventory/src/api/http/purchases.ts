import { answer, type Bindings, type OperationRequest } from '@abasto/chassis/http/binding'
import { mapPage, type Uuid } from '@abasto/kernel'
import type { Inventory } from '../../inventory.ts'
import { purchaseEntity } from '../entity.ts'
import { ofOneLine } from './names.ts'
import { productOf, warehouseOf } from './related.ts'

/** Purchases on HTTP. */
export function purchaseBindings(inventory: Inventory) {
  const getPurchase = async ({ context, id }: OperationRequest) =>
    answer(await inventory.getPurchase(context, id), purchaseEntity)

  return {
    createPurchase: async ({ context, attributes, relationships }) => {
      const { quantity } = attributes as { quantity: number }
      const line = {
        productId: relationships.product as Uuid,
        warehouseId: relationships.warehouse ?? undefined,
        quantity,
      }
      const sold = await inventory.sell(context, { lines: [line] })
      return ofOneLine(answer(sold, ([purchase]) => purchaseEntity(purchase!)))
    },

    listPurchases: async ({ context, page }) =>
      answer(await inventory.listPurchases(context, page), (page) => mapPage(page, purchaseEntity)),

    getPurchase,
    getPurchaseProduct: async (request) => productOf(inventory, request, await getPurchase(request)),
    getPurchaseProductLinkage: getPurchase,
    getPurchaseWarehouse: async (request) => warehouseOf(inventory, request, await getPurchase(request)),
    getPurchaseWarehouseLinkage: getPurchase,
  } satisfies Bindings
}
