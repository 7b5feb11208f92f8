import { expect, test } from 'bun:test'
import { decimalsOf, formatMoney, MAX_MINOR } from '@abasto/kernel'
import { writtenOut } from './amounts.ts'

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
const currencies = letters
  .flatMap((one) => letters.flatMap((two) => letters.map((three) => one + two + three)))
  .filter((code) => decimalsOf(code) !== undefined)

test('an amount is written out as the shop writes it, in every currency there is', () => {
  expect(currencies.length).toBeGreaterThan(150)
  for (const currency of currencies) {
    for (const minor of [0, 7, 42, 999, 1_000, 12_345, MAX_MINOR]) {
      expect([currency, writtenOut(minor, currency)]).toEqual([currency, formatMoney({ minor, currency })])
    }
  }
})
