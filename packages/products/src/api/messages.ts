import { moneyMessage, moneyOf } from '@abasto/chassis/grpc/messages'
import type { Command } from '@abasto/chassis/http/idempotency'
import type { PricedProduct as PricedMessage, Product as ProductMessage } from '@abasto/proto/products/v1/product'
import type { UpdateProductRequest } from '@abasto/proto/products/v1/products_service'
import type { PricedProduct, Product, ProductChanges } from '../domain/product.ts'

// Whole messages, with the names of their types: they are sent as they are, without being copied into messages first.
export const productMessage = ({ price, version, images, ...others }: Product): ProductMessage => ({
  $typeName: 'products.v1.Product',
  ...others,
  images: [...images],
  price: moneyMessage(price),
  version: BigInt(version),
})

export const pricedMessage = ({ id, price, active }: PricedProduct): PricedMessage => ({
  $typeName: 'products.v1.PricedProduct',
  id,
  price: moneyMessage(price),
  active,
})

// The members stand in the order in which the surface gives them, so that what is printed from them is the same.
export const productOf = (message: ProductMessage): Product => ({
  id: message.id,
  sku: message.sku,
  name: message.name,
  description: message.description,
  price: moneyOf(message.price),
  images: message.images,
  active: message.active,
  version: Number(message.version),
  createdAt: message.createdAt,
  updatedAt: message.updatedAt,
})

export const pricedOf = ({ id, price, active }: PricedMessage): PricedProduct => ({ id, price: moneyOf(price), active })

/** The attributes of a create or an update that were given, by their names in the public API. */
export function attributesOf(message: Omit<Partial<UpdateProductRequest>, '$typeName'>): ProductChanges {
  const { sku, name, description, price, currency, images, active } = message
  return {
    ...(sku === undefined ? {} : { sku }),
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(price === undefined ? {} : { price }),
    ...(currency === undefined ? {} : { currency }),
    ...(images === undefined ? {} : { images: images.addresses }),
    ...(active === undefined ? {} : { active }),
  }
}

/** The same attributes as a message has them. */
export const attributesMessage = ({ images, ...others }: ProductChanges) => ({
  ...others,
  ...(images ? { images: { addresses: [...images] } } : {}),
})

/** A write in the words of the public API. */
export const commandOf = (
  id: string,
  attributes: Command['attributes'],
  expectedVersion?: bigint | undefined,
): Command => ({
  id,
  attributes,
  relationships: {},
  ifMatch: expectedVersion === undefined ? undefined : Number(expectedVersion),
})
