import { readIdentifier, readOne, writeDocument } from './document.ts'
import type { CallOptions, CreateOptions, Filtered, ListOptions, ReadOptions, WriteOptions } from './options.ts'
import { Listing } from './page.ts'
import type { Read, ResourceIdentifier, Versioned, With } from './result.ts'
import { pathTo, pathWith, type Transport } from './transport.ts'
import type {
  Adjustments,
  AdjustmentsCreate,
  OperationFilters,
  Product,
  StockLevel,
  StockLevelAdjust,
  StockLevelAsOf,
  StockLevelCreate,
  StockLevelIncludes,
  StockLevelUpdate,
  Warehouse,
} from './types.gen.ts'

type Name = keyof StockLevelIncludes

/** A change by so many units, and why. */
export type LevelAdjustment = Required<Pick<StockLevelAdjust, 'quantityDelta' | 'reason'>> &
  Pick<StockLevelAdjust, 'actor'>

/** What was counted. It says against what, here or by `ifMatch`, so that it cannot overwrite what was sold since. */
export type LevelCount = Required<Pick<StockLevelAdjust, 'countedOnHand'>> &
  Pick<StockLevelAdjust, 'expectedOnHand' | 'expectedVersion' | 'actor'>

/** One product in one warehouse. The id of a level is made of theirs: `<productId>.<warehouseId>`. */
export class StockLevels {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * Begins to count a product in a warehouse, with `onHand` units (0 when it is not given).
   *
   * Fails with `product_not_found`, `warehouse_not_found`, `stock_level_exists`, `quantity_out_of_range`.
   *
   * ```ts
   * await abasto.stockLevels.create({ productId: lamp.id, warehouseId: attic.id, onHand: 10, reorderPoint: 3 })
   * ```
   */
  async create(level: StockLevelCreate, options?: CreateOptions): Promise<Versioned<StockLevel>> {
    const body = writeDocument('stock-levels', level)
    const { document, etag } = await this.#transport.create('inventory', '/stock-levels', body, options)
    return readOne(document, etag)
  }

  /**
   * Reads how many units of a product there are in a warehouse, promised and free; with `include`, the product as well.
   *
   * Fails with `stock_level_not_found`.
   *
   * ```ts
   * const { available, short } = await abasto.stockLevels.get(`${lamp.id}.${attic.id}`)
   * ```
   */
  async get<const Names extends readonly Name[] = []>(
    id: string,
    options?: ReadOptions<StockLevelIncludes, Names>,
  ): Promise<Read<StockLevel, StockLevelIncludes, Names>> {
    const path = pathWith(pathTo('/stock-levels', id), { include: options?.include?.join(',') || undefined })
    const { document, etag } = await this.#transport.read('inventory', path, 'one', options)
    return readOne(document, etag, options?.include)
  }

  /**
   * Reads what a level was at a moment (RFC 3339, or a `Date`), by its movements until then.
   *
   * Fails with `stock_level_not_found`, also before the first movement.
   *
   * ```ts
   * const { onHand } = await abasto.stockLevels.asOf(`${lamp.id}.${attic.id}`, '2026-01-31T09:30:00Z')
   * ```
   */
  async asOf(id: string, moment: string | Date, options?: CallOptions): Promise<StockLevelAsOf> {
    const asOf = typeof moment === 'string' ? moment : moment.toISOString()
    const path = pathWith(pathTo('/stock-levels', id), { asOf })
    const { document } = await this.#transport.read('inventory', path, 'one', options)
    return readOne(document, null)
  }

  /**
   * Sets a level up: its reorder point, how far reservations may go beyond what is there, what is on its way.
   *
   * Fails with `stock_level_not_found`, `backorder_limit_too_low`, `quantity_out_of_range`, `version_mismatch`.
   */
  async update(id: string, changes: StockLevelUpdate, options?: WriteOptions): Promise<Versioned<StockLevel>> {
    const body = writeDocument('stock-levels', changes, id)
    const { document, etag } = await this.#transport.update('inventory', pathTo('/stock-levels', id), body, options)
    return readOne(document, etag)
  }

  /**
   * Adds units that came (`quantityDelta` above 0) or takes units that went (below 0), and says why.
   *
   * Fails with `insufficient_stock` (`details.available`), `stock_level_not_found`, `reason_mismatch`,
   * `quantity_out_of_range`, `version_mismatch`.
   *
   * ```ts
   * await abasto.stockLevels.adjust(`${lamp.id}.${attic.id}`, { quantityDelta: 25, reason: 'receipt' })
   * ```
   */
  adjust(id: string, adjustment: LevelAdjustment, options?: WriteOptions): Promise<Versioned<StockLevel>> {
    return this.#act(id, adjustment, options)
  }

  /**
   * Sets what is there to what was counted, be it less than what is promised: the rest is then `short`. The count says
   * what it was made against: `expectedOnHand`, `expectedVersion`, or `ifMatch`.
   *
   * Fails with `quantity_mismatch` (`details.onHand`), `version_mismatch`, `count_without_base`,
   * `stock_level_not_found`.
   *
   * ```ts
   * await abasto.stockLevels.count(`${lamp.id}.${attic.id}`, { countedOnHand: 24, expectedOnHand: 25 })
   * ```
   */
  count(id: string, counted: LevelCount, options?: WriteOptions): Promise<Versioned<StockLevel>> {
    return this.#act(id, counted, options)
  }

  async #act(id: string, change: StockLevelAdjust, options?: WriteOptions): Promise<Versioned<StockLevel>> {
    const path = `${pathTo('/stock-levels', id)}/adjustments`
    const body = writeDocument('adjust', change)
    const { document, etag } = await this.#transport.create('inventory', path, body, options)
    return readOne(document, etag)
  }

  /**
   * Changes up to 1,000 levels in one call, each for itself, and says what became of each, in their order: the level,
   * or the error for which nothing was changed.
   *
   * ```ts
   * const { verdicts } = await abasto.stockLevels.adjustMany({
   *   lines: [{ productId: lamp.id, quantityDelta: 25, reason: 'receipt' }],
   * })
   * ```
   */
  async adjustMany(adjustments: AdjustmentsCreate, options?: CreateOptions): Promise<Adjustments> {
    const body = writeDocument('adjustments', adjustments)
    const { document } = await this.#transport.create('inventory', '/adjustments', body, options)
    return readOne(document, null)
  }

  /**
   * Every product in every warehouse where it is counted, or those that `filter` names, fetched page by page.
   *
   * ```ts
   * for await (const level of abasto.stockLevels.list({ filter: { state: ['reorder', 'short'] } })) console.log(level.id)
   * ```
   */
  list<const Names extends readonly Name[] = []>(
    options?: Filtered<ListOptions<StockLevelIncludes, Names>, OperationFilters['listStockLevels']>,
  ): Listing<With<StockLevel, StockLevelIncludes, Names>> {
    return new Listing(this.#transport, 'inventory', '/stock-levels', options)
  }

  /** Reads the product that is counted. Fails with `stock_level_not_found`, `product_not_found`. */
  getProduct(id: string, options?: CallOptions): Promise<Product> {
    return this.#related(id, 'product', options)
  }

  /** Reads which product is counted, also when it has been deleted since. Fails with `stock_level_not_found`. */
  getProductIdentifier(id: string, options?: CallOptions): Promise<ResourceIdentifier<'products'>> {
    return this.#linked(id, 'product', options)
  }

  /** Reads the warehouse. Fails with `stock_level_not_found`, `warehouse_not_found`. */
  getWarehouse(id: string, options?: CallOptions): Promise<Warehouse> {
    return this.#related(id, 'warehouse', options)
  }

  /** Reads which warehouse it is, also when it has been deleted since. Fails with `stock_level_not_found`. */
  getWarehouseIdentifier(id: string, options?: CallOptions): Promise<ResourceIdentifier<'warehouses'>> {
    return this.#linked(id, 'warehouse', options)
  }

  async #related<T>(id: string, name: string, options?: CallOptions): Promise<T> {
    const path = `${pathTo('/stock-levels', id)}/${name}`
    const { document } = await this.#transport.read('inventory', path, 'one', options)
    return readOne(document, null)
  }

  async #linked<Type extends 'products' | 'warehouses'>(id: string, name: string, options?: CallOptions) {
    const path = `${pathTo('/stock-levels', id)}/relationships/${name}`
    const { document } = await this.#transport.read('inventory', path, 'one', options)
    return readIdentifier<Type>(document)
  }
}
