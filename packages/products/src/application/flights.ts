import type { Trace, Uuid } from '@abasto/kernel'

/** How long a read waits for the one before it. One that hangs leaves the others a way past it. */
const PATIENCE_MS = 250

/** What a flight waits for besides the read itself. */
export type Waits = Readonly<{
  /** Until all who ask in this turn of the event loop have asked. */
  boarding: () => Promise<unknown>
  /** For the read before it, at most. */
  patience: () => Promise<unknown>
}>

const waitsOfTheClock: Waits = {
  boarding: () => new Promise(setImmediate),
  patience: () => Bun.sleep(PATIENCE_MS),
}

/**
 * One read of each id at a time, for all who ask: a crowd before a cold key costs one read, not one each.
 *
 * Whoever asks takes part in a read that has not begun yet, never in one that has: that one may already have seen the
 * product as it was before a write which was answered since. So all who ask in one turn of the event loop share a
 * read, and all who come while it runs share the next, which begins when it has ended and finds the cache filled.
 * It is a part of the trace of the first of them.
 */
export function flights<T>(
  read: (id: Uuid, trace?: Trace) => Promise<T>,
  { boarding: boarded, patience }: Waits = waitsOfTheClock,
): (id: Uuid, trace?: Trace) => Promise<T> {
  const boarding = new Map<Uuid, Promise<T>>()
  const flying = new Map<Uuid, Promise<unknown>>()

  async function fly(id: Uuid, trace: Trace | undefined): Promise<T> {
    const ahead = flying.get(id)
    await (ahead ? Promise.race([ahead, patience()]) : boarded())
    boarding.delete(id)
    const flight = read(id, trace)
    const landed = flight.then(
      () => {},
      () => {},
    )
    flying.set(id, landed)
    try {
      return await flight
    } finally {
      if (flying.get(id) === landed) flying.delete(id)
    }
  }

  return (id, trace) => {
    const known = boarding.get(id)
    if (known) return known
    const flight = fly(id, trace)
    boarding.set(id, flight)
    return flight
  }
}
