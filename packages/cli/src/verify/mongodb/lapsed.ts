import type {
  HoldDocument,
  MovementDocument,
  ReservationDocument,
} from '@abasto/inventory/infrastructure/mongodb/documents'
import type { Moment, Moments } from './moments.ts'
import type { LevelAnswered } from './verdicts.ts'

/**
 * Of a level on which very much expires at once a write ends only some, and answers as if it had ended all: its movement
 * still has as reserved what is left. Says whether that explains an answer that has so many units less: whether its
 * write ended holds, and so many more were past their time and are ended by now or still there.
 */
export const areLapsed = (
  { at }: Moments,
  { productId, warehouseId, sequence }: LevelAnswered,
  answeredAt: Date,
  units: number,
): Promise<boolean> =>
  at(async (moment) => {
    const level = { product_id: productId, warehouse_id: warehouseId }
    const ended = { ...level, kind: 'expiry', created_at: answeredAt }
    if (
      (await first(moment.batches('movements', [{ $match: ended }, { $limit: 1 }], { created_at: 1 }))).length === 0
    ) {
      return false
    }
    let missing = units
    const isPast = { $lte: answeredAt }
    const left = [{ $match: { ...level, expires_at: isPast, created_at: isPast } }]
    for await (const holds of moment.batches<HoldDocument>('holds', left)) {
      for (const { quantity } of holds) missing -= quantity
    }
    if (missing <= 0) return true
    const later = [
      { $match: { ...level, sequence: { $gt: sequence }, kind: 'expiry' } },
      { $sort: { product_id: 1, warehouse_id: 1, sequence: 1 } },
    ]
    // The writes that follow end what was left, so this is seldom more than one batch.
    for await (const movements of moment.batches<MovementDocument>('movements', later)) {
      missing -= await unitsPast(moment, movements, answeredAt)
      if (missing <= 0) return true
    }
    return false
  })

/** How many units of these expiries were past their time at a moment already. */
async function unitsPast({ byId }: Moment, movements: readonly MovementDocument[], answeredAt: Date): Promise<number> {
  const ids = movements.map(({ reservation_id }) => String(reservation_id))
  const reservations = await byId<ReservationDocument>('reservations', ids, { expires_at: 1 })
  return movements.reduce((units, { reservation_id, reserved_change }) => {
    const reservation = reservations.get(String(reservation_id))
    return reservation && reservation.expires_at <= answeredAt ? units - reserved_change : units
  }, 0)
}

/** The first batch of a stream. */
async function first<Row>(batches: AsyncIterable<readonly Row[]>): Promise<readonly Row[]> {
  for await (const batch of batches) return batch
  return []
}
