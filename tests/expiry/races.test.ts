import { describe, expect, test } from 'bun:test'
import { faultsIn } from '../kills/books.ts'
import { figure } from '../stock/audit.ts'
import { context, each, type Seller } from '../stock/seller.ts'
import { found, size } from '../stock/size.ts'
import { buy, hold, shelf } from './shelf.ts'

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('Races of expiry were not tested: TEST_POSTGRES_URL is not set.')
else {
  // What ends the hold in another process: a customer who finds it in the way, or a sweeper.
  const rivals = {
    customer: (desk: Seller, productId: string) => buy(desk, productId),
    sweeper: async ({ commit }: Seller, _: string, reservationId: string) => {
      const name = { operationId: Bun.randomUUIDv7(), fingerprint: '0'.repeat(32), actor: 'abasto' }
      await commit({ type: 'expire', reservationId, ...name }, Date.now() + 60_000)
      return 'swept'
    },
  } as const

  describe('the last unit is held for a second, and at its end', () => {
    test.each(['commit', 'extend'] as const)(
      'a %s races its expiry: one of them wins',
      async (attempt) => {
        const races = size({ usual: 400, full: 10_000 })
        await using place = await shelf(server, races, 1)
        const { url, products, seller } = place
        const [holder, other] = [seller(), seller()]
        const wins: Record<string, number> = {}
        // How long before the end an attempt is made on average: as long as lets either side win about as often.
        let leadMs = 30
        const started = performance.now()

        await each(races, size({ usual: 100, full: 400 }), async (index) => {
          const productId = products[index]!
          const rival = index % 2 ? 'customer' : 'sweeper'
          const { id, expiresAtMs } = await hold(holder, [{ productId, quantity: 1 }])
          const act = async () => {
            await at(expiresAtMs - MOST_LEAD_MS)
            await at(expiresAtMs - Math.random() * 2 * leadMs)
            if (attempt === 'commit') return holder.inventory.commitReservation(context(), { id })
            return holder.inventory.extendReservation(context(), { id, ttlSeconds: 600 })
          }
          const rivalry = async () => {
            await at(expiresAtMs + (Math.random() - 0.5) * leadMs)
            return rivals[rival](other, productId, id)
          }
          const [acted, came] = await Promise.all([act(), rivalry()])
          // Whoever comes after both finds it free, unless it was saved or somebody has bought it.
          const late = await buy(other, productId)

          const sales = [came, late].filter((outcome) => outcome === 'sold').length
          if (acted.ok) expect([attempt, sales, late]).toEqual([attempt, 0, 'insufficient_stock'])
          else expect([acted.error.code, sales]).toEqual(['reservation_expired', 1])
          const winner = acted.ok ? `the ${attempt}` : `expiry, against the ${rival}'s`
          leadMs = Math.min(MOST_LEAD_MS / 2, Math.max(5, leadMs + (acted.ok ? -1 : 1)))
          wins[winner] = (wins[winner] ?? 0) + 1
        })

        const saved = wins[`the ${attempt}`] ?? 0
        found(`expiry races ${attempt}`, { races, ...wins, seconds: Math.round((performance.now() - started) / 1_000) })
        expect(Math.min(saved, races - saved)).toBeGreaterThan(races / 20)
        expect(await faultsIn(url)).toEqual([])
        const kind = (name: string) => figure(url, `SELECT count(*) FROM inventory.movements WHERE kind = '${name}'`)
        expect([await kind('sale'), await kind('expiry')]).toEqual([races - saved, races - saved])
        expect(await kind('commit')).toBe(attempt === 'commit' ? saved : 0)
        expect(await figure(url, 'SELECT count(*) FROM inventory.holds')).toBe(attempt === 'extend' ? saved : 0)
      },
      size({ usual: 60_000, full: 600_000 }),
    )
  })
}

/** How long before the end of a hold somebody may come for it at the earliest, in milliseconds. */
const MOST_LEAD_MS = 600

const at = (moment: number): Promise<void> => Bun.sleep(Math.max(0, moment - Date.now()))
