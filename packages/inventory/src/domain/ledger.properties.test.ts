import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { steps } from '../histories.ts'
import { keyOf } from './command.ts'
import { fold } from './examples.ts'
import { played, type Turn } from './played.ts'
import { holdsOf, unitsIn } from './shelf.ts'
import { MOST_DUE } from './state.ts'

describe('whatever is asked for while time goes by, the books are right', () => {
  always('nobody is promised more than is there, allowed, or known to be short', (turns) => {
    for (const { after } of turns) {
      for (const { onHand, reserved, short, backorderLimit } of after.levels.values()) {
        expect(onHand).toBeGreaterThanOrEqual(0)
        expect(reserved).toBeGreaterThanOrEqual(0)
        expect(short).toBeGreaterThanOrEqual(0)
        expect(reserved).toBeLessThanOrEqual(onHand + backorderLimit + short)
        expect(Number.isSafeInteger(onHand + backorderLimit)).toBe(true)
      }
    }
  })

  always('adding the movements of a level up gives the level, and they are numbered without gaps', (turns) => {
    const { levels, movements } = turns.at(-1)!.after
    for (const [name, { onHand, reserved, sequence }] of levels) {
      const own = movements.filter((movement) => keyOf(movement) === name)
      expect(fold(own)).toEqual({ onHand, reserved, sequence })
    }
  })

  always('every change of a level raises its version by one, and what was not changed keeps it', (turns) => {
    for (const { command, decision, before, after } of turns) {
      const isTold = decision.verdicts[0]!.ok && !decision.verdicts[0]!.replayed
      for (const [name, level] of after.levels) {
        const moves = decision.movements.filter((movement) => keyOf(movement) === name).length
        const isExtended = decision.holds.extended.some((hold) => keyOf(hold) === name)
        const isOwn = 'warehouseId' in command && 'productId' in command && keyOf(command) === name
        const isSetUp = isTold && isOwn && (command.type === 'configure' || (command.type === 'open' && moves === 0))
        const changes = moves + (isExtended || isSetUp ? 1 : 0)
        expect(level.version - (before.levels.get(name)?.version ?? 0)).toBe(changes)
        if (changes === 0) expect(level).toEqual(before.levels.get(name)!)
      }
    }
  })

  always('what reservations hold of a level adds up to what it has reserved', (turns) => {
    for (const { after } of turns) {
      for (const level of after.levels.values()) expect(unitsIn(holdsOf(after, level))).toBe(level.reserved)
    }
  })

  always('no hold of a level expires before the moment that the level says', (turns) => {
    for (const { after } of turns) {
      for (const level of after.levels.values()) {
        const [first] = holdsOf(after, level)
        if (first) expect(Date.parse(level.nextExpiryAt!)).toBeLessThanOrEqual(Date.parse(first.expiresAt))
      }
    }
  })

  always('every movement says what caused it: a sale its purchase, a promise its reservation', (turns) => {
    for (const { command, decision, after } of turns) {
      for (const movement of decision.movements) {
        const { kind, purchaseId, reservationId, operationId } = movement
        const isOfPromise = ['reservation', 'commit', 'release', 'expiry'].includes(kind)
        expect(reservationId !== null).toBe(isOfPromise)
        expect(purchaseId !== null).toBe(kind === 'sale')
        const made = after.reservations.get(reservationId ?? '')
        expect(operationId).toBe(kind === 'expiry' ? made!.operationId : command.operationId)
        const bought = decision.purchases.find(({ id }) => id === purchaseId)
        if (kind === 'sale') expect(bought!.quantity).toBe(-movement.onHandChange)
      }
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
