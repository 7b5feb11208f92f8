import { afterAll, beforeAll } from 'bun:test'
import type { Context, Result, Uuid } from '@abasto/kernel'
import type { Products } from '@abasto/products/products'
import type { StockLevel } from '../domain/stock-level.ts'
import { DEFAULT_WAREHOUSE } from '../domain/warehouse.ts'
import type { Inventory } from '../inventory.ts'

export type OpenInventory = Readonly<{
  inventory: Inventory
  /** The products that it asks. */
  products: Products
  /** A context as its callers have one: with the key that the service wants, where it wants one. */
  asked: () => Context
  close: () => Promise<void>
}>

/** An inventory that is asked, and what the tests want of it again and again. */
export type Shop = Readonly<{
  inventory: Inventory
  products: Products
  /** Who asks, with the members that are given. */
  asked: (changes?: Partial<Context>) => Context
  /** A new product that nobody counts yet. */
  product: (price?: string) => Promise<Uuid>
  /** A new product, with this much of it on the shelf. */
  stocked: (quantity: number, price?: string) => Promise<Uuid>
  /** A new warehouse with nothing in it. */
  warehouse: () => Promise<Uuid>
  /** What there is of a product in a warehouse, by itself the default one. */
  level: (productId: Uuid, warehouseId?: Uuid) => Promise<StockLevel>
}>

/** Opens the inventory before the first test and closes it after the last. */
export function openShop(open: () => Promise<OpenInventory>): () => Shop {
  let opened: OpenInventory
  beforeAll(async () => {
    opened = await open()
  }, 30_000)
  afterAll(() => opened.close())

  return () => {
    const { inventory, products } = opened
    const asked = (changes: Partial<Context> = {}): Context => ({ ...opened.asked(), ...changes })
    const product = async (price = '12.50') => {
      const draft = { sku: Bun.randomUUIDv7(), name: 'Lamp', price, currency: 'EUR' }
      return succeeded(await products.createProduct(asked(), draft)).id
    }
    return {
      inventory,
      products,
      asked,
      product,
      stocked: async (quantity, price) => {
        const productId = await product(price)
        succeeded(await inventory.openInventory(asked(), { productId, quantity }))
        return productId
      },
      warehouse: async () => succeeded(await inventory.createWarehouse(asked(), { name: 'Cellar' })).id,
      level: async (productId, warehouseId = DEFAULT_WAREHOUSE) =>
        succeeded(await inventory.getLevel(asked(), { productId, warehouseId })),
    }
  }
}

export function succeeded<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`)
  return result.value
}
