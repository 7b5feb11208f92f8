import { type Failure, fail, invalid, ok, type Result, type Uuid } from '@abasto/kernel'

/** One product in one warehouse. `available` is computed, never stored. */
export type StockLevel = Readonly<{
  productId: Uuid
  warehouseId: Uuid
  /** Units physically there, promised or not. */
  onHand: number
  /** Units promised, not yet gone. */
  reserved: number
  /** Units promised beyond what is there and allowed, because a count or a write-off found less. */
  short: number
  /** How far reservations may go beyond what is on hand. */
  backorderLimit: number
  /** The number of its last movement. */
  sequence: number
  /** Rises by one with every write; 0 while the level has never been written. */
  version: number
  updatedAt: string
}>

export type LevelKey = Readonly<{ productId: Uuid; warehouseId: Uuid }>

/** The warehouse that every shop has; the first migration makes it. */
export const DEFAULT_WAREHOUSE: Uuid = '00000000-0000-7000-8000-000000000001'

/** Why a level is changed by hand. */
export type Reason = 'receipt' | 'return' | 'correction' | 'damage' | 'loss'

export type MovementKind = 'receipt' | 'sale' | 'return' | 'adjustment'

export const available = (level: StockLevel): number => level.onHand - level.reserved

/**
 * Whether what was decided on one holds for the other. The version alone does not say so: two writers may reach the
 * same one with other numbers when a level was not read but reckoned from a write that had not been confirmed.
 */
export const isSame = (one: StockLevel | undefined, other: StockLevel | undefined): boolean =>
  one?.version === other?.version &&
  one?.onHand === other?.onHand &&
  one?.reserved === other?.reserved &&
  one?.short === other?.short &&
  one?.backorderLimit === other?.backorderLimit &&
  one?.sequence === other?.sequence

/** A level nobody has put anything on yet. */
export const emptyLevel = ({ productId, warehouseId }: LevelKey, now: string): StockLevel => ({
  productId,
  warehouseId,
  onHand: 0,
  reserved: 0,
  short: 0,
  backorderLimit: 0,
  sequence: 0,
  version: 0,
  updatedAt: now,
})

/** Takes units away for a customer, at most what is available: what is promised to others is out of reach. */
export function sell(level: StockLevel, quantity: number): Result<StockLevel> {
  if (quantity > available(level)) return fail(insufficientStock(level, quantity, available(level)))
  return ok(withOnHand(level, level.onHand - quantity))
}

/**
 * Changes a level by hand. A `correction` may not touch what is promised; `damage` and `loss` say what is, so they may,
 * and what can then no longer be delivered is `short`.
 */
export function adjust(level: StockLevel, delta: number, reason: Reason): Result<StockLevel> {
  if (!fits(delta, reason)) return fail(reasonMismatch(delta, reason))
  if (delta > 0) return add(level, delta)
  const isFact = reason === 'damage' || reason === 'loss'
  const reachable = isFact ? level.onHand : available(level)
  if (-delta > reachable) return fail(insufficientStock(level, -delta, reachable))
  const less = withOnHand(level, level.onHand + delta)
  return ok(isFact ? { ...less, short: owedBeyondLimit(less) } : less)
}

/** Puts units on a level. */
export function add(level: StockLevel, quantity: number): Result<StockLevel> {
  const onHand = level.onHand + quantity
  if (!Number.isSafeInteger(onHand)) return fail(outOfRange(level))
  return ok(withOnHand(level, onHand))
}

/** Under which kind a change by hand is written down. */
export const kindOf = (reason: Reason): MovementKind =>
  reason === 'receipt' || reason === 'return' ? reason : 'adjustment'

// `short` falls as stock comes back and is raised only where a fact took promised stock away.
function withOnHand(level: StockLevel, onHand: number): StockLevel {
  const changed = { ...level, onHand }
  return { ...changed, short: Math.min(level.short, owedBeyondLimit(changed)) }
}

const owedBeyondLimit = (level: StockLevel): number => Math.max(0, level.reserved - level.onHand - level.backorderLimit)

function fits(delta: number, reason: Reason): boolean {
  if (reason === 'receipt' || reason === 'return') return delta > 0
  if (reason === 'damage' || reason === 'loss') return delta < 0
  return delta !== 0
}

export const insufficientStock = (level: LevelKey, requested: number, reachable: number): Failure => ({
  kind: 'conflict',
  code: 'insufficient_stock',
  message: `${requested} asked for, ${Math.max(0, reachable)} available.`,
  at: ['quantity'],
  details: { productId: level.productId, requested, available: Math.max(0, reachable) },
})

const outOfRange = (level: StockLevel): Failure =>
  invalid('quantity_out_of_range', `The level would pass 2^53 - 1; ${level.onHand} are on hand.`, ['quantity'])

const reasonMismatch = (delta: number, reason: Reason): Failure =>
  invalid('reason_mismatch', `A ${reason} cannot change stock by ${delta}.`, ['reason'])
