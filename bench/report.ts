import { type Comparison, type ContestantName, contestants, type Wanted } from './comparisons.ts'
import { median, type Sample } from './contestant.ts'
import type { Options } from './options.ts'
import { type Surroundings, writtenBy } from './surroundings.ts'
import { aligned, markdown } from './tables.ts'

export type Results = Readonly<{
  surroundings: Surroundings
  seconds: number
  rounds: number
  products: number
  figures: readonly Figure[]
  comparisons: readonly Ratio[]
}>

type Figure = Readonly<{ name: ContestantName; title: string; median: Sample; samples: readonly Sample[] }>

type Ratio = Comparison & Readonly<{ ratio: number; p99Ms?: number }> & Verdict

/** Whether we are where we were wanted; of a ratio that is only printed there is nothing to say. */
type Verdict = Readonly<{ isMet?: boolean; reachesAim?: boolean }>

export function resultsOf(
  surroundings: Surroundings,
  { seconds, rounds, products, compared }: Pick<Options, 'seconds' | 'rounds' | 'products' | 'compared'>,
  samples: ReadonlyMap<ContestantName, readonly Sample[]>,
): Results {
  const figures = [...samples].map(([name, each]) => {
    return { name, title: contestants[name].title, median: medianOf(each), samples: each }
  })
  const medians = new Map(figures.map(({ name, median }) => [name, median]))
  const ratios = compared.map((each) => ratioOf(each, medians.get(each.ours)!, medians.get(each.rival)!))
  return { surroundings, seconds, rounds, products, figures, comparisons: ratios }
}

function ratioOf(comparison: Comparison, ours: Sample, rival: Sample): Ratio {
  const ratio = ours.perSecond / rival.perSecond
  return {
    ...comparison,
    ratio,
    ...(ours.p99Ms === undefined ? {} : { p99Ms: ours.p99Ms }),
    ...(comparison.target === undefined ? {} : verdictOn(comparison, ratio, ours.p99Ms)),
  }
}

function verdictOn({ target, aim, p99LimitMs }: Wanted, ratio: number, p99Ms: number | undefined): Verdict {
  const isQuick = p99LimitMs === undefined || (p99Ms !== undefined && p99Ms < p99LimitMs)
  return {
    isMet: ratio >= target && isQuick,
    ...(aim === undefined ? {} : { reachesAim: ratio >= aim && isQuick }),
  }
}

/** Each figure's own median; of what is a worst case already, the worst. */
function medianOf(samples: readonly Sample[]): Sample {
  const over = (values: readonly (number | undefined)[]) => {
    const known = values.filter((value) => value !== undefined)
    return known.length > 0 ? median(known) : undefined
  }
  const p50Ms = over(samples.map((sample) => sample.p50Ms))
  const p99Ms = over(samples.map((sample) => sample.p99Ms))
  const names = [...new Set(samples.flatMap(({ notes = {} }) => Object.keys(notes)))]
  return {
    perSecond: median(samples.map(({ perSecond }) => perSecond)),
    notes: Object.fromEntries(
      names.map((name) => [
        name,
        (name.startsWith('most') ? worst : over)(samples.map(({ notes = {} }) => notes[name]))!,
      ]),
    ),
    ...(p50Ms === undefined ? {} : { p50Ms }),
    ...(p99Ms === undefined ? {} : { p99Ms }),
  }
}

const worst = (values: readonly (number | undefined)[]) => Math.max(...values.filter((value) => value !== undefined))

const FIGURE_HEADS = ['', 'per second', 'p50', 'p99', 'each sample', 'medians besides']
const RATIO_HEADS = ['', 'rival', 'ratio', 'target', 'aim', 'p99', 'met']

/** The tables for a terminal. */
export const printed = (results: Results): string =>
  [aligned([FIGURE_HEADS, ...figureRows(results)]), aligned([RATIO_HEADS, ...ratioRows(results)])].join('\n\n')

/** The page that is kept. */
export function written(results: Results): string {
  return `# What was measured

${writtenBy('bun run bench', results.surroundings)}

${results.rounds} rounds of ${results.seconds} s a sample, everything interleaved, medians. The rival's figure in each round is the best of 8, 16 and 32
clients; on the embedded database, where others could only wait, it is that of one. Before each sample the same load ran for a second, uncounted. Random means ${results.products.toLocaleString('en')} products. Each purchase of
ours writes the purchase, its movement in the ledger and its operation record, under a key of its own; each reservation
itself, what it holds and moves of each product, and its operation record. Over HTTP authentication and logs are on.
After the last round SQL compared what is in the database with what was answered. Where the target is *printed*, none was
set: the ratio is there to be known.

## Ratios

${markdown(RATIO_HEADS, ratioRows(results))}

## Figures

${markdown(FIGURE_HEADS, figureRows(results))}
`
}

const figureRows = ({ figures }: Results): string[][] =>
  figures.map(({ title, median: { perSecond, p50Ms, p99Ms, notes = {} }, samples }) => [
    title,
    whole(perSecond),
    milliseconds(p50Ms),
    milliseconds(p99Ms),
    samples.map((sample) => whole(sample.perSecond)).join(' · '),
    listed(notes),
  ])

const ratioRows = ({ comparisons }: Results): string[][] =>
  comparisons.map((ratio) => [
    contestants[ratio.ours].title,
    contestants[ratio.rival].title,
    times(ratio.ratio),
    ratio.target === undefined ? 'printed' : targetOf(ratio),
    ratio.aim === undefined ? '' : `${ratio.aim}x`,
    milliseconds(ratio.p99Ms),
    inWords(ratio),
  ])

const targetOf = ({ target, p99LimitMs }: Wanted): string =>
  `at least ${target}x${p99LimitMs === undefined ? '' : `, p99 under ${p99LimitMs} ms`}`

function inWords({ isMet, reachesAim }: Verdict): string {
  if (isMet === undefined) return ''
  if (!isMet) return 'NO'
  return reachesAim ? 'yes, and the aim' : 'yes'
}

/** What a sample says about itself, in one line. */
export const listed = (notes: Readonly<Record<string, number>>): string =>
  Object.entries(notes)
    .map(([name, value]) => `${name} ${Number(value.toFixed(1)).toLocaleString('en')}`)
    .join(', ')

const whole = (value: number): string => Math.round(value).toLocaleString('en')
const times = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)}x`
const milliseconds = (value: number | undefined): string => (value === undefined ? '' : `${value.toFixed(1)} ms`)
