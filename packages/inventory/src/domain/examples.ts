import { type Failure, type Money, ok, type Uuid } from '@abasto/kernel'
import type {
  AdjustStock,
  Command,
  CommitReservation,
  ConfigureLevel,
  CountStock,
  CreateWarehouse,
  DeleteWarehouse,
  ExpireReservation,
  ExtendReservation,
  LevelSettings,
  OpenLevel,
  ReleaseReservation,
  RenameWarehouse,
  ReserveLine,
  ReserveStock,
  SellLine,
  SellStock,
  TransferLine,
  TransferStock,
} from './command.ts'
import type { Movement } from './movement.ts'
import type { LevelKey, Reason } from './stock-level.ts'
import { DEFAULT_WAREHOUSE } from './warehouse.ts'

/** Commands as tests need them: small, and each with an operation id of its own unless told otherwise. */

type Name = Partial<Pick<Command, 'operationId' | 'fingerprint'>>

const named = (name: Name) => ({
  operationId: Bun.randomUUIDv7(),
  fingerprint: 'f'.repeat(32),
  actor: 'tester',
  ...name,
})

export const opening = (
  productId: Uuid,
  quantity: number,
  {
    warehouseId = DEFAULT_WAREHOUSE,
    backorderLimit,
    ...name
  }: Name & { warehouseId?: Uuid; backorderLimit?: number } = {},
): OpenLevel => ({
  type: 'open',
  shown: 'inventory',
  siblings: [],
  productId,
  warehouseId,
  quantity,
  ...(backorderLimit === undefined ? {} : { settings: { backorderLimit } }),
  ...named(name),
})

export const adjustment = (
  productId: Uuid,
  quantityDelta: number,
  { reason = 'correction', ...name }: Name & { reason?: Reason; expectedVersion?: number } = {},
): AdjustStock => ({
  type: 'adjust',
  shown: 'inventory',
  siblings: [],
  productId,
  warehouseId: DEFAULT_WAREHOUSE,
  quantityDelta,
  reason,
  ...named(name),
})

export const counting = (
  productId: Uuid,
  countedOnHand: number,
  name: Name & { expectedVersion?: number; expectedOnHand?: number } = {},
): CountStock => ({ type: 'count', productId, warehouseId: DEFAULT_WAREHOUSE, countedOnHand, ...named(name) })

export const transfer = (lines: readonly TransferLine[], name: Name = {}): TransferStock => ({
  type: 'transfer',
  transferId: Bun.randomUUIDv7(),
  lines,
  ...named(name),
})

export const reservation = (
  lines: readonly ReserveLine[],
  {
    id = Bun.randomUUIDv7(),
    isIdChosen = false,
    ttlSeconds = 600,
    reference = null,
    ...name
  }: Name & { id?: Uuid; isIdChosen?: boolean; ttlSeconds?: number; reference?: string | null } = {},
): ReserveStock => ({
  type: 'reserve',
  reservationId: id,
  isIdChosen,
  lines,
  ttlSeconds,
  reference,
  ...named(name),
})

export const lineHeld = (productId: Uuid, quantity: number, warehouseId = DEFAULT_WAREHOUSE): ReserveLine => ({
  productId,
  warehouseId,
  quantity,
})

export const commitment = (
  reservationId: Uuid,
  { lines, ...name }: Name & { lines?: readonly LevelKey[] } = {},
): CommitReservation => ({ type: 'commit', reservationId, lines, ...named(name) })

export const releasing = (
  reservationId: Uuid,
  { lines, ...name }: Name & { lines?: readonly LevelKey[] } = {},
): ReleaseReservation => ({ type: 'release', reservationId, lines, ...named(name) })

export const extension = (reservationId: Uuid, ttlSeconds: number, name: Name = {}): ExtendReservation => ({
  type: 'extend',
  reservationId,
  ttlSeconds,
  ...named(name),
})

export const expiry = (reservationId: Uuid, name: Name = {}): ExpireReservation => ({
  type: 'expire',
  reservationId,
  ...named(name),
})

export const creation = (warehouseId: Uuid, name: Name = {}): CreateWarehouse => ({
  type: 'create-warehouse',
  warehouseId,
  name: 'the other one',
  ...named(name),
})

export const renaming = (
  warehouseId: Uuid,
  to: string,
  name: Name & { expectedVersion?: number } = {},
): RenameWarehouse => ({
  type: 'rename-warehouse',
  warehouseId,
  name: to,
  ...named(name),
})

export const deletion = (
  warehouseId: Uuid,
  name: Name & { expectedVersion?: number; obstacle?: Failure } = {},
): DeleteWarehouse => ({ type: 'delete-warehouse', warehouseId, ...named(name) })

export const configuration = (
  productId: Uuid,
  settings: LevelSettings,
  name: Name & { expectedVersion?: number } = {},
): ConfigureLevel => ({ type: 'configure', productId, warehouseId: DEFAULT_WAREHOUSE, settings, ...named(name) })

export const sale = (lines: readonly SellLine[], name: Name = {}): SellStock => ({
  type: 'sell',
  lines,
  ...named(name),
})

/** A line at 2.50 EUR a piece. */
export const line = (productId: Uuid, quantity: number, warehouseId = DEFAULT_WAREHOUSE): SellLine => ({
  purchaseId: Bun.randomUUIDv7(),
  productId,
  warehouseId,
  quantity,
  offer: ok({ unitPrice: euros(250), total: euros(250 * quantity) }),
})

const euros = (minor: number): Money => ({ minor, currency: 'EUR' })

export const levelOf = (productId: Uuid): LevelKey => ({ productId, warehouseId: DEFAULT_WAREHOUSE })

/** Adds the movements of one level up and throws where the ledger contradicts itself. */
export function fold(movements: readonly Movement[]): Readonly<{ onHand: number; reserved: number; sequence: number }> {
  let [onHand, reserved, sequence] = [0, 0, 0]
  for (const movement of movements) {
    onHand += movement.onHandChange
    reserved += movement.reservedChange
    sequence += 1
    const isSound =
      movement.sequence === sequence && movement.onHandAfter === onHand && movement.reservedAfter === reserved
    if (!isSound) throw new Error(`the ledger contradicts itself: ${JSON.stringify({ movement, onHand, sequence })}`)
  }
  return { onHand, reserved, sequence }
}
