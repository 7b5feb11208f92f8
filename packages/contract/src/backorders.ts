import { operation } from './operation.ts'
import { resource } from './resource.ts'
import { quantity, timestamp } from './schemas.ts'
import { byProduct, byWarehouse } from './stock-members.ts'

export const backorders = resource({
  type: 'backorders',
  name: 'Backorder',
  description: 'What is owed to a reservation: units that it holds of a level and that are not there.',
  attributes: {
    quantity: { schema: quantity(1), description: 'Units that the reservation holds of the level.', example: 3 },
    owed: { schema: quantity(1), description: 'How many of them are not there.', example: 1 },
    expiresAt: {
      schema: timestamp,
      description: 'When the reservation expires, and with it what is owed.',
      example: '2026-01-31T09:40:00.000Z',
    },
    createdAt: { schema: timestamp, description: 'When it was promised.', example: '2026-01-31T09:30:00.000Z' },
  },
  relationships: {
    product: { to: 'products', description: 'What is owed.' },
    warehouse: { to: 'warehouses', description: 'From where it is owed.' },
    reservation: { to: 'reservations', description: 'To whom it is owed.' },
  },
})

export const backorderOperations = [
  operation({
    id: 'listBackorders',
    service: 'inventory',
    action: 'list',
    method: 'GET',
    path: '/backorders',
    resource: 'backorders',
    permission: 'reservations:read',
    filters: { product: byProduct, warehouse: byWarehouse },
    summary: 'List what is owed',
    description: 'What is promised and not there, the oldest first: what comes in serves them in that order.',
    failures: [],
  }),
] as const
