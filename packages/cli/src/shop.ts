/**
 * What import, replay and demo need of a server: the part of the SDK they use, and nothing else. `Abasto` has this
 * shape; a test hands over a shop made of maps.
 */
export type Shop = Readonly<{
  products: {
    create(product: NewProduct, options: Write): Promise<{ id: string }>
  }
  inventory: {
    create(inventory: { productId: string; quantity: number }, options: Write): Promise<unknown>
    adjust(productId: string, change: { quantityDelta: number; reason: Reason }, options: Write): Promise<unknown>
  }
  purchases: {
    create(purchase: { productId: string; quantity: number }, options: Write): Promise<{ total: string }>
  }
}>

export type NewProduct = Readonly<{ sku: string; name: string; description?: string; price: string; currency: string }>

export type Reason = 'receipt' | 'return' | 'correction' | 'damage' | 'loss'

/** The key, and who is told whether the server had decided this write before. */
export type Write = { idempotencyKey: string; onResponse?: (info: { replayed: boolean }) => void }

/** The stable code of a failure that the server answered, such as `insufficient_stock`; undefined for anything else. */
export function codeOf(failure: unknown): string | undefined {
  if (!(failure instanceof Error) || !('code' in failure)) return undefined
  return typeof failure.code === 'string' ? failure.code : undefined
}
