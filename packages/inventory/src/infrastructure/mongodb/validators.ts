import type { Document } from 'mongodb'
import { MOVEMENT_KINDS } from '../../domain/stock-level.ts'
import type { Collections } from './documents.ts'

// The last line of defence, like the CHECKs of the SQL schema: the rules stand in the domain. A field that is not named
// here is allowed, so that a version which writes another one can run beside this one.

const text = { bsonType: 'string' }
const textOrNull = { bsonType: ['string', 'null'] }
const moment = { bsonType: 'date' }
const momentOrNull = { bsonType: ['date', 'null'] }
/** Whole numbers beyond 2^31 are doubles, exact as far as 2^53. */
const NUMBER = ['int', 'long', 'double']
const change = { bsonType: NUMBER, multipleOf: 1 }
const atLeast = (minimum: number) => ({ bsonType: NUMBER, multipleOf: 1, minimum })
const oneOf = (...values: readonly string[]) => ({ enum: values })

const status = oneOf('held', 'committed', 'released', 'expired')

/** Every one of these fields, each as it says. */
const withFields = (properties: Readonly<Record<string, Document>>): Document => ({
  $jsonSchema: { bsonType: 'object', required: Object.keys(properties), properties },
})

export const VALIDATORS: Readonly<Record<keyof Collections, Document>> = {
  stock_levels: {
    ...withFields({
      _id: text,
      product_id: text,
      warehouse_id: text,
      on_hand: atLeast(0),
      reserved: atLeast(0),
      short: atLeast(0),
      backorder_limit: atLeast(0),
      incoming: atLeast(0),
      reorder_point: { bsonType: [...NUMBER, 'null'], minimum: 0 },
      next_expiry_at: momentOrNull,
      sequence: atLeast(0),
      version: atLeast(1),
      last_updated: moment,
    }),
    $expr: { $lte: ['$reserved', { $add: ['$on_hand', '$backorder_limit', '$short'] }] },
  },
  movements: withFields({
    _id: text,
    product_id: text,
    warehouse_id: text,
    sequence: atLeast(1),
    kind: oneOf(...MOVEMENT_KINDS),
    on_hand_change: change,
    reserved_change: change,
    on_hand_after: atLeast(0),
    reserved_after: atLeast(0),
    reason: textOrNull,
    actor: text,
    purchase_id: textOrNull,
    reservation_id: textOrNull,
    operation_id: text,
    created_at: moment,
  }),
  purchases: {
    ...withFields({
      _id: text,
      product_id: text,
      warehouse_id: text,
      quantity: atLeast(1),
      unit_price_minor: atLeast(0),
      total_minor: atLeast(0),
      currency: text,
      total: text,
      operation_id: text,
      created_at: moment,
    }),
    $expr: { $eq: ['$total_minor', { $multiply: ['$unit_price_minor', '$quantity'] }] },
  },
  operations: withFields({ _id: text, fingerprint: text, verdict: text, created_at: moment }),
  reservations: withFields({
    _id: text,
    status,
    reference: textOrNull,
    lines: {
      bsonType: 'array',
      items: withFields({ product_id: text, warehouse_id: text, quantity: atLeast(1), status }).$jsonSchema,
    },
    expires_at: moment,
    version: atLeast(1),
    actor: text,
    operation_id: text,
    created_at: moment,
    updated_at: moment,
  }),
  holds: withFields({
    _id: text,
    product_id: text,
    warehouse_id: text,
    reservation_id: text,
    quantity: atLeast(1),
    expires_at: moment,
    operation_id: text,
    created_at: moment,
  }),
  warehouses: withFields({
    _id: text,
    name: text,
    version: atLeast(1),
    created_at: moment,
    updated_at: moment,
    deleted_at: momentOrNull,
  }),
}
