import { type Effect, isTombstone, type Model } from './model.ts'
import type { Operation, Status } from './operation.ts'

/** What the operations without a place yet have to say about reservations, and all of them about their ends. */
export class Mentions {
  private readonly operations: readonly Operation[]
  private readonly numbers = new Map<string, number>()
  /** For each reservation, how many of the remaining operations speak of it. */
  private readonly left = new Map<string, number>()
  /** Those that some remaining operation speaks of. */
  private readonly live = new Set<string>()
  /** What became of a reservation in the end, by the answers that say so. */
  private readonly fates = new Map<string, Status>()
  /** For each reservation, how many remaining answers show that it was asked for before it was released unknown. */
  private readonly unreleased = new Map<string, number>()
  /** Those that were refused because they had been released before. */
  private readonly tooLate = new Set<string>()
  private readonly alone: ReadonlySet<number>

  constructor(operations: readonly Operation[]) {
    this.operations = operations
    this.alone = askedAlone(operations)
    for (const [index, operation] of operations.entries()) {
      const reservation = reservationOf(operation)
      if (reservation === undefined) continue
      if (!this.numbers.has(reservation)) this.numbers.set(reservation, this.numbers.size)
      const fate = fateBy(operation)
      if (fate) this.fates.set(reservation, fate)
      if (isTooLate(operation)) this.tooLate.add(reservation)
      this.count(index, 1)
    }
  }

  /** An operation was given its place (-1), or has none again (1). */
  count(index: number, by: 1 | -1): void {
    const operation = this.operations[index]!
    const reservation = reservationOf(operation)
    if (reservation === undefined) return
    const left = (this.left.get(reservation) ?? 0) + by
    this.left.set(reservation, left)
    if (isUnreleased(operation)) this.unreleased.set(reservation, (this.unreleased.get(reservation) ?? 0) + by)
    if (left === 0) this.live.delete(reservation)
    else this.live.add(reservation)
  }

  /** Whether an effect would end a reservation otherwise than answers that are known say that it ended. */
  contradict({ reservation, after }: Effect): boolean {
    if (reservation === undefined || !after || after.status === 'held') return false
    if (isTombstone(after)) return (this.unreleased.get(reservation) ?? 0) > 0
    const fate = this.fates.get(reservation)
    return fate !== undefined && fate !== after.status
  }

  /** Whether an effect is the mark of an id that was released unknown, and an answer says that there was one. */
  expect({ reservation, after }: Effect): boolean {
    return reservation !== undefined && after !== undefined && isTombstone(after) && this.tooLate.has(reservation)
  }

  /** Whether all others that speak of its reservation, if it has one, come later in any order, or have their place. */
  isUndisturbed(index: number): boolean {
    const reservation = reservationOf(this.operations[index]!)
    return reservation === undefined || this.left.get(reservation) === 1 || this.alone.has(index)
  }

  /** The promises that the remaining operations can still tell apart, in a few characters. */
  promisesOf({ holds }: Model): string {
    const promises: string[] = []
    for (const reservation of this.live) {
      const hold = holds.get(reservation)
      if (hold) promises.push(`${this.numbers.get(reservation)}${hold.status[0]}${hold.quantity}`)
    }
    return promises.sort().join()
  }
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

const isTooLate = ({ request, answer }: Pick<Operation, 'request' | 'answer'>): boolean =>
  request.type === 'reserve' && answer?.ok === false && answer.code === 'reservation_released'

/** Whether an answer shows that the reservation's id had not been released when it was asked for. */
const isUnreleased = ({ request, answer }: Operation): boolean =>
  request.type === 'reserve' && answer !== undefined && !isTooLate({ request, answer })

/** The reservations that nobody else spoke of until they were answered, by their index. */
function askedAlone(operations: readonly Operation[]): ReadonlySet<number> {
  const byReservation = Map.groupBy(operations.keys(), (index) => reservationOf(operations[index]!) ?? '')
  const isAlone = (index: number) => {
    const { request, answered } = operations[index]!
    if (request.type !== 'reserve') return false
    const own = byReservation.get(request.reservation)!
    return own.every((other) => other === index || operations[other]!.invoked > answered)
  }
  return new Set(operations.keys().filter(isAlone))
}
