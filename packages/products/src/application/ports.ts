import type { Context, Page, PageRequest, Result, Uuid } from '@abasto/kernel'
import type { CatalogueState, Change } from '../domain/decide.ts'
import type { PricedProduct, Product } from '../domain/product.ts'

/** What the products service needs of the world. */
export type Ports = Readonly<{
  catalogue: Catalogue
  cache: Cache
  newId: () => Uuid
  announce: Announce
}>

/** The store of products. */
export type Catalogue = Readonly<{
  /** Reads what a decision needs, in one round trip. */
  read: (
    question: Readonly<{ operationId: Uuid; productId?: Uuid | undefined; sku?: string | undefined }>,
  ) => Promise<CatalogueState & Readonly<{ operation?: RecordedOperation | undefined }>>
  /**
   * Writes the changes and the operation, all or nothing, and only where every product that is changed still has the
   * version it was read with. Says whether it did. Throws `Contention` when nothing took effect, `OutcomeUnknown` when
   * nobody knows.
   */
  write: (changes: readonly Change[], operation: RecordedOperation, now: string) => Promise<boolean>

  find: (ids: readonly Uuid[]) => Promise<Product[]>
  prices: (ids: readonly Uuid[]) => Promise<PricedProduct[]>
  list: (page: PageRequest, filter?: ProductFilter) => Promise<Page<Product>>
}>

/** Which products of a list are meant: those with these ids, or all. */
export type ProductFilter = Readonly<{ ids?: readonly Uuid[] }>

export type RecordedOperation = Readonly<{ id: Uuid; fingerprint: string; verdict: Result<unknown> }>

/**
 * Remembers products by id. An entry never gives way to one of a lower version, and a deleted product leaves a
 * tombstone, so a slow reader cannot bring an old product back.
 */
export type Cache = Readonly<{
  get: (id: Uuid) => Promise<Product | undefined>
  put: (product: Product) => Promise<void>
  remove: (product: Product) => Promise<void>
}>

/** Tells those who follow the log what has happened. */
export type Announce = (event: string, context: Context, fields: Readonly<Record<string, unknown>>) => void
