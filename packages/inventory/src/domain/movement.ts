import type { Uuid } from '@abasto/kernel'
import type { MovementKind, MovementReason } from './stock-level.ts'

/** The record of one change of one level. Folding a level's movements in sequence gives the level. */
export type Movement = Readonly<{
  productId: Uuid
  warehouseId: Uuid
  /** Its number within its level, from 1, without gaps. */
  sequence: number
  kind: MovementKind
  onHandChange: number
  reservedChange: number
  onHandAfter: number
  reservedAfter: number
  /** Why it was changed by hand; `null` when it was not. */
  reason: MovementReason | null
  actor: string
  /** The sale that caused it, if one did. */
  purchaseId: Uuid | null
  /** The reservation whose promise it made or ended, if it did. */
  reservationId: Uuid | null
  /** The write that caused it; of an expiry, the one that made the reservation. */
  operationId: Uuid
  createdAt: string
}>
