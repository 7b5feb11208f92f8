import type { Command } from '@abasto/inventory/domain/command'
import { quantile, type Sample } from './contestant.ts'
import type { Counter, Rounds } from './counter.ts'

/** How many callers wait for their answer at any moment, in all processes of a contestant together. */
export const CALLERS = 256

const DEADLINE_MS = 10_000

/** What came of a load: how long each of its commands took, and how long all of it did. */
export type Answered = Readonly<{ latencies: Float64Array; elapsedMs: number }>

/** Has so many callers ask, each again as soon as it has its answer. Throws when a single one is refused. */
export async function ask(
  { commit }: Pick<Counter, 'commit'>,
  command: () => Command,
  { seconds, callers = CALLERS }: Readonly<{ seconds: number; callers?: number }>,
): Promise<Answered> {
  const latencies: number[] = []
  const startedAt = performance.now()
  const endAt = startedAt + seconds * 1000
  const askAgainAndAgain = async () => {
    for (let from = performance.now(); from < endAt; ) {
      const verdict = await commit(command(), Date.now() + DEADLINE_MS)
      if (!verdict.ok) throw new Error(`A caller was refused: ${verdict.error.message}`)
      const to = performance.now()
      latencies.push(to - from)
      from = to
    }
  }
  await Promise.all(Array.from({ length: callers }, askAgainAndAgain))
  return { latencies: Float64Array.from(latencies), elapsedMs: performance.now() - startedAt }
}

/** A load and the rounds of the committers that it came to, as a sample. */
export function sampleOf({ latencies, elapsedMs }: Answered, { rounds, commands, lost, mostTries }: Rounds): Sample {
  const sorted = latencies.toSorted()
  return {
    perSecond: (latencies.length / elapsedMs) * 1000,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    notes: { 'commands to a write': commands / rounds, 'groups lost': lost, 'most tries': mostTries },
  }
}
