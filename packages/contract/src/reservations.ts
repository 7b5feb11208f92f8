import { Type } from 'typebox'
import { exampleId } from './example-id.ts'
import { operation } from './operation.ts'
import { act, resource } from './resource.ts'
import { line, members, nullable, oneOf, quantity, timestamp, uuid } from './schemas.ts'

const statuses = ['held', 'committed', 'released', 'expired'] as const

const status = oneOf(statuses)

/** 1 s to 30 days. */
const ttlSeconds = {
  schema: Type.Integer({ minimum: 1, maximum: 2_592_000 }),
  description: 'For how many seconds it is held from now on; 10 minutes unless said otherwise.',
  example: 600,
} as const

const someLines = {
  schema: Type.Array(members({ productId: uuid, warehouseId: Type.Optional(uuid) }), { minItems: 1, maxItems: 100 }),
  description:
    'Which of its lines are meant: all that are of this product in this warehouse (`default` unless said ' +
    'otherwise). All that are still held when it is left out.',
  example: [{ productId: exampleId('products') }],
} as const

export const reservations = resource({
  type: 'reservations',
  name: 'Reservation',
  clientIds: true,
  description:
    'Stock held for someone until it expires; all its lines or none. It is held until its last line is committed, ' +
    'released or expired.',
  attributes: {
    lines: {
      schema: Type.Array(members({ productId: uuid, warehouseId: uuid, quantity: quantity(1), status })),
      taken: {
        schema: Type.Array(members({ productId: uuid, quantity: quantity(1), warehouseId: Type.Optional(uuid) }), {
          minItems: 1,
          maxItems: 100,
        }),
        example: [{ productId: exampleId('products'), quantity: 2 }],
      },
      description: 'What is held: so many units of a product in a warehouse, `default` unless said otherwise.',
      example: [
        { productId: exampleId('products'), warehouseId: exampleId('warehouses'), quantity: 2, status: 'held' },
      ],
      create: 'required',
    },
    ttlSeconds: { ...ttlSeconds, create: 'optional', read: false },
    reference: {
      schema: nullable(line(255)),
      description: 'What the shop knows it by, such as the number of a cart; `null` when it has none.',
      example: 'cart-4711',
      create: 'optional',
    },
    status: {
      schema: status,
      description: '`held` as long as any line is; then `committed` if any line was, else what became of the last one.',
      example: 'held',
    },
    expiresAt: {
      schema: timestamp,
      description: 'From this moment on what is still held counts no more.',
      example: '2026-01-31T09:40:00.000Z',
    },
    createdAt: { schema: timestamp, description: 'When it was made.', example: '2026-01-31T09:30:00.000Z' },
    updatedAt: { schema: timestamp, description: 'When it was last changed.', example: '2026-01-31T09:30:00.000Z' },
  },
  relationships: {},
})

export const reservationCommit = act({
  type: 'commit',
  name: 'ReservationCommit',
  description: 'Takes what is held.',
  attributes: { lines: { ...someLines, create: 'optional' } },
})

export const reservationRelease = act({
  type: 'release',
  name: 'ReservationRelease',
  description: 'Gives back what is held.',
  attributes: { lines: { ...someLines, create: 'optional' } },
})

export const reservationExtend = act({
  type: 'extend',
  name: 'ReservationExtend',
  description: 'Holds it for longer.',
  attributes: { ttlSeconds: { ...ttlSeconds, create: 'optional' } },
})

export const reservationOperations = [
  operation({
    id: 'createReservation',
    service: 'inventory',
    action: 'create',
    method: 'POST',
    path: '/reservations',
    resource: 'reservations',
    permission: 'reservations:write',
    summary: 'Hold stock for someone',
    description:
      'Promises 1 to 100 lines, all or none, for a while. A level may be promised beyond what is available, down to ' +
      'its backorder limit. The id may be chosen by the caller, so that it can be released even when the answer was ' +
      'lost; an id that was released before it was reserved is refused.',
    failures: [
      'product_not_found',
      'product_inactive',
      'no_inventory',
      'insufficient_stock',
      'reservation_exists',
      'reservation_released',
    ],
  }),
  operation({
    id: 'listReservations',
    service: 'inventory',
    action: 'list',
    method: 'GET',
    path: '/reservations',
    resource: 'reservations',
    permission: 'reservations:read',
    filters: {
      status: {
        schema: status,
        maxValues: statuses.length,
        description: 'Only those of these statuses.',
        example: 'held',
      },
      reference: {
        schema: line(255),
        maxValues: 1,
        description: 'Only those with this reference.',
        example: 'cart-4711',
      },
    },
    summary: 'List reservations',
    description: 'All reservations in the order of their ids, which is the one in which the server gives them.',
    failures: [],
  }),
  operation({
    id: 'getReservation',
    service: 'inventory',
    action: 'read',
    method: 'GET',
    path: '/reservations/{reservationId}',
    resource: 'reservations',
    permission: 'reservations:read',
    summary: 'Read a reservation',
    description: 'One reservation as it is now, by the clock of the database.',
    failures: ['reservation_not_found'],
  }),
  operation({
    id: 'commitReservation',
    service: 'inventory',
    action: 'act',
    method: 'POST',
    path: '/reservations/{reservationId}/commit',
    resource: 'reservations',
    act: reservationCommit,
    permission: 'reservations:write',
    summary: 'Take what is held',
    description:
      'The stock leaves, of all lines that are still held or of those that are named. What is owed waits for stock: ' +
      '409 until it is there.',
    failures: [
      'reservation_not_found',
      'reservation_committed',
      'reservation_released',
      'reservation_expired',
      'line_not_reserved',
      'line_not_held',
      'insufficient_stock',
    ],
  }),
  operation({
    id: 'releaseReservation',
    service: 'inventory',
    action: 'act',
    method: 'POST',
    path: '/reservations/{reservationId}/release',
    resource: 'reservations',
    act: reservationRelease,
    permission: 'reservations:write',
    summary: 'Give back what is held',
    description:
      'The stock is available again, of all lines that are still held or of those that are named. What is released ' +
      'or expired already is answered as it is. An id that nobody knows is 404, and can then no longer be reserved.',
    failures: ['reservation_not_found', 'reservation_committed', 'line_not_reserved', 'line_not_held'],
  }),
  operation({
    id: 'extendReservation',
    service: 'inventory',
    action: 'act',
    method: 'POST',
    path: '/reservations/{reservationId}/extend',
    resource: 'reservations',
    act: reservationExtend,
    permission: 'reservations:write',
    summary: 'Hold stock for longer',
    description: 'Holds it until so many seconds from now, if that is later than its end.',
    failures: ['reservation_not_found', 'reservation_committed', 'reservation_released', 'reservation_expired'],
  }),
] as const
