import type { Context, Page, PageRequest, Result, Trace, Uuid } from '@abasto/kernel'
import type { CatalogueState, Change } from '../domain/decide.ts'
import type { PricedProduct, Product } from '../domain/product.ts'

/** What the products service needs of the world. */
export type Ports = Readonly<{
  catalogue: Catalogue
  cache: Cache
  newId: () => Uuid
  announce: Announce
}>

/** The store of products. What is done for a request that is traced is recorded under the part of the trace given. */
export type Catalogue = Readonly<{
  /** Reads what a decision needs, in one round trip. */
  read: (
    question: Readonly<{ operationId: Uuid; productId?: Uuid | undefined; sku?: string | undefined }>,
    trace?: Trace,
  ) => Promise<CatalogueState & Readonly<{ operation?: RecordedOperation | undefined }>>
  /**
   * Writes the changes and the operation, all or nothing, and only where every product that is changed still has the
   * version it was read with. Says whether it did. Throws `Contention` when nothing took effect, `OutcomeUnknown` when
   * nobody knows. What outdates the caches is written down with it, for whoever finds that they were not told.
   */
  write: (changes: readonly Change[], operation: RecordedOperation, now: string, trace?: Trace) => Promise<boolean>

  find: (ids: readonly Uuid[], trace?: Trace) => Promise<Product[]>
  prices: (ids: readonly Uuid[], trace?: Trace) => Promise<PricedProduct[]>
  list: (page: PageRequest, filter?: ProductFilter, trace?: Trace) => Promise<Page<Product>>
}>

/** Which products of a list are meant: those with these ids, or all. */
export type ProductFilter = Readonly<{ ids?: readonly Uuid[] }>

export type RecordedOperation = Readonly<{ id: Uuid; fingerprint: string; verdict: Result<unknown> }>

/**
 * Remembers products by id. It answers quickly or not at all, never throws, and what goes wrong in it costs a read from
 * the database and nothing else.
 */
export type Cache = Readonly<{
  /** What is known of the product, without a look at the database. */
  get: (id: Uuid) => Promise<Known | undefined>
  /** What is known of it or, where that is nothing, the right to tell. Taken before the database is read. */
  lease: (id: Uuid) => Promise<Lease>
  /**
   * Says that a version has been written, before whoever wrote it hears of it. What is known of older ones is
   * forgotten, leases included; of a product that was deleted a tombstone stays. Says whether the cache has heard of it;
   * if not, it will.
   */
  outdate: (written: WrittenVersion) => Promise<boolean>
}>

/** A product, or that it was deleted: which is for ever. That a product never was is not remembered. */
export type Known = Product | 'deleted'

/**
 * `fill` tells what was read from the database after the lease was taken. It comes to nothing where a newer version was
 * written meanwhile, or where the lease was lost: then nobody knows whether one was.
 */
export type Lease = Readonly<
  { known: Known; fill?: never } | { known?: never; fill: (product: Product) => Promise<void> }
>

/** The version that a write has made of a product; the version after its last one, where it was deleted. */
export type WrittenVersion = Readonly<{ id: Uuid; version: number; isDeleted: boolean }>

/** Tells those who follow the log what has happened. */
export type Announce = (event: string, context: Context, fields: Readonly<Record<string, unknown>>) => void
