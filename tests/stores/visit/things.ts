import type { Customer } from './customer.ts'

/** The warehouse that every shop has. */
export const DEFAULT = '00000000-0000-7000-8000-000000000001'

/** An id that nothing has. */
export const NOBODY = '019b76da-a800-7000-8000-00000000dead'

/** The largest quantity there is. */
export const MOST = Number.MAX_SAFE_INTEGER

/** Written by hands that know no ASCII, on one line, as long as a name may be. */
export const LONG = 'Größe 🪔 照明 \u202Eabc'.padEnd(200, 'é')

/** What each chapter writes before the name of its own things. */
export type Maker = Readonly<{
  product: (sku: string, more?: object) => Promise<string>
  warehouse: (name: string) => Promise<string>
  /** Begins to count a product in a warehouse. */
  level: (productId: string, warehouseId: string, onHand: number, more?: object) => Promise<void>
}>

export function makerFor({ send }: Customer): Maker {
  return {
    product: async (sku, more = {}) => {
      const attributes = { sku, name: sku, price: '12.50', currency: 'EUR', ...more }
      return idOf(await send('POST', '/products', { type: 'products', attributes }))
    },
    warehouse: async (name) => idOf(await send('POST', '/warehouses', { type: 'warehouses', attributes: { name } })),
    level: async (productId, warehouseId, onHand, more = {}) => {
      await send('POST', '/stock-levels', levelOf(productId, warehouseId, { onHand, ...more }))
    },
  }
}

const idOf = ({ status, document }: Awaited<ReturnType<Customer['send']>>): string => {
  if (status !== 201) throw new Error(`not made, with ${status}: ${JSON.stringify(document)}`)
  return document.data.id
}

export const levelOf = (productId: string, warehouseId: string, attributes: object): object => ({
  type: 'stock-levels',
  attributes,
  relationships: { product: to('products', productId), warehouse: to('warehouses', warehouseId) },
})

export const inventoryOf = (productId: string, attributes: object): object => ({
  type: 'inventory',
  attributes,
  relationships: { product: to('products', productId) },
})

export const purchaseOf = (productId: string, quantity: unknown, warehouseId?: string): object => ({
  type: 'purchases',
  attributes: { quantity },
  relationships: {
    product: to('products', productId),
    ...(warehouseId ? { warehouse: to('warehouses', warehouseId) } : {}),
  },
})

const to = (type: string, id: string): object => ({ data: { type, id } })
