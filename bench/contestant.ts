/** What one run of a contestant came to. */
export type Sample = Readonly<{
  perSecond: number
  p50Ms?: number
  p99Ms?: number
  /** What else the run says about itself: client counts, tries, processor time. Of what begins with `most`, the worst counts. */
  notes?: Readonly<Record<string, number>>
}>

/** One side of a comparison, set up. */
export type Contestant = Readonly<{
  /** Makes what the next so many seconds of load will use up. */
  prepare?: (seconds: number) => Promise<void>
  /** The load of a sample, uncounted; where that is left out, it is a sample that nobody writes down. */
  warmUp?: (seconds: number) => Promise<unknown>
  sample: (seconds: number) => Promise<Sample>
  /** Lets everything go, and throws when what was left behind does not add up. */
  close: () => Promise<void>
}>

/** A rival may choose how many clients it has: it runs with each of these and its best counts. */
export const RIVAL_CLIENTS = [8, 16, 32] as const

/** What a rival does at its best. */
export async function bestOf(load: (clients: number) => Promise<Sample>): Promise<Sample> {
  const samples: Sample[] = []
  const notes: Record<string, number> = {}
  for (const clients of RIVAL_CLIENTS) {
    const sample = await load(clients)
    samples.push(sample)
    notes[`with ${clients} clients`] = Math.round(sample.perSecond)
  }
  return { ...samples.toSorted((a, b) => b.perSecond - a.perSecond)[0]!, notes }
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The value below which the given share of the sorted values lies. */
export const quantile = (sorted: ArrayLike<number>, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
