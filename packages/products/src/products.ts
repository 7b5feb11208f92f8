import type { Context, PageRequest, Uuid } from '@abasto/kernel'
import * as catalogue from './application/catalogue.ts'
import type { Ports, ProductFilter } from './application/ports.ts'
import type { ProductChanges, ProductDraft } from './domain/product.ts'

/** Everything the products service can do: the table of contents of this package. */
export const createProducts = (ports: Ports) => ({
  createProduct: (context: Context, draft: ProductDraft) => catalogue.createProduct(ports, context, draft),
  updateProduct: (
    context: Context,
    input: { id: Uuid; changes: ProductChanges; expectedVersion?: number | undefined },
  ) => catalogue.updateProduct(ports, context, input),
  deleteProduct: (context: Context, input: { id: Uuid; expectedVersion?: number | undefined }) =>
    catalogue.deleteProduct(ports, context, input),
  getProduct: catalogue.productReader(ports),
  findProducts: (context: Context, ids: readonly Uuid[]) => catalogue.findProducts(ports, context, ids),
  priceProducts: (context: Context, ids: readonly Uuid[]) => catalogue.priceProducts(ports, context, ids),
  listProducts: (context: Context, page: PageRequest, filter?: ProductFilter) =>
    catalogue.listProducts(ports, context, page, filter),
})

export type Products = ReturnType<typeof createProducts>
