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
import { flights, type Waits } from './flights.ts'
import { perform } from './operation.ts'
import type { Known, Ports, ProductFilter } from './ports.ts'

/** Adds a product; its SKU must be free. */
export async function createProduct(ports: Ports, context: Context, draft: ProductDraft): Promise<Result<Product>> {
  const id = ports.newId()
  return perform(
    ports.catalogue,
    context,
    { sku: draft.sku },
    (state) => rule.createProduct(state, id, draft),
    (created) => changed(ports, context, created, 'product.created'),
  )
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
  return perform(
    ports.catalogue,
    context,
    { productId: id, sku: changes.sku },
    (state) => rule.updateProduct(state, id, changes, expectedVersion),
    (updated) => changed(ports, context, updated, 'product.updated'),
  )
}

/** Takes a product off the catalogue. Its SKU is free again; stock, purchases and history stay. */
export async function deleteProduct(
  ports: Ports,
  context: Context,
  { id, expectedVersion }: Readonly<{ id: Uuid; expectedVersion?: number | undefined }>,
): Promise<Result<null>> {
  let before: Product | undefined
  return perform(
    ports.catalogue,
    context,
    { productId: id },
    (state) => {
      before = state.product
      return rule.deleteProduct(state, id, expectedVersion)
    },
    async (deleted) => {
      if (!deleted.ok) return deleted
      await ports.cache.outdate({ id, version: LAST_VERSION, isDeleted: true })
      if (deleted.replayed || !before) return deleted
      ports.announce('product.deleted', context, { product_id: id, sku: before.sku })
      return deleted
    },
  )
}

/** Nothing comes after a deletion, whichever version it was. */
const LAST_VERSION = Number.MAX_SAFE_INTEGER

/** Reads products one by one, through the cache; at most one read of each at a time goes to the database. */
export function productReader({ cache, catalogue }: Pick<Ports, 'cache' | 'catalogue'>, waits?: Waits) {
  const read = flights(async (id, trace): Promise<Known | undefined> => {
    const lease = await cache.lease(id)
    if (lease.known) return lease.known
    const [product] = await catalogue.find([id], trace)
    if (product) await lease.fill(product)
    return product
  }, waits)

  return async ({ deadlineMs, trace }: Context, id: Uuid): Promise<Result<Product>> => {
    const cached = await cache.get(id)
    const found: Result<Known | undefined> = cached ? ok(cached) : await patiently(deadlineMs, () => read(id, trace))
    if (!found.ok) return found
    return found.value && found.value !== 'deleted' ? ok(found.value) : fail(notFound('product', id))
  }
}

/** What the products with these ids cost, straight from the database: what is paid is never read from a cache. */
export async function priceProducts(
  ports: Ports,
  { deadlineMs, trace }: Context,
  ids: readonly Uuid[],
): Promise<Result<ReadonlyMap<Uuid, PricedProduct>>> {
  const found = await patiently(deadlineMs, () => ports.catalogue.prices(ids, trace))
  return found.ok ? ok(new Map(found.value.map((product) => [product.id, product]))) : found
}

/** The products with these ids that exist. */
export async function findProducts(
  ports: Ports,
  { deadlineMs, trace }: Context,
  ids: readonly Uuid[],
): Promise<Result<ReadonlyMap<Uuid, Product>>> {
  const found = await patiently(deadlineMs, () => ports.catalogue.find(ids, trace))
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
  return refusal
    ? fail(refusal)
    : patiently(context.deadlineMs, () => ports.catalogue.list(page, filter, context.trace))
}

async function changed(
  ports: Ports,
  context: Context,
  result: Result<Product>,
  event: 'product.created' | 'product.updated',
): Promise<Result<Product>> {
  if (!result.ok) return result
  const { id, version, sku, price } = result.value
  // Nobody can know of what was not there. A write that is sent again tells once more: the first send may have ended
  // before it could.
  if (event === 'product.updated') await ports.cache.outdate({ id, version, isDeleted: false })
  if (result.replayed) return result
  ports.announce(event, context, { product_id: id, sku, price: formatMoney(price), currency: price.currency })
  return result
}
