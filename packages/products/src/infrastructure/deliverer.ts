import type { Log } from '@abasto/chassis/log'
import { noTelemetry, type Telemetry } from '@abasto/chassis/telemetry/telemetry'
import type { Cache, WrittenVersion } from '../application/ports.ts'
import type { Outbox, OverdueVersion } from './outbox.ts'
import { createPauses, type Pauses } from './pauses.ts'

/** Sees to it that the caches hear of every write, also of those whose writer could not tell. */
export type Deliverer = Readonly<{
  /** This was told by its writer. Its row goes soon; nobody waits for that. */
  told: (written: WrittenVersion) => void
  /** The cache has not heard of this from its writer: it is tried again shortly, before its row is overdue. */
  missed: (written: WrittenVersion) => void
  /** Ends the rows that are on their way, and stops. What waits is for another process, or for the next start. */
  stop: () => Promise<void>
}>

/** How often overdue rows are looked for, and moot ones, in milliseconds; half as much more or less by chance. */
const LOOK_MS = 200
const MOOT_LOOK_MS = 60_000

/** How many rows are told at a time. */
const AT_ONCE = 200

/** How many times so many a look goes on past rows that the cache did not hear, before it leaves the rest to the next. */
const UNHEARD_AT_ONCE = 10

export function startDeliverer({
  outbox,
  cache,
  telemetry = noTelemetry,
  log,
  pauses = createPauses(),
}: Readonly<{
  outbox: Outbox
  /** Without one there is nobody to be told: rows only go when they are moot. Other processes may have one. */
  cache?: Pick<Cache, 'outdate'> | undefined
  telemetry?: Telemetry | undefined
  log?: Log | undefined
  pauses?: Pauses | undefined
}>): Deliverer {
  let isStopping = false
  let isFailing = false
  let waiting = 0
  /** The last row that was tried, while there are some behind it; and how many up to it were not heard. */
  let last: OverdueVersion | undefined
  let unheard = 0
  telemetry.metrics.gauge(
    'abasto_products_cache_outbox_overdue',
    'Writes that the cache has not heard of for more than a second.',
    () => waiting,
  )
  const delivered = telemetry.metrics.counter(
    'abasto_products_cache_deliveries_total',
    'Writes that the cache has heard of, from the process that wrote them or later, from any.',
    ['by'],
  )

  async function everySoOften(ms: number, look: () => Promise<unknown>): Promise<void> {
    while (!isStopping) {
      await look().then(
        () => {
          isFailing = false
        },
        (error) => {
          // The database is away: there is nothing to do but to look again. Said once.
          if (!isFailing) log?.warn('cache.outbox_unreadable', { error })
          isFailing = true
        },
      )
      await pauses.pause(ms)
    }
  }

  let missed: WrittenVersion[] = []

  /**
   * Tries every row, the oldest first: those of a server that is down must not stand before those of the others. Where
   * very many are not heard it ends before them all, and the next look goes on behind them.
   */
  async function deliverOverdue(known: Pick<Cache, 'outdate'>): Promise<void> {
    const again = missed
    missed = []
    await Promise.all(again.map(async (written) => ((await known.outdate(written)) ? told : miss)(written)))
    for (let times = 0; times < UNHEARD_AT_ONCE && !isStopping; ) {
      const overdue = await outbox.overdue(AT_ONCE, last)
      waiting = Math.max(waiting, unheard + overdue.length)
      const heard = await Promise.all(overdue.map((written) => known.outdate(written)))
      const done = overdue.filter((_, index) => heard[index])
      await outbox.remove(done)
      if (done.length > 0) delivered({ by: 'deliverer' }, done.length)
      unheard += overdue.length - done.length
      if (done.length < overdue.length) times++
      last = overdue.length < AT_ONCE ? undefined : overdue.at(-1)
      if (last) continue
      waiting = unheard
      unheard = 0
      return
    }
  }

  async function removeMoot(): Promise<void> {
    while ((await outbox.removeMoot()) > 0 && !isStopping);
  }

  // What does not fit has its row.
  const miss = (written: WrittenVersion) => void (missed.length < AT_ONCE && missed.push(written))

  let toRemove: WrittenVersion[] = []
  let removing: Promise<void> | undefined

  function told(written: WrittenVersion): void {
    delivered({ by: 'writer' })
    toRemove.push(written)
    removing ??= removeTold()
  }

  /** Removes what has come together while the last removal ran. What fails is told again later, which is no harm. */
  async function removeTold(): Promise<void> {
    while (toRemove.length > 0) {
      const now = toRemove
      toRemove = []
      await outbox.remove(now).catch(() => {})
    }
    removing = undefined
  }

  const looking = [everySoOften(MOOT_LOOK_MS, removeMoot)]
  if (cache) looking.push(everySoOften(LOOK_MS, () => deliverOverdue(cache)))

  return {
    told,
    missed: miss,
    stop: async () => {
      isStopping = true
      pauses.end()
      await Promise.all([...looking, removing])
    },
  }
}
