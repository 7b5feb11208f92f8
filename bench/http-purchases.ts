import { statSync, truncateSync } from 'node:fs'
import type { Contestant, Sample } from './contestant.ts'
import { checkLedger } from './ledger-check.ts'
import { processorMs } from './processes.ts'
import type { Scene } from './scene.ts'
import { CONNECTIONS, wrk } from './wrk.ts'

let users = 0

export async function openHttpContestant(scene: Scene, spread: 'hot' | 'random'): Promise<Contestant> {
  const shop = await scene.purchasingShop()
  users++
  const sample = async (seconds: number): Promise<Sample> => {
    truncateSync(shop.log)
    const before = processorMs(shop.process)
    const { requests, ...measured } = await wrk(shop.url, seconds, [shop.apiKey, shop.ids[spread], Bun.randomUUIDv7()])
    const after = processorMs(shop.process)
    shop.sold.answered += requests
    shop.sold.inFlight += CONNECTIONS
    if (requests > 0 && statSync(shop.log).size === 0) throw new Error('The shop wrote no log.')
    const notes =
      before === undefined || after === undefined ? {} : { 'server µs each': ((after - before) * 1000) / requests }
    return { ...measured, notes }
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
