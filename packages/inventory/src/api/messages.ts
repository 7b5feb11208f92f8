import { moneyMessage, moneyOf } from '@abasto/chassis/grpc/messages'
import type { Command } from '@abasto/chassis/http/idempotency'
import type { Uuid } from '@abasto/kernel'
import {
  type Inventory as InventoryMessage,
  type Movement as MovementMessage,
  type Purchase as PurchaseMessage,
  MovementKind as SentKind,
  Reason as SentReason,
} from '@abasto/proto/inventory/v1/inventory'
import type { CreatePurchasesRequest } from '@abasto/proto/inventory/v1/inventory_service'
import type { Inventory } from '../application/ports.ts'
import type { LineToSell } from '../application/purchases.ts'
import type { Movement } from '../domain/movement.ts'
import type { Purchase } from '../domain/purchase.ts'
import type { MovementKind, Reason } from '../domain/stock-level.ts'

const SENT_REASONS: Readonly<Record<Reason, SentReason>> = {
  receipt: SentReason.RECEIPT,
  return: SentReason.RETURN,
  correction: SentReason.CORRECTION,
  damage: SentReason.DAMAGE,
  loss: SentReason.LOSS,
}

const SENT_KINDS: Readonly<Record<MovementKind, SentKind>> = {
  receipt: SentKind.RECEIPT,
  sale: SentKind.SALE,
  return: SentKind.RETURN,
  adjustment: SentKind.ADJUSTMENT,
}

const reasons = new Map(Object.entries(SENT_REASONS).map(([reason, sent]) => [sent, reason as Reason]))
const kinds = new Map(Object.entries(SENT_KINDS).map(([kind, sent]) => [sent, kind as MovementKind]))

export const reasonMessage = (reason: Reason): SentReason => SENT_REASONS[reason]

/** The reason that a message gives; undefined when it gives none that we know. */
export const reasonOf = (sent: SentReason): Reason | undefined => reasons.get(sent)

export const inventoryMessage = ({ productId, onHand, reserved, version, updatedAt }: Inventory) => ({
  productId,
  onHand: BigInt(onHand),
  reserved: BigInt(reserved),
  version: BigInt(version),
  updatedAt,
})

// Here and below the members stand in the order in which the surface gives them, so that what is printed from them is
// the same.
export const inventoryOf = (message: InventoryMessage): Inventory => ({
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
  kind: SENT_KINDS[movement.kind],
  onHandChange: BigInt(movement.onHandChange),
  reservedChange: BigInt(movement.reservedChange),
  onHandAfter: BigInt(movement.onHandAfter),
  reservedAfter: BigInt(movement.reservedAfter),
  reason: movement.reason === null ? SentReason.UNSPECIFIED : SENT_REASONS[movement.reason],
  actor: movement.actor,
  ...(movement.purchaseId === null ? {} : { purchaseId: movement.purchaseId }),
  operationId: movement.operationId,
  createdAt: movement.createdAt,
})

export function movementOf(message: MovementMessage): Movement {
  const kind = kinds.get(message.kind)
  if (kind === undefined) throw new Error(`There is no kind of movement ${message.kind}.`)
  return {
    productId: message.productId,
    warehouseId: message.warehouseId,
    sequence: Number(message.sequence),
    kind,
    onHandChange: Number(message.onHandChange),
    reservedChange: Number(message.reservedChange),
    onHandAfter: Number(message.onHandAfter),
    reservedAfter: Number(message.reservedAfter),
    reason: reasons.get(message.reason) ?? null,
    actor: message.actor,
    purchaseId: message.purchaseId ?? null,
    operationId: message.operationId,
    createdAt: message.createdAt,
  }
}

export const purchaseMessage = ({ quantity, unitPrice, total, ...others }: Purchase) => ({
  ...others,
  quantity: BigInt(quantity),
  unitPrice: moneyMessage(unitPrice),
  total: moneyMessage(total),
})

export const purchaseOf = (message: PurchaseMessage): Purchase => ({
  id: message.id,
  productId: message.productId,
  warehouseId: message.warehouseId,
  quantity: Number(message.quantity),
  unitPrice: moneyOf(message.unitPrice),
  total: moneyOf(message.total),
  operationId: message.operationId,
  createdAt: message.createdAt,
})

export const linesOf = ({ lines }: CreatePurchasesRequest): LineToSell[] =>
  lines.map(({ productId, quantity, warehouseId }) => ({
    productId,
    quantity: Number(quantity),
    ...(warehouseId === undefined ? {} : { warehouseId }),
  }))

/** A line in the words of the public API, where a purchase has one. */
export const lineCommand = ({ productId, quantity }: LineToSell): Command =>
  writeOf({ attributes: { quantity }, product: productId })

/**
 * A sale in the words of the public API. Of one line from the `default` warehouse it is what `POST /purchases` takes,
 * so the two are one write under one key; the public API has no name for more.
 */
export function saleCommand(lines: readonly LineToSell[]): Command {
  const [only] = lines
  if (only && lines.length === 1 && only.warehouseId === undefined) return lineCommand(only)
  return writeOf({ attributes: { lines } })
}

/** A write in the words of the public API. */
export const writeOf = ({
  id = '',
  attributes,
  product,
  expectedVersion,
}: Readonly<{
  id?: string
  attributes: Command['attributes']
  product?: Uuid
  expectedVersion?: bigint | undefined
}>): Command => ({
  id,
  attributes,
  relationships: product === undefined ? {} : { product },
  ifMatch: expectedVersion === undefined ? undefined : Number(expectedVersion),
})
