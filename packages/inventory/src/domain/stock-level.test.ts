import { expect, test } from 'bun:test'
import {
  add,
  adjust,
  available,
  commit,
  configure,
  count,
  emptyLevel,
  isSame,
  kindOf,
  release,
  reserve,
  type StockLevel,
  sell,
  withoutLapsed,
} from './stock-level.ts'

test('what is available is what is there and nobody was promised', () => {
  expect(available(levelWith({ onHand: 5, reserved: 3 }))).toBe(2)
  expect(available(levelWith({ onHand: 5, reserved: 7 }))).toBe(-2)
  expect(available(levelWith({ onHand: 5, reserved: 3 }), 2)).toBe(4)
})

test('a sale takes what is available, to the last unit', () => {
  const level = levelWith({ onHand: 5, reserved: 3, backorderLimit: 9 })

  expect(sell(level, 2)).toMatchObject({ value: { onHand: 3, reserved: 3 } })
  expect(sell(level, 3)).toMatchObject({ error: { details: { requested: 3, available: 2 } } })
})

test('a reservation takes what is available and what may be owed, to the last unit', () => {
  const level = levelWith({ onHand: 5, reserved: 3, backorderLimit: 2 })

  expect(reserve(level, 4)).toMatchObject({ value: { onHand: 5, reserved: 7 } })
  expect(reserve(level, 5)).toMatchObject({ error: { details: { requested: 5, available: 4 } } })
})

test('a commit takes what is there, to the last unit, promised to whomever', () => {
  const level = levelWith({ onHand: 2, reserved: 5, backorderLimit: 3 })

  expect(commit(level, 2)).toMatchObject({ value: { onHand: 0, reserved: 3 } })
  expect(commit(level, 3)).toMatchObject({ error: { details: { requested: 3, available: 2 } } })
})

test('what is given back makes good what was short before it is free for others', () => {
  const level = levelWith({ onHand: 1, reserved: 5, short: 3, backorderLimit: 1 })

  expect(release(level, 2)).toMatchObject({ reserved: 3, short: 1 })
  expect(release(level, 5)).toMatchObject({ reserved: 0, short: 0 })
  expect(add(level, 2)).toMatchObject({ value: { onHand: 3, short: 1 } })
})

test('a fact takes what is promised, a correction does not', () => {
  const level = levelWith({ onHand: 5, reserved: 4 })

  expect(adjust(level, -1, 'correction')).toMatchObject({ value: { onHand: 4 } })
  expect(adjust(level, -2, 'correction')).toMatchObject({ error: { code: 'insufficient_stock' } })
  expect(adjust(level, -5, 'damage')).toMatchObject({ value: { onHand: 0, short: 4 } })
  expect(adjust(level, -6, 'damage')).toMatchObject({ error: { details: { requested: 6, available: 5 } } })
  expect(count(level, 3)).toMatchObject({ value: { onHand: 3, short: 1 } })
  expect(count(level, 7)).toMatchObject({ value: { onHand: 7, short: 0 } })
})

test('a change by hand is of the kind that its reason says', () => {
  const reasons = ['receipt', 'return', 'correction', 'damage', 'loss'] as const

  expect(reasons.map(kindOf)).toEqual(['receipt', 'return', 'adjustment', 'adjustment', 'adjustment'])
})

test('what lapsed is left out of what is shown, of what is short too', () => {
  const level = levelWith({ onHand: 2, reserved: 5, short: 3 })

  expect(withoutLapsed(level, 4)).toMatchObject({ reserved: 1, short: 0 })
  expect(withoutLapsed(level, 0)).toBe(level)
})

test('a limit may stay below what is owed where it was, when a fact took the stock', () => {
  const level = levelWith({ onHand: 1, reserved: 5, backorderLimit: 2, short: 2 })

  expect(configure(level, { incoming: 4 })).toMatchObject({ value: { backorderLimit: 2, incoming: 4 } })
  expect(configure(level, { backorderLimit: 1 })).toMatchObject({ error: { code: 'backorder_limit_too_low' } })
  expect(configure(level, { backorderLimit: 3 })).toMatchObject({ value: { short: 1 } })
})

test('two pictures of a level are the same only if nothing of it differs but when it was changed', () => {
  const level = levelWith({ onHand: 5, version: 3, sequence: 2 })
  const differences: Partial<StockLevel>[] = [
    { version: 4 },
    { onHand: 4 },
    { reserved: 1 },
    { short: 1 },
    { backorderLimit: 1 },
    { incoming: 1 },
    { reorderPoint: 1 },
    { nextExpiryAt: '2026-01-31T09:00:00.000Z' },
    { sequence: 3 },
  ]

  expect(isSame(level, { ...level, updatedAt: 'later' })).toBe(true)
  for (const difference of differences) expect(isSame(level, { ...level, ...difference })).toBe(false)
  expect([isSame(level, undefined), isSame(undefined, undefined)]).toEqual([false, true])
})

const levelWith = (amounts: Partial<StockLevel>): StockLevel => ({
  ...emptyLevel({ productId: 'lamp', warehouseId: 'attic' }, ''),
  ...amounts,
})
