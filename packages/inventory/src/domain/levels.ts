import { type Failure, fail, ok, type Uuid, versionMismatch } from '@abasto/kernel'
import {
  type AdjustStock,
  type ConfigureLevel,
  type CountStock,
  keyOf,
  type OpenLevel,
  type TransferLine,
  type TransferStock,
} from './command.ts'
import type { Draft } from './draft.ts'
import { inLine, noInventory, noLevel } from './lines.ts'
import type { Verdict } from './state.ts'
import {
  add,
  adjust,
  available,
  configure,
  count,
  emptyLevel,
  insufficientStock,
  kindOf,
  type LevelKey,
  type StockLevel,
  withoutLapsed,
} from './stock-level.ts'
import { DEFAULT_WAREHOUSE } from './warehouse.ts'
import { noWarehouse } from './warehouses.ts'

export function openLevel(draft: Draft, command: OpenLevel): Verdict {
  const { quantity, settings = {}, actor, operationId } = command
  if (command.obstacle) return fail(command.obstacle)
  if (!isOpen(draft, command.warehouseId)) return fail({ ...noWarehouse(command.warehouseId), at: ['warehouseId'] })
  if (draft.level(command)) return fail(command.shown === 'level' ? levelExists(command) : inventoryExists(command))
  if (command.shown === 'inventory' && command.siblings.some((key) => draft.level(key))) {
    return fail(inventoryExists(command))
  }
  const empty = configure(emptyLevel(command, draft.at), settings)
  if (!empty.ok) return empty
  const opened = add(empty.value, quantity)
  if (!opened.ok) return opened
  if (quantity === 0) return shown(draft, command, draft.change(opened.value))
  const why = { kind: 'receipt', reason: 'receipt', actor, operationId } as const
  return shown(draft, command, draft.move(empty.value, opened.value, why))
}

export function adjustStock(draft: Draft, command: AdjustStock): Verdict {
  const { reason, actor, operationId } = command
  const level = draft.level(command)
  if (!level) return fail(command.shown === 'level' ? noLevel(command) : noInventory(command.productId))
  const { version } = command.shown === 'level' ? level : draft.totals([command, ...command.siblings])
  const refusal = versionRefusal(command, version)
  if (refusal) return fail(refusal)
  const adjusted = adjust(level, command.quantityDelta, reason, draft.lapsed(command))
  if (!adjusted.ok) return adjusted
  return shown(draft, command, draft.move(level, adjusted.value, { kind: kindOf(reason), reason, actor, operationId }))
}

export function countStock(draft: Draft, command: CountStock): Verdict {
  const { actor, operationId, expectedOnHand, countedOnHand } = command
  const level = draft.level(command)
  if (!level) return fail(noLevel(command))
  const refusal = versionRefusal(command, level.version)
  if (refusal) return fail(refusal)
  if (expectedOnHand !== undefined && expectedOnHand !== level.onHand) {
    return fail(quantityMismatch(expectedOnHand, level.onHand))
  }
  const counted = count(level, countedOnHand)
  if (!counted.ok) return counted
  const why = { kind: 'adjustment', reason: 'count', actor, operationId } as const
  return levelShown(draft, draft.move(level, counted.value, why))
}

export function configureLevel(draft: Draft, command: ConfigureLevel): Verdict {
  const level = draft.level(command)
  if (!level) return fail(noLevel(command))
  const refusal = versionRefusal(command, level.version)
  if (refusal) return fail(refusal)
  const configured = configure(level, command.settings, draft.lapsed(level))
  return configured.ok ? levelShown(draft, draft.change(configured.value)) : configured
}

export function transferStock(draft: Draft, command: TransferStock): Verdict {
  const { lines, actor, operationId } = command
  const refusal = transferRefusal(draft, lines)
  if (refusal) return fail(refusal)
  for (const { productId, from, to, quantity } of lines) {
    const target = { productId, warehouseId: to }
    const source = draft.level({ productId, warehouseId: from })!
    const taken = adjust(source, -quantity, 'correction', draft.lapsed(source))
    const level = draft.level(target) ?? emptyLevel(target, draft.at)
    const put = add(level, quantity)
    if (!taken.ok || !put.ok) throw new Error('a line was moved that had not been checked')
    draft.move(source, taken.value, { kind: 'transfer_out', reason: null, actor, operationId })
    draft.move(level, put.value, { kind: 'transfer_in', reason: null, actor, operationId })
  }
  const { at: createdAt } = draft
  return ok({ type: 'transfer', transfer: { id: command.transferId, lines, actor, operationId, createdAt } })
}

/** Why none of the lines can be moved. What arrives with one line cannot leave with another of the same command. */
function transferRefusal(draft: Draft, lines: readonly TransferLine[]): Failure | undefined {
  const requested = new Map<string, number>()
  const arriving = new Map<string, number>()
  for (const [index, { productId, from, to, quantity }] of lines.entries()) {
    const key = { productId, warehouseId: from }
    const level = draft.level(key)
    if (!level) return inLine(index, noLevel(key))
    if (from === to) return inLine(index, sameWarehouse)
    if (!isOpen(draft, to)) return inLine(index, { ...noWarehouse(to), at: ['to'] })
    const sum = (requested.get(keyOf(key)) ?? 0) + quantity
    const reachable = available(level, draft.lapsed(key))
    if (sum > reachable) return inLine(index, insufficientStock(key, sum, reachable))
    requested.set(keyOf(key), sum)
    const target = { productId, warehouseId: to }
    const sumIn = (arriving.get(keyOf(target)) ?? 0) + quantity
    arriving.set(keyOf(target), sumIn)
    const room = add(draft.level(target) ?? emptyLevel(target, draft.at), sumIn)
    if (!room.ok) return inLine(index, room.error)
  }
  return undefined
}

const isOpen = (draft: Draft, warehouseId: Uuid): boolean =>
  warehouseId === DEFAULT_WAREHOUSE || draft.warehouse(warehouseId)?.deletedAt === null

function shown(draft: Draft, command: OpenLevel | AdjustStock, level: StockLevel): Verdict {
  if (command.shown === 'level') return levelShown(draft, level)
  return ok({ type: 'inventory', level: draft.totals([command, ...command.siblings]) })
}

const levelShown = (draft: Draft, level: StockLevel): Verdict =>
  ok({ type: 'level', level: withoutLapsed(level, draft.lapsed(level)) })

const versionRefusal = ({ expectedVersion }: { expectedVersion?: number | undefined }, current: number) =>
  expectedVersion !== undefined && expectedVersion !== current ? versionMismatch(expectedVersion, current) : undefined

const levelExists = ({ productId, warehouseId }: LevelKey): Failure => ({
  kind: 'conflict',
  code: 'stock_level_exists',
  message: `The product ${productId} is counted in the warehouse ${warehouseId} already.`,
  at: ['productId'],
  details: { productId, warehouseId },
})

const inventoryExists = ({ productId }: LevelKey): Failure => ({
  kind: 'conflict',
  code: 'inventory_exists',
  message: `The product ${productId} has an inventory already.`,
  at: ['productId'],
  details: { productId },
})

const quantityMismatch = (expected: number, onHand: number): Failure => ({
  kind: 'precondition',
  code: 'quantity_mismatch',
  message: `${onHand} are on hand, not ${expected}: count again.`,
  at: ['expectedOnHand'],
  details: { expected, onHand },
})

const sameWarehouse: Failure = {
  kind: 'invalid',
  code: 'same_warehouse',
  message: 'Stock moves from one warehouse to another.',
  at: ['to'],
}
