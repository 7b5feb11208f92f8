import { readOne, writeDocument } from './document.ts'
import type { CreateOptions, Filtered, ListOptions, ReadOptions, WriteOptions } from './options.ts'
import { Listing } from './page.ts'
import type { Versioned } from './result.ts'
import { pathTo, type Transport } from './transport.ts'
import type { OperationFilters, Product, ProductCreate, ProductIncludes, ProductUpdate } from './types.gen.ts'

/** What the shop shows and sells. */
export class Products {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * Creates a product. The price is a decimal string with no more decimals than its currency has.
   *
   * Fails with `sku_taken`, `invalid_price`, `unknown_currency`, `invalid_value`.
   *
   * ```ts
   * const lamp = await abasto.products.create({ sku: 'LAMP-1', name: 'Desk lamp', price: '12.50', currency: 'EUR' })
   * ```
   */
  async create(product: ProductCreate, options?: CreateOptions): Promise<Versioned<Product>> {
    const body = writeDocument('products', product)
    const { document, etag } = await this.#transport.create('products', '/products', body, options)
    return readOne(document, etag)
  }

  /**
   * Reads a product. Fails with `product_not_found`, also when it has been deleted.
   *
   * ```ts
   * const { name, price } = await abasto.products.get(id)
   * ```
   */
  async get(id: string, options?: ReadOptions<ProductIncludes>): Promise<Versioned<Product>> {
    const { document, etag } = await this.#transport.read('products', pathTo('/products', id), 'one', options)
    return readOne(document, etag)
  }

  /**
   * Changes what is given and keeps the rest. With `ifMatch` only when nobody else has changed it since it was read.
   *
   * Fails with `product_not_found`, `sku_taken`, `invalid_price`, `unknown_currency`, `version_mismatch`.
   *
   * ```ts
   * const lamp = await abasto.products.get(id)
   * await abasto.products.update(id, { price: '11.00' }, { ifMatch: lamp.etag })
   * ```
   */
  async update(id: string, changes: ProductUpdate, options?: WriteOptions): Promise<Versioned<Product>> {
    const body = writeDocument('products', changes, id)
    const { document, etag } = await this.#transport.update('products', pathTo('/products', id), body, options)
    return readOne(document, etag)
  }

  /**
   * Takes a product off the catalogue for good; its SKU is free again, its stock and history stay.
   *
   * Fails with `product_not_found`, `version_mismatch`.
   */
  async delete(id: string, options?: WriteOptions): Promise<void> {
    await this.#transport.delete('products', pathTo('/products', id), options)
  }

  /**
   * All products, or those with the ids that `filter` names (at most 100), fetched page by page as they are walked. Ids
   * that no product has are passed over.
   *
   * ```ts
   * for await (const product of abasto.products.list()) console.log(product.sku)
   *
   * const { items } = await abasto.products.list({ filter: { id: [lamp.id, chair.id] } }).page()
   * ```
   */
  list(options?: Filtered<ListOptions<ProductIncludes>, OperationFilters['listProducts']>): Listing<Product> {
    return new Listing(this.#transport, 'products', '/products', options)
  }
}
