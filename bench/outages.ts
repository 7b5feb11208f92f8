// `bun bench/outages.ts`: what readers notice when Redis is slowed, hangs or is killed while they read from two replicas
// of products, beside two replicas without any cache, on the same PostgreSQL at the same moment: whatever else the machine
// does hits both.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isKept, printed, written } from './outages-page.ts'
import { endEverythingWithThisProcess } from './processes.ts'
import { type OutageOptions, sampleOutages } from './redis-outages.ts'
import { openScene } from './scene.ts'
import { readSurroundings } from './surroundings.ts'

const WHOLE: OutageOptions = { seconds: 4, rounds: 3, readsPerSecond: 300 }

const usage = `Usage: bun bench/outages.ts [--seconds N] [--rounds N] [--reads N] [--out FILE]

  --seconds N   how long a sample takes (${WHOLE.seconds}); what goes wrong begins after a quarter of it
  --rounds N    how often each is sampled (${WHOLE.rounds}); the median counts
  --reads N     how many requests a second, of each pair of replicas (${WHOLE.readsPerSecond}); one in twenty is a write
  --out FILE    writes the page there, whatever the size of the run; of a smaller one it says that it was short

A run of at least that size writes bench/OUTAGES.md unless another place is named.`

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: String(WHOLE.seconds) },
    rounds: { type: 'string', default: String(WHOLE.rounds) },
    reads: { type: 'string', default: String(WHOLE.readsPerSecond) },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(usage)
  process.exit(0)
}
const [seconds, rounds, readsPerSecond] = [Number(values.seconds), Number(values.rounds), Number(values.reads)]
if (!(seconds > 0 && rounds > 0 && Number.isInteger(rounds) && readsPerSecond > 0)) throw new Error(usage)
const isWhole = seconds >= WHOLE.seconds && rounds >= WHOLE.rounds && readsPerSecond >= WHOLE.readsPerSecond
const place = values.out ?? (isWhole ? join(import.meta.dir, 'OUTAGES.md') : undefined)

endEverythingWithThisProcess()
try {
  process.exit((await compare({ seconds, rounds, readsPerSecond })) ? 0 : 1)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

/** Says whether the limit was kept. */
async function compare(options: OutageOptions): Promise<boolean> {
  const scene = await openScene({ products: 0, movements: 0, profiles: undefined })
  const surroundings = await readSurroundings(scene, ['Redis'])
  const run = { options, isWhole, outages: await sampleOutages(scene, options) }
  console.log(printed(run))
  if (place !== undefined) await Bun.write(place, written(run, surroundings))
  return isKept(run)
}
