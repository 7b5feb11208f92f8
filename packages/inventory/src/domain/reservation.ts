import type { Uuid } from '@abasto/kernel'
import type { LevelKey } from './stock-level.ts'

/** Stock that is held for someone until it expires; all its lines or none. */
export type Reservation = Readonly<{
  id: Uuid
  /**
   * `held` until its last line is committed, released or expired. Then `committed` if any line was, else what became
   * of the last one.
   */
  status: ReservationStatus
  /** What the caller knows it by, such as the number of a cart. */
  reference: string | null
  /** 1 to 100; none on the tombstone of an id that was released before it was reserved. */
  lines: readonly ReservedLine[]
  /** From this moment of the database's clock on, what is still held counts no more. */
  expiresAt: string
  /** Rises by one with every change. */
  version: number
  actor: string
  /** The write that made it. */
  operationId: Uuid
  createdAt: string
  updatedAt: string
}>

export type ReservationStatus = 'held' | 'committed' | 'released' | 'expired'

export type ReservedLine = LevelKey & Readonly<{ quantity: number; status: ReservationStatus }>

/** What one reservation still holds of one level: its lines there, added up. */
export type Hold = LevelKey &
  Readonly<{ reservationId: Uuid; quantity: number; expiresAt: string; operationId: Uuid; createdAt: string }>

/** For how long stock is held, in seconds. */
export const TTL_SECONDS = { least: 1, usual: 600, most: 30 * 24 * 60 * 60 } as const

/** An id that was released before it was reserved: nobody may reserve under it. */
export const isTombstone = ({ lines }: Reservation): boolean => lines.length === 0

export const isPast = (moment: string, now: string): boolean => Date.parse(moment) <= Date.parse(now)

/** The moment so many seconds after another. */
export const later = (moment: string, seconds: number): string =>
  new Date(Date.parse(moment) + seconds * 1000).toISOString()

/** A reservation as it is at a moment: what is past its time counts as expired, whether or not that was written down. */
export function asOf(reservation: Reservation, now: string): Reservation {
  if (reservation.status !== 'held' || !isPast(reservation.expiresAt, now)) return reservation
  return ended(reservation, 'expired', () => true)
}

/** The reservation after those of its held lines that are meant came to their end. */
export function ended(
  reservation: Reservation,
  status: Exclude<ReservationStatus, 'held'>,
  isMeant: (line: ReservedLine) => boolean,
): Reservation {
  const lines = reservation.lines.map((line) => (line.status === 'held' && isMeant(line) ? { ...line, status } : line))
  if (lines.some((line) => line.status === 'held')) return { ...reservation, lines }
  return { ...reservation, lines, status: lines.some((line) => line.status === 'committed') ? 'committed' : status }
}
