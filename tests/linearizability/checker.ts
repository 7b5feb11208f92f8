import { Mentions } from './mentions.ts'
import { apply, type Effect, effectOf, type Model, modelOf, NO_EFFECT, type Start, takeBack } from './model.ts'
import { type Attempt, isOpen, merged, type Operation, said } from './operation.ts'
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
 * Sound and complete for the model. Six things make it quick, and none of them changes what is found:
 * - What changes nothing and may come next is given its place at once. Whatever order exists with it later exists with
 *   it here: nobody notices it, and nothing had to come before it.
 * - An answer that shows the number of the level's last movement belongs to one moment; once a later movement has its
 *   place while such an answer has none, this way is given up.
 * - Which operations have a place, together with the state, is remembered exactly, not as a hash. Of the state, a
 *   reservation is left out once no operation that speaks of it remains.
 * - What would end a reservation otherwise than the answers say that it ended is not tried: an end is for ever.
 * - Of several that do the same and that nobody can tell apart only the one that was answered first is tried.
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
  private readonly mentions: Mentions
  /** Where each operation stands in the ledger, as far as is known; those of a kind may exchange theirs. */
  private readonly places: number[]
  private furthest: Readonly<{ left: number; why: string }> = { left: Number.POSITIVE_INFINITY, why: '' }

  constructor(operations: readonly Operation[], start: Start) {
    this.operations = [...operations].sort((one, other) => one.invoked - other.invoked)
    this.remaining = new Remaining(this.operations)
    this.model = modelOf(start)
    this.places = this.operations.map(({ place }) => place ?? Number.MAX_VALUE)
    this.mentions = new Mentions(this.operations)
    for (const operation of this.operations) {
      const pin = pinOf(operation)
      if (pin !== undefined) this.pinned.set(pin, (this.pinned.get(pin) ?? 0) + 1)
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
    const choices = this.oneOfAKind(possible.filter(({ effect: own }) => !this.mentions.contradict(own)))
    choices.sort((one, other) => this.urgency(one) - this.urgency(other) || this.byAnswer(one, other))
    this.steps.push({ operation, effect, unnoticed, choices, last, next: 0 })
  }

  /**
   * Of those that do the same, and whose order among themselves nobody can tell, the one that was answered first: where
   * there is an order with another of them here, there is one with these two exchanged. It takes over the best place.
   */
  private oneOfAKind(choices: readonly Choice[]): Choice[] {
    const kinds = new Map<string, Choice>()
    const others: Choice[] = []
    for (const choice of choices) {
      const kind = this.kindOf(choice)
      const known = kind === undefined ? undefined : kinds.get(kind)
      if (kind === undefined) others.push(choice)
      else if (!known) kinds.set(kind, choice)
      else {
        const [first, second] = this.byAnswer(known, choice) <= 0 ? [known, choice] : [choice, known]
        kinds.set(kind, first)
        const places = [this.places[first.operation]!, this.places[second.operation]!]
        this.places[first.operation] = Math.min(...places)
        this.places[second.operation] = Math.max(...places)
      }
    }
    return [...kinds.values(), ...others]
  }

  /** What it does, if that is all that anybody can tell of it. */
  private kindOf({ operation: index, effect }: Choice): string | undefined {
    const operation = this.operations[index]!
    if (effect.movements !== 1 || showsLevel(operation) || !this.mentions.isUndisturbed(index)) return undefined
    const { request } = operation
    const isFact = request.type === 'adjust' && request.isFact
    return `${request.type} ${isFact} ${effect.onHand} ${effect.reserved}`
  }

  private byAnswer(one: Choice, other: Choice): number {
    const [answered, otherAnswered] = [
      this.operations[one.operation]!.answered,
      this.operations[other.operation]!.answered,
    ]
    return answered === otherAnswered ? 0 : answered - otherAnswered
  }

  /**
   * What the ledger puts first comes first, then what was answered first; what was never answered comes last. The mark
   * of an id that was released unknown is no movement, so the ledger does not tell of it: it disturbs nothing and goes
   * first.
   */
  private urgency({ operation: index, effect }: Choice): number {
    const place = this.places[index]!
    if (place < Number.MAX_VALUE) return place
    const { answer } = this.operations[index]!
    return (answer && !answer.ok) || this.mentions.expect(effect) ? -1 : place
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
    this.mentions.count(index, by)
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
    const { onHand, reserved, sequence } = this.model
    key += `|${onHand}|${reserved}|${sequence}|${this.mentions.promisesOf(this.model)}`
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

const showsLevel = ({ answer }: Operation): boolean => answer?.ok === true && answer.level !== undefined
