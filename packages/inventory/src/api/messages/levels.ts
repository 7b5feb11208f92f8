import { failureMessage, failureOf } from '@abasto/chassis/grpc/status'
import { fail, ok, type Result, replayed } from '@abasto/kernel'
import {
  type LevelAt as LevelAtMessage,
  type LevelChange as LevelChangeMessage,
  type LevelSettings as LevelSettingsMessage,
  type LevelVerdict as LevelVerdictMessage,
  LevelState as SentState,
  type StockLevel as StockLevelMessage,
  type TransferLine as TransferLineMessage,
  type Transfer as TransferMessage,
} from '@abasto/proto/inventory/v1/stock_level'
import type { LevelChange } from '../../application/levels.ts'
import type { LevelAt, LevelState } from '../../application/ports.ts'
import type { LevelSettings, TransferLine } from '../../domain/command.ts'
import type { LevelKey, Reason, StockLevel } from '../../domain/stock-level.ts'
import type { Transfer } from '../../domain/transfer.ts'
import { DEFAULT_WAREHOUSE } from '../../domain/warehouse.ts'
import { reasonMessage, reasonOf } from './inventories.ts'
import { always, given, numberOf, whole, words } from './members.ts'

export const states = words<LevelState, SentState>({
  reorder: SentState.REORDER,
  out: SentState.OUT,
  short: SentState.SHORT,
})

/** The level that is meant, without what else the caller may know of it. */
export const keyMessage = ({ productId, warehouseId }: LevelKey) => ({ productId, warehouseId })

export const levelMessage = (level: StockLevel) => ({
  productId: level.productId,
  warehouseId: level.warehouseId,
  onHand: BigInt(level.onHand),
  reserved: BigInt(level.reserved),
  short: BigInt(level.short),
  backorderLimit: BigInt(level.backorderLimit),
  incoming: BigInt(level.incoming),
  ...given({ reorderPoint: whole(level.reorderPoint ?? undefined), nextExpiryAt: level.nextExpiryAt ?? undefined }),
  sequence: BigInt(level.sequence),
  version: BigInt(level.version),
  updatedAt: level.updatedAt,
})

export const levelOf = (message: StockLevelMessage): StockLevel => ({
  productId: message.productId,
  warehouseId: message.warehouseId,
  onHand: Number(message.onHand),
  reserved: Number(message.reserved),
  short: Number(message.short),
  backorderLimit: Number(message.backorderLimit),
  incoming: Number(message.incoming),
  reorderPoint: numberOf(message.reorderPoint) ?? null,
  nextExpiryAt: message.nextExpiryAt ?? null,
  sequence: Number(message.sequence),
  version: Number(message.version),
  updatedAt: message.updatedAt,
})

export const levelAtMessage = ({ productId, warehouseId, onHand, reserved, sequence, updatedAt }: LevelAt) => ({
  productId,
  warehouseId,
  onHand: BigInt(onHand),
  reserved: BigInt(reserved),
  sequence: BigInt(sequence),
  updatedAt,
})

export const levelAtOf = (message: LevelAtMessage): LevelAt => ({
  productId: message.productId,
  warehouseId: message.warehouseId,
  onHand: Number(message.onHand),
  reserved: Number(message.reserved),
  sequence: Number(message.sequence),
  updatedAt: message.updatedAt,
})

export const settingsMessage = ({ reorderPoint, backorderLimit, incoming }: LevelSettings) => ({
  ...(reorderPoint === undefined ? {} : { reorder: reorderMessage(reorderPoint) }),
  ...given({ backorderLimit: whole(backorderLimit), incoming: whole(incoming) }),
})

const reorderMessage = (reorderPoint: number | null) =>
  reorderPoint === null
    ? ({ case: 'never', value: {} } as const)
    : ({ case: 'reorderPoint', value: BigInt(reorderPoint) } as const)

export function settingsOf(message: LevelSettingsMessage | undefined): LevelSettings {
  const { reorder, backorderLimit, incoming } = message ?? {}
  return {
    ...(reorder?.case === 'reorderPoint' ? { reorderPoint: Number(reorder.value) } : {}),
    ...(reorder?.case === 'never' ? { reorderPoint: null } : {}),
    ...given({ backorderLimit: numberOf(backorderLimit), incoming: numberOf(incoming) }),
  }
}

export const changeMessage = (change: LevelChange) => ({
  ...keyMessage(change),
  change: whatChanges(change),
  ...given({ expectedVersion: whole(change.expectedVersion), actor: change.actor }),
})

function whatChanges(change: LevelChange) {
  if ('countedOnHand' in change) {
    const { countedOnHand, expectedOnHand } = change
    const value = { countedOnHand: BigInt(countedOnHand), ...given({ expectedOnHand: whole(expectedOnHand) }) }
    return { case: 'count', value } as const
  }
  const { quantityDelta, reason } = change
  return { case: 'delta', value: { quantityDelta: BigInt(quantityDelta), reason: reasonMessage(reason) } } as const
}

/** A change as the surface takes it; its message has been found to say what is changed, and why. */
export function changeOf({ productId, warehouseId, change, ...others }: LevelChangeMessage): LevelChange {
  const { expectedVersion, actor } = others
  const where = { productId, warehouseId: warehouseId ?? DEFAULT_WAREHOUSE }
  const how = given({ expectedVersion: numberOf(expectedVersion), actor })
  if (change.case === 'count') {
    const { countedOnHand, expectedOnHand } = change.value
    const expected = given({ expectedOnHand: numberOf(expectedOnHand) })
    return { ...where, countedOnHand: Number(countedOnHand), ...expected, ...how }
  }
  const { quantityDelta, reason } = always(change.value)
  return { ...where, quantityDelta: Number(quantityDelta), reason: reasonOf(reason) as Reason, ...how }
}

export const verdictMessage = (result: Result<StockLevel>) => ({
  verdict: result.ok
    ? ({ case: 'level', value: levelMessage(result.value) } as const)
    : ({ case: 'failure', value: failureMessage(result.error) } as const),
  replayed: result.replayed ?? false,
})

export function verdictOf({ verdict, replayed: isReplayed }: LevelVerdictMessage): Result<StockLevel> {
  const result = verdict.case === 'failure' ? fail(failureOf(verdict.value)) : ok(levelOf(always(verdict.value)))
  return isReplayed ? replayed(result) : result
}

export const transferLineMessage = ({ productId, from, to, quantity }: TransferLine) => ({
  productId,
  fromWarehouseId: from,
  toWarehouseId: to,
  quantity: BigInt(quantity),
})

export const transferLineOf = (message: TransferLineMessage): TransferLine => ({
  productId: message.productId,
  from: message.fromWarehouseId,
  to: message.toWarehouseId,
  quantity: Number(message.quantity),
})

export const transferMessage = ({ id, lines, actor, operationId, createdAt }: Transfer) => ({
  id,
  lines: lines.map(transferLineMessage),
  actor,
  operationId,
  createdAt,
})

export const transferOf = (message: TransferMessage): Transfer => ({
  id: message.id,
  lines: message.lines.map(transferLineOf),
  actor: message.actor,
  operationId: message.operationId,
  createdAt: message.createdAt,
})
