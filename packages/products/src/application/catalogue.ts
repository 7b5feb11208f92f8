import { patiently } from '@abasto/chassis/database/patience'
import {
  type Context,
  cursorRefusal,
  fail,
  formatMoney,
  notFound,
  ok,
  type Page,
  type PageRequest,
  type Result,
  type Uuid,
} from '@abasto/kernel'
import * as rule from '../domain/decide.ts'
import type { PricedProduct, Product, ProductChanges, ProductDraft } from '../domain/product.ts'
import { perform } from './operation.ts'
import type { Ports, ProductFilter } from './ports.ts'

/** Adds a product; its SKU must be free. */
export async function createProduct(ports: Ports, context: Context, draft: ProductDraft): Promise<Result<Product>> {
  const id = ports.newId()
  const created = await perform(ports.catalogue, context, { sku: draft.sku }, (state) =>
    rule.createProduct(state, id, draft),
  )
  return changed(ports, context, created, 'product.created')
}

/** Changes what is given and keeps the rest. */
export async function updateProduct(
  ports: Ports,
  context: Context,
  {
    id,
    changes,
    expectedVersion,
  }: Readonly<{ id: Uuid; changes: ProductChanges; expectedVersion?: number | undefined }>,
): Promise<Result<Product>> {
  const updated = await perform(ports.catalogue, context, { productId: id, sku: changes.sku }, (state) =>
    rule.updateProduct(state, id, changes, expectedVersion),
  )
  return changed(ports, context, updated, 'product.updated')
}

/** Takes a product off the catalogue. Its SKU is free again; stock, purchases and history stay. */
export async function deleteProduct(
  ports: Ports,
  context: Context,
  { id, expectedVersion }: Readonly<{ id: Uuid; expectedVersion?: number | undefined }>,
): Promise<Result<null>> {
  let before: Product | undefined
  const deleted = await perform(ports.catalogue, context, { productId: id }, (state) => {
    before = state.product
    return rule.deleteProduct(state, id, expectedVersion)
  })
  if (!deleted.ok || deleted.replayed || !before) return deleted
  await ports.cache.remove(before)
  ports.announce('product.deleted', context, { product_id: id, sku: before.sku })
  return deleted
}

export async function getProduct(ports: Ports, context: Context, id: Uuid): Promise<Result<Product>> {
  const cached = await ports.cache.get(id)
  if (cached) return ok(cached)
  const found = await findProducts(ports, context, [id])
  if (!found.ok) return found
  const product = found.value.get(id)
  if (!product) return fail(notFound('product', id))
  await ports.cache.put(product)
  return ok(product)
}

/** What the products with these ids cost, straight from the database: what is paid is never read from a cache. */
export async function priceProducts(
  ports: Ports,
  { deadlineMs }: Context,
  ids: readonly Uuid[],
): Promise<Result<ReadonlyMap<Uuid, PricedProduct>>> {
  const found = await patiently(deadlineMs, () => ports.catalogue.prices(ids))
  return found.ok ? ok(new Map(found.value.map((product) => [product.id, product]))) : found
}

/** The products with these ids that exist. */
export async function findProducts(
  ports: Ports,
  { deadlineMs }: Context,
  ids: readonly Uuid[],
): Promise<Result<ReadonlyMap<Uuid, Product>>> {
  const found = await patiently(deadlineMs, () => ports.catalogue.find(ids))
  return found.ok ? ok(new Map(found.value.map((product) => [product.id, product]))) : found
}

/** The products in the order in which they were created, or those of them that are named; never from a cache. */
export async function listProducts(
  ports: Ports,
  context: Context,
  page: PageRequest,
  filter?: ProductFilter,
): Promise<Result<Page<Product>>> {
  const refusal = cursorRefusal(page)
  return refusal ? fail(refusal) : patiently(context.deadlineMs, () => ports.catalogue.list(page, filter))
}

async function changed(
  ports: Ports,
  context: Context,
  result: Result<Product>,
  event: string,
): Promise<Result<Product>> {
  if (!result.ok || result.replayed) return result
  await ports.cache.put(result.value)
  const { id, sku, price } = result.value
  ports.announce(event, context, { product_id: id, sku, price: formatMoney(price), currency: price.currency })
  return result
}
