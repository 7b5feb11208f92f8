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
  /** Names this state of it: hand it back as `ifMatch`. Absent on the items of a list and with `include`. */
  readonly etag?: string
}

/** What creates one of the purchases. */
export type PurchaseCreate = {
  /** Units sold. */
  readonly quantity: number
  /** What was sold. The id of the product. */
  readonly productId: string
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
  /** Why it was changed by hand; `null` when it was not. */
  readonly reason: string | null
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
  /** Names this state of it: hand it back as `ifMatch`. Absent on the items of a list and with `include`. */
  readonly etag?: string
}

/** What `include` may name where movements are read, and the member that it adds. */
export type MovementIncludes = Readonly<Record<never, never>>

/** Every resource by its JSON:API type. */
export type Resources = {
  readonly 'products': Product
  readonly 'inventory': Inventory
  readonly 'purchases': Purchase
  readonly 'movements': Movement
}

/** The members of an input that are relationships: their name in the document, and the type they lead to. */
export const linkedMembers = {
  'products': {},
  'inventory': { productId: ['product', 'products'] },
  'purchases': { productId: ['product', 'products'] },
  'movements': {},
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
  /** List what happened to the stock of a product. */
  readonly listInventoryMovements: 'no_inventory'
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
}

/** What `filter` may name where a list takes one: each value that is listed has one of those given. */
export type OperationFilters = {
  readonly listProducts: {
    /** Only the products with these ids; ids that no product has are passed over. At most 100. */
    readonly id?: readonly string[]
  }
}
