import { type Failure, invalid } from './failure.ts'
import { fail, ok, type Result } from './result.ts'

/** Money inside: an integer count of the currency's minor unit (cents), and an ISO 4217 code. Never a float. */
export type Money = Readonly<{ minor: number; currency: string }>

/** The largest sum that can be held exactly: 2^53 - 1 minor units. */
export const MAX_MINOR = Number.MAX_SAFE_INTEGER

// Source: ISO 4217, list one (active currencies). What is not named here has two decimals.
const NO_DECIMALS = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ')
const THREE_DECIMALS = 'BHD IQD JOD KWD LYD OMR TND'.split(' ')
const FOUR_DECIMALS = 'CLF UYW'.split(' ')
const TWO_DECIMALS = (
  'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY ' +
  'COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS ' +
  'INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR ' +
  'MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP ' +
  'STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD YER ZAR ZMW ZWG'
).split(' ')

const DECIMALS = new Map<string, number>([
  ...NO_DECIMALS.map((code) => [code, 0] as const),
  ...TWO_DECIMALS.map((code) => [code, 2] as const),
  ...THREE_DECIMALS.map((code) => [code, 3] as const),
  ...FOUR_DECIMALS.map((code) => [code, 4] as const),
])

/** How many decimals the currency has, or undefined when ISO 4217 does not list it. */
export const decimalsOf = (currency: string): number | undefined => DECIMALS.get(currency)

/**
 * Reads a decimal string such as `12.50` in the given currency. No sign, no exponent, no more decimals than the
 * currency has, and nothing past `MAX_MINOR`: what cannot be held exactly is refused, never rounded.
 */
export function parseMoney(amount: string, currency: string): Result<Money> {
  const decimals = DECIMALS.get(currency)
  if (decimals === undefined) return fail(unknownCurrency(currency))
  const parts = /^(0|[1-9][0-9]*)(?:\.([0-9]+))?$/.exec(amount)
  if (!parts) return fail(invalidPrice('A price is a decimal string without sign or exponent, such as "12.50".'))
  const fraction = parts[2] ?? ''
  if (fraction.length > decimals)
    return fail(invalidPrice(`${currency} has ${decimals} decimals, not ${fraction.length}.`))
  const minor = Number(parts[1] + fraction.padEnd(decimals, '0'))
  if (minor > MAX_MINOR) return fail(invalidPrice('The price is larger than can be held exactly.'))
  return ok({ minor, currency })
}

/** Writes money as the decimal string of its currency: `{ minor: 1250, currency: 'EUR' }` is `12.50`. */
export function formatMoney({ minor, currency }: Money): string {
  const decimals = DECIMALS.get(currency) ?? 2
  if (decimals === 0) return String(minor)
  const digits = String(minor).padStart(decimals + 1, '0')
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
}

/** `quantity` times the price, or a failure when the product cannot be held exactly. */
export function multiplyMoney(price: Money, quantity: number): Result<Money> {
  const total = BigInt(price.minor) * BigInt(quantity)
  if (total > BigInt(MAX_MINOR)) {
    return fail(invalid('total_out_of_range', 'The total is larger than can be held exactly.', ['quantity']))
  }
  return ok({ minor: Number(total), currency: price.currency })
}

const invalidPrice = (message: string): Failure => invalid('invalid_price', message, ['price'])

const unknownCurrency = (currency: string): Failure =>
  invalid('unknown_currency', `${currency} is not an ISO 4217 currency code.`, ['currency'])
