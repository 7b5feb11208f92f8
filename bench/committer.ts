import type { Uuid } from '@abasto/kernel'
import { ask, sampleOf } from './callers.ts'
import { commandsOver } from './commands.ts'
import type { Contestant } from './contestant.ts'
import type { Counter } from './counter.ts'
import { checkLedger } from './ledger-check.ts'
import type { Scene } from './scene.ts'
import { use } from './sharing.ts'

/** Over what purchases are spread: all of one product, or each of any of many. */
export type Spread = 'hot' | 'random'

/** Purchases at the adapter: the committer and the SQL adapter without HTTP, called from this process. */
export async function openCommitterContestant(scene: Scene, spread: Spread): Promise<Contestant> {
  const counter = await scene.counter()
  const { url, products, tally } = counter
  return {
    sample: purchasesAt(counter, spreadOver(products, spread), tally.purchases),
    close: use(counter, async () => {
      await counter.close()
      await checkLedger('adapter', url, { products: products.length, tally })
    }),
  }
}

/** The first product of a counter is the hot one; the others are bought at random. */
export const spreadOver = (products: readonly Uuid[], spread: Spread): readonly Uuid[] =>
  spread === 'hot' ? products.slice(0, 1) : products.slice(1)

/** Purchases at a counter on any store, of any of these products; what was answered is counted. */
export function purchasesAt(
  counter: Counter,
  products: readonly Uuid[],
  count: { answered: number },
): Contestant['sample'] {
  const command = commandsOver('sales', products)
  return async (seconds) => {
    counter.takeRounds()
    const answered = await ask(counter, command, { seconds })
    count.answered += answered.latencies.length
    return sampleOf(answered, counter.takeRounds())
  }
}
