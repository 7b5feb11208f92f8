import { UsageError } from '../command.ts'

/** Which share of a year's outgoing units each product begins with, in whole percent. */
export type OpeningStock = number

export const FULL: OpeningStock = 100

/** Reads `90%`. */
export function parseOpeningStock(text: string): OpeningStock {
  const digits = /^([0-9]{1,4})%$/.exec(text)?.[1]
  if (digits === undefined || Number(digits) > 1000) {
    throw new UsageError(`--opening-stock takes whole percent from 0% to 1000%, not "${text}".`)
  }
  return Number(digits)
}

/** Units on the shelf on the first day; a part of a unit does not count. */
export const openingUnits = (outgoing: number, share: OpeningStock): number => Math.floor((outgoing * share) / 100)
