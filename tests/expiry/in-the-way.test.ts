import { expect, test } from 'bun:test'
import type { Uuid } from '../../packages/kernel/src/kernel.ts'
import { faultsIn } from '../kills/books.ts'
import { figure } from '../stock/audit.ts'
import { context, type Seller } from '../stock/seller.ts'
import { found, size } from '../stock/size.ts'
import { buy, hold, past, shelf } from './shelf.ts'

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('Sales past what has expired were not tested: TEST_POSTGRES_URL is not set.')
else {
  test(
    'an expired reservation of 100 lines in the way of a sale costs it a look at its own line, not at all 100',
    async () => {
      const rounds = size({ usual: 4, full: 40 })
      await using place = await shelf(server, 200, 1_000_000)
      const { url, products, seller } = place
      const desk = seller()
      const [held, free] = [products.slice(0, 100), products.slice(100)]
      const times = { oneLine: pair(), allLines: pair() }
      // Both kinds of sale are made on levels that the service has just written, and in turns.
      for (const own of [held, free]) await buyAll(desk, own)

      for (let round = 0; round < rounds; round++) {
        const lines = held.map((productId) => ({ productId, quantity: 1 }))
        const { expiresAtMs } = await hold(desk, lines)
        await buyAll(desk, free)
        await past(expiresAtMs)
        if (round % 4 === 0) {
          for (const [way, own] of inTurns(round / 4, { clear: free, blocked: held })) {
            times.allLines[way].push(await msOf(() => buyAll(desk, own)))
          }
          continue
        }
        for (const index of held.keys()) {
          for (const [way, own] of inTurns(index, { clear: free, blocked: held })) {
            times.oneLine[way].push(await msOf(() => buy(desk, own[index]!)))
          }
        }
      }

      const [one, all] = [times.oneLine, times.allLines].map(({ clear, blocked }) => [median(clear), median(blocked)])
      found('an expired reservation of 100 lines in the way of a sale', {
        'sales of one line, each on an expired one': times.oneLine.blocked.length,
        'median with nothing in the way (ms)': rounded(one![0]!),
        'median with it in the way (ms)': rounded(one![1]!),
        'times as long': rounded(one![1]! / one![0]!),
        'a sale of all 100 lines at once: times as long': rounded(all![1]! / all![0]!),
      })
      // Two reads more and a longer write come to about twice the time; the machine of a test may be busy with others.
      expect(one![1]! / one![0]!).toBeLessThan(3)
      expect(await figure(url, 'SELECT count(*) FROM inventory.holds')).toBe(0)
      expect(await figure(url, "SELECT count(*) FROM inventory.movements WHERE kind = 'expiry'")).toBe(100 * rounds)
      expect(await faultsIn(url)).toEqual([])
    },
    size({ usual: 60_000, full: 300_000 }),
  )
}

type Way = 'clear' | 'blocked'

const pair = (): Record<Way, number[]> => ({ clear: [], blocked: [] })

/** Which comes first takes turns as well. */
function inTurns<T>(turn: number, both: Readonly<Record<Way, T>>): readonly (readonly [Way, T])[] {
  const entries = [
    ['clear', both.clear],
    ['blocked', both.blocked],
  ] as const
  return turn % 2 ? entries : entries.toReversed()
}

async function buyAll({ inventory }: Seller, products: readonly Uuid[]): Promise<string> {
  const sold = await inventory.sell(context(), { lines: products.map((productId) => ({ productId, quantity: 1 })) })
  return sold.ok ? 'sold' : sold.error.code
}

async function msOf(sale: () => Promise<string>): Promise<number> {
  const started = performance.now()
  expect(await sale()).toBe('sold')
  return performance.now() - started
}

const median = (times: readonly number[]): number => times.toSorted((one, other) => one - other)[times.length >> 1]!

const rounded = (value: number): number => Number(value.toFixed(2))
