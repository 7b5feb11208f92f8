import { patiently } from '@abasto/chassis/database/patience'
import type { Log } from '@abasto/chassis/log'
import type { Metrics } from '@abasto/chassis/telemetry/telemetry'
import { type Context, fail, invalid, ok, type Result, type Uuid, unavailable } from '@abasto/kernel'
import { sayingWhy } from './books.ts'
import type { FedMovement, Feed, FeedFilter, Head, LevelPicture, Place, Stock } from './ports.ts'
import {
  before,
  type Cursor,
  comparePlaces,
  cursorAt,
  cursorOf,
  furthest,
  HistoryLost,
  isBetween,
  placeOf,
  readCursor,
  writeCursor,
} from './stream-cursor.ts'
import { followLedger, type Subscription, type TailOptions } from './stream-tail.ts'

/** How many products one reader may name. */
export const MOST_PRODUCTS = 100

/** After how long a silence a reader is told that the stream is alive, in milliseconds. */
const SILENCE_MS = 15_000

/** How many levels or movements are read at a time for one reader. */
const PART = 1_000

/** How long one read for a stream that has begun may take with all its tries, in milliseconds. */
const PATIENCE_MS = 10_000

/** What a reader is told. A cursor names the place right after what it comes with. */
export type StockEvent =
  /** Forget what you know: the levels follow, as they are at one moment. */
  | Readonly<{ type: 'snapshot' }>
  | Readonly<{ type: 'level'; level: LevelPicture }>
  /** The levels are complete; what follows happened after them. */
  | Readonly<{ type: 'ready'; cursor: string }>
  | Readonly<{ type: 'movement'; cursor: string; fed: FedMovement }>
  /** Nothing happened for a while. With a cursor: nothing that this reader wanted to know, until there. */
  | Readonly<{ type: 'silence'; cursor: string | undefined }>

export type Watch = Readonly<{
  /** In parts, each of them when the one before has been dealt with. Ends when the reader should come again. */
  events: AsyncGenerator<readonly StockEvent[], void, undefined>
  /** Aborts when the reader is cut off, because it is too slow or because the process is about to stop. */
  over: AbortSignal
  /** The reader has gone. */
  leave: () => void
}>

export type StockStream = Readonly<{
  /**
   * Follows the stock from now on, beginning with a snapshot, or from a cursor on. A cursor of another database, or of
   * a past that this one does not have, is answered with a snapshot.
   */
  watch: (
    context: Context,
    input: Readonly<{ filter: FeedFilter; after?: string | undefined }>,
  ) => Promise<Result<Watch>>
  /** The same stock, whose writes are looked for at once; those of other processes a moment later. */
  noticing: (stock: Stock) => Stock
  /** Lets all readers go, to come again elsewhere, and takes no more. */
  drain: () => void
  stop: () => Promise<void>
}>

export type StreamOptions = Readonly<{
  feed: Feed
  log: Pick<Log, 'warn'>
  metrics: Metrics
  silenceMs?: number
}> &
  TailOptions

/**
 * The stock as it changes, for as many readers as there are.
 *
 * What is told is, at every moment, a beginning of the one order in which the ledger is read (see `Feed`), and the
 * snapshot is what folding such a beginning would give: the levels that all transactions before the horizon left
 * behind. So the two fit together without any comparison: the first movement after the snapshot is the first one at or
 * beyond that horizon. A reader that comes from further back, whether from its snapshot or from a cursor, reads the
 * ledger for itself, a part at a time, until it has come to where the tail is that all readers share.
 */
export function createStockStream({
  feed,
  log,
  metrics,
  silenceMs = SILENCE_MS,
  ...others
}: StreamOptions): StockStream {
  const tail = followLedger(feed, { log, ...others })
  const readers = new Set<AbortController>()
  let isStopped = false
  metrics.gauge('abasto_stock_stream_readers', 'Readers that follow the stock.', () => readers.size)
  metrics.gauge(
    'abasto_stock_stream_lag_seconds',
    'How long the oldest movement has waited that readers may not be told of yet; 0 without readers.',
    tail.lagSeconds,
  )
  const slow = metrics.counter('abasto_stock_stream_slow_readers_total', 'Readers that were cut off for being slow.')

  async function* eventsOf(start: Head | Cursor, filter: FeedFilter, reader: AbortController): Watch['events'] {
    const { epoch } = start
    let subscription: Subscription | undefined
    try {
      let place: Place
      if ('horizon' in start) {
        yield* snapshotOf(start, filter)
        place = before(start.horizon)
      } else {
        place = start
      }
      const isDone = () => reader.signal.aborted
      place = yield* past(epoch, place, filter, isDone)
      subscription = await reading(() =>
        tail.subscribe(filter, () => {
          slow({})
          reader.abort()
        }),
      )
      if (subscription.epoch !== epoch || isDone()) return
      reader.signal.addEventListener('abort', subscription.end)
      if (comparePlaces(place, subscription.from) < 0) {
        place = yield* past(epoch, place, filter, isDone, subscription.from)
      }
      yield* present(epoch, place, subscription)
    } catch (error) {
      if (!(error instanceof Lost)) throw error
    } finally {
      subscription?.end()
      reader.abort()
    }
  }

  async function* snapshotOf({ epoch, horizon }: Head, filter: FeedFilter) {
    yield [{ type: 'snapshot' } as const]
    let after: LevelPicture | undefined
    for (;;) {
      const levels = await reading(() => feed.levels(horizon, { filter, after, limit: PART }))
      if (levels.length > 0) yield levels.map((level) => ({ type: 'level', level }) as const)
      after = levels.at(-1)
      if (levels.length < PART) break
    }
    yield [{ type: 'ready', cursor: writeCursor(cursorAt(epoch, before(horizon))) } as const]
  }

  /** What happened after a place, until the horizon or until a place, and the place that was come to. */
  async function* past(epoch: Uuid, from: Place, filter: FeedFilter, isDone: () => boolean, until?: Place) {
    for (let place = from; !isDone(); ) {
      const found = await reading(() => feed.movements(place, { filter, limit: PART, ...(until ? { until } : {}) }))
      if (found.epoch !== epoch) throw new Lost()
      if (found.movements.length > 0) yield found.movements.map((fed) => movementEvent(epoch, fed))
      if (found.movements.length < PART) return until ?? furthest(place, found.horizon)
      place = placeOf(found.movements.at(-1)!)
    }
    throw new Lost()
  }

  /** What happens from now on. What the reader had before it came to the tail is not told again. */
  async function* present(epoch: Uuid, from: Place, subscription: Subscription) {
    // How far this reader has come, and whether it knows: what it did not ask for is passed over in silence.
    let come = cursorAt(epoch, from)
    let isKnown = !isBetween(from)
    for (;;) {
      const taken = await subscription.take(silenceMs)
      if (!taken) return
      const { movements, reached } = taken
      const fresh = movements.filter((fed) => comparePlaces(placeOf(fed), from) > 0)
      if (fresh.length > 0) {
        yield fresh.map((fed) => movementEvent(epoch, fed))
        come = cursorOf(epoch, fresh.at(-1)!)
        isKnown = true
      } else if (movements.length === 0) {
        if (reached && comparePlaces(placeOf(reached), come) > 0) {
          come = cursorOf(epoch, reached)
          isKnown = false
        }
        yield [{ type: 'silence', cursor: isKnown ? undefined : writeCursor(come) } as const]
        isKnown = true
      }
    }
  }

  /** Where a reader begins: at its cursor, where this database knows the place, else with a snapshot. */
  async function startOf(after: Cursor | undefined): Promise<Head | Cursor> {
    if (after === undefined) return feed.head()
    const { epoch, transaction } = after
    const seen = { epoch, horizon: isBetween(after) ? transaction : transaction + 1n }
    const head = await feed.head(seen)
    const isPast = head.epoch === epoch && seen.horizon <= head.horizon
    return isPast && (await feed.knows(after)) ? after : head
  }

  const drain = () => {
    isStopped = true
    tail.stop()
    for (const reader of readers) reader.abort()
  }

  return {
    watch: async (context, { filter, after }) => {
      const refusal = filterRefusal(filter)
      if (refusal) return fail(refusal)
      const cursor = after === undefined ? undefined : readCursor(after)
      if (after !== undefined && cursor === undefined) return fail(noCursor)
      if (isStopped) return fail(stopping)
      const start = await sayingWhy(() => patiently(context.deadlineMs, () => startOf(cursor)))
      if (!start.ok) return start
      const reader = new AbortController()
      readers.add(reader)
      // One that is cut off may never ask for more, so its events never come to their end.
      reader.signal.addEventListener('abort', () => readers.delete(reader))
      if (isStopped) reader.abort()
      const leave = () => reader.abort()
      return ok({ events: eventsOf(start.value, filter, reader), over: reader.signal, leave })
    },
    noticing: (stock) => ({
      ...stock,
      write: async (...written) => {
        const result = await stock.write(...written)
        tail.wake()
        return result
      },
    }),
    drain,
    stop: async () => drain(),
  }
}

// All readers of the tail are told the same, so what is made for the first is there for the others.
const events = new WeakMap<FedMovement, Extract<StockEvent, { type: 'movement' }>>()

function movementEvent(epoch: Uuid, fed: FedMovement): StockEvent {
  const known = events.get(fed)
  if (known) return known
  const event = { type: 'movement', cursor: writeCursor(cursorOf(epoch, fed)), fed } as const
  events.set(fed, event)
  return event
}

/**
 * The reader should come again: the database is another one, or does not keep what the reader needs, or cannot be read
 * for longer than a stream may pause.
 */
class Lost extends Error {}

async function reading<T>(read: () => Promise<T>): Promise<T> {
  const result = await patiently(Date.now() + PATIENCE_MS, read).catch((error: unknown) => {
    throw error instanceof HistoryLost ? new Lost() : error
  })
  if (!result.ok) throw new Lost()
  return result.value
}

function filterRefusal({ productIds, warehouseIds }: FeedFilter) {
  if (productIds && (productIds.length < 1 || productIds.length > MOST_PRODUCTS)) {
    const message = `1 to ${MOST_PRODUCTS} products, not ${productIds.length}.`
    return invalid('invalid_value', message, ['productIds'])
  }
  if (warehouseIds?.length === 0) return invalid('invalid_value', 'At least one warehouse.', ['warehouseIds'])
  return undefined
}

const noCursor = invalid('invalid_cursor', 'This is no cursor of the stock stream; leave it out to begin anew.', [
  'after',
])

const stopping = unavailable('This process is about to stop; come again.')
