import { boundsMessage, mapResult, pageOf, versionOf } from '@abasto/chassis/grpc/messages'
import { type GrpcService, grpcService } from '@abasto/chassis/grpc/service'
import { commandCheck, idRefusal, idsRefusal, pageRefusal, versionRefusal } from '@abasto/chassis/grpc/validation'
import { productOperations } from '@abasto/contract/products'
import type { Page, Result } from '@abasto/kernel'
import { ProductsService } from '@abasto/proto/products/v1/products_service'
import type { Product, ProductDraft } from '../domain/product.ts'
import type { Products } from '../products.ts'
import { attributesOf, commandOf, pricedMessage, productMessage } from './messages.ts'

const [createProduct, listProducts, getProduct, updateProduct, deleteProduct] = productOperations

const draftRefusal = commandCheck('products', 'create')
const changesRefusal = commandCheck('products', 'update')

/** The products service on gRPC: one answer for each call of its proto file. */
export const productsGrpc = (products: Products): GrpcService =>
  grpcService(ProductsService, {
    getProduct: {
      operation: getProduct,
      refusal: ({ id }) => idRefusal(id, ['id']),
      handle: async (context, { id }) => inside(await products.getProduct(context, id)),
    },

    batchGetProducts: {
      operation: listProducts,
      refusal: ({ ids }) => idsRefusal(ids),
      handle: async (context, { ids }) =>
        mapResult(await products.findProducts(context, ids), (found) => ({
          products: [...found.values()].map(productMessage),
        })),
    },

    batchGetPrices: {
      operation: listProducts,
      refusal: ({ ids }) => idsRefusal(ids),
      handle: async (context, { ids }) =>
        mapResult(await products.priceProducts(context, ids), (found) => ({
          prices: [...found.values()].map(pricedMessage),
        })),
    },

    productExists: {
      operation: getProduct,
      refusal: ({ id }) => idRefusal(id, ['id']),
      handle: async (context, { id }) =>
        mapResult(await products.priceProducts(context, [id]), (found) => ({ exists: found.has(id) })),
    },

    listProducts: {
      operation: listProducts,
      refusal: ({ page, filter }) =>
        pageRefusal(page) ?? (filter?.ids.length ? idsRefusal(filter.ids, ['filter', 'ids']) : undefined),
      handle: async (context, { page, filter }) =>
        mapResult(await products.listProducts(context, pageOf(page), filter && { ids: filter.ids }), listed),
    },

    createProduct: {
      operation: createProduct,
      command: (message) => commandOf('', attributesOf(message)),
      refusal: (message) => draftRefusal(commandOf('', attributesOf(message))),
      handle: async (context, message) =>
        inside(await products.createProduct(context, attributesOf(message) as ProductDraft)),
    },

    updateProduct: {
      operation: updateProduct,
      command: (message) => commandOf(message.id, attributesOf(message), message.expectedVersion),
      refusal: (message) =>
        idRefusal(message.id, ['id']) ??
        versionRefusal(message.expectedVersion) ??
        changesRefusal(commandOf(message.id, attributesOf(message))),
      handle: async (context, message) => {
        const { id } = message
        const changes = attributesOf(message)
        return inside(await products.updateProduct(context, { id, changes, ...versionOf(message) }))
      },
    },

    deleteProduct: {
      operation: deleteProduct,
      command: ({ id, expectedVersion }) => commandOf(id, {}, expectedVersion),
      refusal: ({ id, expectedVersion }) => idRefusal(id, ['id']) ?? versionRefusal(expectedVersion),
      handle: async (context, message) =>
        mapResult(await products.deleteProduct(context, { id: message.id, ...versionOf(message) }), () => ({})),
    },
  })

const inside = (result: Result<Product>) => mapResult(result, (product) => ({ product: productMessage(product) }))

const listed = (page: Page<Product>) => ({
  products: page.items.map(productMessage),
  bounds: boundsMessage(page),
})
