import { LIMIT_MS, type Outage, type OutageOptions } from './redis-outages.ts'
import { type Surroundings, writtenBy } from './surroundings.ts'
import { aligned, markdown } from './tables.ts'

/** What came of a run, and whether it was of the size at which its figures mean something. */
export type OutageRun = Readonly<{
  options: OutageOptions
  isWhole: boolean
  outages: readonly Outage[]
}>

const HEADS = ['Redis', 'p50 ms', 'without Redis', 'p99 ms', 'without Redis', 'p99 beyond']

export const isKept = ({ outages }: OutageRun): boolean => outages.every(({ beyondMs }) => beyondMs <= LIMIT_MS)

/** The table for a terminal. */
export const printed = (run: OutageRun): string =>
  `${summary(run)}\n\n${aligned([HEADS, ...rowsOf(run)])}\n\n${verdictOn(run)}`

/** The page that is kept. */
export function written(run: OutageRun, surroundings: Surroundings): string {
  const short = '**This was a short run: it shows that the comparison works, and its figures mean nothing.**\n\n'
  return `# What readers notice of Redis

${writtenBy(commandOf(run.options), surroundings)}

${run.isWhole ? '' : short}Products were read from two replicas through Redis, and at the same moment from two others without any cache, on the
same PostgreSQL. ${summary(run)}

${markdown(HEADS, rowsOf(run))}

What counts is the last column: how far the p99 lay above that without Redis in the same sample, the median of all rounds.
${run.isWhole ? `${verdictOn(run)}\n` : ''}`
}

const commandOf = ({ seconds, rounds, readsPerSecond }: OutageOptions): string =>
  `bun bench/outages.ts --seconds ${seconds} --rounds ${rounds} --reads ${readsPerSecond}`

const summary = ({ options: { seconds, rounds, readsPerSecond } }: OutageRun): string =>
  `${readsPerSecond} requests/s of each pair, one in twenty of them a write; none failed.
Samples of ${seconds} s, of which what goes wrong has the last three quarters; medians of ${rounds}.`

const rowsOf = ({ outages }: OutageRun): string[][] =>
  outages.map(({ title, cached, bare, beyondMs }) => [
    title,
    ...[cached.p50Ms, bare.p50Ms, cached.p99Ms, bare.p99Ms, beyondMs].map((ms) => ms.toFixed(1)),
  ])

const verdictOn = (run: OutageRun): string => `At most ${LIMIT_MS} ms beyond: ${isKept(run) ? 'yes' : 'NO'}.`
