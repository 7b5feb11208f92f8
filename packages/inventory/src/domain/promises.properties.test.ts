import { describe, expect, test } from 'bun:test'
import { isKept, type Uuid } from '@abasto/kernel'
import fc from 'fast-check'
import { steps } from '../histories.ts'
import { keyOf } from './command.ts'
import { decide } from './decide.ts'
import { expiry } from './examples.ts'
import { answerIn } from './plain-model.ts'
import { played, type Turn } from './played.ts'
import { isPast, isTombstone } from './reservation.ts'
import { after, holdsOf, type Shelf, stateOf, unitsIn } from './shelf.ts'
import { MOST_DUE } from './state.ts'
import { available, type LevelKey, withoutLapsed } from './stock-level.ts'

describe('whatever is asked for while time goes by, a promise is kept', () => {
  always('a command moves all of its lines, or none', (turns) => {
    for (const { command, decision } of turns) {
      const own = decision.movements.filter(({ kind }) => kind !== 'expiry')
      const isTold = decision.verdicts[0]!.ok && decision.operations.length > 0
      if (!isTold) expect(own).toEqual([])
      else if (command.type === 'sell') expect(own).toHaveLength(command.lines.length)
      else if (command.type === 'transfer') expect(own).toHaveLength(2 * command.lines.length)
      else if (command.type === 'reserve') expect(own).toHaveLength(new Set(command.lines.map(keyOf)).size)
    }
  })

  always('lines of one level are added up: a sale or a reservation is refused exactly when they exceed it', (turns) => {
    for (const { command, decision, before, state } of turns) {
      if (command.type !== 'sell' && command.type !== 'reserve') continue
      if (decision.operations.length === 0 && isKept(decision.verdicts[0]!)) continue
      const told = answerIn(decision.verdicts[0]!)
      const isOfStock = told === 'insufficient_stock' || typeof told !== 'string' || told === 'purchases'
      if (!isOfStock || decision.verdicts[0]!.replayed) continue
      const sums = new Map<string, number>()
      for (const line of command.lines) sums.set(keyOf(line), (sums.get(keyOf(line)) ?? 0) + line.quantity)
      const isEnough = command.lines.every((line) => {
        const level = before.levels.get(keyOf(line))
        if (!level) return false
        const limit = command.type === 'reserve' ? level.backorderLimit : 0
        return sums.get(keyOf(line))! <= available(level, lapsedOf(before, level, state.now)) + limit
      })
      const isKnownAbsent = command.lines.some((line) => !before.levels.has(keyOf(line)))
      if (!isKnownAbsent) expect(decision.verdicts[0]!.ok).toBe(isEnough)
    }
  })

  always('only a fact leaves more short than there was; what comes in makes it good', (turns) => {
    for (const { command, before, after, state } of turns) {
      const isFact =
        command.type === 'count' ||
        (command.type === 'adjust' && (command.reason === 'damage' || command.reason === 'loss'))
      for (const [name, level] of after.levels) {
        const [was, is] = [before.levels.get(name), level].map((each) =>
          each ? withoutLapsed(each, lapsedOf(each === level ? after : before, each, state.now)) : undefined,
        )
        if (!isFact) expect(is!.short).toBeLessThanOrEqual(was?.short ?? 0)
        if (is!.onHand + is!.backorderLimit >= is!.reserved) expect(is!.short).toBe(0)
      }
    }
  })

  always('what has expired counts no more, whether or not it was ended before', (turns) => {
    for (const { command, decision, before, state } of turns) {
      const swept = sweptShelf(before, state.now)
      const again = decide(stateOf(swept, state.now, Number.MAX_SAFE_INTEGER), [command])
      // Whoever expects a version learns that what expired has changed it; and an expiry has nothing left to do.
      if (answerIn(decision.verdicts[0]!) === 'version_mismatch' || 'expectedVersion' in command) continue
      if (command.type === 'expire') continue
      expect(answerIn(decision.verdicts[0]!)).toEqual(answerIn(again.verdicts[0]!))
    }
  })

  always('a reservation holds exactly those of its lines that are held', (turns) => {
    for (const { after, state } of turns) {
      for (const { id, status, lines, expiresAt } of after.reservations.values()) {
        const held = [...after.holds.values()].filter((hold) => hold.reservationId === id)
        for (const hold of held) expect(hold.expiresAt).toBe(expiresAt)
        const owned = lines.filter((line) => line.status === 'held')
        if (owned.length > 0) expect(status).toBe('held')
        // What has expired may be gone from its level before that is written into the reservation.
        const isOver = isPast(expiresAt, state.now)
        if (!isOver) expect(sumsOf(held)).toEqual(sumsOf(owned))
        else for (const [name, units] of Object.entries(sumsOf(held))) expect(sumsOf(owned)[name]).toBe(units)
      }
    }
  })

  always('a reservation never comes back: what was released, committed or has expired stays so', (turns) => {
    const over = new Map<Uuid, string>()
    for (const { after } of turns) {
      for (const { id, status } of after.reservations.values()) {
        if (over.has(id)) expect(status).toBe(over.get(id)! as typeof status)
        if (status !== 'held') over.set(id, status)
      }
    }
  })

  always('an id that was released before it was reserved is refused for ever', (turns) => {
    const stones = new Set<Uuid>()
    for (const { command, decision, after } of turns) {
      if (command.type === 'reserve' && stones.has(command.reservationId) && !decision.verdicts[0]!.replayed) {
        expect(decision.verdicts).toMatchObject([{ ok: false }])
        expect(['reservation_released', 'idempotency_key_reused']).toContain(answerIn(decision.verdicts[0]!) as string)
      }
      for (const reservation of after.reservations.values()) if (isTombstone(reservation)) stones.add(reservation.id)
      for (const id of stones) expect(isTombstone(after.reservations.get(id)!)).toBe(true)
    }
  })

  always('what is committed or extended is written only while it is alive, by the clock of the store', (turns) => {
    for (const { command, decision, before } of turns) {
      if (command.type !== 'commit' && command.type !== 'extend') continue
      if (!decision.verdicts[0]!.ok || decision.verdicts[0]!.replayed) continue
      const { expiresAt } = before.reservations.get(command.reservationId)!
      expect(decision.reservations.map(({ validBefore }) => validBefore)).toEqual([expiresAt])
    }
  })
})

function always(promise: string, check: (turns: readonly Turn[]) => void): void {
  test(promise, () => {
    fc.assert(
      fc.property(steps(30, 1), fc.constantFrom(1, 1, 2, MOST_DUE), (history, mostDue) =>
        check(played(history, mostDue)),
      ),
      { numRuns: 300 },
    )
  }, 60_000)
}

const lapsedOf = (shelf: Shelf, key: LevelKey, now: string): number =>
  unitsIn(holdsOf(shelf, key).filter(({ expiresAt }) => isPast(expiresAt, now)))

const sumsOf = (lines: readonly (LevelKey & Readonly<{ quantity: number }>)[]): Record<string, number> => {
  const sums: Record<string, number> = {}
  for (const line of lines) sums[keyOf(line)] = (sums[keyOf(line)] ?? 0) + line.quantity
  return sums
}

/** What would be there if somebody had ended all that is past its time just before. */
function sweptShelf(shelf: Shelf, now: string): Shelf {
  const all = Number.MAX_SAFE_INTEGER
  let swept = shelf
  for (const id of shelf.reservations.keys()) swept = after(swept, decide(stateOf(swept, now, all), [expiry(id)]))
  return swept
}
