import { contract } from '@abasto/contract/contract'
import { exampleId } from '@abasto/contract/example-id'
import { type Failure, fail, notFound, ok, type Page, type PageRequest, type Result, replayed } from '@abasto/kernel'
import { apiKeyAuthentication } from '../identity.ts'
import { createLog } from '../log.ts'
import { createHttpApp, type HttpAppOptions } from './app.ts'
import type { Answer, Binding, Bindings, Entity, OperationRequest } from './binding.ts'
import { listen } from './listen.ts'
import { exampleBindings } from './toy-bindings.ts'

/**
 * A shop in memory, for the tests of this folder: the bindings are the simplest that keep the promises of a service, so
 * that what is tested is the way from the socket to them and back. What it does not do itself is answered by examples.
 */
export function openShop(changes: Partial<HttpAppOptions> = {}) {
  const store = toyStore()
  const examples = exampleBindings()
  const lines: string[] = []
  const log = createLog({ service: 'shop', write: (text) => lines.push(...text.trimEnd().split('\n')) })
  const app = createHttpApp({
    contract,
    services: ['products', 'inventory'],
    authenticate: apiKeyAuthentication({ key: 'open-sesame' }),
    log,
    ...changes,
    bindings: { ...examples.bindings, ...store.bindings, ...changes.bindings },
  })
  const listener = listen(app, { host: '127.0.0.1', port: 0 })

  /** Sends a request as a client would: with the key, and with a document where one is given. */
  const send = async (method: string, path: string, options: SendOptions = {}): Promise<Received> => {
    const { document, body = document === undefined ? undefined : JSON.stringify(document) } = options
    const headers = new Headers({ 'X-API-Key': 'open-sesame', Accept: MEDIA_TYPE })
    if (body !== undefined) headers.set('Content-Type', MEDIA_TYPE)
    for (const [name, value] of Object.entries(options.headers ?? {})) {
      if (value === null) headers.delete(name)
      else headers.set(name, value)
    }
    const response = await fetch(listener.url + path, {
      method,
      headers,
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type') === MEDIA_TYPE && text !== ''
    return { status: response.status, headers: response.headers, text, document: isJson ? JSON.parse(text) : undefined }
  }

  const logged = () => {
    log.flush()
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  }
  return { ...store, asked: examples.asked, url: listener.url, app, send, logged, close: listener.stop }
}

const MEDIA_TYPE = 'application/vnd.api+json'

export type SendOptions = Readonly<{
  document?: unknown
  body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>
  /** `null` leaves out a header that would be sent otherwise. */
  headers?: Readonly<Record<string, string | null>>
}>

export type Received = Readonly<{
  status: number
  headers: Headers
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents at will, and say what they expect to find.
  document: any
}>

/** A document that creates a lamp. */
export const lampDocument = (sku = 'LAMP-1') => ({
  data: { type: 'products', attributes: { sku, name: 'Desk lamp', price: '12.50', currency: 'EUR' } },
})

/** A document that names a product by its one relationship. */
export const documentOf = (type: string, productId: string, attributes: Record<string, unknown>) => ({
  data: { type, attributes, relationships: { product: { data: { type: 'products', id: productId } } } },
})

const CREATED_AT = '2026-01-31T09:30:00.000Z'

function toyStore() {
  const products = new Map<string, Entity>()
  const inventory = new Map<string, Entity>()
  const purchases = new Map<string, Entity>()
  const movements: Entity[] = []
  const decided = new Map<string, { fingerprint: string; result: Result<Answer> }>()
  let effects = 0

  /** Decides once per operation id, as a service does. */
  const once =
    (decide: (request: OperationRequest) => Result<Answer>): Binding =>
    async (request) => {
      const { operationId, fingerprint } = request.context
      const before = decided.get(operationId)
      if (before && before.fingerprint !== fingerprint) return fail(reused)
      if (before) return replayed(before.result)
      effects++
      const result = decide(request)
      decided.set(operationId, { fingerprint, result })
      return result
    }

  const read =
    (entities: ReadonlyMap<string, Entity>, what: string): Binding =>
    async ({ id, include }) => {
      const data = entities.get(id)
      if (!data) return fail(notFound(what, id))
      const product = products.get(data.relationships?.product ?? '')
      return ok(include.length > 0 && product ? { data, included: [product] } : { data })
    }

  const related =
    (entities: ReadonlyMap<string, Entity>, what: string): Binding =>
    async ({ id }) => {
      const entity = entities.get(id)
      if (!entity) return fail(notFound(what, id))
      return ok({ data: products.get(entity.relationships?.product ?? '') ?? null })
    }

  const add = (entities: Map<string, Entity>, entity: Entity): Result<Answer> => {
    entities.set(entity.id, entity)
    return ok({ data: entity })
  }

  const bindings: Bindings = {
    createProduct: once(({ attributes }) => {
      if ([...products.values()].some((product) => product.attributes.sku === attributes.sku)) {
        return fail(skuTaken(String(attributes.sku)))
      }
      const defaults = { description: '', images: [], active: true, createdAt: CREATED_AT, updatedAt: CREATED_AT }
      return add(products, entityOf('products', { ...defaults, ...attributes }))
    }),
    listProducts: async ({ page, filters: { id: ids } }) =>
      ok({
        data: pageOf(
          [...products.values()].filter(({ id }) => ids?.includes(id) ?? true),
          page,
        ),
      }),
    getProduct: read(products, 'product'),
    updateProduct: once(({ id, attributes, ifMatch }) => {
      const product = products.get(id)
      if (!product) return fail(notFound('product', id))
      if (ifMatch !== undefined && ifMatch !== product.version) return fail(changed)
      if (attributes.price === '9.999') return fail({ ...badPrice })
      const version = (product.version ?? 0) + 1
      return add(products, { ...product, version, attributes: { ...product.attributes, ...attributes } })
    }),
    deleteProduct: once(({ id }) => (products.delete(id) ? ok({ data: null }) : fail(notFound('product', id)))),
    createInventory: once(({ attributes, relationships }) => {
      const product = String(relationships.product)
      if (!products.has(product)) return fail(notFound('product', product))
      const quantity = Number(attributes.quantity ?? 0)
      const shown = { quantity, reserved: 0, available: quantity, updatedAt: CREATED_AT }
      return add(inventory, { ...entityOf('inventory', shown, { product }), id: product })
    }),
    listInventory: async ({ page }) => {
      const data = pageOf([...inventory.values()], page)
      return ok({
        data,
        included: data.items.map(({ id }) => products.get(id)).filter((product) => product !== undefined),
      })
    },
    getInventory: read(inventory, 'product'),
    adjustInventory: once(({ id, attributes }) => {
      const level = inventory.get(id)
      if (!level) return fail(notFound('product', id))
      const quantity = Number(level.attributes.quantity) + Number(attributes.quantityDelta)
      if (quantity < 0) return fail(tooFew(id, -Number(attributes.quantityDelta), Number(level.attributes.quantity)))
      return add(inventory, { ...level, attributes: { ...level.attributes, quantity, available: quantity } })
    }),
    getInventoryProduct: related(inventory, 'product'),
    getInventoryProductLinkage: read(inventory, 'product'),
    listInventoryMovements: async ({ page }) => ok({ data: pageOf(movements, page) }),
    createPurchase: once(({ attributes, relationships }) => {
      const product = String(relationships.product)
      const level = inventory.get(product)
      if (!level) return fail(notFound('product', product))
      const quantity = Number(attributes.quantity)
      const available = Number(level.attributes.available)
      if (quantity > available) return fail(tooFew(product, quantity, available))
      const left = available - quantity
      inventory.set(product, { ...level, attributes: { ...level.attributes, quantity: left, available: left } })
      const paid = { quantity, unitPrice: '12.50', total: '25.00', currency: 'EUR', createdAt: CREATED_AT }
      return add(purchases, entityOf('purchases', paid, { product, warehouse: exampleId('warehouses') }))
    }),
    listPurchases: async ({ page }) => ok({ data: pageOf([...purchases.values()], page) }),
    getPurchase: read(purchases, 'purchase'),
    getPurchaseProduct: related(purchases, 'purchase'),
    getPurchaseProductLinkage: read(purchases, 'purchase'),
  }
  return { bindings, products, inventory, purchases, effects: () => effects }
}

const entityOf = (type: string, attributes: Entity['attributes'], relationships?: Entity['relationships']): Entity => ({
  type,
  id: Bun.randomUUIDv7(),
  version: 1,
  attributes,
  ...(relationships ? { relationships } : {}),
})

function pageOf(all: readonly Entity[], { size, after, before }: PageRequest): Page<Entity> {
  const index = (cursor: string) => all.findIndex((entity) => entity.id === cursor)
  const end = before === undefined ? all.length : index(before)
  const start = after === undefined ? (before === undefined ? 0 : Math.max(end - size, 0)) : index(after) + 1
  const items = all.slice(start, Math.min(start + size, end))
  return { items, hasPrevious: start > 0, hasNext: start + items.length < all.length }
}

const reused: Failure = {
  kind: 'invalid',
  code: 'idempotency_key_reused',
  message: 'The key was used for another command.',
}

const changed: Failure = {
  kind: 'precondition',
  code: 'version_mismatch',
  message: 'The product has changed.',
  at: ['ifMatch'],
}

const badPrice: Failure = { kind: 'invalid', code: 'invalid_price', message: 'EUR has 2 decimals.', at: ['price'] }

const skuTaken = (sku: string): Failure => ({
  kind: 'conflict',
  code: 'sku_taken',
  message: `The SKU ${sku} is taken.`,
  at: ['sku'],
  details: { sku },
})

const tooFew = (productId: string, requested: number, available: number): Failure => ({
  kind: 'conflict',
  code: 'insufficient_stock',
  message: `There are ${available}.`,
  at: ['quantity'],
  details: { productId, requested, available },
})
