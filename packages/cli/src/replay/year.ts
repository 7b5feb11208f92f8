import { stoppedAt } from '../command.ts'
import { codeOf, type Shop, type Write } from '../shop.ts'
import { commandKeys } from './keys.ts'
import type { OpeningStock } from './opening-stock.ts'
import type { Plan } from './plan.ts'
import { sendInOrder } from './queues.ts'
import { ruleNames, rules } from './rules.ts'

/** What the server made of the commands, product by product where it is worth telling. */
export type Outcome = {
  accepted: number
  /** Lines that were refused for want of stock, ascending. */
  refused: number[]
  /** Commands that an earlier run had sent already; they took effect once. */
  replayed: number
  /** Units sold and what was paid for them in pence, by the product's place in the plan. */
  unitsSold: Float64Array
  penceTaken: Float64Array
}

/** Sends the whole year. What is refused for want of stock is noted; any other failure stops it. */
export async function runTheYear(input: {
  abasto: Shop
  plan: Plan
  share: OpeningStock
  /** The products' ids, in the plan's order. */
  ids: readonly string[]
  width: number
  step: () => void
  signal?: AbortSignal
}): Promise<Outcome> {
  const { abasto, plan, share, ids, width, step, signal } = input
  const { commands, products } = plan
  const keyOf = commandKeys(plan, share)
  const outcome: Outcome = {
    accepted: 0,
    refused: [],
    replayed: 0,
    unitsSold: new Float64Array(products.length),
    penceTaken: new Float64Array(products.length),
  }
  const onResponse = ({ replayed }: { replayed: boolean }) => {
    if (replayed) outcome.replayed++
  }

  const send = async (command: number) => {
    const line = commands.line[command] as number
    const place = commands.product[command] as number
    const units = commands.units[command] as number
    const { becomes } = rules[ruleNames[commands.rule[command] as number] as keyof typeof rules]
    const productId = ids[place] as string
    const options: Write = { idempotencyKey: keyOf(line), onResponse }
    try {
      if (becomes === 'purchase') {
        const { total } = await abasto.purchases.create({ productId, quantity: -units }, options)
        outcome.unitsSold[place] = (outcome.unitsSold[place] as number) - units
        outcome.penceTaken[place] = (outcome.penceTaken[place] as number) + Math.round(Number(total) * 100)
      } else if (becomes !== 'nothing') {
        await abasto.inventory.adjust(productId, { quantityDelta: units, reason: becomes }, options)
      }
      outcome.accepted++
    } catch (failure) {
      if (codeOf(failure) !== 'insufficient_stock') throw stoppedAt(line, products[place]?.sku ?? '', failure)
      outcome.refused.push(line)
    }
    step()
  }
  await sendInOrder({ count: commands.count, queueOf: commands.product, width, send, ...(signal ? { signal } : {}) })
  outcome.refused.sort((a, b) => a - b)
  return outcome
}
