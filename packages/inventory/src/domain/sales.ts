import { type Failure, fail, ok } from '@abasto/kernel'
import { keyOf, type SellLine, type SellStock } from './command.ts'
import type { Draft } from './draft.ts'
import { inLine, noInventory, sumOf } from './lines.ts'
import type { Purchase } from './purchase.ts'
import type { Verdict } from './state.ts'
import { available, insufficientStock, sell } from './stock-level.ts'

export function sellStock(draft: Draft, command: SellStock): Verdict {
  const refusal = refusalOf(draft, command.lines)
  if (refusal) return fail(refusal)
  return ok({ type: 'purchases', purchases: command.lines.map((line) => sellLine(draft, line, command)) })
}

/** Why none of the lines can be sold; lines of one level are summed before they are compared with it. */
function refusalOf(draft: Draft, lines: readonly SellLine[]): Failure | undefined {
  const requested = new Map<string, number>()
  for (const [index, line] of lines.entries()) {
    if (!line.offer.ok) return inLine(index, line.offer.error)
    const level = draft.level(line)
    if (!level) return inLine(index, noInventory(line.productId))
    const sum = (requested.get(keyOf(line)) ?? 0) + line.quantity
    const reachable = available(level, draft.lapsed(line))
    if (sum > reachable) return inLine(index, insufficientStock(line, sumOf(lines, line), reachable))
    requested.set(keyOf(line), sum)
  }
  return undefined
}

function sellLine(draft: Draft, line: SellLine, { actor, operationId }: SellStock): Purchase {
  const level = draft.level(line)!
  const sold = sell(level, line.quantity, draft.lapsed(line))
  if (!sold.ok || !line.offer.ok) throw new Error('a line was sold that had not been checked')
  const { purchaseId, productId, warehouseId, quantity } = line
  draft.move(level, sold.value, { kind: 'sale', reason: null, actor, operationId, purchaseId })
  const bought = { id: purchaseId, productId, warehouseId, quantity, ...line.offer.value }
  return draft.buy({ ...bought, operationId, createdAt: draft.at })
}
