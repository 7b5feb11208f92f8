import { Inventory } from './inventory.ts'
import { Backorders, Movements, Transfers } from './ledger.ts'
import { Products } from './products.ts'
import { Purchases } from './purchases.ts'
import { Reservations } from './reservations.ts'
import { type AbastoOptions, readSettings } from './settings.ts'
import { Stock } from './stock.ts'
import { StockLevels } from './stock-levels.ts'
import { Transport } from './transport.ts'
import { Warehouses } from './warehouses.ts'

/**
 * The client of an Abasto shop.
 *
 * Every write carries an idempotency key and is sent again when its answer does not come, so it takes effect once.
 * Every failure is an `AbastoError`; switch on its `code`.
 *
 * ```ts
 * const abasto = new Abasto({ apiKey, baseUrl: 'http://localhost:8080' })
 * const lamp = await abasto.products.create({ sku: 'LAMP-1', name: 'Desk lamp', price: '12.50', currency: 'EUR' })
 * await abasto.inventory.create({ productId: lamp.id, quantity: 100 })
 * const sale = await abasto.purchases.create({ productId: lamp.id, quantity: 2 })
 * ```
 *
 * Throws a TypeError when an option cannot work: no `apiKey`, a `baseUrl` that is no address.
 */
export class Abasto {
  /** What the shop shows and sells. */
  readonly products: Products
  /** How much there is of each product. */
  readonly inventory: Inventory
  /** Direct sales: the stock leaves at once. */
  readonly purchases: Purchases
  /** The places that hold stock. */
  readonly warehouses: Warehouses
  /** One product in one warehouse. */
  readonly stockLevels: StockLevels
  /** Stock that is moved from warehouse to warehouse. */
  readonly transfers: Transfers
  /** Stock that is held for someone. */
  readonly reservations: Reservations
  /** What is owed. */
  readonly backorders: Backorders
  /** What happened to stock. */
  readonly movements: Movements
  /** The stock as it changes. */
  readonly stock: Stock

  constructor(options: AbastoOptions) {
    const transport = new Transport(readSettings(options))
    this.products = new Products(transport)
    this.inventory = new Inventory(transport)
    this.purchases = new Purchases(transport)
    this.warehouses = new Warehouses(transport)
    this.stockLevels = new StockLevels(transport)
    this.transfers = new Transfers(transport)
    this.reservations = new Reservations(transport)
    this.backorders = new Backorders(transport)
    this.movements = new Movements(transport)
    this.stock = new Stock(transport)
  }
}

export type {
  Circumstances,
  ClientFailures,
  CodeWith,
  ErrorItem,
  Failed,
  FailureClass,
  FailureCode,
  FailureOf,
  Failures,
} from './failure.ts'
export {
  AbastoError,
  AbortedError,
  AuthenticationError,
  ConflictError,
  ConnectionError,
  InvalidRequestError,
  NotFoundError,
  PermissionError,
  PreconditionFailedError,
  RateLimitError,
  ServerError,
  TimeoutError,
  UnavailableError,
  UnexpectedAnswerError,
} from './failure-kinds.ts'
export type { AttemptInfo, Hooks, OnRequest, OnResponse, OnRetry, ResponseInfo, RetryInfo } from './hooks.ts'
export type {
  CallOptions,
  CreateOptions,
  Filtered,
  ListOptions,
  ReadOptions,
  WriteOptions,
} from './options.ts'
export type { Listing, Page } from './page.ts'
export type { Read, ResourceIdentifier, Versioned, With } from './result.ts'
export type { AbastoOptions, Fetch } from './settings.ts'
export type { Resumable, StockEvent, Told, WatchOptions } from './stock.ts'
export type { LevelAdjustment, LevelCount } from './stock-levels.ts'
export type * from './types.gen.ts'
