import { statSync, truncateSync } from 'node:fs'
import type { Contestant, Sample } from './contestant.ts'
import { checkLedger } from './ledger-check.ts'
import { withProcessorTime } from './processes.ts'
import type { PurchasingShop } from './purchasing-shop.ts'
import { residentMegabytes, type ServiceProcess } from './service-process.ts'
import { CONNECTIONS, wrk } from './wrk.ts'

/** How many contestants still use a shop. */
const users = new Map<PurchasingShop, number>()

/** Purchases as clients send them: to a server of its own process, with a key each, authentication and logs on. */
export async function openHttpContestant(
  shop: PurchasingShop,
  spread: 'hot' | 'random',
  warmUpSeconds: number,
): Promise<Contestant> {
  users.set(shop, (users.get(shop) ?? 0) + 1)
  const { seller, services, sold } = shop
  const sample = async (seconds: number): Promise<Sample> => {
    for (const { log } of services) truncateSync(log)
    const purchase = [seller.apiKey, shop.ids[spread], Bun.randomUUIDv7()]
    const load = () => wrk(seller.url, seconds, purchase)
    const { requests, notes, ...measured } = await withProcessorTime(seller.process, load)
    sold.answered += requests
    // When its time is up wrk hangs up, and what it asked for last is still written.
    sold.inFlight += CONNECTIONS
    if (requests > 0 && statSync(seller.log).size === 0) throw new Error('The shop wrote no log.')
    return { ...measured, notes: { ...notes, ...memoryOf(services), ...startOf(services) } }
  }
  await sample(warmUpSeconds)
  return {
    sample,
    close: async () => {
      const left = users.get(shop)! - 1
      users.set(shop, left)
      if (left > 0) return
      for (const service of services) await service.stop()
      await checkLedger(`HTTP, ${seller.name}`, shop.databaseUrl, shop.products, sold)
    },
  }
}

const memoryOf = (services: readonly ServiceProcess[]) =>
  Object.fromEntries(services.map(({ name, process }) => [`${name} MB`, residentMegabytes(process)]))

const startOf = (services: readonly ServiceProcess[]) =>
  Object.fromEntries(services.map(({ name, startMs }) => [`${name} start ms`, startMs]))
