import type { OpeningStock } from './opening-stock.ts'
import type { Plan } from './plan.ts'

/**
 * Raised whenever a rule of the replay changes: the same line may then become another command, and a key that was used
 * for the old one would be refused.
 */
const RULES = 1

const prefix = ({ sha256 }: Pick<Plan, 'sha256'>) => `replay:${RULES}:${sha256.slice(0, 32)}`

/** The name of the write that lists a product: the same for every opening stock, because the product is the same. */
export const productKey = (plan: Pick<Plan, 'sha256'>, line: number): string => `${prefix(plan)}:product:${line}`

/** The name of the write that puts the opening stock on the shelf. */
export const stockKey = (plan: Pick<Plan, 'sha256'>, share: OpeningStock, line: number): string =>
  `${prefix(plan)}:${share}:stock:${line}`

/** Names the stock command of each line. */
export function commandKeys(plan: Pick<Plan, 'sha256'>, share: OpeningStock): (line: number) => string {
  const before = `${prefix(plan)}:${share}:`
  return (line) => before + line
}
