import { expect, test } from 'bun:test'
import { fakeShop } from '../fake-shop.ts'
import { differences, type Expected, refusalDifferences } from './compare.ts'
import { forecast } from './forecast.ts'
import { openingUnits, parseOpeningStock } from './opening-stock.ts'
import { planReplay } from './plan.ts'
import { runReplay } from './replay.ts'
import { reportOf } from './report.ts'
import { ruleNames } from './rules.ts'
import { stockTheShop } from './stocking.ts'
import { runTheYear } from './year.ts'

const root = `${import.meta.dir}/../../../..`
const slice = `${root}/tests/data/online-retail-20000.csv.gz`
/** Another program is started; a busy machine may need more than the usual five seconds. */
const SLOW = 60_000
const plan = await planReplay(slice)

test('every line of the slice falls under one rule, and every rule that fits the year fits the slice', () => {
  const counts = ruleNames.map((name) => plan.counts[name])

  expect(counts.reduce((sum, count) => sum + count)).toBe(20_000)
  expect(ruleNames.filter((name) => plan.counts[name] === 0)).toEqual([
    'no_quantity',
    'negative_price',
    'odd_cancellation',
  ])
  expect(plan.commands.count).toBe(19_842)
})

test('with all of what leaves on the shelf nothing is refused; with 90% some is, and nothing goes below zero', () => {
  expect(forecast(plan, 100).refused).toEqual([])

  const { remaining, refused } = forecast(plan, 90)
  expect(refused.length).toBeGreaterThan(0)
  expect(Math.min(...remaining.values())).toBeGreaterThanOrEqual(0)
})

test('a part of a unit is not on the shelf, and the option takes whole percent alone', () => {
  expect(openingUnits(19, parseOpeningStock('90%'))).toBe(17)
  expect(openingUnits(19, parseOpeningStock('0%'))).toBe(0)
  for (const text of ['90', '9.5%', '-1%', '1001%', '']) expect(() => parseOpeningStock(text)).toThrow('whole percent')
})

test('the year ends at the forecast, each product’s lines one after the other', async () => {
  const { shop, stock, seen } = fakeShop()

  const outcome = await replay(shop, 90)

  const expected = forecast(plan, 90)
  expect(stock()).toEqual(expected.remaining)
  expect(outcome.refused).toEqual(expected.refused)
  expect(outcome.accepted).toBe(plan.commands.count - expected.refused.length)
  expect(seen.mostAtOncePerProduct).toBe(1)
  expect(seen.mostAtOnce).toBeGreaterThan(8)
  expect(seen.mostAtOnce).toBeLessThanOrEqual(32)
})

test('interrupted in the middle and run again, it ends at the same stock', async () => {
  const { shop, stock, seen } = fakeShop()
  for (const writes of [2000, 9000, 9000]) {
    seen.failAfter = seen.writes + writes
    await expect(replay(shop, 90)).rejects.toThrow('run the same command again')
  }
  seen.failAfter = Number.POSITIVE_INFINITY

  const outcome = await replay(shop, 90)
  const again = await replay(shop, 90)

  expect(stock()).toEqual(forecast(plan, 90).remaining)
  expect(outcome.refused).toEqual(forecast(plan, 90).refused)
  expect(outcome.replayed).toBeGreaterThan(0)
  expect(again).toEqual({ ...outcome, replayed: plan.commands.count })
})

test('a shop that was filled otherwise is not touched', async () => {
  const { shop, stock } = fakeShop()
  await replay(shop, 100)
  const before = stock()

  await expect(replay(shop, 90)).rejects.toThrow('has been stocked before')

  expect(stock()).toEqual(before)
})

// The oracle is a Python script, so that it shares nothing with replay; a machine without Python cannot ask it.
const python = Bun.which('python3')
if (python === null) console.warn('skipped: the independent oracle was not asked, because there is no python3')
else {
  for (const share of [100, 90, 33]) {
    test(
      `the independent oracle forecasts the same at ${share}%, and finds no difference in the shop`,
      async () => {
        const expected = askOracle(python, share)
        const { shop, steal } = fakeShop()

        const outcome = await replay(shop, share)

        const own = forecast(plan, share)
        const remaining = Object.entries(expected.products).map(([sku, product]) => [sku, product.remaining])
        expect(Object.fromEntries(remaining)).toEqual(Object.fromEntries(own.remaining))
        expect(expected.refused).toEqual(own.refused)
        expect(refusalDifferences(expected, reportOf({ plan, share, outcome, seconds: 1, yearSeconds: 1 }))).toEqual([])
        expect((await differences(expected, shop)).differences).toEqual([])

        steal('85123A', 1)
        expect((await differences(expected, shop)).differences.join()).toMatch(/85123A: \d+ units remain, not \d+/)
      },
      SLOW,
    )
  }
}

test('says in one sentence what is wrong with the arguments, and leaves with 2', async () => {
  expect(await run([])).toEqual({ code: 2, said: expect.stringContaining('FILE is missing.') })
  expect(await run([slice, '--opening-stock', 'half'])).toEqual({
    code: 2,
    said: expect.stringContaining('whole percent'),
  })
  expect(await run([slice, '--concurrency', '0'])).toEqual({ code: 2, said: expect.stringContaining('from 1 to 1024') })
  expect(await run([slice, '--server', 'nowhere'])).toEqual({
    code: 2,
    said: expect.stringContaining('--server takes'),
  })
  expect(await run(['--help'])).toEqual({ code: 0, said: expect.stringContaining('Usage: abasto replay FILE') })
})

async function replay(abasto: ReturnType<typeof fakeShop>['shop'], share: number) {
  const input = { abasto, plan, share, width: 32, step: () => {} }
  return runTheYear({ ...input, ids: await stockTheShop(input) })
}

function askOracle(python: string, share: number): Expected {
  const asked = Bun.spawnSync([python, `${root}/scripts/replay-oracle.py`, slice, '--opening-stock', `${share}%`])
  expect(asked.stderr.toString()).toBe('')
  return JSON.parse(asked.stdout.toString()) as Expected
}

async function run(args: string[]): Promise<{ code: number; said: string }> {
  const said: string[] = []
  const code = await runReplay(args, { say: (text) => said.push(text), complain: (text) => said.push(text) })
  return { code, said: said.join('\n') }
}
