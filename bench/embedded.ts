import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Spread } from './committer.ts'
import type { Contestant, Sample } from './contestant.ts'
import type { Scene } from './scene.ts'
import { use } from './sharing.ts'
import { startWorker, type Worker } from './worker.ts'

/** Who sells from an embedded database: the stock core over its adapter, or the transaction of the textbook. */
export type EmbeddedSeller = 'adapter' | 'textbook'

/** What its process is told: to sell, or that it was the last time. Then it has what is there compared with what it sold. */
export type EmbeddedOrder = Readonly<{ spread: Spread; seconds: number }> | 'close'

/** An embedded database, on the disk as a service has it, in a process that sells from it; see `embedded-process.ts`. */
export type EmbeddedProcess = Worker<EmbeddedOrder, Sample | null>

/**
 * Sales from the embedded database. It runs in the process that it serves, so its callers are there too: in a process of
 * their own, or what it holds in memory would be held by those who load the others.
 */
export async function openEmbeddedContestant(
  scene: Scene,
  seller: EmbeddedSeller,
  spread: Spread,
): Promise<Contestant> {
  const worker = await scene.embedded[seller]()
  return {
    sample: async (seconds) => {
      const sample = await worker.tell({ spread, seconds })
      if (!sample) throw new Error(`The embedded ${seller} did not say what it sold.`)
      return sample
    },
    close: use(worker, async () => {
      await worker.tell('close')
      await worker.stop()
    }),
  }
}

export function openEmbeddedProcess(scene: Scene, seller: EmbeddedSeller): Promise<EmbeddedProcess> {
  const folder = join(scene.folder, `embedded-${seller}`)
  mkdirSync(folder)
  return startWorker('embedded-process.ts', [seller, folder, String(scene.products)])
}
