import type { GrpcPeer } from '@abasto/chassis/grpc/client'
import { boundsOf, mapResult, pageMessage, versionMessage } from '@abasto/chassis/grpc/messages'
import { MAX_IDS } from '@abasto/chassis/grpc/validation'
import { ok, type Result, type Uuid } from '@abasto/kernel'
import type { Product as ProductMessage } from '@abasto/proto/products/v1/product'
import { ProductsService } from '@abasto/proto/products/v1/products_service'
import type { Products } from '../products.ts'
import { attributesMessage, pricedOf, productOf } from './messages.ts'

const rpc = ProductsService.method
const isWrite = { isWrite: true } as const

/** The products service of another process, asked over gRPC: the same surface. */
export const productsOverGrpc = (peer: GrpcPeer): Products => ({
  createProduct: async (context, draft) =>
    mapResult(await peer.call(context, rpc.createProduct, attributesMessage(draft), isWrite), inside),

  updateProduct: async (context, { id, changes, expectedVersion }) => {
    const message = { id, ...attributesMessage(changes), ...versionMessage(expectedVersion) }
    return mapResult(await peer.call(context, rpc.updateProduct, message, isWrite), inside)
  },

  deleteProduct: async (context, { id, expectedVersion }) =>
    mapResult(
      await peer.call(context, rpc.deleteProduct, { id, ...versionMessage(expectedVersion) }, isWrite),
      () => null,
    ),

  getProduct: async (context, id) => mapResult(await peer.call(context, rpc.getProduct, { id }), inside),

  findProducts: (context, ids) =>
    inParts(ids, async (ids) =>
      mapResult(await peer.call(context, rpc.batchGetProducts, { ids }), ({ products }) => products.map(productOf)),
    ),

  priceProducts: (context, ids) =>
    inParts(ids, async (ids) =>
      mapResult(await peer.call(context, rpc.batchGetPrices, { ids }), ({ prices }) => prices.map(pricedOf)),
    ),

  listProducts: async (context, page, filter) => {
    const message = { page: pageMessage(page), ...(filter?.ids ? { filter: { ids: [...filter.ids] } } : {}) }
    return mapResult(await peer.call(context, rpc.listProducts, message), ({ products, bounds }) => ({
      items: products.map(productOf),
      ...boundsOf(bounds),
    }))
  },
})

/** Looks up as many ids at a time as one call may name. */
export async function inParts<T extends Readonly<{ id: Uuid }>>(
  ids: readonly Uuid[],
  lookUp: (ids: Uuid[]) => Promise<Result<readonly T[]>>,
): Promise<Result<ReadonlyMap<Uuid, T>>> {
  const found = new Map<Uuid, T>()
  for (let begin = 0; begin < ids.length; begin += MAX_IDS) {
    const part = await lookUp(ids.slice(begin, begin + MAX_IDS))
    if (!part.ok) return part
    for (const item of part.value) found.set(item.id, item)
  }
  return ok(found)
}

function inside({ product }: { product?: ProductMessage | undefined }) {
  if (!product) throw new Error('The products service answered without a product.')
  return productOf(product)
}
