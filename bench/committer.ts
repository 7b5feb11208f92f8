import { ask, sampleOf } from './callers.ts'
import { commandsOver } from './commands.ts'
import type { Contestant } from './contestant.ts'
import { checkLedger, newTally } from './ledger-check.ts'
import type { Scene } from './scene.ts'

const tally = newTally()
let users = 0

/** Purchases at the adapter: the committer and the SQL adapter without HTTP, called from this process. */
export async function openCommitterContestant(scene: Scene, spread: 'hot' | 'random'): Promise<Contestant> {
  const counter = await scene.counter()
  users++
  const [hot, ...others] = counter.products
  const command = commandsOver('sales', spread === 'hot' ? [hot!] : others)
  return {
    sample: async (seconds) => {
      counter.takeRounds()
      const answered = await ask(counter, command, { seconds })
      tally.purchases.answered += answered.latencies.length
      return sampleOf(answered, counter.takeRounds())
    },
    close: async () => {
      if (--users > 0) return
      await counter.close()
      await checkLedger('adapter', counter.url, { products: counter.products.length, tally })
    },
  }
}
