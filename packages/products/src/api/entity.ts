import type { Entity } from '@abasto/chassis/http/binding'
import { formatMoney } from '@abasto/kernel'
import type { Product } from '../domain/product.ts'

/** A product as the public API shows it. */
export function productEntity({ id, version, price, ...product }: Product): Entity {
  const attributes = { ...product, price: formatMoney(price), currency: price.currency }
  return { type: 'products', id, version, attributes }
}
