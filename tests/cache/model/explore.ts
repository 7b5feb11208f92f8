import type { RedisServer } from './redis-server.ts'
import { type Choice, randomFrom, type Walked, type Weights, walk, weightsFrom } from './walk.ts'

/** Where a promise was broken, and the shortest way there that was found. */
export type Counterexample = Readonly<{ seed: number; fault: string; steps: readonly string[] }>

export type Explored = Readonly<{
  interleavings: number
  counts: Record<string, number>
  broken: Counterexample | undefined
}>

type Exploration = Readonly<{
  interleavings: number
  seed: number
  /** A Redis of its own for each walk; where it is a real one, each walk has keys of its own. */
  redis: () => RedisServer
  /** How many are under way at the same time. */
  abreast?: number
}>

/** Walks at random, each walk from a seed of its own, until all are done or a promise is broken. */
export async function explore({ interleavings, seed, redis, abreast = 16 }: Exploration): Promise<Explored> {
  const counts: Record<string, number> = {}
  let broken: Counterexample | undefined
  let isBroken = false
  let next = 0

  async function lane(): Promise<void> {
    while (next < interleavings && !isBroken) {
      const own = seed + next++
      const walked = await walkFrom(own, redis())
      for (const [name, count] of Object.entries(walked.counts)) counts[name] = (counts[name] ?? 0) + count
      if (walked.fault === undefined || isBroken) continue
      isBroken = true
      broken = await shrunk(own, redis)
    }
  }

  await Promise.all(Array.from({ length: abreast }, lane))
  return { interleavings: next, counts, broken }
}

function choicesOf(seed: number): { choices: Choice[]; weights: Weights; isWarm: boolean } {
  const random = randomFrom(seed)
  const weights = weightsFrom(random)
  const isWarm = random() < 0.6
  const choices = Array.from({ length: 10 + Math.floor(random() * 60) }, (): Choice => [random(), random()])
  return { choices, weights, isWarm }
}

const walkFrom = (seed: number, redis: RedisServer): Promise<Walked> =>
  walk({ ...choicesOf(seed), redis, name: `${seed}` })

/** Leaves out whatever the fault does not need: halves first, then smaller and smaller parts. */
async function shrunk(seed: number, redis: () => RedisServer): Promise<Counterexample> {
  const { choices, ...same } = choicesOf(seed)
  let count = 0
  const again = (some: readonly Choice[]) =>
    walk({ ...same, choices: some, redis: redis(), name: `${seed}-${count++}`, isTold: true })
  let best = choices
  let found = await again(best)
  for (let size = best.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < best.length; ) {
      const fewer = best.toSpliced(at, size)
      const walked = await again(fewer)
      if (walked.fault === undefined) at += size
      else [best, found] = [fewer, walked]
    }
  }
  return { seed, fault: found.fault ?? 'not broken the second time', steps: found.steps }
}
