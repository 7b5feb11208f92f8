import type { Command } from '@abasto/inventory/domain/command'
import { TTL_SECONDS } from '@abasto/inventory/domain/reservation'
import { DEFAULT_WAREHOUSE } from '@abasto/inventory/domain/warehouse'
import type { Uuid } from '@abasto/kernel'

// Every command comes from a caller who never asked before: a new id, a new operation.

const named = () => ({
  operationId: crypto.randomUUID(),
  fingerprint: '0123456789abcdef0123456789abcdef',
  actor: 'owner',
})

const price = { minor: 1250, currency: 'EUR' }
const offer = { ok: true, value: { unitPrice: price, total: price } } as const

/** One unit. */
export const sale = (productId: Uuid): Command => ({
  type: 'sell',
  lines: [{ purchaseId: Bun.randomUUIDv7(), productId, warehouseId: DEFAULT_WAREHOUSE, quantity: 1, offer }],
  ...named(),
})

/** One unit of each, held for longer than any run takes. */
export const reservation = (productIds: readonly Uuid[], reservationId: Uuid = Bun.randomUUIDv7()): Command => ({
  type: 'reserve',
  reservationId,
  isIdChosen: false,
  lines: productIds.map((productId) => ({ productId, warehouseId: DEFAULT_WAREHOUSE, quantity: 1 })),
  ttlSeconds: TTL_SECONDS.most,
  reference: null,
  ...named(),
})

/** What a load asks for: one unit of one product, or two products held together. */
export type Asked = 'sales' | 'pairs'

/** Commands over these products, each of them as likely as any other. */
export const commandsOver = (asked: Asked, products: readonly Uuid[]): (() => Command) =>
  asked === 'sales' ? () => sale(anyOf(products)) : () => reservation(anyTwoOf(products))

const anyOf = (products: readonly Uuid[]): Uuid => products[Math.floor(Math.random() * products.length)]!

function anyTwoOf(products: readonly Uuid[]): Uuid[] {
  const one = Math.floor(Math.random() * products.length)
  const other = (one + 1 + Math.floor(Math.random() * (products.length - 1))) % products.length
  return [products[one]!, products[other]!]
}
