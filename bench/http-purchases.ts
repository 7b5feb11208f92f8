import type { Spread } from './committer.ts'
import type { Contestant } from './contestant.ts'
import { loadShop, useShop } from './http-load.ts'
import type { StockedShop } from './stocked-shop.ts'
import { CONNECTIONS } from './wrk.ts'

/** Purchases as clients send them: to a server of its own process, with a key each, authentication and logs on. */
export async function openHttpPurchases(shop: StockedShop, spread: Spread): Promise<Contestant> {
  const { purchases } = shop.tally
  return {
    sample: async (seconds) => {
      const { requests, sample } = await loadShop(shop, { write: 'purchase', ids: shop.ids[spread], seconds })
      purchases.answered += requests
      // When its time is up wrk hangs up, and what it asked for last is still written.
      purchases.inFlight += CONNECTIONS
      return sample
    },
    close: useShop(shop),
  }
}
