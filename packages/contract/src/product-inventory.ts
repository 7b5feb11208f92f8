import { operation } from './operation.ts'
import { resource } from './resource.ts'
import { change, quantity, timestamp } from './schemas.ts'
import { countedProduct, delta, reason } from './stock-members.ts'

export const inventory = resource({
  type: 'inventory',
  name: 'Inventory',
  description:
    'How much of one product there is, over all warehouses. Its id is the product’s. What is changed through it is ' +
    'the `default` warehouse.',
  attributes: {
    quantity: {
      schema: quantity(0),
      description: 'Units on hand over all warehouses, promised or not. 0 when a create does not say.',
      example: 100,
      create: 'optional',
    },
    reserved: { schema: quantity(0), description: 'Units promised, not yet gone.', example: 0 },
    available: {
      schema: change,
      description: 'Units on hand less those reserved; below 0 when more is promised than is there.',
      example: 100,
    },
    updatedAt: { schema: timestamp, description: 'When it was last changed.', example: '2026-01-31T09:30:00.000Z' },
    quantityDelta: { ...delta, update: 'required', read: false },
    reason: { ...reason, update: 'required', read: false },
  },
  relationships: { product: { ...countedProduct, create: 'required', includable: true } },
})

export const productInventoryOperations = [
  operation({
    id: 'createInventory',
    service: 'inventory',
    action: 'create',
    method: 'POST',
    path: '/inventory',
    resource: 'inventory',
    permission: 'inventory:write',
    summary: 'Begin to count a product',
    description: 'Opens the inventory of a product that exists, with an opening quantity. A product has one inventory.',
    failures: ['product_not_found', 'inventory_exists'],
  }),
  operation({
    id: 'listInventory',
    service: 'inventory',
    action: 'list',
    method: 'GET',
    path: '/inventory',
    resource: 'inventory',
    permission: 'inventory:read',
    summary: 'List inventory',
    description: 'The inventory of every product that is counted, in the order of the products’ ids.',
    failures: [],
  }),
  operation({
    id: 'getInventory',
    service: 'inventory',
    action: 'read',
    method: 'GET',
    path: '/inventory/{productId}',
    resource: 'inventory',
    permission: 'inventory:read',
    summary: 'Read the inventory of a product',
    description: 'How much is there, promised and free.',
    failures: ['no_inventory'],
  }),
  operation({
    id: 'adjustInventory',
    service: 'inventory',
    action: 'update',
    method: 'PATCH',
    path: '/inventory/{productId}',
    resource: 'inventory',
    permission: 'inventory:write',
    summary: 'Add or take stock by hand',
    description:
      'Changes the `default` warehouse by `quantityDelta`, for a reason. Promised stock is out of reach, except for ' +
      '`damage` and `loss`.',
    failures: ['no_inventory', 'insufficient_stock', 'quantity_out_of_range', 'reason_mismatch', 'version_mismatch'],
  }),
  operation({
    id: 'getInventoryProduct',
    service: 'inventory',
    action: 'related',
    method: 'GET',
    path: '/inventory/{productId}/product',
    resource: 'inventory',
    relationship: 'product',
    permission: 'inventory:read',
    summary: 'Read the product of an inventory',
    description: 'The product that is counted.',
    failures: ['no_inventory', 'product_not_found'],
  }),
  operation({
    id: 'getInventoryProductLinkage',
    service: 'inventory',
    action: 'linkage',
    method: 'GET',
    path: '/inventory/{productId}/relationships/product',
    resource: 'inventory',
    relationship: 'product',
    permission: 'inventory:read',
    summary: 'Read which product an inventory counts',
    description: 'The type and id of the product that is counted.',
    failures: ['no_inventory'],
  }),
] as const
