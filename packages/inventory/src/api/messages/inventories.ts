import {
  type Inventory as InventoryMessage,
  type Movement as MovementMessage,
  MovementKind as SentKind,
  Reason as SentReason,
} from '@abasto/proto/inventory/v1/inventory'
import type { MovementFilter } from '../../application/ports.ts'
import type { Movement } from '../../domain/movement.ts'
import type { ProductTotals } from '../../domain/state.ts'
import type { MovementKind, MovementReason, Reason } from '../../domain/stock-level.ts'
import { given, words } from './members.ts'

const reasons = words<MovementReason, SentReason>({
  receipt: SentReason.RECEIPT,
  return: SentReason.RETURN,
  correction: SentReason.CORRECTION,
  damage: SentReason.DAMAGE,
  loss: SentReason.LOSS,
  count: SentReason.COUNT,
})

export const kinds = words<MovementKind, SentKind>({
  receipt: SentKind.RECEIPT,
  sale: SentKind.SALE,
  return: SentKind.RETURN,
  adjustment: SentKind.ADJUSTMENT,
  reservation: SentKind.RESERVATION,
  commit: SentKind.COMMIT,
  release: SentKind.RELEASE,
  expiry: SentKind.EXPIRY,
  transfer_out: SentKind.TRANSFER_OUT,
  transfer_in: SentKind.TRANSFER_IN,
})

export const reasonMessage = (reason: Reason): SentReason => reasons.sent(reason)

/** The reason for a change that a message gives; undefined when it gives none. A count is no reason to change. */
export function reasonOf(sent: SentReason): Reason | undefined {
  const reason = reasons.name(sent)
  return reason === 'count' ? undefined : reason
}

export const inventoryMessage = ({ productId, onHand, reserved, version, updatedAt }: ProductTotals) => ({
  productId,
  onHand: BigInt(onHand),
  reserved: BigInt(reserved),
  version: BigInt(version),
  updatedAt,
})

// Here and in the files beside this one the members stand in the order in which the surface gives them, so that what is
// printed from them is the same.
export const inventoryOf = (message: InventoryMessage): ProductTotals => ({
  productId: message.productId,
  onHand: Number(message.onHand),
  reserved: Number(message.reserved),
  version: Number(message.version),
  updatedAt: message.updatedAt,
})

export const movementMessage = (movement: Movement) => ({
  productId: movement.productId,
  warehouseId: movement.warehouseId,
  sequence: BigInt(movement.sequence),
  kind: kinds.sent(movement.kind),
  onHandChange: BigInt(movement.onHandChange),
  reservedChange: BigInt(movement.reservedChange),
  onHandAfter: BigInt(movement.onHandAfter),
  reservedAfter: BigInt(movement.reservedAfter),
  reason: movement.reason === null ? SentReason.UNSPECIFIED : reasons.sent(movement.reason),
  actor: movement.actor,
  ...given({
    purchaseId: movement.purchaseId ?? undefined,
    reservationId: movement.reservationId ?? undefined,
  }),
  operationId: movement.operationId,
  createdAt: movement.createdAt,
})

export const movementOf = (message: MovementMessage): Movement => ({
  productId: message.productId,
  warehouseId: message.warehouseId,
  sequence: Number(message.sequence),
  kind: kinds.known(message.kind),
  onHandChange: Number(message.onHandChange),
  reservedChange: Number(message.reservedChange),
  onHandAfter: Number(message.onHandAfter),
  reservedAfter: Number(message.reservedAfter),
  reason: reasons.name(message.reason) ?? null,
  actor: message.actor,
  purchaseId: message.purchaseId ?? null,
  reservationId: message.reservationId ?? null,
  operationId: message.operationId,
  createdAt: message.createdAt,
})

export const filterMessage = ({
  productIds = [],
  warehouseIds = [],
  kinds: asked = [],
  from,
  until,
}: MovementFilter) => ({
  productIds: [...productIds],
  warehouseIds: [...warehouseIds],
  kinds: asked.map(kinds.sent),
  ...given({ from, until }),
})
