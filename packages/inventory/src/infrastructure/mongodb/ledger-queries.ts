import type { Question } from '@abasto/chassis/database/mongo'
import { readPage } from '@abasto/kernel'
import type { Document } from 'mongodb'
import type { LevelAt, Stock } from '../../application/ports.ts'
import type { LevelKey } from '../../domain/stock-level.ts'
import { type MovementDocument, movementOf } from './documents.ts'
import { type Ask, beyond, inOrder, oneOf } from './pipelines.ts'

/** The questions about what happened. */
export function ledgerQueries(ask: Ask): Pick<Stock, 'movements' | 'levelAt'> {
  const movementsWhere = (question: Question, ...pipeline: Document[]) =>
    ask<MovementDocument>(question, 'movements', pipeline)

  return {
    movements: ({ productIds, warehouseIds, kinds, from, until }, page, trace) =>
      readPage(page, async (direction, position, limit) => {
        const period = {
          ...(from === undefined ? {} : { $gte: new Date(from) }),
          ...(until === undefined ? {} : { $lt: new Date(until) }),
        }
        const wanted = {
          ...oneOf('product_id', productIds),
          ...oneOf('warehouse_id', warehouseIds),
          ...oneOf('kind', kinds),
          ...(from === undefined && until === undefined ? {} : { created_at: period }),
        }
        const [product_id, warehouse_id, sequence] = position?.split('.') ?? []
        const place = { product_id, warehouse_id, sequence: Number(sequence) }
        const rows = await movementsWhere(
          { name: 'list movements', trace },
          { $match: position === undefined ? wanted : beyond(direction, place, wanted) },
          inOrder(direction, 'product_id', 'warehouse_id', 'sequence'),
          { $limit: limit },
        )
        return rows.map(movementOf)
      }),

    /**
     * Time rises with the sequence, so the last movement until a moment is found by looking at a hundred numbers at a
     * time, evenly apart, and then between two of them: four rounds for a hundred million movements, and the ledger
     * needs no index for a question that is asked rarely.
     */
    levelAt: async (key, moment, trace) => {
      const question = { name: 'read level at', trace }
      const ofLevel = { product_id: key.productId, warehouse_id: key.warehouseId }
      const until = new Date(moment)
      const [last] = await movementsWhere(
        question,
        { $match: ofLevel },
        inOrder('backward', 'product_id', 'warehouse_id', 'sequence'),
        { $limit: 1 },
      )
      if (!last || last.created_at <= until) return last && levelAfter(key, last)
      let found: MovementDocument | undefined
      for (let [low, high] = [1, last.sequence - 1]; low <= high; ) {
        const seen = await movementsWhere(
          question,
          { $match: { ...ofLevel, sequence: { $in: spread(low, high) } } },
          inOrder('forward', 'product_id', 'warehouse_id', 'sequence'),
        )
        if (seen.length === 0) break
        const later = seen.find(({ created_at }) => created_at > until)
        found = seen.findLast(({ created_at }) => created_at <= until) ?? found
        low = (found?.sequence ?? 0) + 1
        if (later) high = later.sequence - 1
      }
      return found && levelAfter(key, found)
    },
  }
}

const AT_A_TIME = 100

/** Whole numbers from `low` to `high`, both among them, evenly apart, as many as are looked at in one round. */
function spread(low: number, high: number): number[] {
  const steps = Math.min(AT_A_TIME - 1, high - low)
  if (steps === 0) return [low]
  return Array.from({ length: steps + 1 }, (_, step) => low + Math.floor((step * (high - low)) / steps))
}

const levelAfter = ({ productId, warehouseId }: LevelKey, movement: MovementDocument): LevelAt => ({
  productId,
  warehouseId,
  onHand: movement.on_hand_after,
  reserved: movement.reserved_after,
  sequence: movement.sequence,
  updatedAt: movement.created_at.toISOString(),
})
