import { type Failure, fail, invalid, notFound, ok, type Result } from '@abasto/kernel'
import {
  type CommitReservation,
  type ExpireReservation,
  type ExtendReservation,
  keyOf,
  type ReleaseReservation,
  type ReserveLine,
  type ReserveStock,
} from './command.ts'
import type { Draft } from './draft.ts'
import { addedUp, inLine, noInventory, sumOf } from './lines.ts'
import { asOf, ended, isTombstone, later, type Reservation, type ReservedLine } from './reservation.ts'
import type { Verdict } from './state.ts'
import { available, commit, insufficientStock, type LevelKey, release, reserve } from './stock-level.ts'

export function reserveStock(draft: Draft, command: ReserveStock): Verdict {
  const { reservationId: id, lines, reference, actor, operationId } = command
  const known = draft.reservation(id)
  if (known) return fail(isTombstone(known) ? releasedBefore(id) : reservationExists(id))
  const refusal = refusalOf(draft, lines)
  if (refusal) return fail(refusal)

  const { at } = draft
  const expiresAt = later(draft.now, command.ttlSeconds)
  for (const line of addedUp(lines)) {
    const level = draft.level(line)!
    const reserved = reserve(level, line.quantity, draft.lapsed(line))
    if (!reserved.ok) throw new Error('a line was reserved that had not been checked')
    const { productId, warehouseId, quantity } = line
    const nextExpiryAt = earlier(level.nextExpiryAt, expiresAt)
    const why = { kind: 'reservation', reason: null, actor, operationId, reservationId: id } as const
    draft.move(level, { ...reserved.value, nextExpiryAt }, why)
    draft.place({ productId, warehouseId, reservationId: id, quantity, expiresAt, operationId, createdAt: at })
  }
  const held = lines.map(({ productId, warehouseId, quantity }): ReservedLine => {
    return { productId, warehouseId, quantity, status: 'held' }
  })
  const fresh = { id, status: 'held', reference, lines: held, expiresAt, version: 0, actor, operationId } as const
  return shown(draft.changeReservation({ ...fresh, createdAt: at, updatedAt: at }))
}

export function commitReservation(draft: Draft, command: CommitReservation): Verdict {
  const found = heldLines(draft, command)
  if (!found.ok) return found
  const { reservation, meant } = found.value
  for (const line of addedUp(meant)) {
    const { onHand } = draft.level(line)!
    const index = (command.lines ?? reservation.lines).findIndex((named) => keyOf(named) === keyOf(line))
    if (line.quantity > onHand) return fail(inLine(index, insufficientStock(line, line.quantity, onHand)))
  }
  const { actor, operationId } = command
  draft.whileAlive(reservation)
  for (const line of addedUp(meant)) {
    const level = draft.level(line)!
    const committed = commit(level, line.quantity)
    if (!committed.ok) throw new Error('a line was committed that had not been checked')
    const why = { kind: 'commit', reason: null, actor, operationId, reservationId: reservation.id } as const
    draft.move(level, committed.value, why)
    draft.end({ ...line, reservationId: reservation.id })
  }
  return shown(draft.changeReservation(ended(reservation, 'committed', (line) => meant.includes(line))))
}

/** What was never reserved leaves a tombstone, so that a reserve that comes late is refused. */
export function releaseReservation(draft: Draft, command: ReleaseReservation): Verdict {
  const { reservationId: id, actor, operationId } = command
  const known = draft.reservation(id)
  if (!known) {
    const { at } = draft
    const tombstone = { id, status: 'released', reference: null, lines: [], version: 0, actor, operationId } as const
    draft.changeReservation({ ...tombstone, expiresAt: at, createdAt: at, updatedAt: at })
  }
  if (!known || isTombstone(known)) return fail(notFound('reservation', id))
  // Nothing is held any more, which is what the caller wants.
  const current = asOf(known, draft.now)
  if (current.status === 'released' || current.status === 'expired') return shown(current)

  const found = heldLines(draft, command)
  if (!found.ok) return found
  const { reservation, meant } = found.value
  for (const line of addedUp(meant)) {
    const level = draft.level(line)!
    const why = { kind: 'release', reason: null, actor, operationId, reservationId: id } as const
    draft.move(level, release(level, line.quantity), why)
    draft.end({ ...line, reservationId: id })
  }
  return shown(draft.changeReservation(ended(reservation, 'released', (line) => meant.includes(line))))
}

/** Never shortens: whoever asks twice at once gets the later end. */
export function extendReservation(draft: Draft, command: ExtendReservation): Verdict {
  const found = heldLines(draft, command)
  if (!found.ok) return found
  const { reservation, meant } = found.value
  const wanted = later(draft.now, command.ttlSeconds)
  const expiresAt = Date.parse(wanted) > Date.parse(reservation.expiresAt) ? wanted : reservation.expiresAt
  draft.whileAlive(reservation)
  for (const line of addedUp(meant)) {
    // Whoever read the level before may have found the hold to be expired: the level's version tells them.
    draft.change(draft.level(line)!)
    draft.extend({ ...line, reservationId: reservation.id }, expiresAt)
  }
  return shown(draft.changeReservation({ ...reservation, expiresAt }))
}

/** Ends what is past its time on all levels of a reservation, and writes down that it expired once nothing is left. */
export function expireReservation(draft: Draft, { reservationId: id }: ExpireReservation): Verdict {
  const reservation = draft.reservation(id)
  if (!reservation || isTombstone(reservation)) return fail(notFound('reservation', id))
  const expired = asOf(reservation, draft.now)
  if (expired === reservation) return shown(reservation)
  const held = reservation.lines.filter(({ status }) => status === 'held')
  for (const line of held) draft.level(line)
  return shown(held.every((line) => draft.isSwept(line)) ? draft.changeReservation(expired) : reservation)
}

type Held = Readonly<{ reservation: Reservation; meant: readonly ReservedLine[] }>

/** The reservation and those of its lines that a command is about, all of which must be held still. */
function heldLines(
  draft: Draft,
  command: Readonly<{ reservationId: string; lines?: readonly LevelKey[] | undefined }>,
): Result<Held> {
  const { reservationId: id, lines: named } = command
  const reservation = draft.reservation(id)
  if (!reservation || isTombstone(reservation)) return fail(notFound('reservation', id))
  const { status } = asOf(reservation, draft.now)
  if (status !== 'held') return fail(notHeld(id, status))
  for (const [index, key] of (named ?? []).entries()) {
    const own = reservation.lines.filter((line) => keyOf(line) === keyOf(key))
    if (own.length === 0) return fail(invalid('line_not_reserved', `${id} holds no such line.`, ['lines', index]))
    if (own.some((line) => line.status !== 'held')) return fail(lineNotHeld(id, index, own[0]!.status))
  }
  const isMeant = (line: ReservedLine) => !named || named.some((key) => keyOf(key) === keyOf(line))
  const meant = reservation.lines.filter((line) => line.status === 'held' && isMeant(line))
  return ok({ reservation, meant })
}

/** Why none of the lines can be promised; lines of one level are summed before they are compared with it. */
function refusalOf(draft: Draft, lines: readonly ReserveLine[]): Failure | undefined {
  const requested = new Map<string, number>()
  for (const [index, line] of lines.entries()) {
    if (line.obstacle) return inLine(index, line.obstacle)
    const level = draft.level(line)
    if (!level) return inLine(index, noInventory(line.productId))
    const sum = (requested.get(keyOf(line)) ?? 0) + line.quantity
    const reachable = available(level, draft.lapsed(line)) + level.backorderLimit
    if (sum > reachable) return inLine(index, insufficientStock(line, sumOf(lines, line), reachable))
    requested.set(keyOf(line), sum)
  }
  return undefined
}

const earlier = (one: string | null, other: string): string =>
  one !== null && Date.parse(one) < Date.parse(other) ? one : other

const shown = (reservation: Reservation): Verdict => ok({ type: 'reservation', reservation })

const reservationExists = (id: string): Failure => ({
  kind: 'conflict',
  code: 'reservation_exists',
  message: `There is a reservation ${id} already.`,
  at: ['id'],
  details: { id },
})

const releasedBefore = (id: string): Failure => ({
  kind: 'conflict',
  code: 'reservation_released',
  message: `The reservation ${id} was released before it was made.`,
  at: ['id'],
  details: { id },
})

const notHeld = (id: string, status: Reservation['status']): Failure => ({
  kind: 'conflict',
  code: `reservation_${status}`,
  message: `The reservation ${id} is held no more: it is ${status}.`,
  details: { id, status },
})

const lineNotHeld = (id: string, index: number, status: Reservation['status']): Failure => ({
  kind: 'conflict',
  code: 'line_not_held',
  message: `That line of the reservation ${id} is held no more: it is ${status}.`,
  at: ['lines', index],
  details: { id, status },
})
