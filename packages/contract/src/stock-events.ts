import { Type } from 'typebox'
import { exampleId } from './example-id.ts'
import { movements } from './movements.ts'
import { operation } from './operation.ts'
import { change, members, nullable, quantity, uuid } from './schemas.ts'
import { byProduct, byWarehouse } from './stock-members.ts'

const level = {
  stockLevelId: Type.String(),
  productId: uuid,
  warehouseId: uuid,
  sequence: quantity(0),
  onHand: quantity(0),
  reserved: quantity(0),
  available: change,
}

const { kind, onHandChange, reservedChange, reason, actor, operationId, createdAt } = movements.attributes
const orNull = nullable(uuid)

const levelExample = {
  stockLevelId: `${exampleId('products')}.${exampleId('warehouses')}`,
  productId: exampleId('products'),
  warehouseId: exampleId('warehouses'),
  sequence: 7,
  onHand: 100,
  reserved: 2,
  available: 98,
}

/** The events of the stream, by their names: what the `data` of each is. */
export const stockEvents = {
  snapshot: {
    description: 'Forget what you know: the levels follow, as they are at one moment.',
    schema: members({}),
    example: {},
  },
  level: {
    description: 'One level of the snapshot; `sequence` is the number of its last movement.',
    schema: members(level),
    example: levelExample,
  },
  ready: {
    description: 'The snapshot is complete; what follows happened after it. Has an id.',
    schema: members({}),
    example: {},
  },
  movement: {
    description:
      'Something happened to a level, and this is what it is now. Has an id. Of each level by sequence, without gaps.',
    schema: members({
      ...level,
      kind: kind.schema,
      onHandChange: onHandChange.schema,
      reservedChange: reservedChange.schema,
      reason: reason.schema,
      actor: actor.schema,
      purchaseId: orNull,
      reservationId: orNull,
      operationId: operationId.schema,
      createdAt: createdAt.schema,
    }),
    example: {
      ...levelExample,
      sequence: 8,
      onHand: 98,
      available: 96,
      kind: 'sale',
      onHandChange: -2,
      reservedChange: 0,
      reason: null,
      actor: 'owner',
      purchaseId: exampleId('purchases'),
      reservationId: null,
      operationId: operationId.example,
      createdAt: createdAt.example,
    },
  },
} as const

export const stockEventOperations = [
  operation({
    id: 'watchStock',
    service: 'inventory',
    action: 'stream',
    method: 'GET',
    path: '/stock-events',
    resource: 'movements',
    permission: 'inventory:read',
    filters: { product: byProduct, warehouse: byWarehouse },
    events: stockEvents,
    summary: 'Follow the stock as it changes',
    description:
      'Server-Sent Events. Begins with a snapshot of the levels, or right after `Last-Event-ID`, and then tells every ' +
      'movement, each once, of each level by its sequence, in an order that is the same for every reader. An id of ' +
      'another database, or of a past that this one does not have, is answered with a snapshot. The stream ends when a ' +
      'reader is too slow or the server is about to stop: come again with the last id. A level that was opened empty ' +
      'and a reservation that was extended move nothing, and are not told.',
    failures: ['invalid_cursor'],
  }),
] as const
