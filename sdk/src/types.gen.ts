// Printed from the contract (Abasto 0.1.0) by `bun run generate`; not to be edited by hand.

/** What a shop shows and sells. What is counted is always a product. */
export type Product = {
  readonly type: 'products'
  readonly id: string
  /** The name the shop gives it; unique among the products that are not deleted. */
  readonly sku: string
  /** What a customer reads. */
  readonly name: string
  /** A longer text; empty when there is none. */
  readonly description: string
  /** The price of one unit, as a decimal string in `currency`. */
  readonly price: string
  /** The ISO 4217 code of the price. */
  readonly currency: string
  /** Addresses of pictures, the first of them the main one. */
  readonly images: readonly string[]
  /** Whether it is sold at present; `true` unless said otherwise. */
  readonly active: boolean
  /** When it was created. */
  readonly createdAt: string
  /** When it was last changed. */
  readonly updatedAt: string
  /** Names this state of it: hand it back as `ifMatch`. Absent on the items of a list and with `include`. */
  readonly etag?: string
}

/** What creates one of the products. */
export type ProductCreate = {
  /** The name the shop gives it; unique among the products that are not deleted. */
  readonly sku: string
  /** What a customer reads. */
  readonly name: string
  /** A longer text; empty when there is none. */
  readonly description?: string
  /** The price of one unit, as a decimal string in `currency`. */
  readonly price: string
  /** The ISO 4217 code of the price. */
  readonly currency: string
  /** Addresses of pictures, the first of them the main one. */
  readonly images?: readonly string[]
  /** Whether it is sold at present; `true` unless said otherwise. */
  readonly active?: boolean
}

/** What changes one of the products. */
export type ProductUpdate = {
  /** The name the shop gives it; unique among the products that are not deleted. */
  readonly sku?: string
  /** What a customer reads. */
  readonly name?: string
  /** A longer text; empty when there is none. */
  readonly description?: string
  /** The price of one unit, as a decimal string in `currency`. */
  readonly price?: string
  /** The ISO 4217 code of the price. */
  readonly currency?: string
  /** Addresses of pictures, the first of them the main one. */
  readonly images?: readonly string[]
  /** Whether it is sold at present; `true` unless said otherwise. */
  readonly active?: boolean
}

/** What `include` may name where products are read, and the member that it adds. */
export type ProductIncludes = Readonly<Record<never, never>>

/** How much of one product there is, over all warehouses. Its id is the product’s. What is changed through it is the `default` warehouse. */
export type Inventory = {
  readonly type: 'inventory'
  readonly id: string
  /** Units on hand over all warehouses, promised or not. 0 when a create does not say. */
  readonly quantity: number
  /** Units promised, not yet gone. */
  readonly reserved: number
  /** Units on hand less those reserved; below 0 when more is promised than is there. */
  readonly available: number
  /** When it was last changed. */
  readonly updatedAt: string
  /** What is counted. The id of the product. */
  readonly productId: string
  /** Names this state of it: hand it back as `ifMatch`. Absent on the items of a list and with `include`. */
  readonly etag?: string
}

/** What creates one of the inventory. */
export type InventoryCreate = {
  /** Units on hand over all warehouses, promised or not. 0 when a create does not say. */
  readonly quantity?: number
  /** What is counted. The id of the product. */
  readonly productId: string
}

/** What changes one of the inventory. */
export type InventoryUpdate = {
  /** Units that came (above 0) or went (below 0). */
  readonly quantityDelta: number
  /** Why: `receipt` and `return` only add, `damage` and `loss` only take, `correction` does either. `damage` and `loss` say what is and may eat into what is promised; a `correction` may not. */
  readonly reason: 'receipt' | 'return' | 'correction' | 'damage' | 'loss'
}

/** What `include` may name where inventory are read, and the member that it adds. */
export type InventoryIncludes = {
  /** What is counted. `null` when it has been deleted since. */
  readonly product: Product | null
}

/** A direct sale: stock leaves at once. Keeps the price that was paid. */
export type Purchase = {
  readonly type: 'purchases'
  readonly id: string
  /** Units sold. */
  readonly quantity: number
  /** The price of one unit when it was sold. */
  readonly unitPrice: string
  /** `unitPrice` times `quantity`. */
  readonly total: string
  /** The ISO 4217 code of both. */
  readonly currency: string
  /** When it was sold. */
  readonly createdAt: string
  /** What was sold. The id of the product. */
  readonly productId: string
  /** Where it was sold from; the `default` warehouse unless said otherwise. The id of the warehouse. */
  readonly warehouseId: string
  /** Names this state of it: hand it back as `ifMatch`. Absent on the items of a list and with `include`. */
  readonly etag?: string
}

/** What creates one of the purchases. */
export type PurchaseCreate = {
  /** Units sold. */
  readonly quantity: number
  /** What was sold. The id of the product. */
  readonly productId: string
  /** Where it was sold from; the `default` warehouse unless said otherwise. The id of the warehouse. */
  readonly warehouseId?: string
}

/** What `include` may name where purchases are read, and the member that it adds. */
export type PurchaseIncludes = Readonly<Record<never, never>>

/** The append-only record of one change of one stock level. Folding them in sequence gives the level. */
export type Movement = {
  readonly type: 'movements'
  readonly id: string
  /** What happened. */
  readonly kind: 'receipt' | 'sale' | 'return' | 'adjustment' | 'reservation' | 'commit' | 'release' | 'expiry' | 'transfer_out' | 'transfer_in'
  /** Signed change of the units on hand. */
  readonly onHandChange: number
  /** Signed change of the units reserved. */
  readonly reservedChange: number
  /** Units on hand afterwards. */
  readonly onHandAfter: number
  /** Units reserved afterwards. */
  readonly reservedAfter: number
  /** Why it was changed by hand, `count` being what was counted; `null` when it was not. */
  readonly reason: 'receipt' | 'return' | 'correction' | 'damage' | 'loss' | 'count' | null
  /** Who caused it. */
  readonly actor: string
  /** Its number within its level, without gaps. */
  readonly sequence: number
  /** The write that caused it. */
  readonly operationId: string
  /** When it happened. */
  readonly createdAt: string
  /** What is counted. The id of the product. */
  readonly productId: string
  /** Where it happened. The id of the warehouse. */
  readonly warehouseId: string
  /** The sale that caused it, if one did. The id of the purchase, or `null`. */
  readonly purchaseId: string | null
  /** The reservation whose promise it made or ended, if it did. The id of the reservation, or `null`. */
  readonly reservationId: string | null
  /** Names this state of it: hand it back as `ifMatch`. Absent on the items of a list and with `include`. */
  readonly etag?: string
}

/** What `include` may name where movements are read, and the member that it adds. */
export type MovementIncludes = Readonly<Record<never, never>>

/** A place that holds stock. Every shop has one called `default`. */
export type Warehouse = {
  readonly type: 'warehouses'
  readonly id: string
  /** What the shop calls it. */
  readonly name: string
  /** When it was created. */
  readonly createdAt: string
  /** When it was last changed. */
  readonly updatedAt: string
  /** Names this state of it: hand it back as `ifMatch`. Absent on the items of a list and with `include`. */
  readonly etag?: string
}

/** What creates one of the warehouses. */
export type WarehouseCreate = {
  /** What the shop calls it. */
  readonly name: string
}

/** What changes one of the warehouses. */
export type WarehouseUpdate = {
  /** What the shop calls it. */
  readonly name: string
}

/** What `include` may name where warehouses are read, and the member that it adds. */
export type WarehouseIncludes = Readonly<Record<never, never>>

/** One product in one warehouse. Its id is made of theirs: `<productId>.<warehouseId>`. */
export type StockLevel = {
  readonly type: 'stock-levels'
  readonly id: string
  /** Units physically there, promised or not. 0 when a create does not say. */
  readonly onHand: number
  /** Units promised, not yet gone. */
  readonly reserved: number
  /** Units on hand less those reserved; below 0 when more is promised than is there. */
  readonly available: number
  /** Units promised beyond what is there and allowed, because a count, damage or loss found less. Nothing new is promised until they are made good. */
  readonly short: number
  /** Units that are on their way, as somebody said; nothing else depends on it. */
  readonly incoming: number
  /** At or below this many available units it is time to reorder; `null`: never. */
  readonly reorderPoint: number | null
  /** How far reservations may go beyond what is on hand. It cannot be lowered below what is owed. */
  readonly backorderLimit: number
  /** The number of its last movement; 0 before the first. */
  readonly sequence: number
  /** Rises by one with every write; the `ETag` is made of it. */
  readonly version: number
  /** When it was last changed. */
  readonly updatedAt: string
  /** What is counted. The id of the product. */
  readonly productId: string
  /** Where it is counted. The id of the warehouse. */
  readonly warehouseId: string
  /** Names this state of it: hand it back as `ifMatch`. Absent on the items of a list and with `include`. */
  readonly etag?: string
}

/** What is shown of one of the stock-levels where `asOf` is given. */
export type StockLevelAsOf = Pick<StockLevel, 'type' | 'id' | 'onHand' | 'reserved' | 'available' | 'sequence' | 'updatedAt' | 'productId' | 'warehouseId'>

/** What creates one of the stock-levels. */
export type StockLevelCreate = {
  /** Units physically there, promised or not. 0 when a create does not say. */
  readonly onHand?: number
  /** Units that are on their way, as somebody said; nothing else depends on it. */
  readonly incoming?: number
  /** At or below this many available units it is time to reorder; `null`: never. */
  readonly reorderPoint?: number | null
  /** How far reservations may go beyond what is on hand. It cannot be lowered below what is owed. */
  readonly backorderLimit?: number
  /** What is counted. The id of the product. */
  readonly productId: string
  /** Where it is counted. The id of the warehouse. */
  readonly warehouseId: string
}

/** What changes one of the stock-levels. */
export type StockLevelUpdate = {
  /** Units that are on their way, as somebody said; nothing else depends on it. */
  readonly incoming?: number
  /** At or below this many available units it is time to reorder; `null`: never. */
  readonly reorderPoint?: number | null
  /** How far reservations may go beyond what is on hand. It cannot be lowered below what is owed. */
  readonly backorderLimit?: number
}

/** What `include` may name where stock-levels are read, and the member that it adds. */
export type StockLevelIncludes = {
  /** What is counted. `null` when it has been deleted since. */
  readonly product: Product | null
}

/** Up to 1,000 changes of stock levels by hand in one call, each for itself: some may be refused while the others take effect. It is kept nowhere; its movements tell what happened. */
export type Adjustments = {
  readonly type: 'adjustments'
  readonly id: string
  /** What became of each line, in their order: the `stockLevel` as it was then, or the `error` for which nothing was changed, as an error document would have it. */
  readonly verdicts: readonly ({ readonly stockLevel: { readonly id: string; readonly onHand: number; readonly reserved: number; readonly available: number; readonly short: number; readonly sequence: number; readonly version: number; readonly updatedAt: string } } | { readonly error: { readonly status: string; readonly code: string; readonly title: string; readonly detail: string; readonly source?: { readonly pointer: string }; readonly meta?: Readonly<Record<string, unknown>> } })[]
  /** Names this state of it: hand it back as `ifMatch`. Absent on the items of a list and with `include`. */
  readonly etag?: string
}

/** What creates one of the adjustments. */
export type AdjustmentsCreate = {
  /** One change each, of the level of a product in a warehouse (`default` unless said otherwise): either `quantityDelta` with a `reason`, or `countedOnHand` with `expectedVersion` or `expectedOnHand`. */
  readonly lines: readonly ({ readonly productId: string; readonly warehouseId?: string; readonly quantityDelta?: number; readonly reason?: 'receipt' | 'return' | 'correction' | 'damage' | 'loss'; readonly countedOnHand?: number; readonly expectedVersion?: number; readonly expectedOnHand?: number; readonly actor?: string })[]
}

/** What `include` may name where adjustments are read, and the member that it adds. */
export type AdjustmentsIncludes = Readonly<Record<never, never>>

/** Stock that was moved from warehouse to warehouse. It is kept nowhere; its movements tell the same, and carry its `operationId`. */
export type Transfer = {
  readonly type: 'transfers'
  readonly id: string
  /** What is moved: of a product, `from` one warehouse `to` another. All lines or none. */
  readonly lines: readonly { readonly productId: string; readonly from: string; readonly to: string; readonly quantity: number }[]
  /** Who did it; the caller itself unless said otherwise. */
  readonly actor: string
  /** The write that moved it, as its movements name it. */
  readonly operationId: string
  /** When it was moved. */
  readonly createdAt: string
  /** Names this state of it: hand it back as `ifMatch`. Absent on the items of a list and with `include`. */
  readonly etag?: string
}

/** What creates one of the transfers. */
export type TransferCreate = {
  /** What is moved: of a product, `from` one warehouse `to` another. All lines or none. */
  readonly lines: readonly { readonly productId: string; readonly from: string; readonly to: string; readonly quantity: number }[]
  /** Who did it; the caller itself unless said otherwise. */
  readonly actor?: string
}

/** What `include` may name where transfers are read, and the member that it adds. */
export type TransferIncludes = Readonly<Record<never, never>>

/** Stock held for someone until it expires; all its lines or none. It is held until its last line is committed, released or expired. */
export type Reservation = {
  readonly type: 'reservations'
  readonly id: string
  /** What is held: so many units of a product in a warehouse, `default` unless said otherwise. */
  readonly lines: readonly ({ readonly productId: string; readonly warehouseId: string; readonly quantity: number; readonly status: 'held' | 'committed' | 'released' | 'expired' })[]
  /** What the shop knows it by, such as the number of a cart; `null` when it has none. */
  readonly reference: string | null
  /** `held` as long as any line is; then `committed` if any line was, else what became of the last one. */
  readonly status: 'held' | 'committed' | 'released' | 'expired'
  /** From this moment on what is still held counts no more. */
  readonly expiresAt: string
  /** When it was made. */
  readonly createdAt: string
  /** When it was last changed. */
  readonly updatedAt: string
  /** Names this state of it: hand it back as `ifMatch`. Absent on the items of a list and with `include`. */
  readonly etag?: string
}

/** What creates one of the reservations. */
export type ReservationCreate = {
  /** An id of your choice, a UUID; the server gives one if you do not. */
  readonly id?: string
  /** What is held: so many units of a product in a warehouse, `default` unless said otherwise. */
  readonly lines: readonly { readonly productId: string; readonly quantity: number; readonly warehouseId?: string }[]
  /** For how many seconds it is held from now on; 10 minutes unless said otherwise. */
  readonly ttlSeconds?: number
  /** What the shop knows it by, such as the number of a cart; `null` when it has none. */
  readonly reference?: string | null
}

/** What `include` may name where reservations are read, and the member that it adds. */
export type ReservationIncludes = Readonly<Record<never, never>>

/** What is owed to a reservation: units that it holds of a level and that are not there. */
export type Backorder = {
  readonly type: 'backorders'
  readonly id: string
  /** Units that the reservation holds of the level. */
  readonly quantity: number
  /** How many of them are not there. */
  readonly owed: number
  /** When the reservation expires, and with it what is owed. */
  readonly expiresAt: string
  /** When it was promised. */
  readonly createdAt: string
  /** What is owed. The id of the product. */
  readonly productId: string
  /** From where it is owed. The id of the warehouse. */
  readonly warehouseId: string
  /** To whom it is owed. The id of the reservation. */
  readonly reservationId: string
  /** Names this state of it: hand it back as `ifMatch`. Absent on the items of a list and with `include`. */
  readonly etag?: string
}

/** What `include` may name where backorders are read, and the member that it adds. */
export type BackorderIncludes = Readonly<Record<never, never>>

/** A change of a stock level by hand: either `quantityDelta` with a `reason`, or `countedOnHand` with what it was counted against, which is `If-Match`, `expectedVersion` or `expectedOnHand`. */
export type StockLevelAdjust = {
  /** Units that came (above 0) or went (below 0). */
  readonly quantityDelta?: number
  /** Why: `receipt` and `return` only add, `damage` and `loss` only take, `correction` does either. `damage` and `loss` say what is and may eat into what is promised; a `correction` may not. */
  readonly reason?: 'receipt' | 'return' | 'correction' | 'damage' | 'loss'
  /** Units that were counted: what is really there, however much of it is promised. */
  readonly countedOnHand?: number
  /** The `version` that is known of the stock level; 412 when it has changed since. */
  readonly expectedVersion?: number
  /** How many units on hand the count was made against; 412 when there are others by now. */
  readonly expectedOnHand?: number
  /** Who did it; the caller itself unless said otherwise. */
  readonly actor?: string
}

/** Takes what is held. */
export type ReservationCommit = {
  /** Which of its lines are meant: all that are of this product in this warehouse (`default` unless said otherwise). All that are still held when it is left out. */
  readonly lines?: readonly { readonly productId: string; readonly warehouseId?: string }[]
}

/** Gives back what is held. */
export type ReservationRelease = {
  /** Which of its lines are meant: all that are of this product in this warehouse (`default` unless said otherwise). All that are still held when it is left out. */
  readonly lines?: readonly { readonly productId: string; readonly warehouseId?: string }[]
}

/** Holds it for longer. */
export type ReservationExtend = {
  /** For how many seconds it is held from now on; 10 minutes unless said otherwise. */
  readonly ttlSeconds?: number
}

/** The operations that act on a resource: the type of the document that says so, and what it takes. */
export type Acts = {
  readonly adjustStockLevel: { readonly type: 'adjust'; readonly input: StockLevelAdjust }
  readonly commitReservation: { readonly type: 'commit'; readonly input: ReservationCommit }
  readonly releaseReservation: { readonly type: 'release'; readonly input: ReservationRelease }
  readonly extendReservation: { readonly type: 'extend'; readonly input: ReservationExtend }
}

/** What `watchStock` tells: the data of its events, by their names. */
export type WatchStockEvents = {
  /** Forget what you know: the levels follow, as they are at one moment. */
  readonly snapshot: Readonly<Record<string, unknown>>
  /** One level of the snapshot; `sequence` is the number of its last movement. */
  readonly level: { readonly stockLevelId: string; readonly productId: string; readonly warehouseId: string; readonly sequence: number; readonly onHand: number; readonly reserved: number; readonly available: number }
  /** The snapshot is complete; what follows happened after it. Has an id. */
  readonly ready: Readonly<Record<string, unknown>>
  /** Something happened to a level, and this is what it is now. Has an id. Of each level by sequence, without gaps. */
  readonly movement: { readonly stockLevelId: string; readonly productId: string; readonly warehouseId: string; readonly sequence: number; readonly onHand: number; readonly reserved: number; readonly available: number; readonly kind: 'receipt' | 'sale' | 'return' | 'adjustment' | 'reservation' | 'commit' | 'release' | 'expiry' | 'transfer_out' | 'transfer_in'; readonly onHandChange: number; readonly reservedChange: number; readonly reason: 'receipt' | 'return' | 'correction' | 'damage' | 'loss' | 'count' | null; readonly actor: string; readonly purchaseId: string | null; readonly reservationId: string | null; readonly operationId: string; readonly createdAt: string }
}

/** Every resource by its JSON:API type. */
export type Resources = {
  readonly 'products': Product
  readonly 'inventory': Inventory
  readonly 'purchases': Purchase
  readonly 'movements': Movement
  readonly 'warehouses': Warehouse
  readonly 'stock-levels': StockLevel
  readonly 'adjustments': Adjustments
  readonly 'transfers': Transfer
  readonly 'reservations': Reservation
  readonly 'backorders': Backorder
}

/** The members of an input that are relationships: their name in the document, and the type they lead to. */
export const linkedMembers = {
  'products': {},
  'inventory': { productId: ['product', 'products'] },
  'purchases': { productId: ['product', 'products'], warehouseId: ['warehouse', 'warehouses'] },
  'movements': {},
  'warehouses': {},
  'stock-levels': { productId: ['product', 'products'], warehouseId: ['warehouse', 'warehouses'] },
  'adjustments': {},
  'transfers': {},
  'reservations': {},
  'backorders': {},
} as const satisfies Record<keyof Resources, Record<string, readonly [name: string, type: string]>>

/** Every code with which the server refuses, and the `details` that come with it. */
export type ServerFailures = {
  /** 400: The document cannot be read. */
  readonly malformed_document: Readonly<Record<string, unknown>>
  /** 400: The document is not what the operation takes. */
  readonly invalid_document: Readonly<Record<string, unknown>>
  /** 400: The query parameter is not what the operation takes. */
  readonly invalid_parameter: Readonly<Record<string, unknown>>
  /** 400: The cursor is not one of this list. */
  readonly invalid_cursor: Readonly<Record<string, unknown>>
  /** 400: The header is not what the operation takes. */
  readonly invalid_header: Readonly<Record<string, unknown>>
  /** 401: An API key is needed. */
  readonly unauthenticated: Readonly<Record<string, unknown>>
  /** 403: The caller is not allowed to do this. */
  readonly forbidden: Readonly<Record<string, unknown>>
  /** 403: The server gives the id. */
  readonly unsupported_client_id: Readonly<Record<string, unknown>>
  /** 404: There is nothing at this address. */
  readonly route_not_found: Readonly<Record<string, unknown>>
  /** 405: The address does not take this method. */
  readonly method_not_allowed: Readonly<Record<string, unknown>>
  /** 406: Only application/vnd.api+json can be answered. */
  readonly not_acceptable: Readonly<Record<string, unknown>>
  /** 409: The type or id is not the one of the address. */
  readonly type_mismatch: Readonly<Record<string, unknown>>
  /** 409: The first send of this operation is still running. */
  readonly in_progress: Readonly<Record<string, unknown>>
  /** 412: The resource has changed. */
  readonly version_mismatch: Readonly<Record<string, unknown>>
  /** 413: The document is too large. */
  readonly content_too_large: Readonly<Record<string, unknown>>
  /** 415: The document must be application/vnd.api+json. */
  readonly unsupported_media_type: Readonly<Record<string, unknown>>
  /** 422: The value is not allowed. */
  readonly invalid_value: Readonly<Record<string, unknown>>
  /** 422: The idempotency key was used for another command. */
  readonly idempotency_key_reused: Readonly<Record<string, unknown>>
  /** 500: Something went wrong on our side. */
  readonly internal_error: Readonly<Record<string, unknown>>
  /** 503: The operation could not be finished in time. */
  readonly unavailable: Readonly<Record<string, unknown>>
  /** 404: The product does not exist. */
  readonly product_not_found: Readonly<Record<string, unknown>>
  /** 409: The SKU is taken. */
  readonly sku_taken: { readonly sku: string }
  /** 422: The price is not allowed. */
  readonly invalid_price: Readonly<Record<string, unknown>>
  /** 422: The currency is not known. */
  readonly unknown_currency: Readonly<Record<string, unknown>>
  /** 409: The product has an inventory already. */
  readonly inventory_exists: { readonly productId: string }
  /** 404: The product has no inventory. */
  readonly no_inventory: { readonly productId: string }
  /** 409: There is not enough stock. */
  readonly insufficient_stock: { readonly productId: string; readonly requested: number; readonly available: number }
  /** 409: The product is not sold at present. */
  readonly product_inactive: { readonly productId: string }
  /** 422: The quantity is larger than can be held. */
  readonly quantity_out_of_range: Readonly<Record<string, unknown>>
  /** 422: The reason does not go with the sign of the quantity. */
  readonly reason_mismatch: Readonly<Record<string, unknown>>
  /** 422: The total is larger than can be held. */
  readonly total_out_of_range: Readonly<Record<string, unknown>>
  /** 404: The purchase does not exist. */
  readonly purchase_not_found: Readonly<Record<string, unknown>>
  /** 404: The warehouse does not exist. */
  readonly warehouse_not_found: Readonly<Record<string, unknown>>
  /** 409: The warehouse exists already. */
  readonly warehouse_exists: { readonly id: string }
  /** 409: There is stock in the warehouse. */
  readonly warehouse_not_empty: { readonly id: string }
  /** 409: The default warehouse cannot be deleted. */
  readonly default_warehouse: Readonly<Record<string, unknown>>
  /** 404: The product is not counted in the warehouse. */
  readonly stock_level_not_found: { readonly productId: string; readonly warehouseId: string }
  /** 409: The product is counted in the warehouse already. */
  readonly stock_level_exists: { readonly productId: string; readonly warehouseId: string }
  /** 409: More is owed than the backorder limit allows. */
  readonly backorder_limit_too_low: { readonly productId: string; readonly owed: number }
  /** 412: Another quantity is on hand. */
  readonly quantity_mismatch: { readonly expected: number; readonly onHand: number }
  /** 422: The count does not say what it was counted against. */
  readonly count_without_base: Readonly<Record<string, unknown>>
  /** 422: The stock is in that warehouse already. */
  readonly same_warehouse: Readonly<Record<string, unknown>>
  /** 404: The reservation does not exist. */
  readonly reservation_not_found: Readonly<Record<string, unknown>>
  /** 409: The reservation exists already. */
  readonly reservation_exists: { readonly id: string }
  /** 409: The reservation is committed. */
  readonly reservation_committed: { readonly id: string }
  /** 409: The reservation is released. */
  readonly reservation_released: { readonly id: string }
  /** 409: The reservation is expired. */
  readonly reservation_expired: { readonly id: string }
  /** 422: The reservation has no such line. */
  readonly line_not_reserved: Readonly<Record<string, unknown>>
  /** 409: The line is held no more. */
  readonly line_not_held: { readonly id: string; readonly status: string }
}

/** The HTTP status of every code with which the server refuses. */
export type FailureStatuses = {
  readonly malformed_document: 400
  readonly invalid_document: 400
  readonly invalid_parameter: 400
  readonly invalid_cursor: 400
  readonly invalid_header: 400
  readonly unauthenticated: 401
  readonly forbidden: 403
  readonly unsupported_client_id: 403
  readonly route_not_found: 404
  readonly method_not_allowed: 405
  readonly not_acceptable: 406
  readonly type_mismatch: 409
  readonly in_progress: 409
  readonly version_mismatch: 412
  readonly content_too_large: 413
  readonly unsupported_media_type: 415
  readonly invalid_value: 422
  readonly idempotency_key_reused: 422
  readonly internal_error: 500
  readonly unavailable: 503
  readonly product_not_found: 404
  readonly sku_taken: 409
  readonly invalid_price: 422
  readonly unknown_currency: 422
  readonly inventory_exists: 409
  readonly no_inventory: 404
  readonly insufficient_stock: 409
  readonly product_inactive: 409
  readonly quantity_out_of_range: 422
  readonly reason_mismatch: 422
  readonly total_out_of_range: 422
  readonly purchase_not_found: 404
  readonly warehouse_not_found: 404
  readonly warehouse_exists: 409
  readonly warehouse_not_empty: 409
  readonly default_warehouse: 409
  readonly stock_level_not_found: 404
  readonly stock_level_exists: 409
  readonly backorder_limit_too_low: 409
  readonly quantity_mismatch: 412
  readonly count_without_base: 422
  readonly same_warehouse: 422
  readonly reservation_not_found: 404
  readonly reservation_exists: 409
  readonly reservation_committed: 409
  readonly reservation_released: 409
  readonly reservation_expired: 409
  readonly line_not_reserved: 422
  readonly line_not_held: 409
}

/** The codes that are each operation’s own; any operation may also be refused as any other is. */
export type OperationFailures = {
  /** Create a product. */
  readonly createProduct: 'sku_taken' | 'invalid_price' | 'unknown_currency'
  /** List products. */
  readonly listProducts: never
  /** Read a product. */
  readonly getProduct: 'product_not_found'
  /** Change a product. */
  readonly updateProduct: 'product_not_found' | 'sku_taken' | 'invalid_price' | 'unknown_currency' | 'version_mismatch'
  /** Delete a product. */
  readonly deleteProduct: 'product_not_found' | 'version_mismatch'
  /** Begin to count a product. */
  readonly createInventory: 'product_not_found' | 'inventory_exists'
  /** List inventory. */
  readonly listInventory: never
  /** Read the inventory of a product. */
  readonly getInventory: 'no_inventory'
  /** Add or take stock by hand. */
  readonly adjustInventory: 'no_inventory' | 'insufficient_stock' | 'quantity_out_of_range' | 'reason_mismatch' | 'version_mismatch'
  /** Read the product of an inventory. */
  readonly getInventoryProduct: 'no_inventory' | 'product_not_found'
  /** Read which product an inventory counts. */
  readonly getInventoryProductLinkage: 'no_inventory'
  /** Sell a product. */
  readonly createPurchase: 'product_not_found' | 'product_inactive' | 'no_inventory' | 'insufficient_stock' | 'total_out_of_range'
  /** List purchases. */
  readonly listPurchases: never
  /** Read a purchase. */
  readonly getPurchase: 'purchase_not_found'
  /** Read the product of a purchase. */
  readonly getPurchaseProduct: 'purchase_not_found' | 'product_not_found'
  /** Read which product was sold. */
  readonly getPurchaseProductLinkage: 'purchase_not_found'
  /** Read the warehouse of a purchase. */
  readonly getPurchaseWarehouse: 'purchase_not_found' | 'warehouse_not_found'
  /** Read from which warehouse it was sold. */
  readonly getPurchaseWarehouseLinkage: 'purchase_not_found'
  /** List what happened to the stock of a product. */
  readonly listInventoryMovements: 'no_inventory'
  /** List what happened to stock. */
  readonly listMovements: never
  /** Create a warehouse. */
  readonly createWarehouse: 'warehouse_exists'
  /** List warehouses. */
  readonly listWarehouses: never
  /** Read a warehouse. */
  readonly getWarehouse: 'warehouse_not_found'
  /** Rename a warehouse. */
  readonly updateWarehouse: 'warehouse_not_found' | 'version_mismatch'
  /** Delete a warehouse. */
  readonly deleteWarehouse: 'warehouse_not_found' | 'warehouse_not_empty' | 'default_warehouse' | 'version_mismatch'
  /** Begin to count a product in a warehouse. */
  readonly createStockLevel: 'product_not_found' | 'warehouse_not_found' | 'stock_level_exists' | 'quantity_out_of_range'
  /** List stock levels. */
  readonly listStockLevels: never
  /** Read a stock level. */
  readonly getStockLevel: 'stock_level_not_found'
  /** Set a stock level up. */
  readonly updateStockLevel: 'stock_level_not_found' | 'backorder_limit_too_low' | 'quantity_out_of_range' | 'version_mismatch'
  /** Add, take or count stock by hand. */
  readonly adjustStockLevel: 'stock_level_not_found' | 'insufficient_stock' | 'quantity_out_of_range' | 'reason_mismatch' | 'count_without_base' | 'version_mismatch' | 'quantity_mismatch'
  /** Read the product of a stock level. */
  readonly getStockLevelProduct: 'stock_level_not_found' | 'product_not_found'
  /** Read which product a stock level counts. */
  readonly getStockLevelProductLinkage: 'stock_level_not_found'
  /** Read the warehouse of a stock level. */
  readonly getStockLevelWarehouse: 'stock_level_not_found' | 'warehouse_not_found'
  /** Read in which warehouse a stock level is. */
  readonly getStockLevelWarehouseLinkage: 'stock_level_not_found'
  /** Change many stock levels by hand. */
  readonly adjustStockLevels: never
  /** Move stock between warehouses. */
  readonly transferStock: 'stock_level_not_found' | 'warehouse_not_found' | 'insufficient_stock' | 'same_warehouse' | 'quantity_out_of_range'
  /** Hold stock for someone. */
  readonly createReservation: 'product_not_found' | 'product_inactive' | 'no_inventory' | 'insufficient_stock' | 'reservation_exists' | 'reservation_released'
  /** List reservations. */
  readonly listReservations: never
  /** Read a reservation. */
  readonly getReservation: 'reservation_not_found'
  /** Take what is held. */
  readonly commitReservation: 'reservation_not_found' | 'reservation_committed' | 'reservation_released' | 'reservation_expired' | 'line_not_reserved' | 'line_not_held' | 'insufficient_stock'
  /** Give back what is held. */
  readonly releaseReservation: 'reservation_not_found' | 'reservation_committed' | 'line_not_reserved' | 'line_not_held'
  /** Hold stock for longer. */
  readonly extendReservation: 'reservation_not_found' | 'reservation_committed' | 'reservation_released' | 'reservation_expired'
  /** List what is owed. */
  readonly listBackorders: never
  /** Follow the stock as it changes. */
  readonly watchStock: 'invalid_cursor'
}

/** What `filter` may name where a list takes one: each value that is listed has one of those given. */
export type OperationFilters = {
  readonly listProducts: {
    /** Only the products with these ids; ids that no product has are passed over. At most 100. */
    readonly id?: readonly string[]
  }
  readonly listMovements: {
    /** Only those of these products. At most 100. */
    readonly product?: readonly string[]
    /** Only those in these warehouses. At most 100. */
    readonly warehouse?: readonly string[]
    /** Only movements of these kinds. At most 10. */
    readonly kind?: readonly ('receipt' | 'sale' | 'return' | 'adjustment' | 'reservation' | 'commit' | 'release' | 'expiry' | 'transfer_out' | 'transfer_in')[]
    /** Only movements from this moment on. */
    readonly from?: string
    /** Only movements before this moment. */
    readonly until?: string
  }
  readonly listStockLevels: {
    /** Only those of these products. At most 100. */
    readonly product?: readonly string[]
    /** Only those in these warehouses. At most 100. */
    readonly warehouse?: readonly string[]
    /** Only those in any of these states: `reorder`, at or below the reorder point; `out`, nothing available; `short`, promised beyond what is there and allowed. At most 3. */
    readonly state?: readonly ('reorder' | 'out' | 'short')[]
  }
  readonly listReservations: {
    /** Only those of these statuses. At most 4. */
    readonly status?: readonly ('held' | 'committed' | 'released' | 'expired')[]
    /** Only those with this reference. */
    readonly reference?: string
  }
  readonly listBackorders: {
    /** Only those of these products. At most 100. */
    readonly product?: readonly string[]
    /** Only those in these warehouses. At most 100. */
    readonly warehouse?: readonly string[]
  }
  readonly watchStock: {
    /** Only those of these products. At most 100. */
    readonly product?: readonly string[]
    /** Only those in these warehouses. At most 100. */
    readonly warehouse?: readonly string[]
  }
}

/** The query parameters that a read has of its own. */
export type OperationParameters = {
  readonly getStockLevel: {
    /** Answers what the level was at this moment (RFC 3339), by its movements until then: the attributes that movements tell, and no others; no `ETag`. 404 before the first movement. */
    readonly asOf?: string
  }
}
