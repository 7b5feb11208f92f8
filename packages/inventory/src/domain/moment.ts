// What happens has a moment that ends with its millisecond; a caller may name one that is finer, and a store may round it.

/** The first millisecond that is not before a moment: from then on, or until just before it, is what the caller meant. */
export function notBefore(moment: string): string {
  const isBetween = /\.\d{3}\d*[1-9]/.test(moment)
  return new Date(Date.parse(moment) + (isBetween ? 1 : 0)).toISOString()
}

/** The last millisecond that is not after a moment. */
export const notAfter = (moment: string): string => new Date(Date.parse(moment)).toISOString()
