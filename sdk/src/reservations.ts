import { readOne, writeDocument } from './document.ts'
import type { CreateOptions, Filtered, ListOptions, ReadOptions } from './options.ts'
import { Listing } from './page.ts'
import type { Versioned } from './result.ts'
import { pathTo, type Transport } from './transport.ts'
import type {
  OperationFilters,
  Reservation,
  ReservationCommit,
  ReservationCreate,
  ReservationExtend,
  ReservationIncludes,
  ReservationRelease,
} from './types.gen.ts'

/** Stock that is held for someone, until it is taken, given back, or its time is over. */
export class Reservations {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * Holds up to 100 lines, all or none, for `ttlSeconds` (10 minutes unless said otherwise), under an `id` of your
   * choice if you give one.
   *
   * Fails with `insufficient_stock` (`details.available`), `product_not_found`, `product_inactive`, `no_inventory`,
   * `reservation_exists`, `reservation_released` where it was released before it came.
   *
   * ```ts
   * const cart = await abasto.reservations.create({
   *   lines: [{ productId: lamp.id, quantity: 2 }],
   *   ttlSeconds: 900,
   *   reference: 'cart-7',
   * })
   * ```
   */
  async create(reservation: ReservationCreate, options?: CreateOptions): Promise<Versioned<Reservation>> {
    const { id, ...input } = reservation
    const body = writeDocument('reservations', input, id)
    const { document, etag } = await this.#transport.create('inventory', '/reservations', body, options)
    return readOne(document, etag)
  }

  /** Reads a reservation as it is now. Fails with `reservation_not_found`. */
  async get(id: string, options?: ReadOptions<ReservationIncludes>): Promise<Versioned<Reservation>> {
    const { document, etag } = await this.#transport.read('inventory', pathTo('/reservations', id), 'one', options)
    return readOne(document, etag)
  }

  /**
   * Takes what is held: all of it, or the `lines` that are named. It stays held until its last line has gone.
   *
   * Fails with `reservation_not_found`, `reservation_committed`, `reservation_released`, `reservation_expired`,
   * `line_not_reserved`, `line_not_held`, and `insufficient_stock` where what is owed is not there yet.
   *
   * ```ts
   * await abasto.reservations.commit(cart.id)
   * ```
   */
  commit(id: string, commit: ReservationCommit = {}, options?: CreateOptions): Promise<Versioned<Reservation>> {
    return this.#act(id, 'commit', commit, options)
  }

  /**
   * Gives back what is held: all of it, or the `lines` that are named. An id that is not known is refused, and if its
   * reservation comes later, that is too.
   *
   * Fails with `reservation_not_found`, `reservation_committed`, `line_not_reserved`, `line_not_held`.
   */
  release(id: string, release: ReservationRelease = {}, options?: CreateOptions): Promise<Versioned<Reservation>> {
    return this.#act(id, 'release', release, options)
  }

  /**
   * Holds it for `ttlSeconds` from now on (10 minutes unless said otherwise).
   *
   * Fails with `reservation_not_found`, `reservation_committed`, `reservation_released`, `reservation_expired`.
   */
  extend(id: string, extend: ReservationExtend = {}, options?: CreateOptions): Promise<Versioned<Reservation>> {
    return this.#act(id, 'extend', extend, options)
  }

  async #act(id: string, act: 'commit' | 'release' | 'extend', input: object, options?: CreateOptions) {
    const path = `${pathTo('/reservations', id)}/${act}`
    const { document, etag } = await this.#transport.create('inventory', path, writeDocument(act, input), options)
    return readOne<Versioned<Reservation>>(document, etag)
  }

  /**
   * All reservations, or those that `filter` names, fetched page by page as they are walked.
   *
   * ```ts
   * for await (const { id } of abasto.reservations.list({ filter: { status: ['held'], reference: 'cart-7' } })) console.log(id)
   * ```
   */
  list(
    options?: Filtered<ListOptions<ReservationIncludes>, OperationFilters['listReservations']>,
  ): Listing<Reservation> {
    return new Listing(this.#transport, 'inventory', '/reservations', options)
  }
}
