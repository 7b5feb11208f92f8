import { coalesce } from '@abasto/chassis/coalesce'
import { type Context, type Failure, fail, ok } from '@abasto/kernel'
import type { Products } from '@abasto/products/products'
import type { Products as ProductsPort } from '../application/ports.ts'

/** The products service asked through its surface, wherever it runs; look-ups of prices are asked together. */
export function productsClient(products: Pick<Products, 'findProducts' | 'priceProducts'>): ProductsPort {
  let context: Context | undefined
  const price = coalesce(async (ids) => {
    const found = await products.priceProducts(context!, ids)
    if (!found.ok) throw new Unanswered(found.error)
    return found.value
  })

  return {
    findProducts: products.findProducts,
    priceProducts: async (asking, ids) => {
      // The shared call waits as long as its most patient caller.
      if (!context || asking.deadlineMs > context.deadlineMs) context = asking
      try {
        const found = await Promise.all(ids.map(price))
        return ok(new Map(found.flatMap((product) => (product ? [[product.id, product]] : []))))
      } catch (error) {
        if (error instanceof Unanswered) return fail(error.failure)
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
