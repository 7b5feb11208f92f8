import type { Log } from '@abasto/chassis/log'
import type { Uuid } from '@abasto/kernel'
import { matcher } from './feed-filter.ts'
import type { FedMovement, Feed, FeedFilter, Place } from './ports.ts'
import { before, furthest, HistoryLost, placeOf } from './stream-cursor.ts'

/** How often the ledger is looked at while somebody follows it, in milliseconds. */
const EVERY_MS = 150

/** How soon after one look the next may come when something was written here, in milliseconds. */
const SOON_MS = 10

/** How many movements one look brings at most; there are more looks at once while there is more. */
const AT_A_TIME = 1_000

/** How many movements may wait for one reader. One that falls further behind is cut off, and may come again. */
const MOST_WAITING = 5_000

/** One reader's share of what is found. */
export type Subscription = Readonly<{
  epoch: Uuid
  /** Everything after this place comes by way of `take`. */
  from: Place
  /** What has come since the last time; waits for it, at most `patienceMs`. Undefined once there will be no more. */
  take: (patienceMs: number) => Promise<Taken | undefined>
  end: () => void
}>

export type Taken = Readonly<{
  movements: readonly FedMovement[]
  /** The last movement until which everything has been handed on, whether this reader wanted it or not. */
  reached: FedMovement | undefined
}>

export type Tail = Readonly<{
  subscribe: (filter: FeedFilter, cut: () => void) => Promise<Subscription>
  /** Looks at once: something was written by this process. */
  wake: () => void
  /** How long what cannot be shown yet has been waiting, in seconds. */
  lagSeconds: () => number
  stop: () => void
}>

export type TailOptions = Readonly<{
  log: Pick<Log, 'warn'>
  everyMs?: number | undefined
  mostWaiting?: number | undefined
}>

type Reader = { wants: (fed: FedMovement) => boolean; hand: (found: readonly FedMovement[]) => void; end: () => void }

/**
 * The end of the ledger, followed once for all readers of a process: one query for each look, however many they are,
 * and none while there are none. A reader is never waited for: each has a bounded heap of what it has not taken yet.
 */
export function followLedger(feed: Feed, { log, everyMs = EVERY_MS, mostWaiting = MOST_WAITING }: TailOptions): Tail {
  const readers = new Set<Reader>()
  let place: Place = before(0n)
  let last: FedMovement | undefined
  let lag = 0
  let following: Promise<Uuid> | undefined
  let joining = 0
  let isAwake = false
  let rouse = () => {}

  function endAll(): void {
    for (const reader of readers) reader.end()
    readers.clear()
  }

  /** Begins at the horizon, and looks until nobody is left. */
  async function follow(): Promise<Uuid> {
    const { epoch, horizon } = await feed.head()
    place = before(horizon)
    last = undefined
    void run(epoch)
    return epoch
  }

  async function run(epoch: Uuid): Promise<void> {
    while (readers.size > 0 || joining > 0) {
      const seen = await look(epoch)
      if (seen === 'another past') break
      if (seen === 'all') await pause()
    }
    // Whoever followed another database until now, or what is no longer kept, begins anew when it comes again.
    endAll()
    following = undefined
    lag = 0
  }

  async function look(epoch: Uuid): Promise<'all' | 'a part' | 'another past'> {
    isAwake = false
    try {
      const found = await feed.movements(place, { limit: AT_A_TIME })
      if (found.epoch !== epoch) return 'another past'
      const { movements } = found
      const isAll = movements.length < AT_A_TIME
      last = movements.at(-1) ?? last
      place = isAll ? furthest(place, found.horizon) : placeOf(last!)
      lag = found.waitingSeconds
      if (movements.length > 0) for (const reader of readers) reader.hand(movements)
      return isAll ? 'all' : 'a part'
    } catch (error) {
      if (error instanceof HistoryLost) return 'another past'
      log.warn('The ledger could not be read for those who follow it; it is read again.', { error: String(error) })
      return 'all'
    }
  }

  /** Until it is time for the next look; not less than `SOON_MS`, so that many writes become one look. */
  async function pause(): Promise<void> {
    await Bun.sleep(Math.min(SOON_MS, everyMs))
    if (isAwake) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, everyMs)
      rouse = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    rouse = () => {}
  }

  return {
    subscribe: async (filter, cut) => {
      joining++
      try {
        following ??= follow()
        const epoch = await following.catch((error: unknown) => {
          following = undefined
          throw error
        })
        // From here to the return nothing else runs, so what is found next is handed to this reader too.
        const { reader, take } = createReader({ wants: matcher(filter), mostWaiting, cut, last: () => last })
        // It may have come to its end while this reader waited for its beginning.
        if (following === undefined) reader.end()
        else readers.add(reader)
        return {
          epoch,
          from: place,
          take,
          end: () => {
            reader.end()
            readers.delete(reader)
            rouse()
          },
        }
      } finally {
        joining--
      }
    },
    wake: () => {
      if (readers.size === 0) return
      isAwake = true
      rouse()
    },
    lagSeconds: () => lag,
    stop: endAll,
  }
}

/** A heap of movements for one reader, which takes them when it can. */
function createReader({
  wants,
  mostWaiting,
  cut,
  last,
}: Readonly<{
  wants: Reader['wants']
  mostWaiting: number
  cut: () => void
  last: () => FedMovement | undefined
}>) {
  let waiting: FedMovement[] = []
  let isOver = false
  let told = () => {}

  const end = () => {
    isOver = true
    told()
  }
  const reader: Reader = {
    wants,
    hand: (found) => {
      if (isOver) return
      for (const fed of found) if (wants(fed)) waiting.push(fed)
      if (waiting.length > mostWaiting) {
        waiting = []
        end()
        cut()
      } else told()
    },
    end,
  }
  const take = async (patienceMs: number): Promise<Taken | undefined> => {
    if (waiting.length === 0 && !isOver) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, patienceMs)
        told = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      told = () => {}
    }
    if (isOver) return undefined
    const movements = waiting
    waiting = []
    return { movements, reached: last() }
  }
  return { reader, take }
}
