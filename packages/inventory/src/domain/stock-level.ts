import { type Failure, fail, invalid, ok, type Result, type Uuid } from '@abasto/kernel'
import type { LevelSettings } from './command.ts'

/** One product in one warehouse. `available` is computed, never stored. */
export type StockLevel = Readonly<{
  productId: Uuid
  warehouseId: Uuid
  /** Units physically there, promised or not. */
  onHand: number
  /** Units promised, not yet gone. */
  reserved: number
  /**
   * Units promised beyond what is there and allowed, because a count or a write-off found less. As stored, also those
   * that lapsed and were promised anew before they could be ended; nobody is shown these.
   */
  short: number
  /** How far reservations may go beyond what is on hand. */
  backorderLimit: number
  /** Units that are on their way; what is said of them changes nothing else. */
  incoming: number
  /** At or below this many available units it is time to reorder; `null`: never. */
  reorderPoint: number | null
  /** No hold of it expires before this moment; `null`: none ever does. May be earlier than the truth, never later. */
  nextExpiryAt: string | null
  /** The number of its last movement. */
  sequence: number
  /** Rises by one with every write; 0 while the level has never been written. */
  version: number
  updatedAt: string
}>

export type LevelKey = Readonly<{ productId: Uuid; warehouseId: Uuid }>

/** Why a level is changed by hand. */
export type Reason = 'receipt' | 'return' | 'correction' | 'damage' | 'loss'

/** Why a movement by hand was made: by a change, or by a count. */
export type MovementReason = Reason | 'count'

export const MOVEMENT_KINDS = [
  'receipt',
  'sale',
  'return',
  'adjustment',
  'reservation',
  'commit',
  'release',
  'expiry',
  'transfer_out',
  'transfer_in',
] as const

export type MovementKind = (typeof MOVEMENT_KINDS)[number]

/** Units nobody was promised. `lapsed` units of what is reserved are past their time, though not written off yet. */
export const available = (level: StockLevel, lapsed = 0): number => level.onHand - level.reserved + lapsed

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
  one?.incoming === other?.incoming &&
  one?.reorderPoint === other?.reorderPoint &&
  one?.nextExpiryAt === other?.nextExpiryAt &&
  one?.sequence === other?.sequence

/** A level nobody has put anything on yet. */
export const emptyLevel = ({ productId, warehouseId }: LevelKey, now: string): StockLevel => ({
  productId,
  warehouseId,
  onHand: 0,
  reserved: 0,
  short: 0,
  backorderLimit: 0,
  incoming: 0,
  reorderPoint: null,
  nextExpiryAt: null,
  sequence: 0,
  version: 0,
  updatedAt: now,
})

/** Takes units away for a customer, at most what is available: what is promised to others is out of reach. */
export function sell(level: StockLevel, quantity: number, lapsed = 0): Result<StockLevel> {
  const reachable = available(level, lapsed)
  if (quantity > reachable) return fail(insufficientStock(level, quantity, reachable))
  return ok(settled({ ...level, onHand: level.onHand - quantity }, lapsed))
}

/** Promises units: what is available, and beyond it as far as the backorder limit goes. */
export function reserve(level: StockLevel, quantity: number, lapsed = 0): Result<StockLevel> {
  const reachable = available(level, lapsed) + level.backorderLimit
  if (quantity > reachable) return fail(insufficientStock(level, quantity, reachable))
  return ok(settled({ ...level, reserved: level.reserved + quantity }, lapsed))
}

/** Hands over what was promised, at most what is there. */
export function commit(level: StockLevel, quantity: number): Result<StockLevel> {
  if (quantity > level.onHand) return fail(insufficientStock(level, quantity, level.onHand))
  return ok(settled({ ...level, onHand: level.onHand - quantity, reserved: level.reserved - quantity }))
}

/** Takes a promise back. */
export const release = (level: StockLevel, quantity: number): StockLevel =>
  settled({ ...level, reserved: level.reserved - quantity })

/**
 * Changes a level by hand. A `correction` may not touch what is promised; `damage` and `loss` say what is, so they may,
 * and what can then no longer be delivered is `short`.
 */
export function adjust(level: StockLevel, delta: number, reason: Reason, lapsed = 0): Result<StockLevel> {
  if (!fits(delta, reason)) return fail(reasonMismatch(delta, reason))
  if (delta > 0) return add(level, delta)
  const isFact = reason === 'damage' || reason === 'loss'
  const reachable = isFact ? level.onHand : available(level, lapsed)
  if (-delta > reachable) return fail(insufficientStock(level, -delta, reachable))
  const onHand = level.onHand + delta
  return ok(isFact ? stated(level, onHand) : settled({ ...level, onHand }, lapsed))
}

/** Sets what is there to what was counted: a fact, however much of it is promised. */
export function count(level: StockLevel, countedOnHand: number): Result<StockLevel> {
  if (countedOnHand < level.onHand) return ok(stated(level, countedOnHand))
  return add(level, countedOnHand - level.onHand)
}

/** Sets a level up; a backorder limit cannot be lowered below what is owed. */
export function configure(level: StockLevel, settings: LevelSettings, lapsed = 0): Result<StockLevel> {
  const { backorderLimit = level.backorderLimit, incoming = level.incoming } = settings
  const reorderPoint = settings.reorderPoint === undefined ? level.reorderPoint : settings.reorderPoint
  const { reserved, onHand, short } = withoutLapsed(level, lapsed)
  const owed = reserved - onHand - short
  if (backorderLimit < level.backorderLimit && backorderLimit < owed) return fail(limitTooLow(level, owed))
  const configured = { ...level, backorderLimit, incoming, reorderPoint }
  return isInRange(configured) ? ok(settled(configured, lapsed)) : fail(outOfRange(level))
}

/** Puts units on a level. */
export function add(level: StockLevel, quantity: number): Result<StockLevel> {
  const more = { ...level, onHand: level.onHand + quantity }
  return isInRange(more) ? ok(settled(more)) : fail(outOfRange(level))
}

/** Under which kind a change by hand is written down. */
export const kindOf = (reason: Reason): MovementKind =>
  reason === 'receipt' || reason === 'return' ? reason : 'adjustment'

/** The level as it is to whoever asks: what is past its time is no longer promised. */
export const withoutLapsed = (level: StockLevel, lapsed: number): StockLevel =>
  lapsed === 0 ? level : release(level, lapsed)

// `short` falls as stock or promises come back and is raised only where a fact took promised stock away. What is past
// its time may be promised anew while `reserved` still has it: until it is ended, that stands in `short` too.
const settled = (level: StockLevel, lapsed = 0): StockLevel => ({
  ...level,
  short: Math.min(level.short + lapsed, owedBeyondLimit(level)),
})

const stated = (level: StockLevel, onHand: number): StockLevel => ({
  ...level,
  onHand,
  short: owedBeyondLimit({ ...level, onHand }),
})

const isInRange = (level: StockLevel): boolean => Number.isSafeInteger(level.onHand + level.backorderLimit)

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

const limitTooLow = (level: StockLevel, owed: number): Failure => ({
  kind: 'conflict',
  code: 'backorder_limit_too_low',
  message: `${owed} units are owed; the limit cannot be below that.`,
  at: ['backorderLimit'],
  details: { productId: level.productId, owed },
})

const reasonMismatch = (delta: number, reason: Reason): Failure =>
  invalid('reason_mismatch', `A ${reason} cannot change stock by ${delta}.`, ['reason'])
