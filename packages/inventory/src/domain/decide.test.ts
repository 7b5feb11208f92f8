import { expect, test } from 'bun:test'
import { fail, type Uuid } from '@abasto/kernel'
import { type Command, keyOf } from './command.ts'
import { decide } from './decide.ts'
import { adjustment, levelOf, line, opening, sale } from './examples.ts'
import type { RecordedOperation, StockState } from './state.ts'
import { emptyLevel, type StockLevel } from './stock-level.ts'
import { DEFAULT_WAREHOUSE } from './warehouse.ts'

const LAMP = '11111111-1111-7111-8111-111111111111'
const CHAIR = '22222222-2222-7222-8222-222222222222'
const NOW = '2026-01-31T09:30:00.000Z'

test('opens a product with what is there, and writes the receipt down', () => {
  const { verdicts, movements } = decide(shop({}), [opening(LAMP, 5)])

  expect(verdicts).toMatchObject([{ ok: true, value: { level: { onHand: 5, version: 1 } } }])
  expect(movements).toMatchObject([{ kind: 'receipt', onHandChange: 5, onHandAfter: 5, sequence: 1, createdAt: NOW }])
})

test('opens a product with nothing, and has nothing to write down in the ledger', () => {
  const { verdicts, movements } = decide(shop({}), [opening(LAMP, 0)])

  expect(verdicts).toMatchObject([{ ok: true, value: { level: { onHand: 0, version: 1 } } }])
  expect(movements).toEqual([])
})

test('does not open a product twice', () => {
  expect(refusals(shop({ LAMP: 3 }), opening(LAMP, 5))).toEqual(['inventory_exists'])
  expect(refusals(shop({}), opening(LAMP, 5), opening(LAMP, 5))).toEqual([undefined, 'inventory_exists'])
})

test('does not open a product that its owner does not know, whatever is there', () => {
  const obstacle = { kind: 'not_found', code: 'product_not_found', message: 'There is none.' } as const

  expect(refusals(shop({ LAMP: 3 }), { ...opening(LAMP, 5), obstacle })).toEqual(['product_not_found'])
})

test('sells what is there and keeps the price that was paid', () => {
  const { verdicts, movements } = decide(shop({ LAMP: 5 }), [sale([line(LAMP, 2)])])

  expect(verdicts).toMatchObject([
    {
      value: { purchases: [{ productId: LAMP, quantity: 2, total: { minor: 500, currency: 'EUR' }, createdAt: NOW }] },
    },
  ])
  expect(movements).toMatchObject([{ kind: 'sale', onHandChange: -2, reservedChange: 0, onHandAfter: 3, reason: null }])
})

test('dates nothing before what is there, when another clock was ahead of this one', () => {
  const [earlier, hourAgo] = ['2026-01-31T09:29:59.000Z', '2026-01-31T08:30:00.000Z']
  const state = { ...shop({ LAMP: 5, CHAIR: 5 }), now: earlier }

  for (const now of [earlier, hourAgo]) {
    const { at, movements } = decide({ ...state, now }, [sale([line(LAMP, 1), line(CHAIR, 1)])])
    expect([at, ...movements.map(({ createdAt }) => createdAt)]).toEqual([NOW, NOW, NOW])
  }
})

test('sells nothing when one line is short, and says which and how many there are', () => {
  const decision = decide(shop({ LAMP: 5, CHAIR: 1 }), [sale([line(LAMP, 3), line(CHAIR, 2)])])

  expect(decision.verdicts).toMatchObject([
    {
      error: {
        kind: 'conflict',
        code: 'insufficient_stock',
        at: ['lines', 1, 'quantity'],
        details: { productId: CHAIR, requested: 2, available: 1 },
      },
    },
  ])
  expect(decision.movements).toEqual([])
  expect(decision.purchases).toEqual([])
})

test('adds the lines of one product up before it looks whether they are there', () => {
  const bought = sale([line(LAMP, 3), line(LAMP, 3)])

  const { verdicts } = decide(shop({ LAMP: 5 }), [bought])

  expect(verdicts).toMatchObject([{ error: { at: ['lines', 1, 'quantity'], details: { requested: 6, available: 5 } } }])
  expect(refusals(shop({ LAMP: 6 }), bought)).toEqual([undefined])
})

test('does not sell what is promised to others', () => {
  const state = shop({ LAMP: { onHand: 5, reserved: 4 } })

  expect(refusals(state, sale([line(LAMP, 2)]))).toEqual(['insufficient_stock'])
  expect(refusals(state, sale([line(LAMP, 1)]))).toEqual([undefined])
})

test('sells nothing while more is promised than is there, and never says that less than none is available', () => {
  const { verdicts } = decide(shop({ LAMP: { onHand: 1, reserved: 3, backorderLimit: 2 } }), [sale([line(LAMP, 1)])])

  expect(verdicts).toMatchObject([{ error: { details: { available: 0 } } }])
})

test('does not sell what is not offered, or was never counted', () => {
  const offer = fail({ kind: 'conflict', code: 'product_inactive', message: 'Not sold.', at: ['productId'] } as const)

  expect(refusals(shop({ LAMP: 5 }), sale([{ ...line(LAMP, 1), offer }]))).toEqual(['product_inactive'])
  expect(refusals(shop({}), sale([line(LAMP, 1)]))).toEqual(['no_inventory'])
  expect(refusals(shop({}), adjustment(LAMP, 1))).toEqual(['no_inventory'])
})

test('who comes first is served first', () => {
  const state = shop({ LAMP: 5 })

  const found = refusals(state, sale([line(LAMP, 4)]), sale([line(LAMP, 2)]), sale([line(LAMP, 1)]))

  expect(found).toEqual([undefined, 'insufficient_stock', undefined])
})

test('damage eats into what is promised, and what can no longer be delivered is short', () => {
  const state = shop({ LAMP: { onHand: 5, reserved: 4 } })

  const { verdicts } = decide(state, [
    { ...adjustment(LAMP, -3, { reason: 'damage' }), shown: 'level' },
    { ...adjustment(LAMP, 1), shown: 'level' },
  ])

  expect(verdicts).toMatchObject([
    { value: { level: { onHand: 2, reserved: 4, short: 2 } } },
    { value: { level: { onHand: 3, reserved: 4, short: 1 } } },
  ])
})

test('a loss within the backorder limit leaves nothing short', () => {
  const state = shop({ LAMP: { onHand: 5, reserved: 4, backorderLimit: 2 } })

  expect(decide(state, [{ ...adjustment(LAMP, -3, { reason: 'loss' }), shown: 'level' }]).verdicts).toMatchObject([
    { value: { level: { onHand: 2, short: 0 } } },
  ])
})

test('a correction cannot touch what is promised, and nobody loses more than there is', () => {
  const state = shop({ LAMP: { onHand: 5, reserved: 4 } })

  expect(refusals(state, adjustment(LAMP, -2))).toEqual(['insufficient_stock'])
  expect(refusals(state, adjustment(LAMP, -6, { reason: 'loss' }))).toEqual(['insufficient_stock'])
  expect(refusals(state, adjustment(LAMP, -5, { reason: 'loss' }))).toEqual([undefined])
})

test('a reason and the sign of a change fit each other', () => {
  const wrong = [
    adjustment(LAMP, -1, { reason: 'receipt' }),
    adjustment(LAMP, -1, { reason: 'return' }),
    adjustment(LAMP, 1, { reason: 'damage' }),
    adjustment(LAMP, 1, { reason: 'loss' }),
    adjustment(LAMP, 0),
  ]

  expect(refusals(shop({ LAMP: 5 }), ...wrong)).toEqual(wrong.map(() => 'reason_mismatch'))
})

test('a change by hand is written down as what it was', () => {
  const { movements } = decide(shop({ LAMP: 5 }), [
    adjustment(LAMP, 2, { reason: 'receipt' }),
    adjustment(LAMP, 1, { reason: 'return' }),
    adjustment(LAMP, -1, { reason: 'damage' }),
  ])

  expect(movements.map(({ kind, reason, sequence }) => [kind, reason, sequence])).toEqual([
    ['receipt', 'receipt', 1],
    ['return', 'return', 2],
    ['adjustment', 'damage', 3],
  ])
})

test('a change that was meant for another version is refused', () => {
  const state = shop({ LAMP: { onHand: 5, version: 7 } })

  expect(refusals(state, { ...adjustment(LAMP, 1), expectedVersion: 6 })).toEqual(['version_mismatch'])
  expect(refusals(state, { ...adjustment(LAMP, 1), expectedVersion: 7 })).toEqual([undefined])
})

test('an operation that was decided before is answered as it was, a refusal included', () => {
  const [bought, refused] = [sale([line(LAMP, 2)]), sale([line(LAMP, 9)])]
  const before = decide(shop({ LAMP: 5 }), [bought, refused])

  const again = decide(shop({ LAMP: 0 }, before.operations), [bought, refused])

  expect(again.verdicts).toEqual(before.verdicts.map((verdict) => ({ ...verdict, replayed: true })))
  expect([...again.movements, ...again.purchases, ...again.operations]).toEqual([])
})

test('an operation id cannot be used for another command, and the first stays', () => {
  const bought = sale([line(LAMP, 2)])
  const other = { ...sale([line(LAMP, 1)], { operationId: bought.operationId }), fingerprint: '0'.repeat(32) }

  expect(refusals(shop({ LAMP: 5 }), bought, other)).toEqual([undefined, 'idempotency_key_reused'])
})

test('the same operation twice in one batch takes effect once', () => {
  const bought = sale([line(LAMP, 2)])

  const { verdicts, movements, operations } = decide(shop({ LAMP: 5 }), [bought, bought])

  expect(verdicts[1]).toEqual({ ...verdicts[0]!, replayed: true })
  expect([movements.length, operations.length]).toEqual([1, 1])
})

test('a level that was only looked at is part of what the write depends on', () => {
  const { read } = decide(shop({ LAMP: 5 }), [sale([line(LAMP, 1), line(CHAIR, 1)])])

  expect(read.map(({ key, before, after }) => [key.productId, before?.onHand, after])).toEqual([
    [LAMP, 5, undefined],
    [CHAIR, undefined, undefined],
  ])
})

type Amounts = number | Partial<StockLevel>

/** A shop with these levels in its default warehouse, in which these operations were decided before. */
function shop(levels: { LAMP?: Amounts; CHAIR?: Amounts }, decided: readonly RecordedOperation[] = []): StockState {
  const rows = Object.entries(levels).map(([name, amounts]) => {
    const productId: Uuid = name === 'LAMP' ? LAMP : CHAIR
    const given = typeof amounts === 'number' ? { onHand: amounts } : amounts
    const level = { ...emptyLevel({ productId, warehouseId: DEFAULT_WAREHOUSE }, NOW), version: 1, ...given }
    return [keyOf(levelOf(productId)), level] as const
  })
  const nothing = { due: new Map(), reservations: new Map(), warehouses: new Map() }
  return {
    now: NOW,
    ...nothing,
    levels: new Map(rows),
    operations: new Map(decided.map((operation) => [operation.id, operation])),
  }
}

const refusals = (state: StockState, ...commands: Command[]) =>
  decide(state, commands).verdicts.map((verdict) => (verdict.ok ? undefined : verdict.error.code))
