import { type OpeningStock, openingUnits } from './opening-stock.ts'
import type { Plan } from './plan.ts'

/** What must remain of each product, and which lines must be refused, if the server keeps its promise. */
export function forecast(plan: Plan, share: OpeningStock): { remaining: Map<string, number>; refused: number[] } {
  const stock = plan.products.map(({ outgoing }) => openingUnits(outgoing, share))
  const refused: number[] = []
  const { commands } = plan
  for (let i = 0; i < commands.count; i++) {
    const product = commands.product[i] as number
    const after = (stock[product] as number) + (commands.units[i] as number)
    if (after < 0) refused.push(commands.line[i] as number)
    else stock[product] = after
  }
  return { remaining: new Map(plan.products.map(({ sku }, i) => [sku, stock[i] as number])), refused }
}
