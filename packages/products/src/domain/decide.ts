import {
  type Failure,
  fail,
  formatMoney,
  notFound,
  ok,
  parseMoney,
  type Result,
  type Uuid,
  versionMismatch,
} from '@abasto/kernel'
import type { Product, ProductChanges, ProductDraft } from './product.ts'

/** What was read before deciding. */
export type CatalogueState = Readonly<{
  /** The database's clock, RFC 3339. */
  now: string
  /** The product that is to be changed, unless there is none or it was deleted. */
  product?: Product | undefined
  /** Which product has the SKU that is to be taken. */
  skuOwner?: Uuid | undefined
}>

/** One row that must change. All changes of a write take effect, or none. */
export type Change =
  | Readonly<{ type: 'insert'; product: Product }>
  /** Takes effect only where the product still is at the version of `before`. */
  | Readonly<{ type: 'update'; before: Product; after: Product }>
  | Readonly<{ type: 'delete'; before: Product; at: string }>

/** What a use case comes to: the changes that make it true, and what the caller is told. */
export type Decision<T> = Readonly<{ changes: readonly Change[]; verdict: Result<T> }>

export function createProduct(state: CatalogueState, id: Uuid, draft: ProductDraft): Decision<Product> {
  const price = parseMoney(draft.price, draft.currency)
  if (!price.ok) return refuse(price.error)
  if (state.skuOwner) return refuse(skuTaken(draft.sku))
  const { sku, name, description = '', images = [], active = true } = draft
  const times = { createdAt: state.now, updatedAt: state.now }
  const product = { id, sku, name, description, price: price.value, images, active, version: 1, ...times }
  return { changes: [{ type: 'insert', product }], verdict: ok(product) }
}

export function updateProduct(
  state: CatalogueState,
  id: Uuid,
  changes: ProductChanges,
  expectedVersion?: number,
): Decision<Product> {
  const before = state.product
  if (!before) return refuse(notFound('product', id))
  const refusal = versionRefusal(before, expectedVersion)
  if (refusal) return refuse(refusal)
  if (state.skuOwner && state.skuOwner !== id) return refuse(skuTaken(changes.sku!))

  const { price: amount = formatMoney(before.price), currency = before.price.currency, ...others } = changes
  const price = parseMoney(amount, currency)
  if (!price.ok) return refuse(price.error)
  const version = before.version + 1
  const after = { ...before, ...others, price: price.value, version, updatedAt: state.now }
  return { changes: [{ type: 'update', before, after }], verdict: ok(after) }
}

/** Takes the product off the catalogue; its SKU is free again. */
export function deleteProduct(state: CatalogueState, id: Uuid, expectedVersion?: number): Decision<null> {
  const before = state.product
  if (!before) return refuse(notFound('product', id))
  const refusal = versionRefusal(before, expectedVersion)
  if (refusal) return refuse(refusal)
  return { changes: [{ type: 'delete', before, at: state.now }], verdict: ok(null) }
}

const refuse = (error: Failure): Decision<never> => ({ changes: [], verdict: fail(error) })

const skuTaken = (sku: string): Failure => ({
  kind: 'conflict',
  code: 'sku_taken',
  message: `Another product has the SKU ${sku}.`,
  at: ['sku'],
  details: { sku },
})

const versionRefusal = ({ version }: Product, expected: number | undefined): Failure | undefined =>
  expected === undefined || expected === version ? undefined : versionMismatch(expected, version)
