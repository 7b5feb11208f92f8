import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { decimalsOf, formatMoney, MAX_MINOR, multiplyMoney, parseMoney } from './money.ts'

test('reads a price in the decimals of its currency', () => {
  expect(parseMoney('12.50', 'EUR')).toEqual({ ok: true, value: { minor: 1250, currency: 'EUR' } })
  expect(parseMoney('12.5', 'EUR')).toMatchObject({ value: { minor: 1250 } })
  expect(parseMoney('12', 'EUR')).toMatchObject({ value: { minor: 1200 } })
  expect(parseMoney('12', 'JPY')).toMatchObject({ value: { minor: 12 } })
  expect(parseMoney('1.234', 'KWD')).toMatchObject({ value: { minor: 1234 } })
  expect(parseMoney('0', 'EUR')).toMatchObject({ value: { minor: 0 } })
})

test('refuses what is not a price, instead of guessing', () => {
  const wrong = ['', '-1', '+1', '1e3', '.5', '1.', '01', '1,50', ' 1', '1 ', '12.345', 'NaN', '0x10', '１']
  for (const amount of wrong) expect(parseMoney(amount, 'EUR')).toMatchObject({ error: { code: 'invalid_price' } })
  expect(parseMoney('1.5', 'JPY')).toMatchObject({ error: { code: 'invalid_price', at: ['price'] } })
})

test('refuses a currency that nobody pays with', () => {
  for (const currency of ['', 'eur', 'EURO', 'XXX', '__proto__']) {
    expect(parseMoney('1', currency)).toMatchObject({ error: { code: 'unknown_currency', at: ['currency'] } })
  }
})

test('refuses a price that cannot be held exactly, and no smaller one', () => {
  expect(parseMoney('90071992547409.91', 'EUR')).toMatchObject({ value: { minor: MAX_MINOR } })
  expect(parseMoney('90071992547409.92', 'EUR')).toMatchObject({ error: { code: 'invalid_price' } })
  expect(parseMoney('9'.repeat(400), 'EUR')).toMatchObject({ error: { code: 'invalid_price' } })
})

test('what is written is what was read, in every currency', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.constantFrom('EUR', 'JPY', 'KWD', 'CLF', 'USD'), (minor, currency) => {
      const written = formatMoney({ minor, currency })

      expect(parseMoney(written, currency)).toEqual({ ok: true, value: { minor, currency } })
      expect(written.split('.')[1]?.length ?? 0).toBe(decimalsOf(currency)!)
    }),
  )
})

test('a total is exact, or refused', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.integer({ min: 1, max: 10_000 }), (minor, quantity) => {
      const exact = BigInt(minor) * BigInt(quantity)
      const total = multiplyMoney({ minor, currency: 'EUR' }, quantity)

      if (exact > BigInt(MAX_MINOR)) expect(total).toMatchObject({ error: { code: 'total_out_of_range' } })
      else expect(total).toEqual({ ok: true, value: { minor: Number(exact), currency: 'EUR' } })
    }),
  )
})
