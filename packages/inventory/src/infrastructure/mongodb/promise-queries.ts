import { readPage, type Uuid } from '@abasto/kernel'
import type { Backorder, Stock } from '../../application/ports.ts'
import { asOf, type Reservation, type ReservationStatus } from '../../domain/reservation.ts'
import { type HoldDocument, type ReservationDocument, reservationOf } from './documents.ts'
import { holdsOfLevel } from './lapsed.ts'
import { type Ask, beyond, EVERY_PRODUCT, inOrder, oneOf } from './pipelines.ts'

type Queries = Pick<Stock, 'reservation' | 'reservations' | 'expired' | 'backorders'>

/** The questions about what is promised: one pipeline each, and always by the server's clock. */
export function promiseQueries(ask: Ask): Queries {
  return {
    reservation: async (id, trace) => {
      const rows = await ask<CurrentRow>({ name: 'read reservation', trace }, 'reservations', [
        { $match: { _id: id, ...WITH_LINES } },
        withNow,
      ])
      return rows.map(currentReservation)[0]
    },

    reservations: ({ statuses, references }, page, trace) =>
      readPage(page, async (direction, position, limit) => {
        const stored = statuses && [...new Set(statuses.flatMap((status) => STORED_AS[status]))]
        const wanted = { ...WITH_LINES, ...oneOf('status', stored), ...oneOf('reference', references) }
        const rows = await ask<CurrentRow>({ name: 'list reservations', trace }, 'reservations', [
          { $match: position === undefined ? wanted : beyond(direction, { _id: position }, wanted) },
          ...(statuses ? [{ $match: { $expr: { $in: [currentStatus, [...statuses]] } } }] : []),
          inOrder(direction, '_id'),
          { $limit: limit },
          withNow,
        ])
        return rows.map(currentReservation)
      }),

    expired: async (limit, trace) => {
      const rows = await ask<{ _id: Uuid }>({ name: 'look for expired', trace }, 'reservations', [
        { $match: { status: 'held', $expr: { $lte: ['$expires_at', '$$NOW'] } } },
        inOrder('forward', 'expires_at'),
        { $limit: limit },
        { $project: { _id: 1 } },
      ])
      return rows.map(({ _id }) => _id)
    },

    backorders: ({ productIds, warehouseIds }, page, trace) =>
      readPage(page, async (direction, position, limit) => {
        const [createdAt, reservation_id, product_id, warehouse_id] = position?.split('_') ?? []
        const place = { created_at: new Date(createdAt ?? 0), reservation_id, product_id, warehouse_id }
        const named = { ...EVERY_PRODUCT, ...oneOf('product_id', productIds), ...oneOf('warehouse_id', warehouseIds) }
        const isOwing = { ...named, $expr: { $gt: ['$reserved', '$on_hand'] } }
        const rows = await ask<OwedRow>({ name: 'list backorders', trace }, 'stock_levels', [
          // The whole condition on either side, so that each goes by an index of its own.
          {
            $match: {
              $or: [
                { ...isOwing, backorder_limit: { $gt: 0 } },
                { ...isOwing, short: { $gt: 0 } },
              ],
            },
          },
          owedHolds,
          { $unwind: '$owed' },
          { $replaceWith: '$owed' },
          ...(position === undefined ? [] : [{ $match: beyond(direction, place) }]),
          inOrder(direction, 'created_at', 'reservation_id', 'product_id', 'warehouse_id'),
          { $limit: limit },
        ])
        return rows.map(backorderOf)
      }),
  }
}

/** What is left of the reservations without their tombstones. */
const WITH_LINES = { lines: { $ne: [] } }

const withNow = { $set: { now: '$$NOW' } }

type CurrentRow = ReservationDocument & Readonly<{ now: Date }>

const currentReservation = ({ now, ...document }: CurrentRow): Reservation =>
  asOf(reservationOf(document), now.toISOString())

// What `asOf` says, where the server must say it: only a filter needs it.
const currentStatus = {
  $cond: [
    { $or: [{ $ne: ['$status', 'held'] }, { $gt: ['$expires_at', '$$NOW'] }] },
    '$status',
    { $cond: [{ $in: ['committed', '$lines.status'] }, 'committed', 'expired'] },
  ],
}

/** As what a reservation of each status may still be stored, so that an index finds it. */
const STORED_AS: Readonly<Record<ReservationStatus, readonly ReservationStatus[]>> = {
  held: ['held'],
  released: ['released'],
  committed: ['committed', 'held'],
  expired: ['expired', 'held'],
}

/**
 * Gives a level the holds of it that are alive and not covered by what is there. The oldest are served first, so each
 * is owed what the holds up to it come to beyond what is on hand, but no more than itself.
 */
const owedHolds = {
  $lookup: {
    from: 'holds',
    let: { product: '$product_id', warehouse: '$warehouse_id', onHand: '$on_hand' },
    pipeline: [
      holdsOfLevel({ $gt: ['$expires_at', '$$NOW'] }),
      {
        $setWindowFields: {
          sortBy: { created_at: 1, reservation_id: 1 },
          output: { until: { $sum: '$quantity', window: { documents: ['unbounded', 'current'] } } },
        },
      },
      { $set: { owed: { $min: ['$quantity', { $subtract: ['$until', '$$onHand'] }] } } },
      { $match: { owed: { $gt: 0 } } },
    ],
    as: 'owed',
  },
}

type OwedRow = HoldDocument & Readonly<{ owed: number }>

const backorderOf = (row: OwedRow): Backorder => ({
  productId: row.product_id,
  warehouseId: row.warehouse_id,
  reservationId: row.reservation_id,
  quantity: row.quantity,
  owed: Number(row.owed),
  expiresAt: row.expires_at.toISOString(),
  createdAt: row.created_at.toISOString(),
})
