import {
  apply,
  type Effect,
  effectOf,
  isTombstone,
  type Model,
  modelOf,
  NO_EFFECT,
  type Start,
  takeBack,
} from './model.ts'
import { type Attempt, isOpen, merged, type Operation, type Status, said } from './operation.ts'
import { Remaining } from './remaining.ts'

/**
 * Whether there is an order of the operations, each at one moment between its call and its answer, in which one shop
 * that does one thing at a time would have given the same answers. `undecided` when the search was given up: not a
 * clean bill.
 */
export type Finding = Readonly<{ tried: number }> &
  (
    | Readonly<{ verdict: 'legal'; order: readonly Operation[] }>
    | Readonly<{ verdict: 'illegal'; why: string }>
    /** `why` is what stood in the way where the search came furthest. */
    | Readonly<{ verdict: 'undecided'; why: string }>
  )

/**
 * After how many steps forward the search is given up, unless the caller says otherwise. A right history needs about
 * one for each effect; to be sure of a wrong one among many that overlap can take for ever.
 */
const MOST_TRIED = 300_000

/**
 * Searches for such an order for the history of one stock level: Wing and Gong's search with Lowe's memory of what was
 * tried ("Testing for linearizability", 2017). An operation that was never answered stays open to the end: it may come
 * at any time after its call, or never.
 *
 * Sound and complete for the model. Five things make it quick, and none of them changes what is found:
 * - What changes nothing and may come next is given its place at once. Whatever order exists with it later exists with
 *   it here: nobody notices it, and nothing had to come before it.
 * - An answer that shows the number of the level's last movement belongs to one moment; once a later movement has its
 *   place while such an answer has none, this way is given up.
 * - Which operations have a place, together with the state, is remembered exactly, not as a hash. Of the state, a
 *   reservation is left out once no operation that speaks of it remains.
 * - What would end a reservation otherwise than the answers say that it ended is not tried: an end is for ever.
 * - `place`, where the ledger says what came when, decides what is tried first, and nothing else.
 */
export function check(attempts: readonly Attempt[], start: Start, { mostTried = MOST_TRIED } = {}): Finding {
  const found = merged(attempts)
  if ('fault' in found) return { verdict: 'illegal', why: found.fault, tried: 0 }
  return new Search(found.operations, start).run(mostTried)
}

/** A place in the search: what was done to get there, and what may come next. */
type Step = Readonly<{
  operation: number
  effect: Effect
  /** What was given its place with it because it changes nothing. */
  unnoticed: readonly number[]
  choices: readonly Choice[]
  /** The last invoked of the operations that have a place. */
  last: number
}> & { next: number }

type Choice = Readonly<{ operation: number; effect: Effect }>

class Search {
  private readonly operations: readonly Operation[]
  private readonly remaining: Remaining
  private readonly model: Model
  private readonly seen = new Set<string>()
  private readonly steps: Step[] = []
  /** How many remaining answers show the level as it is after so many movements, or are the movement after it. */
  private readonly pinned = new Map<number, number>()
  private readonly reservations = new Map<string, number>()
  /** For each reservation, how many of the remaining operations speak of it. */
  private readonly mentions: number[] = []
  private readonly live = new Set<string>()
  /** What became of a reservation in the end, by the answers that say so. */
  private readonly fates = new Map<string, Status>()
  /** For each reservation, how many remaining answers show that it was asked for before it was released unknown. */
  private readonly unreleased = new Map<string, number>()
  private furthest: Readonly<{ left: number; why: string }> = { left: Number.POSITIVE_INFINITY, why: '' }

  constructor(operations: readonly Operation[], start: Start) {
    this.operations = [...operations].sort((one, other) => one.invoked - other.invoked)
    this.remaining = new Remaining(this.operations)
    this.model = modelOf(start)
    for (const operation of this.operations) {
      const pin = pinOf(operation)
      if (pin !== undefined) this.pinned.set(pin, (this.pinned.get(pin) ?? 0) + 1)
      const reservation = reservationOf(operation)
      if (reservation === undefined) continue
      const number = this.reservations.get(reservation) ?? this.reservations.size
      this.reservations.set(reservation, number)
      this.mentions[number] = (this.mentions[number] ?? 0) + 1
      this.live.add(reservation)
      const fate = fateBy(operation)
      if (fate) this.fates.set(reservation, fate)
      if (isUnreleased(operation)) this.unreleased.set(reservation, (this.unreleased.get(reservation) ?? 0) + 1)
    }
  }

  run(mostTried: number): Finding {
    let tried = 0
    for (const pin of this.pinned.keys()) {
      if (pin >= this.model.sequence) continue
      return { verdict: 'illegal', why: `an answer shows the level before its movement ${pin + 1}`, tried }
    }
    this.enter(-1, NO_EFFECT, -1)
    while (this.remaining.answered > 0) {
      const step = this.steps.at(-1)!
      const choice = step.choices[step.next++]
      if (!choice) {
        this.note()
        this.leave()
        if (this.steps.length === 0) return { verdict: 'illegal', why: this.furthest.why, tried }
        continue
      }
      if (tried++ >= mostTried) return { verdict: 'undecided', why: this.furthest.why, tried }
      const { operation, effect } = choice
      const { sequence } = this.model
      this.takeOut(operation)
      apply(this.model, effect)
      const last = Math.max(step.last, operation)
      const isLate = this.model.sequence > sequence && (this.pinned.get(sequence) ?? 0) > 0
      if (isLate || !this.isNew(last)) {
        takeBack(this.model, effect)
        this.putBack(operation)
      } else this.enter(operation, effect, last)
    }
    const order = this.steps.flatMap(({ operation, unnoticed }) =>
      operation < 0 ? unnoticed : [operation, ...unnoticed],
    )
    return { verdict: 'legal', order: order.map((index) => this.operations[index]!), tried }
  }

  /** Gives what changes nothing its place, and looks what may come next. */
  private enter(operation: number, effect: Effect, lastBefore: number): void {
    const unnoticed: number[] = []
    const possible: Choice[] = []
    let last = lastBefore
    for (let index = this.remaining.first(); index >= 0; index = this.remaining.after(index)) {
      const own = effectOf(this.model, this.operations[index]!)
      if (!own) continue
      if (own !== NO_EFFECT) possible.push({ operation: index, effect: own })
      else if (!isOpen(this.operations[index]!)) {
        this.takeOut(index)
        unnoticed.push(index)
        last = Math.max(last, index)
      }
    }
    // Only now is it known which answers remain.
    const choices = possible.filter(({ effect: own }) => !this.isInVain(own))
    choices.sort((one, other) => urgency(this.operations[one.operation]!, this.operations[other.operation]!))
    this.steps.push({ operation, effect, unnoticed, choices, last, next: 0 })
  }

  /** Whether it would end a reservation otherwise than answers that are known say that it ended. */
  private isInVain({ reservation, after }: Effect): boolean {
    if (reservation === undefined || !after || after.status === 'held') return false
    if (isTombstone(after)) return (this.unreleased.get(reservation) ?? 0) > 0
    const fate = this.fates.get(reservation)
    return fate !== undefined && fate !== after.status
  }

  private leave(): void {
    const { operation, effect, unnoticed } = this.steps.pop()!
    for (const index of unnoticed.toReversed()) this.putBack(index)
    if (operation < 0) return
    takeBack(this.model, effect)
    this.putBack(operation)
  }

  private takeOut(index: number): void {
    this.remaining.takeOut(index)
    this.count(index, -1)
  }

  private putBack(index: number): void {
    this.remaining.putBack(index)
    this.count(index, 1)
  }

  private count(index: number, by: 1 | -1): void {
    const operation = this.operations[index]!
    const pin = pinOf(operation)
    if (pin !== undefined) this.pinned.set(pin, this.pinned.get(pin)! + by)
    const reservation = reservationOf(operation)
    if (reservation === undefined) return
    const number = this.reservations.get(reservation)!
    const left = this.mentions[number]! + by
    this.mentions[number] = left
    if (isUnreleased(operation)) this.unreleased.set(reservation, this.unreleased.get(reservation)! + by)
    if (left === 0) this.live.delete(reservation)
    else this.live.add(reservation)
  }

  /**
   * Whether no other way led to the same operations with a place and the same state. Those without a place among the
   * ones invoked before the last that has one say it all, and there are no more of them than were under way at once.
   */
  private isNew(last: number): boolean {
    let key = `${last}`
    for (let index = this.remaining.first(); index >= 0 && index < last; index = this.remaining.after(index)) {
      key += `,${index}`
    }
    const { onHand, reserved, sequence, holds } = this.model
    const promises: string[] = []
    for (const reservation of this.live) {
      const hold = holds.get(reservation)
      if (hold) promises.push(`${this.reservations.get(reservation)}${hold.status[0]}${hold.quantity}`)
    }
    key += `|${onHand}|${reserved}|${sequence}|${promises.sort().join()}`
    if (this.seen.has(key)) return false
    this.seen.add(key)
    return true
  }

  /** Keeps where the search came furthest: what could not come next there is what is wrong, or near it. */
  private note(): void {
    const left = this.remaining.answered
    if (left === 0 || left >= this.furthest.left) return
    const waiting: Operation[] = []
    for (let index = this.remaining.first(); index >= 0; index = this.remaining.after(index)) {
      if (!isOpen(this.operations[index]!)) waiting.push(this.operations[index]!)
    }
    // Those whose answers show just this moment stand first, then those that can wait least.
    const isElsewhere = (operation: Operation) => Number(pinOf(operation) !== this.model.sequence)
    waiting.sort((one, other) => isElsewhere(one) - isElsewhere(other) || one.answered - other.answered)
    const first = waiting.slice(0, 3).map(({ key, request, answer }) => `${key} ${said(request)} → ${said(answer)}`)
    const { onHand, reserved, sequence } = this.model
    const state = said({ onHand, reserved, sequence })
    this.furthest = { left, why: `with ${left} left and ${state}, it cannot go on to ${first.join('; ')}` }
  }
}

/** How many movements came before an answer that shows how many there were. */
function pinOf({ request, answer }: Operation): number | undefined {
  if (!answer || !('level' in answer) || answer.level?.sequence === undefined) return undefined
  return request.type === 'read' ? answer.level.sequence : answer.level.sequence - 1
}

const reservationOf = ({ request }: Operation): string | undefined =>
  'reservation' in request ? request.reservation : undefined

/** What an answer says that a reservation ended as; nothing it may say later can be otherwise. */
function fateBy({ request, answer }: Operation): Status | undefined {
  if (!answer) return undefined
  if (!answer.ok) return ENDS.find((status) => answer.code === `reservation_${status}` && request.type !== 'reserve')
  if (request.type === 'commit') return 'committed'
  return request.type === 'release' ? answer.status : undefined
}

const ENDS: readonly Status[] = ['committed', 'released', 'expired']

/** Whether an answer shows that the reservation's id had not been released when it was asked for. */
const isUnreleased = ({ request, answer }: Operation): boolean =>
  request.type === 'reserve' && answer !== undefined && (answer.ok || answer.code !== 'reservation_released')

/**
 * What the ledger puts first comes first, then what was answered first; what was never answered comes last. The mark of
 * an id that was released unknown is no movement, so the ledger does not tell of it: it disturbs nothing and goes first.
 */
function urgency(one: Operation, other: Operation): number {
  const [place, otherPlace] = [placeOf(one), placeOf(other)]
  if (place !== otherPlace) return place - otherPlace
  return one.answered === other.answered ? 0 : one.answered - other.answered
}

function placeOf({ place, answer }: Operation): number {
  if (place !== undefined) return place
  return answer && !answer.ok ? -1 : Number.MAX_VALUE
}
