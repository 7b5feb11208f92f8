import type { Log } from '@abasto/chassis/log'
import { passing } from '@abasto/chassis/process/failpoint'
import type { Commit, Stock } from './ports.ts'

/** How soon after something was found it is looked again, in milliseconds. */
const EVERY_MS = 1_000

/** How many times as long the pauses become while nothing is found: the embedded database holds everybody up. */
const LONGEST = 8

/** How many are ended at a time. */
const AT_A_TIME = 100

/** How long one ending may take, in milliseconds. */
const PATIENCE_MS = 5_000

export type Sweeper = Readonly<{ stop: () => Promise<void> }>

/**
 * Writes down that reservations expired, in the background and in every process. Nothing depends on it: what is past
 * its time counts no more, whether this runs or not.
 */
export function sweepExpired(
  { stock, commit, log }: Readonly<{ stock: Stock; commit: Commit; log: Pick<Log, 'warn'> }>,
  everyMs = EVERY_MS,
): Sweeper {
  let isStopped = false
  let wake = () => {}

  async function sweep(): Promise<number> {
    const ids = await stock.expired(AT_A_TIME)
    if (ids.length > 0) passing('sweep-found')
    await Promise.all(
      ids.map((reservationId) => {
        const name = { operationId: Bun.randomUUIDv7(), fingerprint: '0'.repeat(32), actor: 'abasto' }
        return commit({ type: 'expire', reservationId, ...name }, Date.now() + PATIENCE_MS)
      }),
    )
    if (ids.length > 0) passing('sweep-ended')
    return ids.length
  }

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  const running = (async () => {
    let pauseMs = everyMs
    while (!isStopped) {
      const found = await sweep().catch((error: unknown) => {
        log.warn('Expired reservations could not be ended; they are looked for again.', { error: String(error) })
        return 0
      })
      // Not at the very same moment in every process.
      pauseMs = found > 0 ? everyMs : Math.min(2 * pauseMs, LONGEST * everyMs)
      if (found < AT_A_TIME && !isStopped) await pause(pauseMs * (0.5 + Math.random()))
    }
  })()

  return {
    stop: () => {
      isStopped = true
      wake()
      return running
    },
  }
}
