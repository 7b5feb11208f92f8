import type { Money, Uuid } from '@abasto/kernel'

/** What a shop shows and sells. What is counted is always a product. */
export type Product = Readonly<{
  id: Uuid
  /** The name the shop gives it; unique among the products that are not deleted. */
  sku: string
  name: string
  description: string
  price: Money
  images: readonly string[]
  /** Whether it is sold at present. */
  active: boolean
  /** Rises by one with every change. */
  version: number
  createdAt: string
  updatedAt: string
}>

/** What a sale needs to know of a product. */
export type PricedProduct = Pick<Product, 'id' | 'price' | 'active'>

/** What a product is made of; the price is a decimal string in its currency. */
export type ProductDraft = Readonly<{
  sku: string
  name: string
  price: string
  currency: string
  description?: string
  images?: readonly string[]
  active?: boolean
}>

export type ProductChanges = Partial<ProductDraft>
