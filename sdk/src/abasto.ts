import { Inventory } from './inventory.ts'
import { Products } from './products.ts'
import { Purchases } from './purchases.ts'
import { type AbastoOptions, readSettings } from './settings.ts'
import { Transport } from './transport.ts'

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

  constructor(options: AbastoOptions) {
    const transport = new Transport(readSettings(options))
    this.products = new Products(transport)
    this.inventory = new Inventory(transport)
    this.purchases = new Purchases(transport)
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
export type * from './types.gen.ts'
