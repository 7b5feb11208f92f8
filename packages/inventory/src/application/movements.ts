import {
  type Context,
  cursorRefusal,
  fail,
  isUuid,
  type Page,
  type PageRequest,
  type Result,
  type Uuid,
} from '@abasto/kernel'
import { notBefore } from '../domain/moment.ts'
import type { Movement } from '../domain/movement.ts'
import type { LevelKey } from '../domain/stock-level.ts'
import { getInventory } from './inventories.ts'
import { asked } from './operation.ts'
import type { MovementFilter, Ports } from './ports.ts'

/** What happened to stock, by product, warehouse and sequence. */
export async function listMovements(
  ports: Ports,
  context: Context,
  { filter, page }: Readonly<{ filter: MovementFilter; page: PageRequest }>,
): Promise<Result<Page<Movement>>> {
  const refusal = cursorRefusal(page, isMovementPosition)
  if (refusal) return fail(refusal)
  const { from, until, ...others } = filter
  const period = { from: from && notBefore(from), until: until && notBefore(until) }
  return asked(context, (trace) => ports.stock.movements({ ...others, ...period }, page, trace))
}

/** Everything that happened to the stock of a product that is counted, by warehouse and sequence. */
export async function listInventoryMovements(
  ports: Ports,
  context: Context,
  { productId, page }: Readonly<{ productId: Uuid; page: PageRequest }>,
): Promise<Result<Page<Movement>>> {
  const refusal = cursorRefusal(page, isMovementPosition)
  if (refusal) return fail(refusal)
  const inventory = await getInventory(ports, context, productId)
  if (!inventory.ok) return inventory
  return listMovements(ports, context, { filter: { productIds: [productId] }, page })
}

/** Where a movement stands in the ledger: by product, by warehouse, then by sequence. */
export const movementPosition = ({ productId, warehouseId, sequence }: LevelKey & { sequence: number }): string =>
  `${productId}.${warehouseId}.${sequence}`

function isMovementPosition(text: string): boolean {
  const [productId = '', warehouseId = '', sequence = '', ...rest] = text.split('.')
  return isUuid(productId) && isUuid(warehouseId) && /^[1-9][0-9]{0,15}$/.test(sequence) && rest.length === 0
}
