import type { Uuid } from '../../packages/kernel/src/kernel.ts'
import { circleIn } from '../linearizability/across.ts'
import { check } from '../linearizability/checker.ts'
import type { Start } from '../linearizability/model.ts'
import { type Attempt, merged, type Operation } from '../linearizability/operation.ts'
import { expiries, type Places, projected, type Sent } from '../linearizability/projection.ts'
import { size } from '../stock/size.ts'
import { sharedNow } from './clock.ts'

export type Judgement = Readonly<{
  /** Products whose history no right shop can have made, or could not be told from such a one, and why. */
  faults: readonly string[]
  /** Operations that the ledgers of the products, and the clock, do not agree on the order of. */
  circle: readonly string[]
  figures: Readonly<Record<string, number>>
}>

/**
 * Until how long after its moment, in milliseconds, a decision may count what has expired: it goes by what the
 * database's clock last said, which is old by the time that the answer took. A commit or an extension is bound to the
 * very moment instead, which the race looks at by itself. A small race stands beside much else, and waits longer.
 */
const LATE_MS = size({ usual: 3_000, full: 500 })

/** What the clock did, as operations like any other, on the clock of the record. */
export const withExpiries = (sent: readonly Sent[]): readonly Sent[] => [
  ...sent,
  ...expiries(sent, { wallAheadMs: wallAheadMs(), earlyMs: 5, lateMs: LATE_MS }),
]

/** By how much the wall clock is ahead of the clock of the record; good to a millisecond or two. */
export const wallAheadMs = (): number => Date.now() - sharedNow()

/** Puts the history of every product to the checker, and then asks whether their ledgers agree on one order. */
export function judged(sent: readonly Sent[], products: readonly Uuid[], start: Start, places: Places): Judgement {
  const began = performance.now()
  const isExpiring = sent.some(({ asked }) => asked.type === 'expire')
  const histories = projected(sent, places)
  const faults: string[] = []
  const orders: (readonly Operation[])[] = []
  let [attempts, tried, most] = [0, 0, 0]
  for (const product of products) {
    const history = isExpiring ? withoutMoments(histories.get(product) ?? []) : (histories.get(product) ?? [])
    attempts += history.length
    const finding = check(history, start)
    tried += finding.tried
    most = Math.max(most, atOnce(history))
    orders.push(ledgerOrder(history))
    if (finding.verdict !== 'legal') faults.push(`${product}: ${finding.verdict}: ${finding.why}`)
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

/** The effects in the order of the ledger; without expiries, which it learns of late. */
function ledgerOrder(history: readonly Attempt[]): readonly Operation[] {
  const found = merged(history)
  if ('fault' in found) return []
  return found.operations
    .filter(({ place, request }) => place !== undefined && request.type !== 'expire')
    .toSorted((one, other) => one.place! - other.place!)
}

/**
 * The history of commands alone, without the numbers of movements. An expiry is written down by a later write, so the
 * numbers say nothing of its moment. And a read goes by the very moment, a command by the one at which it was decided:
 * while its write is on its way a read may show an end that the command's answer does not know of yet.
 */
const withoutMoments = (history: readonly Attempt[]): readonly Attempt[] =>
  history.filter(({ request }) => request.type !== 'read').map(unnumbered)

function unnumbered(attempt: Attempt): Attempt {
  const { answer } = attempt
  if (!answer?.ok || !answer.level) return attempt
  return { ...attempt, answer: { ...answer, level: { ...answer.level, sequence: undefined } } }
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
