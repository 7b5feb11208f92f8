import { Abasto, AbastoError, ConflictError, NotFoundError } from './abasto.ts'

/*
 * What the type checker must accept and refuse. Nothing here runs: `tsc` reads it, and a line marked
 * `@ts-expect-error` that is no error is one.
 */

const abasto = new Abasto({ apiKey: 'key', baseUrl: { products: 'http://a', inventory: 'http://b' } })

export async function results() {
  const product = await abasto.products.get('id')
  const sku: string = product.sku
  // @ts-expect-error a price is a decimal string, never a number
  const price: number = product.price
  // @ts-expect-error results are not changed in place
  product.name = 'Lamp'

  const plain = await abasto.inventory.get('id')
  const tag: string = plain.etag
  // @ts-expect-error the product comes only when it is asked for
  plain.product

  const withProduct = await abasto.inventory.get('id', { include: ['product'] })
  const name: string | undefined = withProduct.product?.name
  // @ts-expect-error the product may have been deleted
  withProduct.product.name
  // @ts-expect-error a document with what was included has no tag
  const none: string = withProduct.etag
  // @ts-expect-error an inventory leads to no warehouse
  abasto.inventory.get('id', { include: ['warehouse'] })

  for await (const movement of abasto.inventory.movements('id')) {
    const cause: string | null = movement.purchaseId
    // @ts-expect-error not every movement comes from a purchase
    const certain: string = movement.purchaseId
    return [cause, certain]
  }
  for await (const level of abasto.inventory.list({ include: ['product'] })) level.product?.sku
  return [sku, price, tag, name, none]
}

export function inputs() {
  abasto.products.create({ sku: 'A', name: 'B', price: '1.00', currency: 'EUR' })
  // @ts-expect-error a product needs a currency
  abasto.products.create({ sku: 'A', name: 'B', price: '1.00' })
  // @ts-expect-error the server says when it was created
  abasto.products.create({ sku: 'A', name: 'B', price: '1.00', currency: 'EUR', createdAt: 'now' })
  // @ts-expect-error a price is a decimal string
  abasto.products.update('id', { price: 1 })
  // @ts-expect-error there is nothing to match before it is there
  abasto.products.create({ sku: 'A', name: 'B', price: '1.00', currency: 'EUR' }, { ifMatch: '"1"' })
  // @ts-expect-error stock is changed for a reason
  abasto.inventory.adjust('id', { quantityDelta: 1 })
  // @ts-expect-error theft is a loss
  abasto.inventory.adjust('id', { quantityDelta: -1, reason: 'theft' })
  // @ts-expect-error a client needs a key
  new Abasto({})
}

export function failures(error: unknown): unknown {
  if (!(error instanceof AbastoError)) return
  const context: [number, string | undefined, boolean] = [error.status, error.requestId, error.outcomeUnknown]
  // @ts-expect-error details have their type once the code is known
  error.details.available
  // @ts-expect-error there is no such code
  if (error.code === 'insufficent_stock') return
  switch (error.code) {
    case 'insufficient_stock': {
      const available: number = error.details.available
      // @ts-expect-error a number it is
      const text: string = error.details.available
      return [available, text]
    }
    case 'sku_taken':
      return error.details.sku.toUpperCase()
    case 'timed_out':
      return error.idempotencyKey?.length
    default:
      return [context, error.message]
  }
}

export function kinds(error: unknown): unknown {
  if (error instanceof NotFoundError) {
    const code:
      | 'product_not_found'
      | 'purchase_not_found'
      | 'no_inventory'
      | 'route_not_found'
      | 'warehouse_not_found'
      | 'stock_level_not_found'
      | 'reservation_not_found' = error.code
    // @ts-expect-error that is a conflict
    if (error.code === 'sku_taken') return
    return code
  }
  if (error instanceof ConflictError && error.code === 'insufficient_stock') {
    const available: number = error.details.available
    return available
  }
  return undefined
}

export async function filters() {
  for await (const product of abasto.products.list({ filter: { id: ['a', 'b'] } })) return product.sku
  // @ts-expect-error a name is no filter
  abasto.products.list({ filter: { name: ['Lamp'] } })
  // @ts-expect-error stock is not filtered yet
  abasto.inventory.list({ filter: { id: ['a'] } })
  const { type } = await abasto.inventory.getProductIdentifier('id')
  const products: 'products' = type
  return products
}

export async function stock() {
  const level = await abasto.stockLevels.get('id', { include: ['product'] })
  const name: string | undefined = level.product?.name
  const past = await abasto.stockLevels.asOf('id', new Date())
  // @ts-expect-error movements do not tell what is short
  past.short
  abasto.stockLevels.adjust('id', { quantityDelta: 1, reason: 'receipt' })
  // @ts-expect-error stock is changed for a reason
  abasto.stockLevels.adjust('id', { quantityDelta: 1 })
  abasto.stockLevels.count('id', { countedOnHand: 1, expectedOnHand: 2 })
  // @ts-expect-error a count is a number of units that are there
  abasto.stockLevels.count('id', { quantityDelta: 1, reason: 'correction' })
  // @ts-expect-error a reservation has lines
  abasto.reservations.create({ reference: 'cart' })
  abasto.reservations.list({ filter: { status: ['held'], reference: 'cart' } })
  // @ts-expect-error nobody can be half held
  abasto.reservations.list({ filter: { status: ['half'] } })
  for await (const event of abasto.stock.watch({ products: ['a'] })) {
    // @ts-expect-error a snapshot that begins has no cursor
    event.cursor
    if (event.type === 'movement') return [name, event.cursor, event.onHand, event.kind] satisfies unknown[]
    if (event.type === 'level') return [event.sequence]
  }
  return []
}

// What is handed on may not be there.
const handedOn: { signal?: AbortSignal; timeoutMs?: number } = {}
abasto.products.get('id', { signal: handedOn.signal, timeoutMs: handedOn.timeoutMs })

new Abasto({ apiKey: 'key', onRequest: () => ({ traceparent: '00-1-1-01' }) })
new Abasto({ apiKey: 'key', onRequest: ({ url }) => console.log(url), onRetry: ({ waitMs }) => waitMs.toFixed() })
