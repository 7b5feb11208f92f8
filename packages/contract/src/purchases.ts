import { Type } from 'typebox'
import { operation } from './operation.ts'
import { resource } from './resource.ts'
import { amount, currency, quantity, timestamp } from './schemas.ts'
import { countedProduct } from './stock-members.ts'

export const purchases = resource({
  type: 'purchases',
  name: 'Purchase',
  description: 'A direct sale: stock leaves at once. Keeps the price that was paid.',
  attributes: {
    quantity: { schema: quantity(1), description: 'Units sold.', example: 2, create: 'required' },
    unitPrice: { schema: amount, description: 'The price of one unit when it was sold.', example: '12.50' },
    total: {
      schema: Type.String({ pattern: '^[0-9]+(\\.[0-9]{1,4})?$' }),
      description: '`unitPrice` times `quantity`.',
      example: '25.00',
    },
    currency: { schema: currency, description: 'The ISO 4217 code of both.', example: 'EUR' },
    createdAt: { schema: timestamp, description: 'When it was sold.', example: '2026-01-31T09:30:00.000Z' },
  },
  relationships: {
    product: { ...countedProduct, description: 'What was sold.', create: 'required' },
    warehouse: {
      to: 'warehouses',
      description: 'Where it was sold from; the `default` warehouse unless said otherwise.',
      create: 'optional',
    },
  },
})

export const purchaseOperations = [
  operation({
    id: 'createPurchase',
    service: 'inventory',
    action: 'create',
    method: 'POST',
    path: '/purchases',
    resource: 'purchases',
    permission: 'purchases:write',
    summary: 'Sell a product',
    description:
      'Takes the price from the product and the units from the warehouse, at once: from what is available, so that ' +
      'promised stock is out of reach.',
    failures: ['product_not_found', 'product_inactive', 'no_inventory', 'insufficient_stock', 'total_out_of_range'],
  }),
  operation({
    id: 'listPurchases',
    service: 'inventory',
    action: 'list',
    method: 'GET',
    path: '/purchases',
    resource: 'purchases',
    permission: 'purchases:read',
    summary: 'List purchases',
    description: 'All purchases, in the order in which they were made.',
    failures: [],
  }),
  operation({
    id: 'getPurchase',
    service: 'inventory',
    action: 'read',
    method: 'GET',
    path: '/purchases/{purchaseId}',
    resource: 'purchases',
    permission: 'purchases:read',
    summary: 'Read a purchase',
    description: 'One purchase, as it was paid.',
    failures: ['purchase_not_found'],
  }),
  operation({
    id: 'getPurchaseProduct',
    service: 'inventory',
    action: 'related',
    method: 'GET',
    path: '/purchases/{purchaseId}/product',
    resource: 'purchases',
    relationship: 'product',
    permission: 'purchases:read',
    summary: 'Read the product of a purchase',
    description: 'The product that was sold.',
    failures: ['purchase_not_found', 'product_not_found'],
  }),
  operation({
    id: 'getPurchaseProductLinkage',
    service: 'inventory',
    action: 'linkage',
    method: 'GET',
    path: '/purchases/{purchaseId}/relationships/product',
    resource: 'purchases',
    relationship: 'product',
    permission: 'purchases:read',
    summary: 'Read which product was sold',
    description: 'The type and id of the product that was sold.',
    failures: ['purchase_not_found'],
  }),
  operation({
    id: 'getPurchaseWarehouse',
    service: 'inventory',
    action: 'related',
    method: 'GET',
    path: '/purchases/{purchaseId}/warehouse',
    resource: 'purchases',
    relationship: 'warehouse',
    permission: 'purchases:read',
    summary: 'Read the warehouse of a purchase',
    description: 'The warehouse from which it was sold.',
    failures: ['purchase_not_found', 'warehouse_not_found'],
  }),
  operation({
    id: 'getPurchaseWarehouseLinkage',
    service: 'inventory',
    action: 'linkage',
    method: 'GET',
    path: '/purchases/{purchaseId}/relationships/warehouse',
    resource: 'purchases',
    relationship: 'warehouse',
    permission: 'purchases:read',
    summary: 'Read from which warehouse it was sold',
    description: 'The type and id of the warehouse from which it was sold.',
    failures: ['purchase_not_found'],
  }),
] as const
