import type { Context, Page, PageRequest, Result, Trace, Uuid } from '@abasto/kernel'
import type { PricedProduct, Product } from '@abasto/products/domain/product'
import type { Command } from '../domain/command.ts'
import type { Movement } from '../domain/movement.ts'
import type { Purchase } from '../domain/purchase.ts'
import type { Reservation, ReservationStatus } from '../domain/reservation.ts'
import type { Decision, ProductTotals, StockState, Verdict } from '../domain/state.ts'
import type { LevelKey, MovementKind, StockLevel } from '../domain/stock-level.ts'
import type { Warehouse } from '../domain/warehouse.ts'

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
  read: (wanted: Wanted, trace?: Trace) => Promise<StockState>
  /**
   * Writes decisions, each completely or not at all, in one atomic write. A decision takes effect only where every
   * level, reservation and warehouse that it read still is as it read it: a level by its version and its amounts,
   * because what was read may have been reckoned from a write that lost; and only while the promises that it took to
   * be alive are, by the store's clock. Says which did not, with the levels as they now are.
   * Throws `Contention` when nothing took effect, as when one of the operations is in the store already, and
   * `OutcomeUnknown` when nobody knows.
   */
  write: (decisions: readonly Decision[], trace?: Trace) => Promise<Written>
  /**
   * Whether a write that shares a level or a reservation with one on its way waits for it, all of it. Then it pays to
   * put together what shares nothing.
   */
  writesApart?: true

  inventory: (productId: Uuid, trace?: Trace) => Promise<ProductTotals | undefined>
  inventories: (page: PageRequest, trace?: Trace) => Promise<Page<ProductTotals>>
  /** The levels of a product, by warehouse. */
  levelsOf: (productId: Uuid, trace?: Trace) => Promise<readonly LevelKey[]>
  /** A level as it is now, what is past its time left out. */
  level: (key: LevelKey, trace?: Trace) => Promise<StockLevel | undefined>
  /** By product, then warehouse; what is past its time left out. Positions are `keyOf`. */
  levels: (filter: LevelFilter, page: PageRequest, trace?: Trace) => Promise<Page<StockLevel>>
  /** What the ledger says a level was at a moment; `undefined` before its first movement. */
  levelAt: (key: LevelKey, moment: string, trace?: Trace) => Promise<LevelAt | undefined>
  /** By product, warehouse and sequence. Positions are `movementPosition`. */
  movements: (filter: MovementFilter, page: PageRequest, trace?: Trace) => Promise<Page<Movement>>
  purchase: (id: Uuid, trace?: Trace) => Promise<Purchase | undefined>
  purchases: (page: PageRequest, trace?: Trace) => Promise<Page<Purchase>>
  /** As it is now, by the store's clock; never a tombstone. */
  reservation: (id: Uuid, trace?: Trace) => Promise<Reservation | undefined>
  /** By id; as they are now, by the store's clock; no tombstones. */
  reservations: (filter: ReservationFilter, page: PageRequest, trace?: Trace) => Promise<Page<Reservation>>
  /** Held, and past their time by the store's clock, the oldest first. */
  expired: (limit: number, trace?: Trace) => Promise<readonly Uuid[]>
  /** Positions are `backorderPosition`. */
  backorders: (filter: BackorderFilter, page: PageRequest, trace?: Trace) => Promise<Page<Backorder>>
  warehouse: (id: Uuid, trace?: Trace) => Promise<Warehouse | undefined>
  /** By id, without the deleted ones. */
  warehouses: (page: PageRequest, trace?: Trace) => Promise<Page<Warehouse>>
  /** Whether anything is on hand or promised in a warehouse. */
  holdsStock: (warehouseId: Uuid, trace?: Trace) => Promise<boolean>
}>

/** What of a store only shows what is there. */
export type StockQueries = Omit<Stock, 'read' | 'write' | 'writesApart'>

/** What a decision wants to know. The levels of the reservations that exist are read with them. */
export type Wanted = Readonly<{
  levels?: readonly LevelKey[]
  operations?: readonly Uuid[]
  reservations?: readonly Uuid[]
  warehouses?: readonly Uuid[]
}>

/**
 * The ledger as those who follow it read it: in one order, the same for everybody, of which nothing that is found once
 * changes and in which nothing appears behind what was found. So it ends at the horizon, before the oldest transaction
 * that still runs: what was written after that is found later, and where that transaction is somebody else's, it waits.
 *
 * A transaction's number is whatever a store has that gives this order: of PostgreSQL the number itself, of MongoDB the
 * time of the commit. `movements` and `levels` throw `HistoryLost` where what they are asked for is no longer kept.
 */
export type Feed = Readonly<{
  /**
   * Where the ledger ends at present, and the name of the database's transactions. Where the end is not the same
   * everywhere at once, it waits a moment for what somebody else has seen: in the same epoch, for the same horizon.
   */
  head: (seen?: Head) => Promise<Head>
  /** What follows a place: as many as `limit`, in order, as far as the horizon or, if that is nearer, until `until`. */
  movements: (
    after: Place,
    stretch: Readonly<{ filter?: FeedFilter; until?: Place; limit: number }>,
  ) => Promise<Stretch>
  /**
   * The levels that all transactions before `horizon` have left behind, and no other; those that follow `after`, by
   * product and warehouse. Asked later it gives the same, so a long list can be read in parts.
   */
  levels: (
    horizon: bigint,
    part: Readonly<{ filter?: FeedFilter; after?: LevelKey | undefined; limit: number }>,
  ) => Promise<readonly LevelPicture[]>
  /**
   * Whether what follows this place can be told: it is kept, and where a movement stands at the place, its `markOf` is
   * this one.
   */
  knows: (place: Place & Readonly<{ mark: number }>) => Promise<boolean>
}>

export type Head = Readonly<{
  /** Transactions are told apart by their numbers only within one epoch. A copied or restored database has its own. */
  epoch: Uuid
  /** The oldest transaction that may still show something; what those before it did stays as it is. */
  horizon: bigint
}>

/** A place in the order of the ledger: by transaction, then by level, then by sequence. */
export type Place = LevelKey & Readonly<{ transaction: bigint; sequence: number }>

export type FedMovement = Readonly<{ transaction: bigint; movement: Movement }>

export type Stretch = Head &
  Readonly<{
    movements: readonly FedMovement[]
    /** How long the oldest movement beyond the horizon has been waiting, in seconds; 0 when none is. */
    waitingSeconds: number
  }>

export type LevelPicture = LevelKey & Readonly<{ onHand: number; reserved: number; sequence: number }>

export type FeedFilter = Readonly<{
  productIds?: readonly Uuid[] | undefined
  warehouseIds?: readonly Uuid[] | undefined
}>

export type LevelFilter = Readonly<{
  productIds?: readonly Uuid[] | undefined
  warehouseIds?: readonly Uuid[] | undefined
  /** Those that are in any of these states. */
  states?: readonly LevelState[] | undefined
}>

/** `reorder`: at or below the reorder point. `out`: nothing is available. `short`: promised beyond what is allowed. */
export type LevelState = 'reorder' | 'out' | 'short'

export type LevelAt = LevelKey &
  Readonly<{
    onHand: number
    reserved: number
    /** The number of the last movement until then. */
    sequence: number
    /** When that was. */
    updatedAt: string
  }>

export type MovementFilter = Readonly<{
  productIds?: readonly Uuid[] | undefined
  warehouseIds?: readonly Uuid[] | undefined
  kinds?: readonly MovementKind[] | undefined
  /** From this moment on. */
  from?: string | undefined
  /** Until just before this moment. */
  until?: string | undefined
}>

export type ReservationFilter = Readonly<{
  statuses?: readonly ReservationStatus[] | undefined
  references?: readonly string[] | undefined
}>

export type BackorderFilter = Readonly<{
  productIds?: readonly Uuid[] | undefined
  warehouseIds?: readonly Uuid[] | undefined
}>

/** What is owed to a reservation: units that it holds of a level and that are not there. The oldest are served first. */
export type Backorder = LevelKey &
  Readonly<{
    reservationId: Uuid
    /** Units that it holds of the level. */
    quantity: number
    /** How many of them are not there. */
    owed: number
    expiresAt: string
    createdAt: string
  }>

export type Written = Readonly<{
  /** The decisions that lost their race, by index. */
  lost: ReadonlySet<number>
  /** The levels of the lost decisions as the write saw them; may be empty, then they must be read again. */
  levels: ReadonlyMap<string, StockLevel>
}>

/** Hands a command to the stock and waits until it is decided and written. */
export type Commit = (command: Command, deadlineMs: number, trace?: Trace) => Promise<Verdict>

/** The products service, as this one uses it. Look-ups of prices are asked together where they come together. */
export type Products = Readonly<{
  /** What the products with these ids cost, read from the database and never from a cache. */
  priceProducts: (context: Context, ids: readonly Uuid[]) => Promise<Result<ReadonlyMap<Uuid, PricedProduct>>>
  /** The products with these ids that exist, with all that they show. */
  findProducts: (context: Context, ids: readonly Uuid[]) => Promise<Result<ReadonlyMap<Uuid, Product>>>
}>

/** Tells those who follow the log what has happened. */
export type Announce = (event: string, context: Context, fields: Readonly<Record<string, unknown>>) => void
