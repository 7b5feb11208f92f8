/*
 * How amounts of money are written out, by a rule of the check's own: a point before the minor units, of which there are
 * two digits but in these currencies. Source: ISO 4217, list one.
 */

const DIGITS: Readonly<Record<number, readonly string[]>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' '),
  3: 'BHD IQD JOD KWD LYD OMR TND'.split(' '),
  4: 'CLF UYW'.split(' '),
}

const OTHERS: ReadonlyMap<string, number> = new Map(
  Object.entries(DIGITS).flatMap(([digits, codes]) => codes.map((code) => [code, Number(digits)] as const)),
)

/** The decimal text of so many minor units. */
export function writtenOut(minor: number, currency: string): string {
  const digits = OTHERS.get(currency) ?? 2
  const unit = 10 ** digits
  if (digits === 0) return `${minor}`
  // The rest is taken away first: beyond what a number holds exactly, dividing would round.
  const rest = minor % unit
  return `${(minor - rest) / unit}.${`${rest}`.padStart(digits, '0')}`
}
