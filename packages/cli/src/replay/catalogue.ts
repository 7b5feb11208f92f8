import { isGoods, type Line } from './rules.ts'

/** One real product of the file, as the shop will list it. */
export type Listing = {
  sku: string
  name: string
  /** Decimal string in pounds with two decimals. */
  price: string
  /** Units that leave in the whole file, before the opening option is applied. */
  outgoing: number
  /** The line that names it first. */
  firstLine: number
}

export const CURRENCY = 'GBP'

type Draft = Listing & { names: Map<string, number> | undefined; hasPrice: boolean }

/** Collects the products while the lines go by. */
export function openCatalogue() {
  const drafts: Draft[] = []
  const placeOf = new Map<string, number>()
  return {
    /** Takes note of a line of goods; returns the place of its product in the list. */
    note(line: Line & { number: number; priceText: string }): number {
      let place = placeOf.get(line.sku)
      if (place === undefined) {
        place = drafts.length
        placeOf.set(line.sku, place)
        const { sku, number } = line
        drafts.push({
          sku,
          name: sku,
          price: '0.00',
          outgoing: 0,
          firstLine: number,
          names: undefined,
          hasPrice: false,
        })
      }
      const draft = drafts[place] as Draft
      if (line.price > 0) {
        if (!draft.hasPrice) draft.price = roundToPence(line.priceText)
        draft.hasPrice = true
        if (line.description !== '') countName(draft, line.description)
      }
      return place
    },
    /** Takes note that units of a product leave. */
    leave(place: number, units: number): void {
      const draft = drafts[place]
      if (draft) draft.outgoing += units
    },
    /** The finished list, in the order in which the file names the products. */
    listings(): Listing[] {
      return drafts.map(({ sku, price, outgoing, firstLine, names }) => {
        return { sku, name: mostFrequent(names) ?? sku, price, outgoing, firstLine }
      })
    },
  }
}

/** Whether a line belongs to a product at all. */
export const hasProduct = (line: Line): boolean => /^C?[0-9]+$/.test(line.invoice) && isGoods(line.sku)

/** Half a penny and more is rounded up, on the digits as written: no float decides a price. */
export function roundToPence(amount: string): string {
  const [pounds = '0', fraction = ''] = amount.split('.')
  const pence =
    BigInt(pounds + fraction.slice(0, 2).padEnd(2, '0')) + (fraction[2] !== undefined && fraction[2] >= '5' ? 1n : 0n)
  const digits = String(pence).padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** Longest name that the API takes. */
const LONGEST_NAME = 255

function countName(draft: Draft, description: string): void {
  const name = description.replace(/\s+/g, ' ').slice(0, LONGEST_NAME).trim().toWellFormed()
  draft.names ??= new Map()
  draft.names.set(name, (draft.names.get(name) ?? 0) + 1)
}

/** Of several equally frequent ones, the one that the file has first: a map keeps that order. */
function mostFrequent(names: Map<string, number> | undefined): string | undefined {
  let best: string | undefined
  let most = 0
  for (const [name, times] of names ?? []) {
    if (times > most) {
      best = name
      most = times
    }
  }
  return best
}
