import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { steps } from '../histories.ts'
import { type Command, keyOf } from './command.ts'
import { answerIn, PlainModel } from './plain-model.ts'
import { BEGINNING, played, type Turn } from './played.ts'
import { asOf, isPast } from './reservation.ts'
import { holdsOf, unitsIn } from './shelf.ts'
import { MOST_DUE } from './state.ts'
import { withoutLapsed } from './stock-level.ts'

describe('whatever is asked for while time goes by, the rule says what somebody with paper and pencil would say', () => {
  always('the same verdict on every command', (turns) => {
    const model = new PlainModel()
    for (const { command, state, decision } of turns) {
      model.now = secondsAt(state.now)
      const told = model.tell(command, expectable(command, state))
      const [verdict] = decision.verdicts
      // A reservation whose levels could not all be cleared in one go is written down as expired by a later write.
      if (command.type === 'expire' && [...state.due.values()].some(({ lapsed }) => lapsed > 0)) continue
      expect(answerIn(verdict!)).toEqual(told)
    }
  })

  always('the same on every level after every command, what is past its time left out', (turns) => {
    const model = new PlainModel()
    for (const { command, state, after } of turns) {
      model.now = secondsAt(state.now)
      model.tell(command, expectable(command, state))
      for (const level of after.levels.values()) {
        const lapsed = unitsIn(holdsOf(after, level).filter(({ expiresAt }) => isPast(expiresAt, state.now)))
        expect(withoutLapsed(level, lapsed)).toMatchObject(model.level(level)!)
      }
    }
  })

  always('the same became of every reservation', (turns) => {
    const model = new PlainModel()
    for (const { command, state, after } of turns) {
      model.now = secondsAt(state.now)
      model.tell(command, expectable(command, state))
      for (const reservation of after.reservations.values()) {
        const { status, lines } = asOf(reservation, state.now)
        const told = lines.length === 0 ? undefined : [status, ...lines.map((line) => line.status)]
        expect<unknown>(told).toEqual(model.promise(reservation.id))
      }
    }
  })

  test('the histories come to every verdict that there is', () => {
    const met = new Set<string>()
    fc.assert(
      fc.property(steps(30, 1), (history) => {
        for (const { decision } of played(history, 2)) met.add([answerIn(decision.verdicts[0]!)].flat()[0]!)
      }),
      { numRuns: 2_000, seed: 1 },
    )

    expect([...met].toSorted()).toEqual(EVERY_ANSWER)
  })
})

const EVERY_ANSWER = [
  'backorder_limit_too_low',
  'committed',
  'default_warehouse',
  'expired',
  'held',
  'idempotency_key_reused',
  'insufficient_stock',
  'inventory_exists',
  'level',
  'line_not_held',
  'line_not_reserved',
  'no_inventory',
  'not_at_present',
  'purchases',
  'quantity_mismatch',
  'quantity_out_of_range',
  'reason_mismatch',
  'released',
  'reservation_committed',
  'reservation_exists',
  'reservation_expired',
  'reservation_not_found',
  'reservation_released',
  'same_warehouse',
  'stock_level_exists',
  'stock_level_not_found',
  'transfer',
  'version_mismatch',
  'warehouse',
  'warehouse_exists',
  'warehouse_not_found',
]

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

const secondsAt = (moment: string): number => (Date.parse(moment) - Date.parse(BEGINNING)) / 1000

/** The version that a command has to expect so as not to be stale: that of what it is shown, what expired ended. */
function expectable(command: Command, { levels, due, warehouses }: Turn['state']): number | undefined {
  if (command.type === 'rename-warehouse' || command.type === 'delete-warehouse') {
    return warehouses.get(command.warehouseId)?.version
  }
  if (!('expectedVersion' in command)) return undefined
  const others = command.type === 'adjust' && command.shown === 'inventory' ? command.siblings : []
  const versions = [command, ...others].map((key) => {
    const level = levels.get(keyOf(key))
    return level ? level.version + (due.get(keyOf(key))?.holds.length ?? 0) : 0
  })
  return versions.reduce((sum, version) => sum + version, 0)
}
