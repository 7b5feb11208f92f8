import type { Operation } from './operation.ts'

/** What one product says of the order: its effects, first to last. */
export type Order = readonly Pick<Operation, 'key' | 'invoked' | 'answered'>[]

/**
 * Whether the products agree: is there one order of all operations in which each product's are in the product's own
 * order, and what was answered before another was asked comes before it? What each product alone cannot see: that of
 * two commands over the same two products one came first on both. Says what stands in a circle, if something does.
 */
export function circleIn(orders: readonly Order[]): readonly string[] {
  const nodes = new Map<string, { invoked: number; answered: number; left: number }>()
  for (const order of orders) {
    for (const { key, invoked, answered } of order) {
      const node = nodes.get(key)
      if (node) node.left++
      else nodes.set(key, { invoked, answered, left: 1 })
    }
  }
  const next = orders.map(() => 0)
  const standingIn = new Map<string, number[]>()
  for (const [index, order] of orders.entries()) {
    for (const { key } of order) standingIn.set(key, [...(standingIn.get(key) ?? []), index])
  }
  const byAnswer = [...nodes].sort(([, one], [, other]) => one.answered - other.answered)
  const placed = new Set<string>()
  const first = new Map<string, number>()
  let earliest = 0
  /** Those that are first on all of their products, and wait for the clock only. */
  const waiting: string[] = []
  const offer = (index: number) => {
    const key = orders[index]![next[index]!]?.key
    if (key === undefined) return
    const count = (first.get(key) ?? 0) + 1
    first.set(key, count)
    if (count === standingIn.get(key)!.length) waiting.push(key)
  }
  for (const index of orders.keys()) offer(index)
  for (;;) {
    while (earliest < byAnswer.length && placed.has(byAnswer[earliest]![0])) earliest++
    if (earliest === byAnswer.length) return []
    const deadline = byAnswer[earliest]![1].answered
    const ready = waiting.findIndex((key) => nodes.get(key)!.invoked <= deadline)
    if (ready < 0) return [byAnswer[earliest]![0], ...waiting.slice(0, 5)]
    const [key] = waiting.splice(ready, 1) as [string]
    placed.add(key)
    for (const index of standingIn.get(key)!) {
      next[index] = next[index]! + 1
      offer(index)
    }
  }
}
