import { patiently } from '@abasto/chassis/database/patience'
import {
  type Context,
  cursorRefusal,
  fail,
  isUuid,
  ok,
  type Page,
  type PageRequest,
  type Result,
  type Uuid,
} from '@abasto/kernel'
import { noInventory, type Outcome } from '../domain/decide.ts'
import type { Movement } from '../domain/movement.ts'
import { kindOf, type LevelKey, type Reason, type StockLevel } from '../domain/stock-level.ts'
import { named, productNotFound, recallOr, resultOf } from './operation.ts'
import type { Inventory, Ports } from './ports.ts'

/** Begins to count a product that exists, with an opening quantity in the `default` warehouse. */
export async function openInventory(
  ports: Ports,
  context: Context,
  input: Readonly<{ productId: Uuid; quantity: number }>,
): Promise<Result<Inventory>> {
  const found = await ports.products.priceProducts(context, [input.productId])
  if (!found.ok) return resultOf(await recallOr(ports, context, found.error), inventoryOf)
  const obstacle = found.value.has(input.productId) ? undefined : productNotFound(input.productId)
  const verdict = await ports.commit(
    { type: 'open', ...input, obstacle, ...named(context) },
    context.deadlineMs,
    context.trace,
  )
  return announced(ports, context, resultOf(verdict, inventoryOf), 'receipt', input.quantity)
}

/** Adds or takes stock of the `default` warehouse by hand, for a reason. */
export async function adjustStock(
  ports: Ports,
  context: Context,
  input: Readonly<{ productId: Uuid; quantityDelta: number; reason: Reason; expectedVersion?: number | undefined }>,
): Promise<Result<Inventory>> {
  const verdict = await ports.commit({ type: 'adjust', ...input, ...named(context) }, context.deadlineMs, context.trace)
  return announced(ports, context, resultOf(verdict, inventoryOf), kindOf(input.reason), input.quantityDelta)
}

export async function getInventory(ports: Ports, context: Context, productId: Uuid): Promise<Result<Inventory>> {
  const found = await patiently(context.deadlineMs, () => ports.stock.inventory(productId, context.trace))
  if (!found.ok) return found
  return found.value ? ok(found.value) : fail(noInventory(productId))
}

export async function listInventory(
  ports: Ports,
  context: Context,
  page: PageRequest,
): Promise<Result<Page<Inventory>>> {
  const refusal = cursorRefusal(page)
  return refusal ? fail(refusal) : patiently(context.deadlineMs, () => ports.stock.inventories(page, context.trace))
}

/** Everything that happened to the stock of a product, by warehouse and sequence. */
export async function listMovements(
  ports: Ports,
  context: Context,
  { productId, page }: Readonly<{ productId: Uuid; page: PageRequest }>,
): Promise<Result<Page<Movement>>> {
  const refusal = cursorRefusal(page, isMovementPosition)
  if (refusal) return fail(refusal)
  const inventory = await getInventory(ports, context, productId)
  if (!inventory.ok) return inventory
  return patiently(context.deadlineMs, () => ports.stock.movements(productId, page, context.trace))
}

/** Where a movement stands in its product's list: by warehouse, then by sequence. */
export const movementPosition = ({ warehouseId, sequence }: LevelKey & { sequence: number }): string =>
  `${warehouseId}.${sequence}`

function isMovementPosition(text: string): boolean {
  const [warehouseId = '', sequence = '', ...rest] = text.split('.')
  return isUuid(warehouseId) && /^[1-9][0-9]{0,15}$/.test(sequence) && rest.length === 0
}

const inventoryOf = ({ level }: Extract<Outcome, { type: 'inventory' }>): Inventory => ofLevel(level)

const ofLevel = ({ productId, onHand, reserved, version, updatedAt }: StockLevel): Inventory => ({
  productId,
  onHand,
  reserved,
  version,
  updatedAt,
})

function announced(
  ports: Ports,
  context: Context,
  result: Result<Inventory>,
  kind: string,
  change: number,
): Result<Inventory> {
  if (!result.ok || result.replayed) return result
  const { productId: product_id, onHand: on_hand, reserved } = result.value
  ports.announce('stock.changed', context, { product_id, kind, change, on_hand, reserved })
  return result
}
