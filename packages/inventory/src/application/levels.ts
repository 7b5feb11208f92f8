import {
  type Context,
  cursorRefusal,
  fail,
  invalid,
  isKept,
  isUuid,
  keyReused,
  ok,
  type Page,
  type PageRequest,
  type Result,
  type Uuid,
} from '@abasto/kernel'
import type { LevelSettings, TransferLine } from '../domain/command.ts'
import { noLevel } from '../domain/lines.ts'
import { notAfter } from '../domain/moment.ts'
import type { Outcome } from '../domain/state.ts'
import { kindOf, type LevelKey, type Reason, type StockLevel } from '../domain/stock-level.ts'
import type { Transfer } from '../domain/transfer.ts'
import { asked, commit, lineCountRefusal, named, productNotFound, recallOr, resultOf } from './operation.ts'
import type { LevelAt, LevelFilter, Ports } from './ports.ts'

/** How many adjustments one call may carry. */
export const MOST_ADJUSTMENTS = 1_000

/** Begins to count a product that exists in a warehouse that exists. */
export async function openLevel(
  ports: Ports,
  context: Context,
  { quantity, settings, ...key }: LevelKey & Readonly<{ quantity: number; settings?: LevelSettings | undefined }>,
): Promise<Result<StockLevel>> {
  const { productId } = key
  const found = await ports.products.priceProducts(context, [productId])
  if (!found.ok) return resultOf(await recallOr(ports, context, found.error), levelOf)
  const obstacle = found.value.has(productId) ? undefined : productNotFound(productId)
  const command = { type: 'open', shown: 'level', ...key, quantity, settings, obstacle, ...named(context) } as const
  return announced(ports, context, resultOf(await commit(ports, context, command), levelOf), 'receipt', quantity)
}

/** A change by hand: by so many units, or to what was counted. */
export type LevelChange = LevelKey &
  Readonly<{
    /** The version that the caller saw. */
    expectedVersion?: number | undefined
    /** Who did it, if not the caller itself. */
    actor?: string | undefined
  }> &
  (Readonly<{ quantityDelta: number; reason: Reason }> | Readonly<{ countedOnHand: number; expectedOnHand?: number }>)

export async function changeLevel(ports: Ports, context: Context, change: LevelChange): Promise<Result<StockLevel>> {
  if ('countedOnHand' in change && change.expectedVersion === undefined && change.expectedOnHand === undefined) {
    return fail(countedAgainstNothing)
  }
  const { actor = context.caller.id, ...what } = change
  const name = { ...named(context), actor }
  const verdict = await commit(
    ports,
    context,
    'countedOnHand' in what
      ? { type: 'count', ...what, ...name }
      : { type: 'adjust', shown: 'level', ...what, ...name },
  )
  const [kind, delta] = 'countedOnHand' in what ? ['count', null] : [kindOf(what.reason), what.quantityDelta]
  return announced(ports, context, resultOf(verdict, levelOf), kind, delta)
}

/**
 * Changes up to 1,000 levels by hand, each for itself: a verdict for each, in their order. What is not confirmed in
 * time is sent again with the whole call, under the same key; each change takes effect once.
 */
export async function changeLevels(
  ports: Ports,
  context: Context,
  { lines }: Readonly<{ lines: readonly LevelChange[] }>,
): Promise<Result<readonly Result<StockLevel>[]>> {
  if (lines.length < 1 || lines.length > MOST_ADJUSTMENTS) {
    return fail(invalid('invalid_value', `1 to ${MOST_ADJUSTMENTS} lines, not ${lines.length}.`, ['lines']))
  }
  const ids = lines.map((_, index) => Bun.randomUUIDv5(String(index), context.operationId))
  // Before anything is changed: of a call that is another one under the same name nothing may take effect.
  const before = await asked(context, (trace) => ports.stock.read({ operations: ids }, trace))
  if (!before.ok) return before
  const isOther = [...before.value.operations.values()].some(({ fingerprint }) => fingerprint !== context.fingerprint)
  if (isOther) return fail(keyReused)
  const results = await Promise.all(
    lines.map((line, index) => changeLevel(ports, { ...context, operationId: ids[index]! }, line)),
  )
  for (const result of results) {
    const isOfAll = !result.ok && (result.error.kind === 'unavailable' || result.error.code === keyReused.code)
    if (isOfAll) return result
  }
  // What is not kept is decided again each time, so it does not say whether the call was sent before.
  const kept = results.filter(isKept)
  const isReplayed = kept.length > 0 && kept.every(({ replayed }) => replayed)
  return { ok: true, value: results, ...(isReplayed ? { replayed: true } : {}) }
}

export async function configureLevel(
  ports: Ports,
  context: Context,
  input: LevelKey & Readonly<{ settings: LevelSettings; expectedVersion?: number | undefined }>,
): Promise<Result<StockLevel>> {
  return resultOf(await commit(ports, context, { type: 'configure', ...input, ...named(context) }), levelOf)
}

/** Moves stock between warehouses, all lines or none. */
export async function transferStock(
  ports: Ports,
  context: Context,
  { lines, actor = context.caller.id }: Readonly<{ lines: readonly TransferLine[]; actor?: string | undefined }>,
): Promise<Result<Transfer>> {
  const refusal = lineCountRefusal('transfer', lines.length)
  if (refusal) return fail(refusal)
  const command = { type: 'transfer', transferId: ports.newId(), lines, ...named(context), actor } as const
  const result = resultOf(await commit(ports, context, command), transferOf)
  if (!result.ok || result.replayed) return result
  for (const { productId, from, to, quantity } of lines) {
    ports.announce('stock.transferred', context, { product_id: productId, from, to, quantity })
  }
  return result
}

export async function getLevel(ports: Ports, context: Context, key: LevelKey): Promise<Result<StockLevel>> {
  const found = await asked(context, (trace) => ports.stock.level(key, trace))
  if (!found.ok) return found
  return found.value ? ok(found.value) : fail(noLevel(key))
}

/** What a level was at a moment in the past, by its movements until then. */
export async function getLevelAt(
  ports: Ports,
  context: Context,
  { moment, ...key }: LevelKey & Readonly<{ moment: string }>,
): Promise<Result<LevelAt>> {
  const found = await asked(context, (trace) => ports.stock.levelAt(key, notAfter(moment), trace))
  if (!found.ok) return found
  return found.value ? ok(found.value) : fail(noLevel(key))
}

export async function listLevels(
  ports: Ports,
  context: Context,
  { filter, page }: Readonly<{ filter: LevelFilter; page: PageRequest }>,
): Promise<Result<Page<StockLevel>>> {
  const refusal = cursorRefusal(page, isLevelName)
  return refusal ? fail(refusal) : asked(context, (trace) => ports.stock.levels(filter, page, trace))
}

/** Whether it is the name of a level: `<productId>.<warehouseId>`. */
export const isLevelName = (text: string): boolean => {
  const parts = text.split('.')
  return parts.length === 2 && parts.every(isUuid)
}

/** The level that a name stands for; see `keyOf`. */
export const levelNamed = (name: string): LevelKey => {
  const [productId, warehouseId] = name.split('.') as [Uuid, Uuid]
  return { productId, warehouseId }
}

const levelOf = ({ level }: Extract<Outcome, { type: 'level' }>): StockLevel => level

const transferOf = ({ transfer }: Extract<Outcome, { type: 'transfer' }>): Transfer => transfer

const countedAgainstNothing = invalid(
  'count_without_base',
  'A count says against which version, or against how many on hand, it was made.',
  ['expectedOnHand'],
)

function announced(
  ports: Ports,
  context: Context,
  result: Result<StockLevel>,
  kind: string,
  change: number | null,
): Result<StockLevel> {
  if (!result.ok || result.replayed) return result
  const { productId: product_id, warehouseId: warehouse_id, onHand: on_hand, reserved } = result.value
  ports.announce('stock.changed', context, { product_id, warehouse_id, kind, change, on_hand, reserved })
  return result
}
