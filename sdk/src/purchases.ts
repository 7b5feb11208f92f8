import { readIdentifier, readOne, writeDocument } from './document.ts'
import type { CallOptions, CreateOptions, ListOptions, ReadOptions } from './options.ts'
import { Listing } from './page.ts'
import type { ResourceIdentifier } from './result.ts'
import { pathTo, type Transport } from './transport.ts'
import type { Product, Purchase, PurchaseCreate, PurchaseIncludes, Warehouse } from './types.gen.ts'

/** Direct sales: the stock leaves at once. */
export class Purchases {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * Sells `quantity` units of a product at its price of now.
   *
   * Fails with `insufficient_stock` (`details.available` says how many could be sold), `product_not_found`,
   * `product_inactive`, `no_inventory`, `total_out_of_range`.
   *
   * ```ts
   * const { total, currency } = await abasto.purchases.create({ productId: lamp.id, quantity: 2 })
   * ```
   */
  async create(purchase: PurchaseCreate, options?: CreateOptions): Promise<Purchase> {
    const body = writeDocument('purchases', purchase)
    const { document, etag } = await this.#transport.create('inventory', '/purchases', body, options)
    return readOne(document, etag)
  }

  /** Reads a purchase as it was paid. Fails with `purchase_not_found`. */
  async get(id: string, options?: ReadOptions<PurchaseIncludes>): Promise<Purchase> {
    const { document, etag } = await this.#transport.read('inventory', pathTo('/purchases', id), 'one', options)
    return readOne(document, etag)
  }

  /**
   * Reads the product that was sold, as it is now. Fails with `purchase_not_found`, or `product_not_found` when it has
   * been deleted since.
   */
  async getProduct(id: string, options?: CallOptions): Promise<Product> {
    const path = `${pathTo('/purchases', id)}/product`
    const { document } = await this.#transport.read('inventory', path, 'one', options)
    return readOne(document, null)
  }

  /** Reads which product was sold, also when it has been deleted since. Fails with `purchase_not_found`. */
  async getProductIdentifier(id: string, options?: CallOptions): Promise<ResourceIdentifier<'products'>> {
    const path = `${pathTo('/purchases', id)}/relationships/product`
    const { document } = await this.#transport.read('inventory', path, 'one', options)
    return readIdentifier(document)
  }

  /** Reads the warehouse that it was sold from. Fails with `purchase_not_found`, `warehouse_not_found`. */
  async getWarehouse(id: string, options?: CallOptions): Promise<Warehouse> {
    const path = `${pathTo('/purchases', id)}/warehouse`
    const { document } = await this.#transport.read('inventory', path, 'one', options)
    return readOne(document, null)
  }

  /** Reads which warehouse it was sold from, also when it has been deleted since. Fails with `purchase_not_found`. */
  async getWarehouseIdentifier(id: string, options?: CallOptions): Promise<ResourceIdentifier<'warehouses'>> {
    const path = `${pathTo('/purchases', id)}/relationships/warehouse`
    const { document } = await this.#transport.read('inventory', path, 'one', options)
    return readIdentifier(document)
  }

  /** All purchases in the order in which they were made, fetched page by page as they are walked. */
  list(options?: ListOptions<PurchaseIncludes>): Listing<Purchase> {
    return new Listing(this.#transport, 'inventory', '/purchases', options)
  }
}
