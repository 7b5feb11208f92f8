import { readIdentifier, readOne, writeDocument } from './document.ts'
import type { CallOptions, CreateOptions, ListOptions, ReadOptions, WriteOptions } from './options.ts'
import { Listing } from './page.ts'
import type { Read, ResourceIdentifier, Versioned, With } from './result.ts'
import { pathTo, pathWith, type Transport } from './transport.ts'
import type {
  InventoryCreate,
  InventoryIncludes,
  InventoryUpdate,
  Inventory as Level,
  Movement,
  MovementIncludes,
  Product,
} from './types.gen.ts'

type Name = keyof InventoryIncludes

/** How much there is of each product. Every id here is the id of the product that is counted. */
export class Inventory {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * Begins to count a product, with `quantity` units (0 when it is not given). A product has one inventory.
   *
   * Fails with `product_not_found`, `inventory_exists`.
   *
   * ```ts
   * await abasto.inventory.create({ productId: lamp.id, quantity: 100 })
   * ```
   */
  async create(inventory: InventoryCreate, options?: CreateOptions): Promise<Versioned<Level>> {
    const body = writeDocument('inventory', inventory)
    const { document, etag } = await this.#transport.create('inventory', '/inventory', body, options)
    return readOne(document, etag)
  }

  /**
   * Reads how many units of a product there are, promised and free; with `include`, the product as well.
   *
   * Fails with `no_inventory`.
   *
   * ```ts
   * const { available, product } = await abasto.inventory.get(lamp.id, { include: ['product'] })
   * ```
   */
  async get<const Names extends readonly Name[] = []>(
    productId: string,
    options?: ReadOptions<InventoryIncludes, Names>,
  ): Promise<Read<Level, InventoryIncludes, Names>> {
    const path = pathWith(pathTo('/inventory', productId), { include: options?.include?.join(',') || undefined })
    const { document, etag } = await this.#transport.read('inventory', path, 'one', options)
    return readOne(document, etag, options?.include)
  }

  /** The inventory of every product that is counted, fetched page by page as it is walked. */
  list<const Names extends readonly Name[] = []>(
    options?: ListOptions<InventoryIncludes, Names>,
  ): Listing<With<Level, InventoryIncludes, Names>> {
    return new Listing(this.#transport, 'inventory', '/inventory', options)
  }

  /**
   * Adds units that came (`quantityDelta` above 0) or takes units that went (below 0), and says why: `receipt` and
   * `return` only add, `damage` and `loss` only take, `correction` does either.
   *
   * Fails with `insufficient_stock` (`details.available`), `no_inventory`, `reason_mismatch`,
   * `quantity_out_of_range`, `version_mismatch`.
   *
   * ```ts
   * await abasto.inventory.adjust(lamp.id, { quantityDelta: -1, reason: 'damage' })
   * ```
   */
  async adjust(productId: string, adjustment: InventoryUpdate, options?: WriteOptions): Promise<Versioned<Level>> {
    const body = writeDocument('inventory', adjustment, productId)
    const { document, etag } = await this.#transport.update('inventory', pathTo('/inventory', productId), body, options)
    return readOne(document, etag)
  }

  /**
   * Reads the product that is counted. Fails with `no_inventory`, or `product_not_found` when it has been deleted since.
   */
  async getProduct(productId: string, options?: CallOptions): Promise<Product> {
    const path = `${pathTo('/inventory', productId)}/product`
    const { document } = await this.#transport.read('inventory', path, 'one', options)
    return readOne(document, null)
  }

  /** Reads which product is counted, also when it has been deleted since. Fails with `no_inventory`. */
  async getProductIdentifier(productId: string, options?: CallOptions): Promise<ResourceIdentifier<'products'>> {
    const path = `${pathTo('/inventory', productId)}/relationships/product`
    const { document } = await this.#transport.read('inventory', path, 'one', options)
    return readIdentifier(document)
  }

  /**
   * Every change of the product's stock, the oldest first, fetched page by page as it is walked. Adding up
   * `onHandChange` gives what is on hand. Fails with `no_inventory`.
   */
  movements(productId: string, options?: ListOptions<MovementIncludes>): Listing<Movement> {
    return new Listing(this.#transport, 'inventory', `${pathTo('/inventory', productId)}/movements`, options)
  }
}
