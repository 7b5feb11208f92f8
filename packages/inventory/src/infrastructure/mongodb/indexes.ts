import type { IndexDescription } from 'mongodb'
import type { Collections } from './documents.ts'

/**
 * What the collections are found by, apart from their `_id`: every list and every look-up goes by one of these. Few, for
 * each costs something whenever a document is written; those of what is sold most are on fields that never change.
 */
export const INDEXES: Readonly<{ [Name in keyof Collections]: IndexDescription[] }> = {
  stock_levels: [
    { name: 'by_product', key: { product_id: 1, warehouse_id: 1 }, unique: true },
    { name: 'by_warehouse', key: { warehouse_id: 1, product_id: 1 } },
    // Where more may be promised than is there. One each, because an index on either of two conditions is not used.
    {
      name: 'with_backorder_limit',
      key: { product_id: 1, warehouse_id: 1 },
      partialFilterExpression: { backorder_limit: { $gt: 0 } },
    },
    { name: 'short', key: { product_id: 1, warehouse_id: 1 }, partialFilterExpression: { short: { $gt: 0 } } },
  ],
  movements: [
    { name: 'by_level', key: { product_id: 1, warehouse_id: 1, sequence: 1 }, unique: true },
    // For what happened within a period; time rises, so it grows at its end only.
    { name: 'by_time', key: { created_at: 1 } },
    // What is done by hand is rare among what is sold and promised, which this costs nothing.
    {
      name: 'by_hand',
      key: { kind: 1, product_id: 1, warehouse_id: 1, sequence: 1 },
      partialFilterExpression: { kind: { $in: ['receipt', 'return', 'adjustment', 'transfer_out', 'transfer_in'] } },
    },
  ],
  purchases: [],
  operations: [],
  reservations: [
    { name: 'held', key: { expires_at: 1 }, partialFilterExpression: { status: 'held' } },
    { name: 'by_status', key: { status: 1, _id: 1 } },
    {
      name: 'by_reference',
      key: { reference: 1, _id: 1 },
      // Any text; those that have no reference have null.
      partialFilterExpression: { reference: { $gte: '' } },
    },
  ],
  holds: [{ name: 'by_expiry', key: { product_id: 1, warehouse_id: 1, expires_at: 1, reservation_id: 1 } }],
  warehouses: [],
}
