import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Subprocess } from 'bun'
import { type Answered, CALLERS, sampleOf } from './callers.ts'
import type { Asked } from './commands.ts'
import type { Said, Told } from './committer-process.ts'
import type { Contestant } from './contestant.ts'
import { added } from './counter.ts'
import { checkLedger, newTally } from './ledger-check.ts'
import { end, start } from './processes.ts'
import type { Scene } from './scene.ts'
import { openCounter } from './stocked-counter.ts'

const PROCESSES = 4

/** How long it takes at most to tell all of them when to start, in milliseconds. */
const NOTICE_MS = 50

/** What is asked of the four, over how many products. */
type Load = Readonly<{ name: string; asked: Asked; products: number }>

/** The adapter in four processes on one database, each with its own committer. */
export async function openFourCommitters(scene: Scene, { name, asked, products }: Load): Promise<Contestant> {
  const counter = await openCounter(scene, name, products)
  await counter.close()
  const ids = join(scene.folder, `${name}.json`)
  writeFileSync(ids, JSON.stringify(counter.products))
  const processes = Array.from({ length: PROCESSES }, () =>
    startCommitter([counter.url, asked, String(CALLERS / PROCESSES), ids]),
  )
  for (const { heard } of processes) if ((await heard()) !== 'ready') throw new Error('A committer is not ready.')

  const tally = newTally()
  return {
    sample: async (seconds) => {
      const told: Told = { startAtMs: Date.now() + NOTICE_MS, seconds }
      for (const { process } of processes) process.send(told)
      const answers = (await Promise.all(processes.map(({ heard }) => heard()))).filter((said) => said !== 'ready')
      const answered = together(answers)
      tally[asked === 'sales' ? 'purchases' : 'reservations'].answered += answered.latencies.length
      return sampleOf(answered, answers.map(({ rounds }) => rounds).reduce(added))
    },
    close: async () => {
      await Promise.all(processes.map(({ process }) => end(process)))
      await checkLedger(name, counter.url, { products, tally })
    },
  }
}

type CommitterProcess = Readonly<{ process: Subprocess; heard: () => Promise<Said> }>

/** Starts one of them. What it says next is heard once; when it ends instead, that is an error. */
function startCommitter(args: readonly string[]): CommitterProcess {
  const said: Said[] = []
  let wake = () => {}
  const process = start([globalThis.process.execPath, join(import.meta.dir, 'committer-process.ts'), ...args], {
    errors: 'inherit',
    onMessage: (message) => {
      said.push(message as Said)
      wake()
    },
  })
  process.exited.then(() => wake())
  const heard = async (): Promise<Said> => {
    while (said.length === 0) {
      if (process.exitCode !== null || process.signalCode !== null) throw new Error('A committer has ended.')
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    return said.shift()!
  }
  return { process, heard }
}

/** What all of them did, in the time of the slowest. */
function together(answers: readonly Answered[]): Answered {
  return {
    latencies: Float64Array.from(answers.flatMap(({ latencies }) => [...latencies])),
    elapsedMs: Math.max(...answers.map(({ elapsedMs }) => elapsedMs)),
  }
}
