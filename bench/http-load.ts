import { statSync, truncateSync } from 'node:fs'
import type { Sample } from './contestant.ts'
import { checkLedger } from './ledger-check.ts'
import { withProcessorTime } from './processes.ts'
import { residentMegabytes, type ServiceProcess } from './service-process.ts'
import { use } from './sharing.ts'
import type { StockedShop } from './stocked-shop.ts'
import { wrk } from './wrk.ts'

/** Writes as `load.lua` knows them. */
export type Write = 'purchase' | 'reserve' | 'commit'

/** Loads a shop with writes: what was answered and asked, and the sample. The ids are in a file. */
export async function loadShop(
  { seller, services }: StockedShop,
  { write, ids, seconds }: Readonly<{ write: Write; ids: string; seconds: number }>,
): Promise<Readonly<{ requests: number; sent: number; sample: Sample }>> {
  for (const { log } of services) truncateSync(log)
  const load = () => wrk(seller.url, seconds, [write, seller.apiKey, ids, Bun.randomUUIDv7()])
  const { requests, sent, notes, ...measured } = await withProcessorTime(seller.process, load)
  if (requests > 0 && statSync(seller.log).size === 0) throw new Error('The shop wrote no log.')
  return { requests, sent, sample: { ...measured, notes: { ...notes, ...memoryOf(services), ...startOf(services) } } }
}

/** Uses a shop until the function that is returned is called. Whoever leaves last ends it and has its ledger checked. */
export const useShop = (shop: StockedShop): (() => Promise<void>) =>
  use(shop, async () => {
    for (const service of shop.services) await service.stop()
    await checkLedger(`HTTP, ${shop.name}`, shop.databaseUrl, shop)
  })

const memoryOf = (services: readonly ServiceProcess[]) =>
  Object.fromEntries(services.map(({ name, process }) => [`${name} MB`, residentMegabytes(process)]))

const startOf = (services: readonly ServiceProcess[]) =>
  Object.fromEntries(services.map(({ name, startMs }) => [`${name} start ms`, startMs]))
