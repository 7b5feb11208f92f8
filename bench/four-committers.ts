import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Answered, CALLERS, sampleOf } from './callers.ts'
import type { Asked } from './commands.ts'
import type { Said, Told } from './committer-process.ts'
import type { Contestant } from './contestant.ts'
import { added } from './counter.ts'
import { checkLedger } from './ledger-check.ts'
import type { Scene } from './scene.ts'
import { openCounter } from './stocked-counter.ts'
import { startWorker } from './worker.ts'

const PROCESSES = 4

/** How long it takes at most to tell all of them when to start, in milliseconds. */
const NOTICE_MS = 50

/** What is asked of the four, over how many products. */
type Load = Readonly<{ name: string; asked: Asked; products: number }>

/** The adapter in four processes on one database, each with its own committer. */
export async function openFourCommitters(scene: Scene, { name, asked, products }: Load): Promise<Contestant> {
  const { close, url, tally, products: stocked } = await openCounter(scene, name, products)
  await close()
  const ids = join(scene.folder, `${name}.json`)
  writeFileSync(ids, JSON.stringify(stocked))
  const start = () => startWorker<Told, Said>('committer-process.ts', [url, asked, String(CALLERS / PROCESSES), ids])
  const workers = await Promise.all(Array.from({ length: PROCESSES }, start))

  return {
    sample: async (seconds) => {
      const told: Told = { startAtMs: Date.now() + NOTICE_MS, seconds }
      const answers = await Promise.all(workers.map(({ tell }) => tell(told)))
      const answered = together(answers)
      tally[asked === 'sales' ? 'purchases' : 'reservations'].answered += answered.latencies.length
      return sampleOf(answered, answers.map(({ rounds }) => rounds).reduce(added))
    },
    close: async () => {
      await Promise.all(workers.map(({ stop }) => stop()))
      await checkLedger(name, url, { products, tally })
    },
  }
}

/** What all of them did, in the time of the slowest. */
function together(answers: readonly Answered[]): Answered {
  return {
    latencies: Float64Array.from(answers.flatMap(({ latencies }) => [...latencies])),
    elapsedMs: Math.max(...answers.map(({ elapsedMs }) => elapsedMs)),
  }
}
