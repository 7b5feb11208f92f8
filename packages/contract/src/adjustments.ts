import { Type } from 'typebox'
import { exampleId } from './example-id.ts'
import { operation } from './operation.ts'
import { resource } from './resource.ts'
import { change, members, quantity, timestamp, uuid } from './schemas.ts'
import { actor, countedOnHand, delta, expectedOnHand, expectedVersion, reason } from './stock-members.ts'

const line = members({
  productId: uuid,
  warehouseId: Type.Optional(uuid),
  quantityDelta: Type.Optional(delta.schema),
  reason: Type.Optional(reason.schema),
  countedOnHand: Type.Optional(countedOnHand.schema),
  expectedVersion: Type.Optional(expectedVersion.schema),
  expectedOnHand: Type.Optional(expectedOnHand.schema),
  actor: Type.Optional(actor.schema),
})

/** What became of one line: the level as it is then, or why it was not changed. */
const verdict = Type.Union([
  members({
    stockLevel: members({
      id: Type.String(),
      onHand: quantity(0),
      reserved: quantity(0),
      available: change,
      short: quantity(0),
      sequence: quantity(0),
      version: quantity(1),
      updatedAt: timestamp,
    }),
  }),
  members({
    error: members({
      status: Type.String(),
      code: Type.String(),
      title: Type.String(),
      detail: Type.String(),
      source: Type.Optional(members({ pointer: Type.String() })),
      meta: Type.Optional(Type.Object({})),
    }),
  }),
])

export const adjustments = resource({
  type: 'adjustments',
  name: 'Adjustments',
  description:
    'Up to 1,000 changes of stock levels by hand in one call, each for itself: some may be refused while the others ' +
    'take effect. It is kept nowhere; its movements tell what happened.',
  attributes: {
    lines: {
      schema: Type.Array(line, { minItems: 1, maxItems: 1_000 }),
      description:
        'One change each, of the level of a product in a warehouse (`default` unless said otherwise): either ' +
        '`quantityDelta` with a `reason`, or `countedOnHand` with `expectedVersion` or `expectedOnHand`.',
      example: [
        { productId: exampleId('products'), quantityDelta: 25, reason: 'receipt' },
        { productId: exampleId('products'), countedOnHand: 98, expectedOnHand: 100 },
      ],
      create: 'required',
      read: false,
    },
    verdicts: {
      schema: Type.Array(verdict),
      description:
        'What became of each line, in their order: the `stockLevel` as it was then, or the `error` for which nothing ' +
        'was changed, as an error document would have it.',
      example: [
        {
          stockLevel: {
            id: `${exampleId('products')}.${exampleId('warehouses')}`,
            onHand: 125,
            reserved: 2,
            available: 123,
            short: 0,
            sequence: 8,
            version: 8,
            updatedAt: '2026-01-31T09:30:00.000Z',
          },
        },
        {
          error: {
            status: '412',
            code: 'quantity_mismatch',
            title: 'Another quantity is on hand',
            detail: '125 are on hand, not 100: count again.',
            source: { pointer: '/data/attributes/lines/1/expectedOnHand' },
            meta: { expected: 100, onHand: 125 },
          },
        },
      ],
    },
  },
  relationships: {},
})

export const adjustmentOperations = [
  operation({
    id: 'adjustStockLevels',
    service: 'inventory',
    action: 'command',
    method: 'POST',
    path: '/adjustments',
    resource: 'adjustments',
    permission: 'inventory:write',
    summary: 'Change many stock levels by hand',
    description:
      'Changes up to 1,000 levels, each line for itself, and answers with a verdict for each. A document that is not ' +
      'as it should be is refused whole. Sent again with the same key, each line takes effect once.',
    failures: [],
  }),
] as const
