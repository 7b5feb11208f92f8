/**
 * Every code that the public API answers with, and what it means: its HTTP status, its stable title, and the shape of
 * its `meta` where it has one. Documents, the SDK's types and the docs are printed from this table.
 */
export const failures = {
  // What any operation may answer.
  malformed_document: { status: 400, title: 'The document cannot be read' },
  invalid_document: { status: 400, title: 'The document is not what the operation takes' },
  invalid_parameter: { status: 400, title: 'The query parameter is not what the operation takes' },
  invalid_cursor: { status: 400, title: 'The cursor is not one of this list' },
  invalid_header: { status: 400, title: 'The header is not what the operation takes' },
  unauthenticated: { status: 401, title: 'An API key is needed' },
  forbidden: { status: 403, title: 'The caller is not allowed to do this' },
  unsupported_client_id: { status: 403, title: 'The server gives the id' },
  route_not_found: { status: 404, title: 'There is nothing at this address' },
  method_not_allowed: { status: 405, title: 'The address does not take this method' },
  not_acceptable: { status: 406, title: 'Only application/vnd.api+json can be answered' },
  type_mismatch: { status: 409, title: 'The type or id is not the one of the address' },
  in_progress: { status: 409, title: 'The first send of this operation is still running' },
  version_mismatch: { status: 412, title: 'The resource has changed' },
  content_too_large: { status: 413, title: 'The document is too large' },
  unsupported_media_type: { status: 415, title: 'The document must be application/vnd.api+json' },
  invalid_value: { status: 422, title: 'The value is not allowed' },
  idempotency_key_reused: { status: 422, title: 'The idempotency key was used for another command' },
  internal_error: { status: 500, title: 'Something went wrong on our side' },
  unavailable: { status: 503, title: 'The operation could not be finished in time' },

  // Products.
  product_not_found: { status: 404, title: 'The product does not exist' },
  sku_taken: { status: 409, title: 'The SKU is taken', meta: { sku: 'string' } },
  invalid_price: { status: 422, title: 'The price is not allowed' },
  unknown_currency: { status: 422, title: 'The currency is not known' },

  // Inventory.
  inventory_exists: { status: 409, title: 'The product has an inventory already', meta: { productId: 'string' } },
  no_inventory: { status: 404, title: 'The product has no inventory', meta: { productId: 'string' } },
  insufficient_stock: {
    status: 409,
    title: 'There is not enough stock',
    meta: { productId: 'string', requested: 'number', available: 'number' },
  },
  product_inactive: { status: 409, title: 'The product is not sold at present', meta: { productId: 'string' } },
  quantity_out_of_range: { status: 422, title: 'The quantity is larger than can be held' },
  reason_mismatch: { status: 422, title: 'The reason does not go with the sign of the quantity' },
  total_out_of_range: { status: 422, title: 'The total is larger than can be held' },
  purchase_not_found: { status: 404, title: 'The purchase does not exist' },

  // Warehouses and stock levels.
  warehouse_not_found: { status: 404, title: 'The warehouse does not exist' },
  warehouse_exists: { status: 409, title: 'The warehouse exists already', meta: { id: 'string' } },
  warehouse_not_empty: { status: 409, title: 'There is stock in the warehouse', meta: { id: 'string' } },
  default_warehouse: { status: 409, title: 'The default warehouse cannot be deleted' },
  stock_level_not_found: {
    status: 404,
    title: 'The product is not counted in the warehouse',
    meta: { productId: 'string', warehouseId: 'string' },
  },
  stock_level_exists: {
    status: 409,
    title: 'The product is counted in the warehouse already',
    meta: { productId: 'string', warehouseId: 'string' },
  },
  backorder_limit_too_low: {
    status: 409,
    title: 'More is owed than the backorder limit allows',
    meta: { productId: 'string', owed: 'number' },
  },
  quantity_mismatch: {
    status: 412,
    title: 'Another quantity is on hand',
    meta: { expected: 'number', onHand: 'number' },
  },
  count_without_base: { status: 422, title: 'The count does not say what it was counted against' },
  same_warehouse: { status: 422, title: 'The stock is in that warehouse already' },

  // Reservations.
  reservation_not_found: { status: 404, title: 'The reservation does not exist' },
  reservation_exists: { status: 409, title: 'The reservation exists already', meta: { id: 'string' } },
  reservation_committed: { status: 409, title: 'The reservation is committed', meta: { id: 'string' } },
  reservation_released: { status: 409, title: 'The reservation is released', meta: { id: 'string' } },
  reservation_expired: { status: 409, title: 'The reservation is expired', meta: { id: 'string' } },
  line_not_reserved: { status: 422, title: 'The reservation has no such line' },
  line_not_held: { status: 409, title: 'The line is held no more', meta: { id: 'string', status: 'string' } },
} as const satisfies Record<string, FailureDefinition>

export type FailureDefinition = Readonly<{
  status: number
  title: string
  meta?: Readonly<Record<string, 'string' | 'number'>>
}>

export type FailureCode = keyof typeof failures
