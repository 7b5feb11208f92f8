import { answer, type Bindings } from '@abasto/chassis/http/binding'
import { mapPage } from '@abasto/kernel'
import type { ProductChanges, ProductDraft } from '../domain/product.ts'
import type { Products } from '../products.ts'
import { productEntity } from './entity.ts'

/** The products service on HTTP: one binding for each of its operations in the contract. */
export const productBindings = (products: Products): Bindings => ({
  createProduct: async ({ context, attributes }) =>
    answer(await products.createProduct(context, attributes as ProductDraft), productEntity),

  listProducts: async ({ context, page, filters: { id: ids } }) =>
    answer(await products.listProducts(context, page, ids ? { ids } : {}), (page) => mapPage(page, productEntity)),

  getProduct: async ({ context, id }) => answer(await products.getProduct(context, id), productEntity),

  updateProduct: async ({ context, id, attributes, ifMatch }) =>
    answer(
      await products.updateProduct(context, { id, changes: attributes as ProductChanges, expectedVersion: ifMatch }),
      productEntity,
    ),

  deleteProduct: async ({ context, id, ifMatch }) =>
    answer(await products.deleteProduct(context, { id, expectedVersion: ifMatch }), () => null),
})
