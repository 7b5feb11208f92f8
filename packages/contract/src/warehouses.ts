import { operation } from './operation.ts'
import { resource } from './resource.ts'
import { line, timestamp } from './schemas.ts'

export const warehouses = resource({
  type: 'warehouses',
  name: 'Warehouse',
  description: 'A place that holds stock. Every shop has one called `default`.',
  attributes: {
    name: {
      schema: line(200),
      description: 'What the shop calls it.',
      example: 'Harbour Street',
      create: 'required',
      update: 'required',
    },
    createdAt: { schema: timestamp, description: 'When it was created.', example: '2026-01-31T09:30:00.000Z' },
    updatedAt: { schema: timestamp, description: 'When it was last changed.', example: '2026-01-31T09:30:00.000Z' },
  },
  relationships: {},
})

export const warehouseOperations = [
  operation({
    id: 'createWarehouse',
    service: 'inventory',
    action: 'create',
    method: 'POST',
    path: '/warehouses',
    resource: 'warehouses',
    permission: 'warehouses:write',
    summary: 'Create a warehouse',
    description: 'Adds a place that holds stock. Nothing is counted in it yet.',
    failures: ['warehouse_exists'],
  }),
  operation({
    id: 'listWarehouses',
    service: 'inventory',
    action: 'list',
    method: 'GET',
    path: '/warehouses',
    resource: 'warehouses',
    permission: 'warehouses:read',
    summary: 'List warehouses',
    description: 'All warehouses that are not deleted, `default` first, then in the order in which they were created.',
    failures: [],
  }),
  operation({
    id: 'getWarehouse',
    service: 'inventory',
    action: 'read',
    method: 'GET',
    path: '/warehouses/{warehouseId}',
    resource: 'warehouses',
    permission: 'warehouses:read',
    summary: 'Read a warehouse',
    description: 'One warehouse, with an `ETag` to send back as `If-Match`.',
    failures: ['warehouse_not_found'],
  }),
  operation({
    id: 'updateWarehouse',
    service: 'inventory',
    action: 'update',
    method: 'PATCH',
    path: '/warehouses/{warehouseId}',
    resource: 'warehouses',
    permission: 'warehouses:write',
    summary: 'Rename a warehouse',
    description: 'Changes its name; its id and its stock stay.',
    failures: ['warehouse_not_found', 'version_mismatch'],
  }),
  operation({
    id: 'deleteWarehouse',
    service: 'inventory',
    action: 'delete',
    method: 'DELETE',
    path: '/warehouses/{warehouseId}',
    resource: 'warehouses',
    permission: 'warehouses:write',
    summary: 'Delete a warehouse',
    description:
      'Deletes a warehouse in which nothing is on hand or promised: 404 from then on, its history stays. The ' +
      '`default` warehouse cannot be deleted.',
    failures: ['warehouse_not_found', 'warehouse_not_empty', 'default_warehouse', 'version_mismatch'],
  }),
] as const
