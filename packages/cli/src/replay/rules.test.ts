import { expect, test } from 'bun:test'
import { type Line, type Rule, ruleNames, ruleOf, rules, unitsOf } from './rules.ts'

test('a line of each kind falls under its rule', () => {
  const kinds: [Partial<Line>, Rule][] = [
    [{}, 'sold'],
    [{ customer: '' }, 'sold'],
    [{ invoice: 'A506401', sku: 'B', price: -53594.36 }, 'odd_invoice'],
    [{ sku: 'POST' }, 'not_goods'],
    [{ sku: 'BANK CHARGES' }, 'not_goods'],
    [{ sku: 'DCGS0003' }, 'not_goods'],
    [{ sku: '1234' }, 'not_goods'],
    [{ sku: '15056BL' }, 'sold'],
    [{ quantity: 0 }, 'no_quantity'],
    [{ price: -1 }, 'negative_price'],
    [{ invoice: 'C489449', quantity: -12 }, 'returned'],
    [{ invoice: 'C489449', quantity: -12, price: 0 }, 'returned'],
    [{ invoice: 'C489449', quantity: 12 }, 'odd_cancellation'],
    [{ quantity: -5, price: 0, customer: '', description: 'damages, lost bits etc' }, 'damaged'],
    [{ quantity: -5, price: 0, customer: '', description: 'MISSING' }, 'lost'],
    [{ quantity: -5, price: 0, customer: '', description: '' }, 'written_off'],
    [{ price: 0 }, 'given_away'],
    [{ price: 0, customer: '' }, 'found'],
  ]
  for (const [change, rule] of kinds) expect([change, ruleOf(line(change), false)]).toEqual([change, rule])
  expect(new Set(kinds.map(([, rule]) => rule)).size).toBe(ruleNames.length)
})

test('goods at price 0 on an invoice with prices were given away, not found', () => {
  expect(ruleOf(line({ price: 0, customer: '' }), true)).toBe('given_away')
})

test('what leaves is negative, what comes is positive, whatever its sign in the file', () => {
  expect(unitsOf('sold', 12)).toBe(-12)
  expect(unitsOf('given_away', 12)).toBe(-12)
  expect(unitsOf('returned', -12)).toBe(12)
  expect(unitsOf('damaged', -12)).toBe(-12)
  expect(unitsOf('written_off', -12)).toBe(-12)
  expect(unitsOf('found', 12)).toBe(12)
  expect(unitsOf('not_goods', 12)).toBe(0)
})

test('the docs name every rule', async () => {
  const docs = await Bun.file(`${import.meta.dir}/../../../../docs/replay.md`).text()

  for (const name of ruleNames) expect(docs).toContain(`\`${name}\``)
  expect(Object.keys(rules)).toEqual(ruleNames)
})

const line = (change: Partial<Line>): Line => ({
  invoice: '489434',
  sku: '85048',
  description: '15CM CHRISTMAS GLASS BALL 20 LIGHTS',
  quantity: 12,
  price: 6.95,
  customer: '13085',
  ...change,
})
