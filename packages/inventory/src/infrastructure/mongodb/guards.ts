import { isPast, type Reservation } from '../../domain/reservation.ts'
import type { Decision, ReservationChange } from '../../domain/state.ts'
import type { Warehouse } from '../../domain/warehouse.ts'

// Whether what was decided on one document holds for the other. They are compared whole and not by their versions alone:
// a batch may be decided on what the one before it will leave behind, and where that one lost, another process may have
// reached the same version with other contents. For levels there is `isSame`.

/** Who made it says what it was made of; after that only its status, its lines' and its expiry ever change. */
export function isSameReservation(one: Reservation | undefined, other: Reservation | undefined): boolean {
  if (!one || !other) return one === other
  return (
    one.version === other.version &&
    one.operationId === other.operationId &&
    one.status === other.status &&
    one.expiresAt === other.expiresAt &&
    one.lines.length === other.lines.length &&
    one.lines.every(({ status }, index) => status === other.lines[index]!.status)
  )
}

export const isSameWarehouse = (one: Warehouse | undefined, other: Warehouse | undefined): boolean =>
  one?.version === other?.version && one?.name === other?.name && one?.deletedAt === other?.deletedAt

/** Whether the promise is alive that the decision took to be so. */
export const isValid = ({ validBefore }: ReservationChange, now: string | undefined): boolean =>
  validBefore === null || (now !== undefined && !isPast(validBefore, now))

/** Whether a decision changes no document: it only says what it found, as a refusal does. */
export const isStill = ({ read, reservations, warehouses, movements, holds }: Decision): boolean =>
  movements.length + holds.placed.length + holds.extended.length + holds.ended.length === 0 &&
  [read, reservations, warehouses].every((rows) => rows.every(({ after }) => after === undefined))
