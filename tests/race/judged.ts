import type { Uuid } from '../../packages/kernel/src/kernel.ts'
import { circleIn } from '../linearizability/across.ts'
import { check } from '../linearizability/checker.ts'
import type { Start } from '../linearizability/model.ts'
import type { Attempt, Operation } from '../linearizability/operation.ts'
import { type Places, projected, type Sent } from '../linearizability/projection.ts'

export type Judgement = Readonly<{
  /** Products whose history no right shop can have made, or could not be told from such a one, and why. */
  faults: readonly string[]
  /** Operations that the products do not agree on the order of. */
  circle: readonly string[]
  figures: Readonly<Record<string, number>>
}>

/** Puts the history of every product to the checker, and then asks whether the products agree on one order. */
export function judged(sent: readonly Sent[], products: readonly Uuid[], start: Start, places: Places): Judgement {
  const began = performance.now()
  const histories = projected(sent, places)
  const faults: string[] = []
  const orders: (readonly Operation[])[] = []
  let [attempts, tried, most] = [0, 0, 0]
  for (const product of products) {
    const history = histories.get(product) ?? []
    attempts += history.length
    const finding = check(history, start)
    tried += finding.tried
    most = Math.max(most, atOnce(history))
    if (finding.verdict === 'legal') orders.push(finding.order.filter(({ place }) => place !== undefined))
    else faults.push(`${product}: ${finding.verdict}: ${finding.why}`)
  }
  return {
    faults,
    circle: circleIn(orders),
    figures: {
      'operations in the histories': new Set(sent.map(({ key }) => key)).size,
      'sent, retries included': sent.length,
      'never answered': sent.filter(({ answered }) => answered === null).length,
      'steps of all products': attempts,
      'most at once on one product': most,
      'steps that the search tried': tried,
      'seconds of the search': Number(((performance.now() - began) / 1_000).toFixed(1)),
    },
  }
}

/** How many were under way at one moment at most; what was never answered is left out. */
function atOnce(history: readonly Attempt[]): number {
  const events = history
    .filter(({ answer }) => answer)
    .flatMap(
      ({ invoked, answered }) =>
        [
          [invoked, 1],
          [answered, -1],
        ] as const,
    )
    .toSorted(([one], [other]) => one - other)
  let [now, most] = [0, 0]
  for (const [, by] of events) {
    now += by
    most = Math.max(most, now)
  }
  return most
}
