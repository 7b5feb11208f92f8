import {
  type Context,
  cursorRefusal,
  type Failure,
  fail,
  ok,
  type Page,
  type PageRequest,
  type Result,
  type Uuid,
} from '@abasto/kernel'
import type { Outcome } from '../domain/state.ts'
import type { Warehouse } from '../domain/warehouse.ts'
import { noWarehouse } from '../domain/warehouses.ts'
import { asked, commit, named, resultOf } from './operation.ts'
import type { Ports } from './ports.ts'

export async function createWarehouse(
  ports: Ports,
  context: Context,
  { name }: Readonly<{ name: string }>,
): Promise<Result<Warehouse>> {
  const command = { type: 'create-warehouse', warehouseId: ports.newId(), name, ...named(context) } as const
  return resultOf(await commit(ports, context, command), warehouseOf)
}

export async function renameWarehouse(
  ports: Ports,
  context: Context,
  { id, name, expectedVersion }: Readonly<{ id: Uuid; name: string; expectedVersion?: number | undefined }>,
): Promise<Result<Warehouse>> {
  const command = { type: 'rename-warehouse', warehouseId: id, name, expectedVersion, ...named(context) } as const
  return resultOf(await commit(ports, context, command), warehouseOf)
}

/** Deletes a warehouse in which nothing is on hand or promised. Its history stays. */
export async function deleteWarehouse(
  ports: Ports,
  context: Context,
  { id, expectedVersion }: Readonly<{ id: Uuid; expectedVersion?: number | undefined }>,
): Promise<Result<Warehouse>> {
  const isInUse = await asked(context, (trace) => ports.stock.holdsStock(id, trace))
  if (!isInUse.ok) return isInUse
  const obstacle = isInUse.value ? warehouseNotEmpty(id) : undefined
  const command = { type: 'delete-warehouse', warehouseId: id, expectedVersion, obstacle, ...named(context) } as const
  return resultOf(await commit(ports, context, command), warehouseOf)
}

export async function getWarehouse(ports: Ports, context: Context, id: Uuid): Promise<Result<Warehouse>> {
  const found = await asked(context, (trace) => ports.stock.warehouse(id, trace))
  if (!found.ok) return found
  return found.value && found.value.deletedAt === null ? ok(found.value) : fail(noWarehouse(id))
}

export async function listWarehouses(
  ports: Ports,
  context: Context,
  page: PageRequest,
): Promise<Result<Page<Warehouse>>> {
  const refusal = cursorRefusal(page)
  return refusal ? fail(refusal) : asked(context, (trace) => ports.stock.warehouses(page, trace))
}

const warehouseOf = ({ warehouse }: Extract<Outcome, { type: 'warehouse' }>): Warehouse => warehouse

const warehouseNotEmpty = (id: Uuid): Failure => ({
  kind: 'conflict',
  code: 'warehouse_not_empty',
  message: 'There is stock in the warehouse, or some is promised from it: move it first.',
  details: { id },
})
