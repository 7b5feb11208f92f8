import { explain } from './explanation.ts'
import type { Hooks } from './hooks.ts'
import { beginListening } from './patience.ts'
import { readRetryAfterMs, sleep, waitBeforeRetryMs } from './retry.ts'
import { serverEvents } from './server-events.ts'
import { checkGiven } from './settings.ts'
import { abortedBy, isWorthSendingAgain, pathWith, type Transport } from './transport.ts'
import type { WatchStockEvents } from './types.gen.ts'

/** Where to go on after an event. A program that keeps it may begin there again, with `after`. */
export type Resumable = Readonly<{
  /** The name of a place in the stream, without any other meaning. */
  cursor: string
}>

/** Which kind of event it is. */
export type Told<Type extends string> = Readonly<{
  /** `snapshot`: forget what you know, the levels follow. `level`: one of them. `ready`: that was all. `movement`. */
  type: Type
}>

/**
 * What is told of the stock. Each movement comes once, of each level by its sequence; it says what the level is now. A
 * `snapshot` begins the stream, unless it goes on after a cursor, and may come again.
 */
export type StockEvent =
  | Told<'snapshot'>
  | (Told<'level'> & WatchStockEvents['level'])
  | (Told<'ready'> & Resumable)
  | (Told<'movement'> & Resumable & WatchStockEvents['movement'])

/** What `watch` takes. */
export type WatchOptions = Hooks &
  Readonly<{
    /** Only these products, at most 100. */
    products?: readonly string[] | undefined
    /** Only this warehouse. */
    warehouse?: string | undefined
    /** The `cursor` of an earlier event: what happened after it comes first, instead of a snapshot. */
    after?: string | undefined
    /** Ends the watch: it rejects with an `AbortedError`. */
    signal?: AbortSignal | undefined
  }>

/** The server says something every 15 s. After three times that nothing, the connection is dead without having ended. */
const SILENCE_MS = 45_000

/** The stock as it changes. */
export class Stock {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * Follows the stock: a snapshot of the levels first, then every movement, each once, of each level by its sequence.
   * Goes on by itself where it was after whatever cut it off, for as long as it takes. Only its first beginning fails
   * like any other call. A `snapshot` may come again, when the server cannot go on from there.
   *
   * ```ts
   * const onHand = new Map<string, number>()
   * for await (const event of abasto.stock.watch({ products: [lamp.id] })) {
   *   if (event.type === 'snapshot') onHand.clear()
   *   if (event.type === 'level' || event.type === 'movement') onHand.set(event.stockLevelId, event.onHand)
   * }
   * ```
   */
  async *watch(options: WatchOptions = {}): AsyncGenerator<StockEvent, void, undefined> {
    const { products, warehouse, after, signal } = options
    const path = pathWith('/stock-events', { 'filter[product]': products, 'filter[warehouse]': warehouse })
    if (after !== undefined) checkGiven('after', after)
    const { maxRetries, attemptTimeoutMs } = this.#transport.limitsOf({})
    let cursor = after
    let hasBegun = false
    for (let attempt = 1; ; attempt++) {
      const connection = beginListening(signal)
      // Only waiting is silence: who takes long over what has come must not lose the connection for it.
      const ears = { waits: () => connection.expect(SILENCE_MS), heard: connection.heard }
      connection.expect(attemptTimeoutMs)
      const asked = { attempt, after: cursor, signal: connection.signal, options }
      const begun = await this.#transport.begin('inventory', path, asked)
      const { request, body, failed } = begun
      try {
        for await (const { id, name, data } of body ? serverEvents(body, ears) : []) {
          hasBegun = true
          attempt = 0
          cursor = id ?? cursor
          if (data === undefined || !isKnown(name)) continue
          yield { ...JSON.parse(data), type: name, ...(id === undefined ? {} : { cursor: id }) }
        }
      } catch {
        // A connection that broke is made again.
      } finally {
        connection.end()
      }
      const response = failed?.response
      const retryAfterMs = response && readRetryAfterMs(response.headers.get('Retry-After'), Date.now())
      const tries = { attempts: attempt, outcomeUnknown: false, retryAfterMs }
      if (signal?.aborted) throw explain(request, abortedBy(signal), tries)
      const isWorthIt = !failed || isWorthSendingAgain(failed) || (hasBegun && (response?.status ?? 0) >= 500)
      if (failed && (!isWorthIt || (!hasBegun && attempt > maxRetries))) throw explain(request, failed, tries)
      const waitMs = waitBeforeRetryMs(attempt + 1, retryAfterMs)
      this.#transport.retrying(begun, attempt, waitMs, options)
      await sleep(waitMs, signal)
    }
  }
}

/** A newer server may tell of what this package does not know. */
const isKnown = (name: string | undefined): boolean =>
  name === 'snapshot' || name === 'level' || name === 'ready' || name === 'movement'
