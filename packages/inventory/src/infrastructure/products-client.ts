import { coalesce } from '@abasto/chassis/coalesce'
import { type Context, type Failure, ok, type Result, type Uuid } from '@abasto/kernel'
import type { Product } from '@abasto/products/domain/product'
import type { Products } from '@abasto/products/products'
import type { Products as ProductsPort } from '../application/ports.ts'

/** The products service asked through its surface, wherever it runs; look-ups of one turn are asked together. */
export function productsClient(products: Pick<Products, 'findProducts'>): ProductsPort {
  let context: Context | undefined
  const find = coalesce(async (ids) => {
    const found = await products.findProducts(context!, ids)
    if (!found.ok) throw new Unanswered(found.error)
    return found.value
  })

  return {
    findProducts: async (asking, ids): Promise<Result<ReadonlyMap<Uuid, Product>>> => {
      // The shared call waits as long as its most patient caller.
      if (!context || asking.deadlineMs > context.deadlineMs) context = asking
      try {
        const found = await Promise.all(ids.map(find))
        return ok(new Map(found.flatMap((product) => (product ? [[product.id, product]] : []))))
      } catch (error) {
        if (error instanceof Unanswered) return { ok: false, error: error.failure }
        throw error
      }
    },
  }
}

class Unanswered extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.message)
    this.failure = failure
  }
}
