import type { Document } from 'mongodb'
import type { LevelState } from '../../application/ports.ts'
import { type StockLevel, withoutLapsed } from '../../domain/stock-level.ts'
import { type LevelDocument, levelOf } from './documents.ts'

/** A level as it is stored, and how many of its reserved units are past their time. */
export type LevelWithLapsed = LevelDocument & Readonly<{ lapsed: number }>

/** The level as it is to whoever asks: what is past its time is left out. */
export const currentLevel = (document: LevelWithLapsed): StockLevel =>
  withoutLapsed(levelOf(document), Number(document.lapsed))

const hasLapsed = { $and: [{ $gt: ['$next_expiry_at', null] }, { $lte: ['$next_expiry_at', '$$NOW'] }] }

/** The holds of a level of which some more is true; the look-up that asks calls its ids `product` and `warehouse`. */
export const holdsOfLevel = (condition: Document): Document => ({
  $match: {
    $expr: {
      $and: [{ $eq: ['$product_id', '$$product'] }, { $eq: ['$warehouse_id', '$$warehouse'] }, condition],
    },
  },
})

/** Adds `lapsed` to each level, by the server's clock; holds are looked at only where there may be some. */
export const withLapsed: readonly Document[] = [
  {
    $lookup: {
      from: 'holds',
      let: { product: { $cond: [hasLapsed, '$product_id', null] }, warehouse: '$warehouse_id' },
      pipeline: [
        holdsOfLevel({ $lte: ['$expires_at', '$$NOW'] }),
        { $group: { _id: null, units: { $sum: '$quantity' } } },
      ],
      as: 'lapsed',
    },
  },
  { $set: { lapsed: { $ifNull: [{ $first: '$lapsed.units' }, 0] } } },
]

/** Where something is on hand or promised; needs `lapsed`. */
export const isHeld: Document = { $or: [{ on_hand: { $gt: 0 } }, { $expr: { $gt: ['$reserved', '$lapsed'] } }] }

/** In which state a level is; needs `lapsed`. */
export const inState = stateWith('$lapsed')

/** In which state a level may be, whatever has lapsed: that only makes more available. Asked first, being cheap. */
export const mayBeInState = stateWith(0)

function stateWith(lapsed: unknown): Readonly<Record<LevelState, Document>> {
  const reserved = { $subtract: ['$reserved', lapsed] }
  const available = { $subtract: ['$on_hand', reserved] }
  return {
    reorder: { reorder_point: { $ne: null }, $expr: { $lte: [available, '$reorder_point'] } },
    out: { $expr: { $lte: [available, 0] } },
    short: {
      short: { $gt: 0 },
      $expr: { $gt: [reserved, { $add: ['$on_hand', '$backorder_limit'] }] },
    },
  }
}
