import { afterEach, describe, expect, test } from 'bun:test'
import { sweepExpired } from '../../packages/inventory/src/application/expiry.ts'
import { faultsIn } from '../kills/books.ts'
import { until } from '../processes/until.ts'
import { figure } from '../stock/audit.ts'
import { context, each, type Seller } from '../stock/seller.ts'
import { found, size } from '../stock/size.ts'
import { buy, hold, past, type Shelf, shelf } from './shelf.ts'

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('Sweeping was not tested: TEST_POSTGRES_URL is not set.')
else {
  const cleaning: (() => unknown)[] = []
  afterEach(async () => {
    for (const step of cleaning.splice(0).reverse()) await step()
  }, 60_000)

  const stocked = async (count: number, quantity: number): Promise<Shelf> => {
    const place = await shelf(server, count, quantity)
    cleaning.push(() => place[Symbol.asyncDispose]())
    return place
  }
  /** Sweeps beside a service, and says what it had to complain of. */
  const sweeping = ({ stock, commit }: Seller): readonly string[] => {
    const complaints: string[] = []
    const log = { warn: (message: string, fields?: object) => complaints.push(`${message} ${JSON.stringify(fields)}`) }
    const sweeper = sweepExpired({ stock, commit, log }, 50)
    cleaning.push(sweeper.stop)
    return complaints
  }

  describe('the sweeper', () => {
    test('writes down what expired, and leaves alone what did not', async () => {
      const { url, products, seller } = await stocked(3, 1_000)
      const desk = seller()
      const both = products.slice(0, 2).map((productId) => ({ productId, quantity: 1 }))
      await Promise.all(Array.from({ length: 600 }, () => hold(desk, both)))
      const kept = await hold(desk, [{ productId: products[2]!, quantity: 5 }], 600)
      // Long enough to be committed in part before it ends.
      const inPart = await hold(desk, both, 3)
      await desk.inventory.commitReservation(context(), { id: inPart.id, lines: [{ productId: products[0]! }] })

      const complaints = sweeping(seller())
      await until(async () => (await held(url)) === 1)

      expect(await statuses(url)).toEqual({ held: 1, expired: 600, committed: 1 })
      expect(await desk.inventory.getReservation(context(), kept.id)).toMatchObject({ value: { status: 'held' } })
      expect(await figure(url, 'SELECT sum(quantity) FROM inventory.holds')).toBe(5)
      expect(await figure(url, "SELECT count(*) FROM inventory.movements WHERE kind = 'expiry'")).toBe(1_201)
      expect(complaints).toEqual([])
      expect(await faultsIn(url)).toEqual([])
    }, 60_000)

    test(
      'in two processes at once, with customers in between, ends everything once',
      async () => {
        const count = size({ usual: 400, full: 4_000 })
        const { url, products, seller } = await stocked(20, 1_000_000)
        const [one, other, shop] = [seller(), seller(), seller()]
        const complaints = [sweeping(one), sweeping(other)]
        const outcomes: Record<string, number> = {}

        await each(count, 64, async (index) => {
          const lines = [0, 7].map((step) => ({ productId: products[(index + step) % 20]!, quantity: 1 }))
          const { expiresAtMs } = await hold(index % 2 ? one : other, lines)
          // The first customers keep coming while what they held expires behind them.
          if (index % 10 === 0) await past(expiresAtMs + Math.random() * 20)
          const outcome = await buy(shop, lines[index % 2]!.productId)
          outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
        })
        await until(async () => (await held(url)) === 0)

        expect(outcomes).toEqual({ sold: count })
        expect(await statuses(url)).toEqual({ expired: count })
        expect(await figure(url, "SELECT count(*) FROM inventory.movements WHERE kind = 'expiry'")).toBe(2 * count)
        expect(await figure(url, 'SELECT sum(reserved) FROM inventory.stock_levels')).toBe(0)
        expect(complaints.flat()).toEqual([])
        expect(await faultsIn(url)).toEqual([])
        found('two sweepers and customers at the same time', { reservations: count, 'ended more or less than once': 0 })
      },
      size({ usual: 60_000, full: 300_000 }),
    )
  })
}

const held = (url: string) => figure(url, "SELECT count(*) FROM inventory.reservations WHERE status = 'held'")

async function statuses(url: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const status of ['held', 'expired', 'committed', 'released']) {
    const count = await figure(url, `SELECT count(*) FROM inventory.reservations WHERE status = '${status}'`)
    if (count > 0) counts[status] = count
  }
  return counts
}
