import type { Context, Page, PageRequest, Result, Trace, Uuid } from '@abasto/kernel'
import type { PricedProduct, Product } from '@abasto/products/domain/product'
import type { Command } from '../domain/command.ts'
import type { Decision, StockState, Verdict } from '../domain/decide.ts'
import type { Movement } from '../domain/movement.ts'
import type { Purchase } from '../domain/purchase.ts'
import type { LevelKey, StockLevel } from '../domain/stock-level.ts'

/** What the inventory service needs of the world. */
export type Ports = Readonly<{
  stock: Stock
  /** Decides and writes commands in batches; see `committer.ts`. */
  commit: Commit
  products: Products
  newId: () => Uuid
  announce: Announce
}>

/**
 * The store of levels, movements, purchases and operations. Every adapter keeps the same promises. What is done for a
 * request that is traced is recorded under the part of the trace that is given.
 */
export type Stock = Readonly<{
  /** Reads what `decide` needs. */
  read: (levels: readonly LevelKey[], operations: readonly Uuid[], trace?: Trace) => Promise<StockState>
  /**
   * Writes decisions, each completely or not at all, in one atomic write. A decision takes effect only where every
   * level that it read still is as it read it: its version and its amounts, because what was read may have been
   * reckoned from a write that lost. Says which did not, with the levels as they now are.
   * Throws `Contention` when nothing took effect, as when one of the operations is in the store already, and
   * `OutcomeUnknown` when nobody knows.
   */
  write: (decisions: readonly Decision[], trace?: Trace) => Promise<Written>

  inventory: (productId: Uuid, trace?: Trace) => Promise<Inventory | undefined>
  inventories: (page: PageRequest, trace?: Trace) => Promise<Page<Inventory>>
  movements: (productId: Uuid, page: PageRequest, trace?: Trace) => Promise<Page<Movement>>
  purchase: (id: Uuid, trace?: Trace) => Promise<Purchase | undefined>
  purchases: (page: PageRequest, trace?: Trace) => Promise<Page<Purchase>>
}>

export type Written = Readonly<{
  /** The decisions that lost their race, by index. */
  lost: ReadonlySet<number>
  /** The levels of the lost decisions as the write saw them; may be empty, then they must be read again. */
  levels: ReadonlyMap<string, StockLevel>
}>

/** Hands a command to the stock and waits until it is decided and written. */
export type Commit = (command: Command, deadlineMs: number, trace?: Trace) => Promise<Verdict>

/** How much of one product there is, over all its levels. */
export type Inventory = Readonly<{
  productId: Uuid
  onHand: number
  reserved: number
  /** Rises with every change of any of its levels. */
  version: number
  updatedAt: string
}>

/** The products service, as this one uses it. Look-ups of prices are asked together where they come together. */
export type Products = Readonly<{
  /** What the products with these ids cost, read from the database and never from a cache. */
  priceProducts: (context: Context, ids: readonly Uuid[]) => Promise<Result<ReadonlyMap<Uuid, PricedProduct>>>
  /** The products with these ids that exist, with all that they show. */
  findProducts: (context: Context, ids: readonly Uuid[]) => Promise<Result<ReadonlyMap<Uuid, Product>>>
}>

/** Tells those who follow the log what has happened. */
export type Announce = (event: string, context: Context, fields: Readonly<Record<string, unknown>>) => void
