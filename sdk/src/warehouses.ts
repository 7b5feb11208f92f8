import { readOne, writeDocument } from './document.ts'
import type { CreateOptions, ListOptions, ReadOptions, WriteOptions } from './options.ts'
import { Listing } from './page.ts'
import type { Versioned } from './result.ts'
import { pathTo, type Transport } from './transport.ts'
import type { Warehouse, WarehouseCreate, WarehouseIncludes, WarehouseUpdate } from './types.gen.ts'

/** The places that hold stock. Every shop has one called `default`. */
export class Warehouses {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * Opens a warehouse. Fails with `warehouse_exists`.
   *
   * ```ts
   * const attic = await abasto.warehouses.create({ name: 'Attic' })
   * ```
   */
  async create(warehouse: WarehouseCreate, options?: CreateOptions): Promise<Versioned<Warehouse>> {
    const body = writeDocument('warehouses', warehouse)
    const { document, etag } = await this.#transport.create('inventory', '/warehouses', body, options)
    return readOne(document, etag)
  }

  /** Reads a warehouse. Fails with `warehouse_not_found`, also when it has been deleted. */
  async get(id: string, options?: ReadOptions<WarehouseIncludes>): Promise<Versioned<Warehouse>> {
    const { document, etag } = await this.#transport.read('inventory', pathTo('/warehouses', id), 'one', options)
    return readOne(document, etag)
  }

  /** Gives it another name. Fails with `warehouse_not_found`, `version_mismatch`. */
  async update(id: string, changes: WarehouseUpdate, options?: WriteOptions): Promise<Versioned<Warehouse>> {
    const body = writeDocument('warehouses', changes, id)
    const { document, etag } = await this.#transport.update('inventory', pathTo('/warehouses', id), body, options)
    return readOne(document, etag)
  }

  /**
   * Closes a warehouse for good; its history stays.
   *
   * Fails with `warehouse_not_empty` while anything is on hand or promised there, `default_warehouse`,
   * `warehouse_not_found`, `version_mismatch`.
   */
  async delete(id: string, options?: WriteOptions): Promise<void> {
    await this.#transport.delete('inventory', pathTo('/warehouses', id), options)
  }

  /** All warehouses, fetched page by page as they are walked. */
  list(options?: ListOptions<WarehouseIncludes>): Listing<Warehouse> {
    return new Listing(this.#transport, 'inventory', '/warehouses', options)
  }
}
