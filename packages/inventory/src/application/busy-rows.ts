import type { Uuid } from '@abasto/kernel'
import { type Command, keyOf, levelsOf, reservationOf } from '../domain/command.ts'
import type { Reservation } from '../domain/reservation.ts'
import type { Decision } from '../domain/state.ts'

/** Among how many times as many as are chosen it is looked at most, however many wait. */
const LOOKED_AT = 4

export type Waiting = { readonly command: Command; isPassedOver: boolean }

/** The levels and reservations that writes on their way are about. */
export class BusyRows {
  private readonly writes = new Set<ReadonlySet<string>>()

  /** Counts what the decisions of a write are about as busy, until the function is called that it returns. */
  begin(decisions: readonly Decision[]): () => void {
    const rows = new Set<string>()
    for (const { read, reservations } of decisions) {
      for (const { key } of read) rows.add(keyOf(key))
      for (const { id } of reservations) rows.add(id)
    }
    this.writes.add(rows)
    return () => this.writes.delete(rows)
  }

  /**
   * Chooses at most so many of those that wait, the first first: of those that are about nothing busy, so that nobody
   * has to wait for a write that is on its way. Where these would fill less than half of the places, of all. Nobody is
   * passed over twice: who is about two busy rows might otherwise find one of them busy for ever.
   */
  choose<T extends Waiting>(
    waiting: readonly T[],
    most: number,
    reservations: ReadonlyMap<Uuid, Reservation>,
  ): Readonly<{ chosen: readonly T[]; left: readonly T[] }> {
    const places = Math.min(most, waiting.length)
    if (this.writes.size > 0) {
      const [chosen, passed, beyond] = [[], [], []] as [T[], T[], T[]]
      for (const [index, each] of waiting.entries()) {
        if (chosen.length === places || index >= LOOKED_AT * most) beyond.push(each)
        else if (each.isPassedOver || !this.isBusy(each.command, reservations)) chosen.push(each)
        else passed.push(each)
      }
      if (2 * chosen.length >= places) {
        for (const each of passed) each.isPassedOver = true
        return { chosen, left: [...passed, ...beyond] }
      }
    }
    return { chosen: waiting.slice(0, places), left: waiting.slice(places) }
  }

  private isBusy(command: Command, reservations: ReadonlyMap<Uuid, Reservation>): boolean {
    const names = levelsOf(command, reservations).map(keyOf)
    const reservation = reservationOf(command)
    if (reservation !== undefined) names.push(reservation)
    return [...this.writes].some((rows) => names.some((name) => rows.has(name)))
  }
}
