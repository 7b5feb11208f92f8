import type { Warehouse as WarehouseMessage } from '@abasto/proto/inventory/v1/warehouse'
import type { Warehouse } from '../../domain/warehouse.ts'
import { given } from './members.ts'

export const warehouseMessage = ({ id, name, version, createdAt, updatedAt, deletedAt }: Warehouse) => ({
  id,
  name,
  version: BigInt(version),
  createdAt,
  updatedAt,
  ...given({ deletedAt: deletedAt ?? undefined }),
})

export const warehouseOf = (message: WarehouseMessage): Warehouse => ({
  id: message.id,
  name: message.name,
  version: Number(message.version),
  createdAt: message.createdAt,
  updatedAt: message.updatedAt,
  deletedAt: message.deletedAt ?? null,
})
