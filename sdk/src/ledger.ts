import { readOne, writeDocument } from './document.ts'
import type { CreateOptions, Filtered, ListOptions } from './options.ts'
import { Listing } from './page.ts'
import type { Transport } from './transport.ts'
import type {
  Backorder,
  BackorderIncludes,
  Movement,
  MovementIncludes,
  OperationFilters,
  Transfer,
  TransferCreate,
} from './types.gen.ts'

/** What happened to stock: append-only, one record for each change of each level. */
export class Movements {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * All movements, or those that `filter` names, by product, warehouse and sequence, fetched page by page.
   *
   * ```ts
   * for await (const { kind } of abasto.movements.list({ filter: { product: [lamp.id], kind: ['sale'] } })) console.log(kind)
   * ```
   */
  list(options?: Filtered<ListOptions<MovementIncludes>, OperationFilters['listMovements']>): Listing<Movement> {
    return new Listing(this.#transport, 'inventory', '/movements', options)
  }
}

/** What is owed: units that are promised and not there. */
export class Backorders {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** All that is owed, the oldest first, or what `filter` names; fetched page by page as it is walked. */
  list(options?: Filtered<ListOptions<BackorderIncludes>, OperationFilters['listBackorders']>): Listing<Backorder> {
    return new Listing(this.#transport, 'inventory', '/backorders', options)
  }
}

/** Stock that is moved from warehouse to warehouse. */
export class Transfers {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * Moves up to 100 lines, all or none.
   *
   * Fails with `insufficient_stock` (`details.available`), `stock_level_not_found`, `warehouse_not_found`,
   * `same_warehouse`, `quantity_out_of_range`.
   *
   * ```ts
   * await abasto.transfers.create({ lines: [{ productId: lamp.id, from: attic.id, to: shop.id, quantity: 5 }] })
   * ```
   */
  async create(transfer: TransferCreate, options?: CreateOptions): Promise<Transfer> {
    const body = writeDocument('transfers', transfer)
    const { document } = await this.#transport.create('inventory', '/transfers', body, options)
    return readOne(document, null)
  }
}
