import { Type } from 'typebox'
import { exampleId } from './example-id.ts'
import { PAGE_SIZE } from './query.ts'
import { line, MAX_QUANTITY, oneOf, quantity, uuid } from './schemas.ts'

/** The relationships, attributes and filters that several resources of the stock have in common. */

export const countedProduct = { to: 'products', description: 'What is counted.' } as const

export const itsWarehouse = { to: 'warehouses', description: 'Where it is counted.' } as const

export const reasons = ['receipt', 'return', 'correction', 'damage', 'loss'] as const

export const reason = {
  schema: oneOf(reasons),
  description:
    'Why: `receipt` and `return` only add, `damage` and `loss` only take, `correction` does either. `damage` and ' +
    '`loss` say what is and may eat into what is promised; a `correction` may not.',
  example: 'receipt',
} as const

export const delta = {
  schema: Type.Integer({ minimum: -MAX_QUANTITY, maximum: MAX_QUANTITY, not: { const: 0 } }),
  description: 'Units that came (above 0) or went (below 0).',
  example: 25,
} as const

export const countedOnHand = {
  schema: quantity(0),
  description: 'Units that were counted: what is really there, however much of it is promised.',
  example: 98,
} as const

export const expectedOnHand = {
  schema: quantity(0),
  description: 'How many units on hand the count was made against; 412 when there are others by now.',
  example: 100,
} as const

export const expectedVersion = {
  schema: quantity(0),
  description: 'The `version` that is known of the stock level; 412 when it has changed since.',
  example: 5,
} as const

export const actor = {
  schema: line(255),
  description: 'Who did it; the caller itself unless said otherwise.',
  example: 'warehouse-team',
} as const

export const byProduct = {
  schema: uuid,
  maxValues: PAGE_SIZE.max,
  description: 'Only those of these products.',
  example: exampleId('products'),
} as const

export const byWarehouse = {
  schema: uuid,
  maxValues: PAGE_SIZE.max,
  description: 'Only those in these warehouses.',
  example: exampleId('warehouses'),
} as const
