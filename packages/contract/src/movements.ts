import { Type } from 'typebox'
import { operation } from './operation.ts'
import { resource } from './resource.ts'
import { change, moment, nullable, oneOf, quantity, timestamp, uuid } from './schemas.ts'
import { byProduct, byWarehouse, countedProduct, reasons } from './stock-members.ts'

const kinds = [
  'receipt',
  'sale',
  'return',
  'adjustment',
  'reservation',
  'commit',
  'release',
  'expiry',
  'transfer_out',
  'transfer_in',
] as const

export const movements = resource({
  type: 'movements',
  name: 'Movement',
  description: 'The append-only record of one change of one stock level. Folding them in sequence gives the level.',
  attributes: {
    kind: {
      schema: oneOf(kinds),
      description: 'What happened.',
      example: 'sale',
    },
    onHandChange: { schema: change, description: 'Signed change of the units on hand.', example: -2 },
    reservedChange: { schema: change, description: 'Signed change of the units reserved.', example: 0 },
    onHandAfter: { schema: quantity(0), description: 'Units on hand afterwards.', example: 98 },
    reservedAfter: { schema: quantity(0), description: 'Units reserved afterwards.', example: 0 },
    reason: {
      schema: nullable(oneOf([...reasons, 'count'])),
      description: 'Why it was changed by hand, `count` being what was counted; `null` when it was not.',
      example: null,
    },
    actor: { schema: Type.String(), description: 'Who caused it.', example: 'owner' },
    sequence: { schema: quantity(1), description: 'Its number within its level, without gaps.', example: 2 },
    operationId: {
      schema: uuid,
      description: 'The write that caused it.',
      example: '3c2d1f0e-8a7b-8c6d-9e5f-4a3b2c1d0e9f',
    },
    createdAt: { schema: timestamp, description: 'When it happened.', example: '2026-01-31T09:30:00.000Z' },
  },
  relationships: {
    product: countedProduct,
    warehouse: { to: 'warehouses', description: 'Where it happened.' },
    purchase: { to: 'purchases', description: 'The sale that caused it, if one did.', nullable: true },
    reservation: {
      to: 'reservations',
      description: 'The reservation whose promise it made or ended, if it did.',
      nullable: true,
    },
  },
})

export const movementOperations = [
  operation({
    id: 'listInventoryMovements',
    service: 'inventory',
    action: 'list',
    method: 'GET',
    path: '/inventory/{productId}/movements',
    resource: 'movements',
    permission: 'inventory:read',
    summary: 'List what happened to the stock of a product',
    description: 'Every movement of the product, by warehouse and sequence, the oldest first.',
    failures: ['no_inventory'],
  }),
  operation({
    id: 'listMovements',
    service: 'inventory',
    action: 'list',
    method: 'GET',
    path: '/movements',
    resource: 'movements',
    permission: 'inventory:read',
    filters: {
      product: byProduct,
      warehouse: byWarehouse,
      kind: {
        schema: oneOf(kinds),
        maxValues: kinds.length,
        description: 'Only movements of these kinds.',
        example: 'sale',
      },
      from: {
        schema: moment,
        maxValues: 1,
        description: 'Only movements from this moment on.',
        example: '2026-01-31T00:00:00Z',
      },
      until: {
        schema: moment,
        maxValues: 1,
        description: 'Only movements before this moment.',
        example: '2026-02-01T00:00:00Z',
      },
    },
    summary: 'List what happened to stock',
    description: 'The movements of all levels, by product, warehouse and sequence.',
    failures: [],
  }),
] as const
