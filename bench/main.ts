// `bun run bench`: what a purchase costs, beside the textbook transaction on the same store in the same run.
import { join } from 'node:path'
import { type ContestantName, contestants } from './comparisons.ts'
import type { Contestant, Sample } from './contestant.ts'
import { checkpoint } from './databases.ts'
import { readOptions, usage } from './options.ts'
import { endEverythingWithThisProcess, programCalled } from './processes.ts'
import { sampleOutages } from './redis-outages.ts'
import { listed, printed, type Results, resultsOf, written } from './report.ts'
import { openScene } from './scene.ts'
import { readSurroundings } from './surroundings.ts'

const args = process.argv.slice(2)
if (args.includes('--help') || args.includes('-h')) {
  console.log(usage)
  process.exit(0)
}
/**
 * For how long each is loaded before a sample. While the others had their turn its machine code may have been dropped
 * and its memory given back, and what comes of that is nobody's figure.
 */
const WARM_UP_SECONDS = 1

endEverythingWithThisProcess()
try {
  await bench()
  process.exit(0)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

async function bench(): Promise<void> {
  const options = readOptions(args)
  const { seconds, rounds, compared, warmUpSeconds } = options
  const names = [...new Set(compared.flatMap(({ ours, rival }) => [rival, ours]))]
  programCalled('wrk')
  limit(180 + names.length * rounds * (3 * seconds + 8))

  const scene = await openScene(options)
  // Only what is written down has to say what took part, and not all of it has to be there for a part of a run.
  const surroundings = await readSurroundings(scene, options.isWhole ? undefined : [])
  const open = new Map<ContestantName, Contestant>()
  for (const name of names) {
    console.error(`Setting up ${name} …`)
    open.set(name, await contestants[name].open(scene))
  }

  const samples = new Map<ContestantName, Sample[]>(names.map((name) => [name, []]))
  for (let round = 1; round <= rounds; round++) {
    for (const [name, contestant] of open) {
      const warmUp = round === 1 ? warmUpSeconds : WARM_UP_SECONDS
      await contestant.prepare?.(warmUp + seconds)
      await checkpoint(scene)
      if (warmUp > 0) await (contestant.warmUp ?? contestant.sample)(warmUp)
      const sample = await contestant.sample(seconds)
      if (!(sample.perSecond > 0)) throw new Error(`${name} did nothing at all.`)
      samples.get(name)!.push(sample)
      console.error(`Round ${round} of ${rounds}: ${name} ${Math.round(sample.perSecond)}/s ${notesOf(sample)}`)
    }
  }
  for (const contestant of open.values()) await contestant.close()
  await scene.close()

  const results = resultsOf(surroundings, options, samples)
  console.log(printed(results))
  if (options.outages) await sampleOutages(scene, options.outages)
  if (options.isWhole) await keep(results)
}

/** Ends a run that hangs, so that it never holds a machine. */
function limit(seconds: number): void {
  const stop = () => {
    console.error(`Not done within ${seconds} s.`)
    process.exit(1)
  }
  setTimeout(stop, seconds * 1000).unref()
}

async function keep(results: Results): Promise<void> {
  await Bun.write(join(import.meta.dir, 'results.json'), `${JSON.stringify(results, null, 2)}\n`)
  await Bun.write(join(import.meta.dir, 'RESULTS.md'), written(results))
}

function notesOf({ p50Ms, p99Ms, notes }: Sample): string {
  const latencies = p50Ms === undefined || p99Ms === undefined ? {} : { 'p50 ms': p50Ms, 'p99 ms': p99Ms }
  return listed({ ...latencies, ...notes })
}
