import {
  type Context,
  cursorRefusal,
  fail,
  ok,
  type Page,
  type PageRequest,
  type Result,
  type Uuid,
} from '@abasto/kernel'
import { noInventory } from '../domain/lines.ts'
import type { Outcome, ProductTotals } from '../domain/state.ts'
import { kindOf, type LevelKey, type Reason } from '../domain/stock-level.ts'
import { DEFAULT_WAREHOUSE } from '../domain/warehouse.ts'
import { asked, commit, named, productNotFound, recallOr, resultOf } from './operation.ts'
import type { Ports } from './ports.ts'

/** Begins to count a product that exists, with an opening quantity in the `default` warehouse. */
export async function openInventory(
  ports: Ports,
  context: Context,
  input: Readonly<{ productId: Uuid; quantity: number }>,
): Promise<Result<ProductTotals>> {
  const found = await ports.products.priceProducts(context, [input.productId])
  if (!found.ok) return resultOf(await recallOr(ports, context, found.error), inventoryOf)
  const obstacle = found.value.has(input.productId) ? undefined : productNotFound(input.productId)
  const siblings = await siblingsOf(ports, context, input.productId)
  if (!siblings.ok) return siblings
  const what = { ...input, warehouseId: DEFAULT_WAREHOUSE, shown: 'inventory', siblings: siblings.value } as const
  const verdict = await commit(ports, context, { type: 'open', ...what, obstacle, ...named(context) })
  return announced(ports, context, resultOf(verdict, inventoryOf), 'receipt', input.quantity)
}

/** Adds or takes stock of the `default` warehouse by hand, for a reason. */
export async function adjustStock(
  ports: Ports,
  context: Context,
  input: Readonly<{ productId: Uuid; quantityDelta: number; reason: Reason; expectedVersion?: number | undefined }>,
): Promise<Result<ProductTotals>> {
  const siblings = await siblingsOf(ports, context, input.productId)
  if (!siblings.ok) return siblings
  const what = { ...input, warehouseId: DEFAULT_WAREHOUSE, shown: 'inventory', siblings: siblings.value } as const
  const verdict = await commit(ports, context, { type: 'adjust', ...what, ...named(context) })
  return announced(ports, context, resultOf(verdict, inventoryOf), kindOf(input.reason), input.quantityDelta)
}

export async function getInventory(ports: Ports, context: Context, productId: Uuid): Promise<Result<ProductTotals>> {
  const found = await asked(context, (trace) => ports.stock.inventory(productId, trace))
  if (!found.ok) return found
  return found.value ? ok(found.value) : fail(noInventory(productId))
}

export async function listInventory(
  ports: Ports,
  context: Context,
  page: PageRequest,
): Promise<Result<Page<ProductTotals>>> {
  const refusal = cursorRefusal(page)
  return refusal ? fail(refusal) : asked(context, (trace) => ports.stock.inventories(page, trace))
}

const inventoryOf = ({ level }: Extract<Outcome, { type: 'inventory' }>): ProductTotals => {
  const { productId, onHand, reserved, version, updatedAt } = level
  return { productId, onHand, reserved, version, updatedAt }
}

/** The levels of the product in other warehouses than the default one, which its inventory is the sum of, too. */
async function siblingsOf(ports: Ports, context: Context, productId: Uuid): Promise<Result<readonly LevelKey[]>> {
  const found = await asked(context, (trace) => ports.stock.levelsOf(productId, trace))
  if (!found.ok) return found
  return ok(found.value.filter(({ warehouseId }) => warehouseId !== DEFAULT_WAREHOUSE))
}

function announced(
  ports: Ports,
  context: Context,
  result: Result<ProductTotals>,
  kind: string,
  change: number,
): Result<ProductTotals> {
  if (!result.ok || result.replayed) return result
  const { productId: product_id, onHand: on_hand, reserved } = result.value
  ports.announce('stock.changed', context, { product_id, kind, change, on_hand, reserved })
  return result
}
