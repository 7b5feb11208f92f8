import { type Failure, fail, notFound, ok, type Uuid, versionMismatch } from '@abasto/kernel'
import type { CreateWarehouse, DeleteWarehouse, RenameWarehouse } from './command.ts'
import type { Draft } from './draft.ts'
import type { Verdict } from './state.ts'
import { DEFAULT_WAREHOUSE, type Warehouse } from './warehouse.ts'

export function createWarehouse(draft: Draft, { warehouseId: id, name }: CreateWarehouse): Verdict {
  const { at } = draft
  if (draft.warehouse(id)) return fail(warehouseExists(id))
  return shown(draft.changeWarehouse({ id, name, version: 0, createdAt: at, updatedAt: at, deletedAt: null }))
}

export function renameWarehouse(draft: Draft, command: RenameWarehouse): Verdict {
  const found = existing(draft, command)
  if ('code' in found) return fail(found)
  return shown(draft.changeWarehouse({ ...found, name: command.name }))
}

/** What is in it stays and can still be moved out; nothing new is opened in it. */
export function deleteWarehouse(draft: Draft, command: DeleteWarehouse): Verdict {
  const found = existing(draft, command)
  if ('code' in found) return fail(found)
  if (found.id === DEFAULT_WAREHOUSE) return fail(isDefault)
  if (command.obstacle) return fail(command.obstacle)
  return shown(draft.changeWarehouse({ ...found, deletedAt: draft.at }))
}

function existing(
  draft: Draft,
  { warehouseId, expectedVersion }: Readonly<{ warehouseId: Uuid; expectedVersion?: number | undefined }>,
): Warehouse | Failure {
  const warehouse = draft.warehouse(warehouseId)
  if (!warehouse || warehouse.deletedAt !== null) return noWarehouse(warehouseId)
  if (expectedVersion === undefined || expectedVersion === warehouse.version) return warehouse
  return versionMismatch(expectedVersion, warehouse.version)
}

const shown = (warehouse: Warehouse): Verdict => ok({ type: 'warehouse', warehouse })

export const noWarehouse = (id: Uuid): Failure => notFound('warehouse', id)

const warehouseExists = (id: Uuid): Failure => ({
  kind: 'conflict',
  code: 'warehouse_exists',
  message: `There is a warehouse ${id} already.`,
  details: { id },
})

const isDefault: Failure = {
  kind: 'conflict',
  code: 'default_warehouse',
  message: 'Every shop has its default warehouse; it cannot be deleted.',
}
