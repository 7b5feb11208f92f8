import { describe, expect, test } from 'bun:test'
import { fail, isKept, type Uuid } from '@abasto/kernel'
import fc from 'fast-check'
import { type Command, keyOf, type SellLine } from './command.ts'
import { decide } from './decide.ts'
import { adjustment, line, opening, sale } from './examples.ts'
import type { Movement } from './movement.ts'
import type { Decision, RecordedOperation, StockState } from './state.ts'
import { available, emptyLevel, type LevelKey, type Reason, type StockLevel } from './stock-level.ts'
import { DEFAULT_WAREHOUSE } from './warehouse.ts'

/** What must hold whatever is asked of whatever stock, in batches of any size. */
describe('whatever is asked of whatever stock', () => {
  always('nothing is promised twice: the bounds of every level hold', ({ levels }) => {
    for (const { onHand, reserved, short, backorderLimit } of levels.values()) {
      expect(onHand).toBeGreaterThanOrEqual(0)
      expect(reserved).toBeGreaterThanOrEqual(0)
      expect(short).toBeGreaterThanOrEqual(0)
      expect(reserved).toBeLessThanOrEqual(onHand + backorderLimit + short)
      expect(Number.isSafeInteger(onHand)).toBe(true)
    }
  })

  always('adding the movements to what was there gives what is there', ({ before, levels, movements }) => {
    for (const [name, level] of levels) {
      const first = before.get(name) ?? emptyLevel(level, '')
      const own = movements.filter((movement) => keyOf(movement) === name)
      let [onHand, reserved] = [BigInt(first.onHand), BigInt(first.reserved)]
      for (const movement of own) {
        onHand += BigInt(movement.onHandChange)
        reserved += BigInt(movement.reservedChange)
        expect([movement.onHandAfter, movement.reservedAfter]).toEqual([Number(onHand), Number(reserved)])
      }
      expect([level.onHand, level.reserved]).toEqual([Number(onHand), Number(reserved)])
    }
  })

  always('the movements of a level are numbered without gaps', ({ before, levels, movements }) => {
    for (const [name, level] of levels) {
      const first = before.get(name)?.sequence ?? 0
      const own = movements.filter((movement) => keyOf(movement) === name)
      expect(own.map(({ sequence }) => sequence)).toEqual(own.map((_, index) => first + index + 1))
      expect(level.sequence).toBe(first + own.length)
    }
  })

  always('a sale takes all of its lines or none', ({ steps }) => {
    for (const { command, decision } of steps) {
      if (command.type !== 'sell') continue
      const count = decision.verdicts[0]!.ok && decision.operations.length > 0 ? command.lines.length : 0
      expect(decision.movements).toHaveLength(count)
      expect(decision.purchases).toHaveLength(count)
    }
  })

  always(
    'a sale is refused for want of stock exactly when its lines, added up, exceed what is available',
    ({ steps }) => {
      for (const { command, decision, state } of steps) {
        if (command.type !== 'sell' || decision.operations.length === 0) continue
        if (command.lines.some((own) => !own.offer.ok || !state.levels.has(keyOf(own)))) continue
        const sums = new Map<string, number>()
        for (const own of command.lines) sums.set(keyOf(own), (sums.get(keyOf(own)) ?? 0) + own.quantity)
        const isEnough = [...sums].every(([name, sum]) => sum <= available(state.levels.get(name)!))
        expect(decision.verdicts[0]!.ok).toBe(isEnough)
      }
    },
  )

  always('each operation takes effect at most once, and the first verdict is given again', ({ steps }) => {
    const first = new Map<Uuid, RecordedOperation>()
    for (const { command, decision } of steps) {
      const known = first.get(command.operationId)
      const [verdict] = decision.verdicts
      if (!known && !isKept(verdict!)) {
        expect([decision.movements, decision.purchases, decision.operations]).toEqual([[], [], []])
        continue
      }
      if (!known) {
        // What is not allowed as it stands is not remembered: it may be mended and sent again under the same key.
        const isMeant = verdict!.ok || verdict!.error.kind !== 'invalid'
        expect(decision.operations).toHaveLength(isMeant ? 1 : 0)
        if (isMeant) first.set(command.operationId, decision.operations[0]!)
        continue
      }
      expect([decision.movements, decision.purchases, decision.operations]).toEqual([[], [], []])
      if (known.fingerprint === command.fingerprint) expect(verdict).toEqual({ ...known.verdict, replayed: true })
      else expect(verdict).toMatchObject({ ok: false, error: { code: 'idempotency_key_reused' } })
    }
  })

  always('every change of a level raises its version by one, and nothing else does', ({ steps }) => {
    for (const { decision, command } of steps) {
      for (const { before, after } of decision.read) {
        const own = decision.movements.filter((movement) => after && keyOf(movement) === keyOf(after))
        const changes = command.type === 'open' && after ? 1 : own.length
        expect(after ? after.version - (before?.version ?? 0) : 0).toBe(changes)
      }
    }
  })

  always('only damage and loss leave more short, and what comes in makes it good', ({ steps }) => {
    for (const { decision, command } of steps) {
      for (const { before, after } of decision.read) {
        if (!before || !after) continue
        const isFact = command.type === 'adjust' && (command.reason === 'damage' || command.reason === 'loss')
        if (!isFact) expect(after.short).toBeLessThanOrEqual(before.short)
        if (after.onHand >= after.reserved) expect(after.short).toBe(0)
      }
    }
  })

  always('a batch decides as if its commands came one by one', ({ before, commands, steps, levels, movements }) => {
    const batch = decide(stateOf(before), commands)

    expect(batch.verdicts).toEqual(steps.map(({ decision }) => decision.verdicts[0]!))
    expect(batch.movements).toEqual(movements)
    for (const { key, after } of batch.read) if (after) expect(after).toEqual(levels.get(keyOf(key))!)
  })

  always('a batch names every level that any of its commands looked at', ({ before, commands, steps }) => {
    const batch = decide(stateOf(before), commands)

    const looked = new Set(steps.flatMap(({ decision }) => decision.read.map(({ key }) => keyOf(key))))
    expect(new Set(batch.read.map(({ key }) => keyOf(key)))).toEqual(looked)
    for (const { key, before: was } of batch.read) expect<unknown>(was).toEqual(before.get(keyOf(key)))
  })
})

/** Everything that happened: commands decided one by one, each on what the one before it left. */
type History = Readonly<{
  before: ReadonlyMap<string, StockLevel>
  commands: readonly Command[]
  steps: readonly Readonly<{ command: Command; state: StockState; decision: Decision }>[]
  levels: ReadonlyMap<string, StockLevel>
  movements: readonly Movement[]
}>

function always(promise: string, check: (history: History) => void): void {
  test(promise, () => {
    fc.assert(
      fc.property(stock, fc.array(command, { minLength: 1, maxLength: 12 }), (before, commands) => {
        check(historyOf(before, commands))
      }),
      { numRuns: 300 },
    )
  })
}

function historyOf(before: ReadonlyMap<string, StockLevel>, commands: readonly Command[]): History {
  let state = stateOf(before)
  const steps = commands.map((own) => {
    const step = { command: own, state, decision: decide(state, [own]) }
    const { read, operations } = step.decision
    state = {
      ...state,
      levels: new Map([
        ...state.levels,
        ...read.flatMap(({ key, after }) => (after ? [[keyOf(key), after] as const] : [])),
      ]),
      operations: new Map([...state.operations, ...operations.map((operation) => [operation.id, operation] as const)]),
    }
    return step
  })
  const movements = steps.flatMap(({ decision }) => decision.movements)
  return { before, commands, steps, levels: state.levels, movements }
}

const stateOf = (levels: ReadonlyMap<string, StockLevel>): StockState => ({
  now: '2026-01-31T09:30:00.000Z',
  levels,
  due: new Map(),
  reservations: new Map(),
  warehouses: new Map(),
  operations: new Map(),
})

const PRODUCTS: readonly Uuid[] = ['1', '2', '3'].map((digit) => `${digit.repeat(8)}-0000-7000-8000-000000000000`)
const OTHER_WAREHOUSE: Uuid = '00000000-0000-7000-8000-000000000002'
const OPERATIONS: readonly Uuid[] = Array.from(
  { length: 8 },
  (_, index) => `0000000${index}-0000-8000-8000-000000000000`,
)

const product = fc.constantFrom(...PRODUCTS)
const warehouse = fc.constantFrom(DEFAULT_WAREHOUSE, DEFAULT_WAREHOUSE, OTHER_WAREHOUSE)

// Mostly small numbers, so that stock runs out; now and then the largest, so that sums would pass what can be held.
const amount = fc.oneof({ weight: 9, arbitrary: fc.nat(12) }, { weight: 1, arbitrary: fc.constant(2 ** 53 - 3) })

const level = (key: LevelKey) =>
  fc
    .record({ onHand: amount, backorderLimit: fc.nat(3), owed: fc.nat(8), version: fc.integer({ min: 1, max: 9 }) })
    .map(({ onHand, backorderLimit, owed, version }): StockLevel => {
      const reserved = Math.min(owed, onHand + 5)
      const short = Math.max(0, reserved - onHand - backorderLimit)
      return { ...emptyLevel(key, ''), onHand, reserved, short, backorderLimit, version, sequence: version }
    })

const stock = fc
  .tuple(
    ...PRODUCTS.flatMap((productId) =>
      [DEFAULT_WAREHOUSE, OTHER_WAREHOUSE].map((warehouseId) => fc.option(level({ productId, warehouseId }))),
    ),
  )
  .map((levels) => new Map(levels.flatMap((one) => (one ? [[keyOf(one), one] as const] : []))))

const name = fc.record({ operationId: fc.constantFrom(...OPERATIONS), fingerprint: fc.constantFrom('a', 'b') })

const soldOut = fail({ kind: 'conflict', code: 'product_inactive', message: 'Not sold at present.' } as const)

const sellLine: fc.Arbitrary<SellLine> = fc
  .record({ productId: product, warehouseId: warehouse, quantity: fc.integer({ min: 1, max: 6 }), isOffered: often() })
  .map(({ productId, warehouseId, quantity, isOffered }) => {
    const own = line(productId, quantity, warehouseId)
    return isOffered ? own : { ...own, offer: soldOut }
  })

const reason = fc.constantFrom<Reason>('receipt', 'return', 'correction', 'damage', 'loss')

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.tuple(product, amount, name).map(([productId, quantity, own]) => opening(productId, quantity, own)),
  fc
    .tuple(product, fc.oneof(fc.integer({ min: -8, max: 8 }), amount), reason, name)
    .map(([productId, delta, why, own]) => adjustment(productId, delta, { reason: why, ...own })),
  fc.tuple(fc.array(sellLine, { minLength: 1, maxLength: 4 }), name).map(([lines, own]) => sale(lines, own)),
)

function often(): fc.Arbitrary<boolean> {
  return fc.integer({ min: 1, max: 10 }).map((number) => number > 1)
}
