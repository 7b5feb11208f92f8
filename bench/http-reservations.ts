import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Uuid } from '@abasto/kernel'
import { ask } from './callers.ts'
import { reservation } from './commands.ts'
import type { Contestant } from './contestant.ts'
import { connectCounter } from './counter.ts'
import { analyze } from './databases.ts'
import { loadShop, useShop } from './http-load.ts'
import type { Scene } from './scene.ts'
import type { StockedShop } from './stocked-shop.ts'
import { CONNECTIONS } from './wrk.ts'

/** How many commits a second there may be until it is known how many there are. */
const LIKELY_PER_SECOND = 15_000

/** Reservations of one unit of one product, as clients ask for them. */
export async function openHttpReserve(shop: StockedShop): Promise<Contestant> {
  const { reservations } = shop.tally
  return {
    sample: async (seconds) => {
      const { requests, sample } = await loadShop(shop, { write: 'reserve', ids: shop.ids.hot, seconds })
      reservations.answered += requests
      reservations.inFlight += CONNECTIONS
      return sample
    },
    close: useShop(shop),
  }
}

/**
 * Commits of reservations of one unit of one product, as clients ask for them, each once. The reservations are made
 * beforehand through a committer of this process on the same database, so the server has never seen them and must read
 * each before it decides. When they run out the sample ends, and its figure is of the time until then.
 */
export async function openHttpCommit(shop: StockedShop, scene: Scene): Promise<Contestant> {
  const { reservations, commits } = shop.tally
  const counter = connectCounter(shop.databaseUrl)
  const file = join(scene.folder, `${shop.name}-reservations.ids`)
  const leave = useShop(shop)
  let held: Uuid[] = []
  let perSecond = LIKELY_PER_SECOND
  return {
    prepare: async (seconds) => {
      const missing = Math.ceil(seconds * perSecond) - held.length
      const made: Uuid[] = []
      const nextReservation = () => {
        const id = Bun.randomUUIDv7()
        made.push(id)
        return reservation([shop.product], id)
      }
      while (made.length < missing) await ask(counter, nextReservation, { seconds: 0.2 })
      reservations.answered += made.length
      held = [...held, ...made]
      // Thousands came within seconds, which no server would have had to take for the usual.
      await analyze(shop.databaseUrl)
    },
    sample: async (seconds) => {
      writeFileSync(file, `${held.join('\n')}\n`)
      const { requests, sent, sample } = await loadShop(shop, { write: 'commit', ids: file, seconds })
      held = held.slice(sent)
      perSecond = Math.max(perSecond, 1.3 * sample.perSecond)
      commits.answered += requests
      commits.inFlight += CONNECTIONS
      return sample
    },
    close: async () => {
      await counter.close()
      await leave()
    },
  }
}
