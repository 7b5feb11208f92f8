import { afterAll, describe, expect, test } from 'bun:test'
import { freshDatabase } from '../../packages/chassis/src/database/fresh-database.ts'
import { audit, figure } from './audit.ts'
import { countingVersionsOnly, tearing } from './planted.ts'
import { context, each, migrateInventory, openSeller } from './seller.ts'
import { found, size } from './size.ts'

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('Competing sales were not tested: TEST_POSTGRES_URL is not set.')
else {
  const dropping: (() => Promise<void>)[] = []
  afterAll(async () => {
    for (const drop of dropping) await drop()
  }, 60_000)

  /** An inventory database of this test's own, with these products in it. */
  const shelf = async (count: number, quantity: number) => {
    const { url, drop } = await freshDatabase(server)
    dropping.push(drop)
    await migrateInventory(url)
    const products = Array.from({ length: count }, () => Bun.randomUUIDv7() as string)
    const seller = openSeller(url)
    for (const productId of products) await seller.inventory.openInventory(context(), { productId, quantity })
    await seller.close()
    return { url, products }
  }

  describe('many sell the same stock', () => {
    test('two processes sell 1,000 units to 2,000 customers: 1,000 get one', async () => {
      const { url, products } = await shelf(1, 1_000)
      const sellers = [openSeller(url), openSeller(url)]
      const codes: string[] = []

      await each(2_000, 2_000, async (index) => {
        const lines = [{ productId: products[0]!, quantity: 1 }]
        const sold = await sellers[index % 2]!.inventory.sell(context(), { lines })
        codes.push(sold.ok ? 'sold' : sold.error.code)
      })
      for (const { close } of sellers) await close()

      expect(codes.filter((code) => code === 'sold')).toHaveLength(1_000)
      expect(codes.filter((code) => code === 'insufficient_stock')).toHaveLength(1_000)
      expect(await figure(url, 'SELECT sum(on_hand_change) FROM inventory.movements')).toBe(0)
      expect(await figure(url, 'SELECT count(*) FROM inventory.purchases')).toBe(1_000)
      expect(await audit(url)).toEqual([])
      found('1,000 units, 2,000 customers, two adapters', { sold: 1_000, refused: 1_000 })
    }, 60_000)

    test('four processes sell two products at a time: nothing torn, no deadlock, nobody sent away', async () => {
      const sales = size({ usual: 500, full: 2_500 })
      const { url, products } = await shelf(20, size({ usual: 140, full: 1_400 }))
      const started = performance.now()

      const reports = await Promise.all(
        [1, 2, 3, 4].map(async () => {
          const order = JSON.stringify({ url, products, sales, callers: 32 })
          const seller = Bun.spawn([process.execPath, `${import.meta.dir}/two-line-seller.ts`, order], {
            stdio: ['ignore', 'pipe', 'inherit'],
          })
          const text = await new Response(seller.stdout).text()
          expect(await seller.exited).toBe(0)
          return JSON.parse(text) as { outcomes: Record<string, number>; tries: Record<string, number> }
        }),
      )

      const seconds = (performance.now() - started) / 1_000
      const outcomes = summed(reports.map((report) => report.outcomes))
      const { sold = 0, insufficient_stock: refused = 0, ...others } = outcomes
      expect(others).toEqual({})
      expect(sold + refused).toBe(4 * sales)
      expect(sold).toBeGreaterThan(0)
      expect(await audit(url)).toEqual([])
      expect(await figure(url, 'SELECT count(*) FROM inventory.purchases')).toBe(2 * sold)
      const deadlocks = await figure(url, 'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()')
      expect(deadlocks).toBe(0)
      const tries = summed(reports.map((report) => report.tries))
      found('two-line sales over 20 products from four processes', {
        sales: 4 * sales,
        sold,
        refused,
        deadlocks,
        'sales by number of tries': tries,
        seconds: Number(seconds.toFixed(1)),
      })
    }, 180_000)
  })

  describe('a wrong statement is found out', () => {
    /** Competing two-line sales in three services of this process, on a statement of the caller's choice. */
    const compete = async (revise: Revise, { products: count, callers, sales }: Competition) => {
      const { url, products } = await shelf(count, sales)
      const sellers = [1, 2, 3].map(() => openSeller(url, { revise }))
      await each(sales, callers, async (index) => {
        const lines = products.slice(0, 2).map((_, line) => ({
          productId: products[(index + line + (index % 3)) % products.length]!,
          quantity: 1 + (index % 3),
        }))
        // A wrong statement may also fail altogether; what counts is what it leaves behind.
        await sellers[index % 3]!.inventory.sell(context(Date.now() + 8_000), { lines }).catch(() => {})
      })
      for (const { close } of sellers) await close()
      return audit(url)
    }
    /** Whether a wrong statement does harm is a matter of luck each time, so it is given a number of chances. */
    const harmDone = async (revise: Revise, competition: Competition): Promise<readonly string[]> => {
      for (let chance = 1; chance <= 15; chance++) {
        const faults = await compete(revise, competition)
        if (faults.length > 0) return faults
      }
      return []
    }
    type Revise = (statement: string) => string
    type Competition = Readonly<{ products: number; callers: number; sales: number }>
    const many: Competition = { products: 6, callers: 48, sales: 1_200 }
    const hot: Competition = { products: 1, callers: 1_200, sales: 6_000 }

    test('the one that is used leaves the books right', async () => {
      expect(await compete((statement) => statement, many)).toEqual([])
      expect(await compete((statement) => statement, hot)).toEqual([])
    }, 60_000)

    test('one that compares versions while it updates, without a lock first, tears', async () => {
      const faults = await harmDone(tearing, many)

      expect(faults.join()).toContain('levels that their movements do not add up to')
      found('the torn statement, planted, was caught by', { faults })
    }, 120_000)

    test('one that compares nothing but versions loses updates', async () => {
      const faults = await harmDone(countingVersionsOnly, hot)

      expect(faults).not.toEqual([])
      found('a statement that compares only versions, planted, was caught by', { faults })
    }, 120_000)
  })
}

function summed(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const count of counts) for (const [name, number] of Object.entries(count)) sum[name] = (sum[name] ?? 0) + number
  return sum
}
