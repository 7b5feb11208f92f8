import type { Uuid } from '@abasto/kernel'
import { keyOf } from '../domain/command.ts'
import { isPast, type Reservation } from '../domain/reservation.ts'
import type { Decision } from '../domain/state.ts'
import type { LevelKey, StockLevel } from '../domain/stock-level.ts'

/** How many levels, and how many reservations, are remembered from one write to the next. */
const MOST_LEVELS = 50_000
const MOST_RESERVATIONS = 10_000

/** Rows as they are once everything in flight is written. A guess, and guarded as such. */
export class KnownRows {
  private readonly levels = new Map<string, StockLevel>()
  readonly reservations = new Map<Uuid, Reservation>()
  /** Before this moment nothing expires on any level that is known. */
  private quietUntilMs = Number.POSITIVE_INFINITY

  level(key: LevelKey): StockLevel | undefined {
    return this.levels.get(keyOf(key))
  }

  /** Whether a level must be read because something on it may have expired since. */
  isDue(key: LevelKey, now: string): boolean {
    const level = this.level(key)
    return level !== undefined && isDue(level, now)
  }

  /** Whether that may be so of any level at all: mostly not, and then nobody looks at each. */
  isAnyDue(now: string): boolean {
    return this.quietUntilMs <= Date.parse(now)
  }

  remember({ read, reservations }: Decision): void {
    if (this.levels.size > MOST_LEVELS) this.clear()
    if (this.reservations.size > MOST_RESERVATIONS) this.reservations.clear()
    for (const { after } of read) if (after) this.keep(after)
    for (const { after } of reservations) if (after) this.reservations.set(after.id, after)
  }

  /** Forgets what a write left behind, unless a later one has been reckoned with since. */
  forgetWritten({ read, reservations }: Decision): void {
    for (const { key, before, after } of read) {
      if (this.level(key) === (after ?? before)) this.levels.delete(keyOf(key))
    }
    for (const { id, before, after } of reservations) {
      if (this.reservations.get(id) === (after ?? before)) this.reservations.delete(id)
    }
  }

  /** Forgets whatever a decision was about. */
  forget({ read, reservations }: Decision): void {
    for (const { key } of read) this.levels.delete(keyOf(key))
    for (const { id } of reservations) this.reservations.delete(id)
  }

  see(levels: ReadonlyMap<string, StockLevel>): void {
    for (const level of levels.values()) this.keep(level)
  }

  clear(): void {
    this.levels.clear()
    this.reservations.clear()
    this.quietUntilMs = Number.POSITIVE_INFINITY
  }

  private keep(level: StockLevel): void {
    this.levels.set(keyOf(level), level)
    if (level.nextExpiryAt) this.quietUntilMs = Math.min(this.quietUntilMs, Date.parse(level.nextExpiryAt))
  }
}

/** Whether something on the level may have expired since, so that it must be read. */
export const isDue = ({ nextExpiryAt }: StockLevel, now: string): boolean =>
  nextExpiryAt !== null && isPast(nextExpiryAt, now)
