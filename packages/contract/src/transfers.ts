import { Type } from 'typebox'
import { exampleId } from './example-id.ts'
import { operation } from './operation.ts'
import { resource } from './resource.ts'
import { members, quantity, timestamp, uuid } from './schemas.ts'
import { actor } from './stock-members.ts'

const line = members({ productId: uuid, from: uuid, to: uuid, quantity: quantity(1) })

export const transfers = resource({
  type: 'transfers',
  name: 'Transfer',
  description:
    'Stock that was moved from warehouse to warehouse. It is kept nowhere; its movements tell the same, and carry ' +
    'its `operationId`.',
  attributes: {
    lines: {
      schema: Type.Array(line, { minItems: 1, maxItems: 100 }),
      description: 'What is moved: of a product, `from` one warehouse `to` another. All lines or none.',
      example: [
        {
          productId: exampleId('products'),
          from: exampleId('warehouses'),
          to: exampleId('other-warehouses'),
          quantity: 1,
        },
      ],
      create: 'required',
    },
    actor: { ...actor, create: 'optional' },
    operationId: {
      schema: uuid,
      description: 'The write that moved it, as its movements name it.',
      example: '3c2d1f0e-8a7b-8c6d-9e5f-4a3b2c1d0e9f',
    },
    createdAt: { schema: timestamp, description: 'When it was moved.', example: '2026-01-31T09:30:00.000Z' },
  },
  relationships: {},
})

export const transferOperations = [
  operation({
    id: 'transferStock',
    service: 'inventory',
    action: 'command',
    method: 'POST',
    path: '/transfers',
    resource: 'transfers',
    permission: 'inventory:write',
    summary: 'Move stock between warehouses',
    description:
      'Moves what is available, all lines or none, at once. A level that is not there yet is opened. What arrives ' +
      'with one line cannot leave with another.',
    failures: [
      'stock_level_not_found',
      'warehouse_not_found',
      'insufficient_stock',
      'same_warehouse',
      'quantity_out_of_range',
    ],
  }),
] as const
