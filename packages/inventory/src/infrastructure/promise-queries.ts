import { plainArray, textArray } from '@abasto/chassis/database/array'
import type { Database } from '@abasto/chassis/database/database'
import { readPage, type Uuid } from '@abasto/kernel'
import type { Backorder, Stock } from '../application/ports.ts'
import { asOf, type Reservation } from '../domain/reservation.ts'
import { type ReservationRow, reservationOf } from './rows.ts'

type Queries = Pick<Stock, 'reservation' | 'reservations' | 'expired' | 'backorders'>

/** The questions about what is promised: one statement each, and always by the database's clock. */
export function promiseQueries(database: Database): Queries {
  return {
    reservation: async (id, trace) => {
      const rows = await database.query<CurrentRow>(
        `SELECT ${columns} FROM inventory.reservations WHERE id = $1::uuid AND lines <> '[]'`,
        [id],
        { name: 'read reservation', trace },
      )
      return rows.map(currentReservation)[0]
    },

    reservations: ({ statuses, references }, page, trace) =>
      readPage(page, async (direction, position, limit) => {
        const [beyond, order] = direction === 'forward' ? ['>', 'ASC'] : ['<', 'DESC']
        const rows = await database.query<CurrentRow>(
          `SELECT ${columns} FROM inventory.reservations
           WHERE lines <> '[]' AND ($1::text IS NULL OR ${currentStatus} = ANY ($1::text::text[]))
             AND ($2::text IS NULL OR reference = ANY ($2::text::text[]))
             AND ($3::text IS NULL OR id ${beyond} $3::text::uuid)
           ORDER BY id ${order} LIMIT $4::int`,
          [statuses ? plainArray(statuses) : null, references ? textArray(references) : null, position ?? null, limit],
          { name: 'list reservations', trace },
        )
        return rows.map(currentReservation)
      }),

    expired: async (limit, trace) => {
      const rows = await database.query<{ id: Uuid }>(
        `SELECT id FROM inventory.reservations WHERE status = 'held' AND expires_at <= clock_timestamp()
         ORDER BY expires_at LIMIT $1::int`,
        [limit],
        { name: 'look for expired', trace },
      )
      return rows.map(({ id }) => id)
    },

    backorders: ({ productIds, warehouseIds }, page, trace) =>
      readPage(page, async (direction, position, limit) => {
        const [beyond, order] = direction === 'forward' ? ['>', 'ASC'] : ['<', 'DESC']
        const [createdAt, reservationId, productId, warehouseId] = position?.split('_') ?? []
        const rows = await database.query<BackorderRow>(
          `WITH held AS (
             SELECT h.*, l.on_hand, sum(h.quantity) OVER (
                      PARTITION BY h.product_id, h.warehouse_id ORDER BY h.created_at, h.reservation_id
                    ) - l.on_hand AS beyond
             FROM inventory.stock_levels l
               JOIN inventory.holds h ON h.product_id = l.product_id AND h.warehouse_id = l.warehouse_id
             WHERE (l.backorder_limit > 0 OR l.short > 0) AND l.reserved > l.on_hand
               AND h.expires_at > clock_timestamp()
               AND ($1::text IS NULL OR l.product_id = ANY ($1::text::uuid[]))
               AND ($2::text IS NULL OR l.warehouse_id = ANY ($2::text::uuid[]))
           )
           SELECT reservation_id, product_id, warehouse_id, quantity, least(quantity, beyond)::bigint AS owed, expires_at,
                  created_at
           FROM held
           WHERE beyond > 0 AND ($3::text IS NULL OR
             (created_at, reservation_id, product_id, warehouse_id) ${beyond}
             ($3::text::timestamptz, $4::text::uuid, $5::text::uuid, $6::text::uuid))
           ORDER BY created_at ${order}, reservation_id ${order}, product_id ${order}, warehouse_id ${order}
           LIMIT $7::int`,
          [
            productIds ? plainArray(productIds) : null,
            warehouseIds ? plainArray(warehouseIds) : null,
            createdAt ?? null,
            reservationId ?? null,
            productId ?? null,
            warehouseId ?? null,
            limit,
          ],
          { name: 'list backorders', trace },
        )
        return rows.map(backorderOf)
      }),
  }
}

const columns = `id, status, reference, lines, expires_at, version, actor, operation_id, created_at, updated_at,
  clock_timestamp() AS now`

// What `asOf` says, where it must be said in SQL: only a filter needs it.
const currentStatus = `CASE WHEN status <> 'held' OR expires_at > clock_timestamp() THEN status
  WHEN lines @> '[{"status": "committed"}]' THEN 'committed' ELSE 'expired' END`

type CurrentRow = ReservationRow & { now: string }

const currentReservation = (row: CurrentRow): Reservation => asOf(reservationOf(row), row.now)

type BackorderRow = {
  reservation_id: Uuid
  product_id: Uuid
  warehouse_id: Uuid
  quantity: number
  owed: number
  expires_at: string
  created_at: string
}

const backorderOf = (row: BackorderRow): Backorder => ({
  productId: row.product_id,
  warehouseId: row.warehouse_id,
  reservationId: row.reservation_id,
  quantity: row.quantity,
  owed: row.owed,
  expiresAt: row.expires_at,
  createdAt: row.created_at,
})
