import type { Entity } from '@abasto/chassis/http/binding'
import { formatMoney } from '@abasto/kernel'
import type { Product } from '../domain/product.ts'

// A product that comes from the cache again is the same value, and so is how it looks.
const entities = new WeakMap<Product, Entity>()

/** A product as the public API shows it. */
export function productEntity(product: Product): Entity {
  const known = entities.get(product)
  if (known) return known
  const { id, version, price, ...others } = product
  const attributes = { ...others, price: formatMoney(price), currency: price.currency }
  const entity = { type: 'products', id, version, attributes }
  entities.set(product, entity)
  return entity
}
