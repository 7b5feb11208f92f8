import { describe, expect, test } from 'bun:test'
import { isKept, type Uuid } from '@abasto/kernel'
import fc from 'fast-check'
import { steps } from '../histories.ts'
import { type Command, keyOf, levelsOf, reservationOf, warehousesOf } from './command.ts'
import { decide } from './decide.ts'
import { BEGINNING, played, type Step, type Turn } from './played.ts'
import { later } from './reservation.ts'
import { after, emptyShelf, stateOf } from './shelf.ts'
import { MOST_DUE, type RecordedOperation, type StockState } from './state.ts'

describe('whatever is asked for while time goes by, each operation counts once', () => {
  always('it takes effect at most once, and the first verdict is given again, a refusal included', (turns) => {
    const first = new Map<Uuid, RecordedOperation>()
    for (const { command, decision } of turns) {
      const known = first.get(command.operationId)
      const [verdict] = decision.verdicts
      if (!known) {
        // What is not allowed as it stands is not remembered: it may be mended and sent again under the same key.
        expect(decision.operations.map(({ id }) => id)).toEqual(isKept(verdict!) ? [command.operationId] : [])
        for (const operation of decision.operations) first.set(operation.id, operation)
        continue
      }
      if (known.fingerprint === command.fingerprint) expect(verdict).toEqual({ ...known.verdict, replayed: true })
      else expect(verdict).toMatchObject({ ok: false, error: { code: 'idempotency_key_reused' } })
      expect(traceOf(decision)).toEqual(NO_TRACE)
    }
  })

  always('what is refused leaves nothing but its record, what expired, and the stone of an early release', (turns) => {
    for (const { command, decision } of turns) {
      const [verdict] = decision.verdicts
      if (verdict!.ok) continue
      for (const { kind } of decision.movements) expect(kind).toBe('expiry')
      expect(decision.purchases).toEqual([])
      expect([...decision.holds.placed, ...decision.holds.extended]).toEqual([])
      expect(decision.warehouses.filter((each) => each.after)).toEqual([])
      const isStone = command.type === 'release' && verdict!.error.code === 'reservation_not_found'
      const changes = decision.reservations.filter((each) => each.after)
      for (const each of changes) expect([isStone, each.before, each.after!.lines]).toEqual([true, undefined, []])
    }
  })

  always('a command depends on nothing but the rows that it names', (turns) => {
    for (const { command, decision, state } of turns) {
      const again = decide(narrowed(state, command), [command])

      expect(again).toEqual(decision)
    }
  })

  always('a write is guarded by every row that its command names, as it was read', (turns) => {
    for (const { command, decision, state } of turns) {
      const { levels, reservations, warehouses } = rowsOf(command, state)
      expect(decision.read.map(({ key }) => keyOf(key)).toSorted()).toEqual(levels.toSorted())
      for (const { key, before } of decision.read) expect<unknown>(before).toEqual(state.levels.get(keyOf(key)))
      expect(decision.reservations.map(({ id }) => id)).toEqual(reservations)
      for (const { id, before } of decision.reservations) expect<unknown>(before).toEqual(state.reservations.get(id))
      expect(decision.warehouses.map(({ id }) => id).toSorted()).toEqual(warehouses.toSorted())
    }
  })

  test('a batch decides as if its commands came one by one', () => {
    fc.assert(
      fc.property(steps(10, 8), (history) => {
        let [shelf, now] = [emptyShelf(BEGINNING), BEGINNING]
        for (const step of history) {
          now = later(now, step.seconds)
          const batch = decide(stateOf(shelf, now, MOST_DUE), step.commands)
          let one = shelf
          const singly = step.commands.map((command) => {
            const decision = decide(stateOf(one, now, MOST_DUE), [command])
            one = after(one, decision)
            return decision
          })

          expect(batch.verdicts).toEqual(singly.map(({ verdicts }) => verdicts[0]!))
          expect(batch.movements).toEqual(singly.flatMap(({ movements }) => movements))
          shelf = after(shelf, batch)
          expect(shelf).toEqual(one)
        }
      }),
      { numRuns: 300 },
    )
  }, 60_000)
})

function always(promise: string, check: (turns: readonly Turn[]) => void): void {
  test(promise, () => {
    fc.assert(
      fc.property(steps(30, 1), fc.constantFrom(1, 1, 2, MOST_DUE), (history: readonly Step[], mostDue) =>
        check(played(history, mostDue)),
      ),
      { numRuns: 300 },
    )
  }, 60_000)
}

const traceOf = ({ movements, purchases, operations, holds, reservations, warehouses }: Turn['decision']) => [
  movements.length,
  purchases.length,
  operations.length,
  holds.placed.length + holds.extended.length + holds.ended.length,
  reservations.filter((each) => each.after).length,
  warehouses.filter((each) => each.after).length,
]

const NO_TRACE = [0, 0, 0, 0, 0, 0]

function rowsOf(command: Command, { reservations }: StockState) {
  const id = reservationOf(command)
  return {
    levels: [...new Set(levelsOf(command, reservations).map(keyOf))],
    reservations: id ? [id] : [],
    warehouses: [...new Set(warehousesOf(command))],
  }
}

/** What a store would have read for this command alone. */
function narrowed(state: StockState, command: Command): StockState {
  const { levels, reservations, warehouses } = rowsOf(command, state)
  return {
    now: state.now,
    levels: only(state.levels, levels),
    due: only(state.due, levels),
    reservations: only(state.reservations, reservations),
    warehouses: only(state.warehouses, warehouses),
    operations: only(state.operations, [command.operationId]),
  }
}

const only = <T>(rows: ReadonlyMap<string, T>, names: readonly string[]): ReadonlyMap<string, T> =>
  new Map([...rows].filter(([name]) => names.includes(name)))
