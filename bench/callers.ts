import type { Command } from '@abasto/inventory/domain/command'
import { quantile, type Sample } from './contestant.ts'
import type { Counter, Rounds } from './counter.ts'

/** How many callers wait for their answer at any moment, in all processes of a contestant together. */
export const CALLERS = 256

const DEADLINE_MS = 10_000

/** What came of a load: how long each call took, and how long all of it did. */
export type Answered = Readonly<{ latencies: Float64Array; elapsedMs: number }>

/** Who calls, and for how long. */
type Load = Readonly<{ seconds: number; callers: number }>

/** Has so many callers call, each again as soon as it has its answer. */
export async function callAgainAndAgain(call: () => Promise<void>, { seconds, callers }: Load): Promise<Answered> {
  const latencies: number[] = []
  const startedAt = performance.now()
  const endAt = startedAt + seconds * 1000
  const caller = async () => {
    for (let from = performance.now(); from < endAt; ) {
      await call()
      const to = performance.now()
      latencies.push(to - from)
      from = to
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return { latencies: Float64Array.from(latencies), elapsedMs: performance.now() - startedAt }
}

/** Has callers ask a counter. Throws when a single one is refused. */
export function ask(
  { commit }: Pick<Counter, 'commit'>,
  command: () => Command,
  { seconds, callers = CALLERS }: Pick<Load, 'seconds'> & Partial<Load>,
): Promise<Answered> {
  const call = async () => {
    const verdict = await commit(command(), Date.now() + DEADLINE_MS)
    if (!verdict.ok) throw new Error(`A caller was refused: ${verdict.error.message}`)
  }
  return callAgainAndAgain(call, { seconds, callers })
}

/** A load as a sample, with the rounds of the committers that it came to, where there were any. */
export function sampleOf({ latencies, elapsedMs }: Answered, rounds?: Rounds): Sample {
  const sorted = latencies.toSorted()
  return {
    perSecond: (latencies.length / elapsedMs) * 1000,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    ...(rounds === undefined ? {} : { notes: notesOf(rounds) }),
  }
}

const notesOf = ({ rounds, commands, lost, mostTries }: Rounds) => ({
  'commands to a write': commands / rounds,
  'groups lost': lost,
  'most tries': mostTries,
})
