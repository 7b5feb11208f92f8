import { parseArgs } from 'node:util'
import { type Comparison, comparisons } from './comparisons.ts'
import type { OutageOptions } from './redis-outages.ts'

export type Options = Readonly<{
  seconds: number
  rounds: number
  products: number
  /** How many movements the longer of the two ledgers begins with. */
  movements: number
  /** For how long each is loaded before its first sample, which has the most to warm up; not at all for a smoke test. */
  warmUpSeconds: number
  compared: readonly Comparison[]
  profiles: string | undefined
  /** What readers notice of a Redis that fails has a program of its own; a smoke test sees that it works as well. */
  outages: OutageOptions | undefined
  /** Only a whole run is written down. */
  isWhole: boolean
}>

export const usage = `Usage: bun run bench [--seconds N] [--rounds N] [--only NAMES] [--smoke] [--profile FOLDER]

  --seconds N        how long a sample takes (3)
  --rounds N         how often each is sampled (3); the median counts
  --only NAMES       these comparisons with their rivals, by names with commas between them, of
${inLines([...new Set(comparisons.map(({ ours }) => ours))])}
  --smoke            one round of one second on few products and short ledgers, and bench/outages.ts as briefly: shows
                     that it works, measures nothing
  --profile FOLDER   leaves there what the servers spent their time on; slows them down

Needs PostgreSQL with pgbench and wrk (on Debian: apt-get install postgresql wrk). A run without
flags writes bench/results.json and bench/RESULTS.md.`

/** Reads the flags; throws a sentence that names the one that is wrong. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      only: { type: 'string' },
      smoke: { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  })
  const { smoke, only, profile } = values
  const wanted = only?.split(',')
  const unknown = wanted?.find((name) => !comparisons.some(({ ours }) => ours === name))
  if (unknown !== undefined) throw new Error(`There is no comparison "${unknown}".\n\n${usage}`)
  const compared = comparisons.filter(({ ours }) => wanted?.includes(ours) ?? true)
  return {
    seconds: count('seconds', values.seconds, smoke ? 1 : 3),
    rounds: count('rounds', values.rounds, smoke ? 1 : 3),
    products: smoke ? 200 : 10_000,
    movements: smoke ? 20_000 : 1_000_000,
    warmUpSeconds: smoke ? 0 : 2,
    compared,
    profiles: profile,
    outages: smoke && only === undefined ? { seconds: 0.5, rounds: 1, readsPerSecond: 100 } : undefined,
    isWhole: !smoke && only === undefined && profile === undefined,
  }
}

function inLines(names: readonly string[]): string {
  const half = Math.ceil(names.length / 2)
  return [names.slice(0, half), names.slice(half)].map((some) => `${' '.repeat(21)}${some.join(', ')}`).join(',\n')
}

function count(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  if (!/^[1-9][0-9]{0,2}$/.test(text)) throw new Error(`--${name} is "${text}": it takes a whole number from 1 to 999.`)
  return Number(text)
}
