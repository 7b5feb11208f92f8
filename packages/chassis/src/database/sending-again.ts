import { Contention, type Database, QUERY_TIMEOUT_MS } from './database.ts'

/** How long is waited before a statement is sent again: a random part of this, which doubles each time up to the most. */
const PAUSE_MS = { first: 2, most: 50 } as const

// serialization_failure, deadlock_detected
const SENT_AGAIN = new Set(['40001', '40P01'])

/**
 * The same database, which sends a statement again that was undone only because of what ran beside it: under SERIALIZABLE
 * that may befall any statement, reads too. It had no effect, and as every effect is one statement that compares what it
 * finds with what was read, the same one is right whenever it arrives. A lock that was not to be had, and a unique
 * violation, are for whoever asks: what was read will hardly do any more.
 */
export const sentAgain = (database: Database): Database => ({
  query: (text, parameters, options) =>
    untilItHolds(options?.timeoutMs, (timeoutMs) => database.query(text, parameters, { ...options, timeoutMs })),
  values: (text, parameters, options) =>
    untilItHolds(options?.timeoutMs, (timeoutMs) => database.values(text, parameters, { ...options, timeoutMs })),
  script: (text, options) => untilItHolds(undefined, () => database.script(text, options)),
  close: database.close,
})

async function untilItHolds<T>(timeoutMs = QUERY_TIMEOUT_MS, ask: (leftMs: number) => Promise<T>): Promise<T> {
  const until = performance.now() + timeoutMs
  for (let pauseMs: number = PAUSE_MS.first; ; pauseMs = Math.min(PAUSE_MS.most, 2 * pauseMs)) {
    try {
      return await ask(until - performance.now())
    } catch (error) {
      if (!(error instanceof Contention) || !SENT_AGAIN.has(error.sqlState)) throw error
      const waitMs = Math.random() * pauseMs
      if (performance.now() + waitMs >= until) throw error
      await Bun.sleep(waitMs)
    }
  }
}
