import { statSync, truncateSync } from 'node:fs'
import type { Contestant, Sample } from './contestant.ts'
import { checkLedger } from './ledger-check.ts'
import { withProcessorTime } from './processes.ts'
import type { Scene } from './scene.ts'
import { CONNECTIONS, wrk } from './wrk.ts'

let users = 0

/** Purchases as clients send them: to a server of its own process, with a key each, authentication and logs on. */
export async function openHttpContestant(scene: Scene, spread: 'hot' | 'random'): Promise<Contestant> {
  const shop = await scene.purchasingShop()
  users++
  const sample = async (seconds: number): Promise<Sample> => {
    truncateSync(shop.log)
    const purchase = [shop.apiKey, shop.ids[spread], Bun.randomUUIDv7()]
    const { requests, ...measured } = await withProcessorTime(shop.process, () => wrk(shop.url, seconds, purchase))
    shop.sold.answered += requests
    // When its time is up wrk hangs up, and what it asked for last is still written.
    shop.sold.inFlight += CONNECTIONS
    if (requests > 0 && statSync(shop.log).size === 0) throw new Error('The shop wrote no log.')
    return measured
  }
  await sample(scene.warmUpSeconds)
  return {
    sample,
    close: async () => {
      if (--users > 0) return
      await shop.stop()
      await checkLedger('HTTP', shop.databaseUrl, shop.products, shop.sold)
    },
  }
}
