import type { Reason } from '../shop.ts'

/**
 * What each line of the retailer's file becomes. `docs/replay.md` says the same in prose and gives the reasons; a line
 * falls under the first rule that fits, so the counts of all rules add up to the lines of the file.
 */
export const rules = {
  odd_invoice: { becomes: 'nothing', says: 'invoice neither a number nor C and a number (bad debt)' },
  not_goods: { becomes: 'nothing', says: 'stock code not five digits and letters (fees, postage, vouchers, …)' },
  no_quantity: { becomes: 'nothing', says: 'quantity 0' },
  negative_price: { becomes: 'nothing', says: 'price below 0' },
  odd_cancellation: { becomes: 'nothing', says: 'cancellation with a quantity above 0' },
  returned: { becomes: 'return', says: 'cancellation' },
  damaged: { becomes: 'damage', says: 'write-off whose remark speaks of damage' },
  lost: { becomes: 'loss', says: 'write-off whose remark speaks of loss' },
  written_off: { becomes: 'correction', says: 'any other write-off' },
  sold: { becomes: 'purchase', says: 'sale' },
  given_away: { becomes: 'correction', says: 'price 0, but for a customer or on an invoice with prices' },
  found: { becomes: 'correction', says: 'price 0 without customer or priced line: counted more' },
} as const satisfies Record<string, { becomes: 'nothing' | 'purchase' | Reason; says: string }>

export type Rule = keyof typeof rules
export const ruleNames = Object.keys(rules) as Rule[]

/** One line of the file, read but not yet judged. */
export type Line = Readonly<{
  invoice: string
  /** Trimmed and in upper case. */
  sku: string
  description: string
  quantity: number
  /** Only its sign matters here. */
  price: number
  customer: string
}>

/** The rule a line falls under; `invoiceHasPrices` says whether any line of its invoice has a price above 0. */
export function ruleOf(line: Line, invoiceHasPrices: boolean): Rule {
  if (!/^C?[0-9]+$/.test(line.invoice)) return 'odd_invoice'
  if (!isGoods(line.sku)) return 'not_goods'
  if (line.quantity === 0) return 'no_quantity'
  if (line.price < 0) return 'negative_price'
  if (line.invoice.startsWith('C')) return line.quantity > 0 ? 'odd_cancellation' : 'returned'
  if (line.quantity < 0) return writeOffOf(line.description)
  if (line.price > 0) return 'sold'
  return line.customer !== '' || invoiceHasPrices ? 'given_away' : 'found'
}

/**
 * Goods have a code of five digits, and letters for the variant: that is how the publisher of the data describes a
 * stock code. What has another code is a fee, a voucher, a test, or stands outside the catalogue.
 */
export const isGoods = (sku: string): boolean => /^[0-9]{5}[A-Z]*$/.test(sku)

/** Units that the line adds to (above 0) or takes from (below 0) the stock; 0 when it is no stock command. */
export function unitsOf(rule: Rule, quantity: number): number {
  switch (rules[rule].becomes) {
    case 'nothing':
      return 0
    case 'purchase':
      return -quantity
    case 'return':
      return -quantity
    default:
      return rule === 'given_away' ? -quantity : quantity
  }
}

const DAMAGE =
  /damag|damges|broken|smash|crush|crack|wet|damp|rust|mould|rott|dirty|torn|thrown|discolou?r|non colou?r|faulty|quality|unsellable/i
const LOSS = /missing|lost|\bmia\b|gone|can'?t find|no stock|\bshort\b/i

/** Damage is asked first: of `damages, lost bits etc` the units are there, but cannot be sold. */
function writeOffOf(remark: string): Rule {
  if (DAMAGE.test(remark)) return 'damaged'
  return LOSS.test(remark) ? 'lost' : 'written_off'
}
