import { ok, type Uuid } from '@abasto/kernel'
import type { Purchase } from '../domain/purchase.ts'
import type { Verdict } from '../domain/state.ts'

/**
 * A verdict as it is stored. That of a sale names its purchases, which are never changed, instead of repeating them:
 * sales are what a shop has most of.
 */
export function verdictToText(verdict: Verdict): string {
  if (!verdict.ok || verdict.value.type !== 'purchases') return JSON.stringify(verdict)
  return verdict.value.purchases.map(({ id }) => id).join()
}

/** The ids of the purchases that a stored verdict names; none when it is not that of a sale. */
export const purchasesIn = (text: string): Uuid[] => (text.startsWith('{') ? [] : text.split(','))

/** The verdict that was stored, given the purchases that it names. */
export function verdictFromText(text: string, purchases: ReadonlyMap<Uuid, Purchase>): Verdict {
  if (text.startsWith('{')) return JSON.parse(text)
  return ok({ type: 'purchases', purchases: purchasesIn(text).map((id) => purchases.get(id)!) })
}
