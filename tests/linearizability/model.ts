import { type Answer, ELSEWHERE, type Operation, type Request, type Status } from './operation.ts'

/**
 * One stock level as the shop promises it to be, written from the words of the design and not from the service's code.
 * It is changed in place and each change can be taken back, because the search tries and withdraws a great many.
 */
export type Model = {
  onHand: number
  reserved: number
  /** How many movements there have been. */
  sequence: number
  readonly backorderLimit: number
  readonly holds: Map<string, Hold>
}

export type Hold = Readonly<{ quantity: number; status: Status }>

/** What an operation does to a level. */
export type Effect = Readonly<{
  onHand: number
  reserved: number
  movements: number
  /** What becomes of a reservation. */
  reservation?: string
  before?: Hold | undefined
  after?: Hold
}>

/** It may be answered like that now, and changes nothing. */
export const NO_EFFECT: Effect = { onHand: 0, reserved: 0, movements: 0 }

export type Start = Readonly<{ onHand: number; backorderLimit?: number; sequence?: number }>

export const modelOf = ({ onHand, backorderLimit = 0, sequence = 0 }: Start): Model => ({
  onHand,
  reserved: 0,
  sequence,
  backorderLimit,
  holds: new Map(),
})

export function apply(model: Model, { onHand, reserved, movements, reservation, after }: Effect): void {
  model.onHand += onHand
  model.reserved += reserved
  model.sequence += movements
  if (reservation && after) model.holds.set(reservation, after)
}

export function takeBack(model: Model, { onHand, reserved, movements, reservation, before }: Effect): void {
  model.onHand -= onHand
  model.reserved -= reserved
  model.sequence -= movements
  if (!reservation) return
  if (before) model.holds.set(reservation, before)
  else model.holds.delete(reservation)
}

/**
 * What the operation does if it takes effect now; `undefined` if it cannot, because it would then have been answered
 * otherwise. One that was never answered may do whatever the model says that it would.
 */
export function effectOf(model: Model, { request, answer }: Operation): Effect | undefined {
  const verdict = decide(model, request)
  if (!verdict) return undefined
  if (!answer) return verdict.effect ?? NO_EFFECT
  if (!answer.ok && answer.code === ELSEWHERE)
    return isPossible(model, request, answer.quantity) ? NO_EFFECT : undefined
  if ('code' in verdict) return isSameRefusal(verdict, answer) ? (verdict.effect ?? NO_EFFECT) : undefined
  return answer.ok && isShown(model, verdict, answer) ? verdict.effect : undefined
}

/** What the shop answers to a request now, and what that does; `undefined` if it cannot happen now. */
export function answerTo(model: Model, request: Request): Readonly<{ answer: Answer; effect: Effect }> | undefined {
  const verdict = decide(model, request)
  if (!verdict) return undefined
  const { effect = NO_EFFECT } = verdict
  if ('code' in verdict) {
    const { code, available } = verdict
    return { answer: { ok: false, code, ...(available === undefined ? {} : { available }) }, effect }
  }
  const [onHand, reserved] = [model.onHand + effect.onHand, model.reserved + effect.reserved]
  const level = { onHand, reserved, sequence: model.sequence + effect.movements }
  const isSeen = request.type === 'read' || request.type === 'adjust'
  const { status } = verdict
  return { answer: { ok: true, ...(isSeen ? { level } : {}), ...(status ? { status } : {}) }, effect }
}

type Granted = Readonly<{ effect: Effect; status?: Status }>
type Refused = Readonly<{ code: string; available?: number; effect?: Effect }>

/** `undefined`: it cannot happen now at all. */
function decide(model: Model, request: Request): Granted | Refused | undefined {
  const available = model.onHand - model.reserved
  switch (request.type) {
    case 'read':
      return { effect: NO_EFFECT }
    case 'sell':
      if (request.quantity > available) return tooFew(available)
      return { effect: { onHand: -request.quantity, reserved: 0, movements: 1 } }
    case 'adjust': {
      const reachable = request.isFact ? model.onHand : available
      if (-request.delta > Math.max(0, reachable)) return tooFew(reachable)
      return { effect: { onHand: request.delta, reserved: 0, movements: 1 } }
    }
    case 'reserve':
      return reserve(model, request, available + model.backorderLimit)
    default:
      return end(model, request)
  }
}

function reserve(model: Model, request: Extract<Request, { type: 'reserve' }>, reachable: number) {
  const { reservation, quantity } = request
  const known = model.holds.get(reservation)
  if (known) return { code: isTombstone(known) ? 'reservation_released' : 'reservation_exists' }
  if (quantity > reachable) return tooFew(reachable)
  const after = { quantity, status: 'held' } as const
  return { effect: { onHand: 0, reserved: quantity, movements: 1, reservation, after }, status: 'held' } as const
}

function end(
  model: Model,
  { type, reservation }: Extract<Request, { type: 'commit' | 'release' | 'expire' }>,
): Granted | Refused | undefined {
  const before = model.holds.get(reservation)
  if (type === 'expire') {
    // The clock ends what has begun: its moment never comes before the reservation.
    if (!before) return undefined
    return before.status === 'held' ? ending(reservation, before, 'expired', 0) : { effect: NO_EFFECT }
  }
  if (!before || isTombstone(before))
    return { code: 'reservation_not_found', ...(type === 'release' ? tombstone(model, reservation) : {}) }
  const { status, quantity } = before
  if (type === 'release' && (status === 'released' || status === 'expired')) return { effect: NO_EFFECT, status }
  if (status !== 'held') return { code: `reservation_${status}` }
  if (type === 'release') return ending(reservation, before, 'released', 0)
  return quantity > model.onHand ? tooFew(model.onHand) : ending(reservation, before, 'committed', -quantity)
}

const ending = (reservation: string, before: Hold, status: Status, onHand: number): Granted => {
  const after = { ...before, status }
  return { effect: { onHand, reserved: -before.quantity, movements: 1, reservation, before, after }, status }
}

/** What was never reserved can be released: whoever reserves under that name afterwards comes too late. */
function tombstone(model: Model, reservation: string): { effect?: Effect } {
  if (model.holds.has(reservation)) return {}
  return { effect: { ...NO_EFFECT, reservation, before: undefined, after: { quantity: 0, status: 'released' } } }
}

/** The mark of an id that was released before it was reserved. */
export const isTombstone = ({ quantity }: Hold): boolean => quantity === 0

const tooFew = (reachable: number): Refused => ({ code: 'insufficient_stock', available: Math.max(0, reachable) })

const isSameRefusal = ({ code, available }: Refused, answer: Answer): boolean =>
  !answer.ok && answer.code === code && (answer.available === undefined || answer.available === available)

/** Whether the level, and what became of the reservation, are as the answer shows them once it has taken effect. */
function isShown(model: Model, { effect, status }: Granted, answer: Extract<Answer, { ok: true }>): boolean {
  if (answer.status !== undefined && answer.status !== status) return false
  const { level } = answer
  if (!level) return true
  return (
    level.onHand === model.onHand + effect.onHand &&
    level.reserved === model.reserved + effect.reserved &&
    (level.sequence === undefined || level.sequence === model.sequence + effect.movements)
  )
}

/** Of a commit that another line stood in the way of, this line was found to be held; no more was looked at. */
function isPossible(model: Model, request: Request, quantity: number | undefined): boolean {
  if (request.type === 'commit') return model.holds.get(request.reservation)?.status === 'held'
  const verdict = decide(model, 'quantity' in request && quantity ? { ...request, quantity } : request)
  return verdict !== undefined && !('code' in verdict)
}
