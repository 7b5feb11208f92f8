import { expect, test } from 'bun:test'
import type { Comparison } from './comparisons.ts'
import { printed, type Results, resultsOf, written } from './report.ts'

test('a ratio that is below what is wanted of it is not met, and one above is', () => {
  const below = comparedAt(24, { ...wanted, target: 25 })
  const above = comparedAt(26, { ...wanted, target: 25 })

  expect(below.comparisons).toMatchObject([{ ratio: 24, isMet: false }])
  expect(lineOf(below)).toEndWith('24.0x | at least 25x |  |  | NO |')
  expect(lineOf(above)).toEndWith('26.0x | at least 25x |  |  | yes |')
})

test('a ratio of which nothing is wanted is printed, and is neither met nor missed', () => {
  const results = comparedAt(0.5, { ours: 'embedded-hot', rival: 'embedded-textbook-hot' })

  expect(results.comparisons[0]).not.toHaveProperty('isMet')
  expect(lineOf(results)).toEndWith('0.50x | printed |  |  |  |')
  expect(printed(results)).toMatch(/0\.50x +printed$/)
})

test('what is quick enough but not always is not met', () => {
  const results = comparedAt(30, { ...wanted, target: 25, p99LimitMs: 15 }, 16)

  expect(lineOf(results)).toEndWith('30.0x | at least 25x, p99 under 15 ms |  | 16.0 ms | NO |')
})

const wanted = { ours: 'embedded-hot', rival: 'embedded-textbook-hot' } as const

/** One comparison, in which ours does so many times what the rival does. */
function comparedAt(ratio: number, comparison: Comparison, p99Ms?: number): Results {
  const surroundings = { date: '2026-01-02', cores: 2, processor: 'one', versions: {}, settings: {} }
  const options = { seconds: 1, rounds: 1, products: 10, compared: [comparison] }
  const ours = { perSecond: 100 * ratio, ...(p99Ms === undefined ? {} : { p99Ms }) }
  return resultsOf(
    surroundings,
    options,
    new Map([
      [comparison.rival, [{ perSecond: 100 }]],
      [comparison.ours, [ours]],
    ]),
  )
}

/** How the page that is kept shows it. */
const lineOf = (results: Results): string =>
  written(results)
    .split('\n')
    .find((line) => line.startsWith('| embedded adapter'))!
