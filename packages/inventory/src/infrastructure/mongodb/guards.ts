import type { Document } from 'mongodb'
import { isPast, type Reservation } from '../../domain/reservation.ts'
import type { Decision, ReservationChange } from '../../domain/state.ts'
import type { StockLevel } from '../../domain/stock-level.ts'
import type { Warehouse } from '../../domain/warehouse.ts'
import { levelDocument, reservationDocument, warehouseDocument } from './documents.ts'

// What must be true of a document for a decision that read it to take effect: once as a filter, for the server, and once
// as a comparison, for what was found. Documents are compared whole and not by their versions alone: a batch may be
// decided on what the one before it will leave behind, and where that one lost, another process may have reached the
// same version with other contents.

/** Matches a level only while it is what was read. */
export function levelAsRead(before: StockLevel): Document {
  const { product_id: _, warehouse_id: __, last_updated: ___, ...rest } = levelDocument(before)
  return rest
}

/** Matches a reservation only while it is what was read, and where it was taken to be alive, while it is. */
export function reservationAsRead(before: Reservation, validBefore: string | null): Document {
  const { _id, version, status, expires_at, operation_id, lines } = reservationDocument(before)
  return {
    _id,
    version,
    status,
    expires_at,
    operation_id,
    lines: { $size: lines.length },
    // Nothing else of a line ever changes.
    ...Object.fromEntries(lines.map((line, index) => [`lines.${index}.status`, line.status])),
    ...(validBefore === null ? {} : { $expr: { $gt: [new Date(validBefore), '$$NOW'] } }),
  }
}

/** Matches a warehouse only while it is what was read. */
export function warehouseAsRead(before: Warehouse): Document {
  const { _id, version, name, deleted_at } = warehouseDocument(before)
  return { _id, version, name, deleted_at }
}

export function isSameReservation(one: Reservation | undefined, other: Reservation | undefined): boolean {
  if (!one || !other) return one === other
  return (
    one.version === other.version &&
    one.status === other.status &&
    one.expiresAt === other.expiresAt &&
    one.operationId === other.operationId &&
    one.lines.length === other.lines.length &&
    one.lines.every(({ status }, index) => status === other.lines[index]!.status)
  )
}

export const isSameWarehouse = (one: Warehouse | undefined, other: Warehouse | undefined): boolean =>
  one?.version === other?.version && one?.name === other?.name && one?.deletedAt === other?.deletedAt

/** Whether the promise is alive that the decision took to be so. */
export const isValid = ({ validBefore }: ReservationChange, now: string): boolean =>
  validBefore === null || !isPast(validBefore, now)

/** Whether a decision changes no document: it only says what it found, as a refusal does. */
export const isStill = ({ read, reservations, warehouses, movements, holds }: Decision): boolean =>
  movements.length + holds.placed.length + holds.extended.length + holds.ended.length === 0 &&
  [read, reservations, warehouses].every((rows) => rows.every(({ after }) => after === undefined))
