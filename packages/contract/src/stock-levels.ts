import { operation } from './operation.ts'
import { act, resource } from './resource.ts'
import { change, moment, nullable, oneOf, quantity, timestamp } from './schemas.ts'
import {
  actor,
  byProduct,
  byWarehouse,
  countedOnHand,
  countedProduct,
  delta,
  expectedOnHand,
  expectedVersion,
  itsWarehouse,
  reason,
} from './stock-members.ts'

export const stockLevels = resource({
  type: 'stock-levels',
  name: 'StockLevel',
  idOf: ['products', 'warehouses'],
  description: 'One product in one warehouse. Its id is made of theirs: `<productId>.<warehouseId>`.',
  attributes: {
    onHand: {
      schema: quantity(0),
      description: 'Units physically there, promised or not. 0 when a create does not say.',
      example: 100,
      create: 'optional',
    },
    reserved: { schema: quantity(0), description: 'Units promised, not yet gone.', example: 2 },
    available: {
      schema: change,
      description: 'Units on hand less those reserved; below 0 when more is promised than is there.',
      example: 98,
    },
    short: {
      schema: quantity(0),
      description:
        'Units promised beyond what is there and allowed, because a count, damage or loss found less. Nothing new is ' +
        'promised until they are made good.',
      example: 0,
    },
    incoming: {
      schema: quantity(0),
      description: 'Units that are on their way, as somebody said; nothing else depends on it.',
      example: 50,
      create: 'optional',
      update: 'optional',
    },
    reorderPoint: {
      schema: nullable(quantity(0)),
      description: 'At or below this many available units it is time to reorder; `null`: never.',
      example: 10,
      create: 'optional',
      update: 'optional',
    },
    backorderLimit: {
      schema: quantity(0),
      description: 'How far reservations may go beyond what is on hand. It cannot be lowered below what is owed.',
      example: 5,
      create: 'optional',
      update: 'optional',
    },
    sequence: {
      schema: quantity(0),
      description: 'The number of its last movement; 0 before the first.',
      example: 7,
    },
    version: {
      schema: quantity(1),
      description: 'Rises by one with every write; the `ETag` is made of it.',
      example: 7,
    },
    updatedAt: { schema: timestamp, description: 'When it was last changed.', example: '2026-01-31T09:30:00.000Z' },
  },
  relationships: {
    product: { ...countedProduct, create: 'required', includable: true },
    warehouse: { ...itsWarehouse, create: 'required' },
  },
})

export const stockLevelAdjust = act({
  type: 'adjust',
  name: 'StockLevelAdjust',
  description:
    'A change of a stock level by hand: either `quantityDelta` with a `reason`, or `countedOnHand` with what it was ' +
    'counted against, which is `If-Match`, `expectedVersion` or `expectedOnHand`.',
  attributes: {
    quantityDelta: { ...delta, create: 'optional' },
    reason: { ...reason, create: 'optional' },
    countedOnHand: { ...countedOnHand, create: 'optional' },
    expectedVersion: { ...expectedVersion, create: 'optional' },
    expectedOnHand: { ...expectedOnHand, create: 'optional' },
    actor: { ...actor, create: 'optional' },
  },
  needsDocument: true,
  example: { countedOnHand: 98, expectedOnHand: 100, actor: 'warehouse-team' },
})

const states = ['reorder', 'out', 'short'] as const

export const stockLevelOperations = [
  operation({
    id: 'createStockLevel',
    service: 'inventory',
    action: 'create',
    method: 'POST',
    path: '/stock-levels',
    resource: 'stock-levels',
    permission: 'inventory:write',
    summary: 'Begin to count a product in a warehouse',
    description: 'Opens the stock level of a product that exists, with what is there.',
    failures: ['product_not_found', 'warehouse_not_found', 'stock_level_exists', 'quantity_out_of_range'],
  }),
  operation({
    id: 'listStockLevels',
    service: 'inventory',
    action: 'list',
    method: 'GET',
    path: '/stock-levels',
    resource: 'stock-levels',
    permission: 'inventory:read',
    filters: {
      product: byProduct,
      warehouse: byWarehouse,
      state: {
        schema: oneOf(states),
        maxValues: states.length,
        description:
          'Only those in any of these states: `reorder`, at or below the reorder point; `out`, nothing available; ' +
          '`short`, promised beyond what is there and allowed.',
        example: 'reorder',
      },
    },
    summary: 'List stock levels',
    description: 'Every product in every warehouse where it is counted, by product, then warehouse.',
    failures: [],
  }),
  operation({
    id: 'getStockLevel',
    service: 'inventory',
    action: 'read',
    method: 'GET',
    path: '/stock-levels/{stockLevelId}',
    resource: 'stock-levels',
    permission: 'inventory:read',
    parameters: {
      asOf: {
        schema: moment,
        description:
          'Answers what the level was at this moment (RFC 3339), by its movements until then: the attributes that ' +
          'movements tell, and no others; no `ETag`. 404 before the first movement.',
        example: '2026-01-31T09:30:00Z',
        name: 'StockLevelAsOf',
        attributes: ['onHand', 'reserved', 'available', 'sequence', 'updatedAt'],
      },
    },
    summary: 'Read a stock level',
    description: 'How much of a product is in a warehouse now, or was at a moment in the past.',
    failures: ['stock_level_not_found'],
  }),
  operation({
    id: 'updateStockLevel',
    service: 'inventory',
    action: 'update',
    method: 'PATCH',
    path: '/stock-levels/{stockLevelId}',
    resource: 'stock-levels',
    permission: 'inventory:write',
    summary: 'Set a stock level up',
    description: 'Changes the reorder point, the backorder limit or what is incoming, and keeps what is not given.',
    failures: ['stock_level_not_found', 'backorder_limit_too_low', 'quantity_out_of_range', 'version_mismatch'],
  }),
  operation({
    id: 'adjustStockLevel',
    service: 'inventory',
    action: 'act',
    method: 'POST',
    path: '/stock-levels/{stockLevelId}/adjustments',
    resource: 'stock-levels',
    act: stockLevelAdjust,
    isConditional: true,
    permission: 'inventory:write',
    summary: 'Add, take or count stock by hand',
    description:
      'Changes a level by `quantityDelta`, for a `reason`; or sets it to what was counted. A count says what it was ' +
      'counted against, so that it cannot overwrite what was sold since. It may find less than is promised: the ' +
      'rest is `short`.',
    failures: [
      'stock_level_not_found',
      'insufficient_stock',
      'quantity_out_of_range',
      'reason_mismatch',
      'count_without_base',
      'version_mismatch',
      'quantity_mismatch',
    ],
  }),
  operation({
    id: 'getStockLevelProduct',
    service: 'inventory',
    action: 'related',
    method: 'GET',
    path: '/stock-levels/{stockLevelId}/product',
    resource: 'stock-levels',
    relationship: 'product',
    permission: 'inventory:read',
    summary: 'Read the product of a stock level',
    description: 'The product that is counted.',
    failures: ['stock_level_not_found', 'product_not_found'],
  }),
  operation({
    id: 'getStockLevelProductLinkage',
    service: 'inventory',
    action: 'linkage',
    method: 'GET',
    path: '/stock-levels/{stockLevelId}/relationships/product',
    resource: 'stock-levels',
    relationship: 'product',
    permission: 'inventory:read',
    summary: 'Read which product a stock level counts',
    description: 'The type and id of the product that is counted.',
    failures: ['stock_level_not_found'],
  }),
  operation({
    id: 'getStockLevelWarehouse',
    service: 'inventory',
    action: 'related',
    method: 'GET',
    path: '/stock-levels/{stockLevelId}/warehouse',
    resource: 'stock-levels',
    relationship: 'warehouse',
    permission: 'inventory:read',
    summary: 'Read the warehouse of a stock level',
    description: 'The warehouse in which it is counted.',
    failures: ['stock_level_not_found', 'warehouse_not_found'],
  }),
  operation({
    id: 'getStockLevelWarehouseLinkage',
    service: 'inventory',
    action: 'linkage',
    method: 'GET',
    path: '/stock-levels/{stockLevelId}/relationships/warehouse',
    resource: 'stock-levels',
    relationship: 'warehouse',
    permission: 'inventory:read',
    summary: 'Read in which warehouse a stock level is',
    description: 'The type and id of the warehouse in which it is counted.',
    failures: ['stock_level_not_found'],
  }),
] as const
