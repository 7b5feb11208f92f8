import type { Uuid } from '../../packages/kernel/src/kernel.ts'
import { type Settings, type Started, startCommand } from '../processes/command.ts'
import { type Addresses, addressFor, type Shop, startShops } from '../processes/shop.ts'

/** `bun run dev` in a process of its own, and how to speak to it. */
export type Service = Replica & Started

/** A shop in one or several processes of its own, and how to speak to it. */
export type Replica = Shop &
  Readonly<{
    post: (path: string, attributes: object, options?: PostOptions) => Promise<Reply>
    get: (path: string) => Promise<Reply>
  }>

type PostOptions = Readonly<{ key?: string; product?: Uuid }>

export type Reply = Readonly<{
  status: number
  text: string
  isReplay: boolean
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents and say what they expect to find.
  document: any
}>

export const API_KEY = 'the-key-of-a-shop-in-a-test'

/** Starts several shops on the same stores; `TEST_SHOP` says what each is made of. */
export const startReplicas = async (count: number, settings: Settings): Promise<readonly Replica[]> =>
  (await startShops(count, settings)).map(replicaOf)

/** Starts `bun run dev`, whatever the shops of other tests are made of. */
export async function startService(settings: Settings): Promise<Service> {
  const started = await startCommand('dev', settings)
  const { url, apiKey, end } = started
  return { ...started, ...replicaOf({ urls: { products: url, inventory: url }, apiKey, end }) }
}

/** How a running shop is spoken to. */
export function replicaOf(shop: Shop): Replica {
  const send = async (path: string, method: string, body?: string, idempotencyKey?: string): Promise<Reply> => {
    const headers: Record<string, string> = { 'X-API-Key': shop.apiKey, Accept: 'application/vnd.api+json' }
    if (body !== undefined) headers['Content-Type'] = 'application/vnd.api+json'
    if (idempotencyKey !== undefined) headers['Idempotency-Key'] = idempotencyKey
    const url = `${addressFor(path, shop.urls)}/api/v1${path}`
    const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) })
    const text = await response.text()
    const isReplay = response.headers.get('idempotency-replayed') === 'true'
    return { status: response.status, text, isReplay, document: text === '' ? undefined : JSON.parse(text) }
  }
  return {
    ...shop,
    post: (path, attributes, { key: idempotencyKey, product } = {}) => {
      const relationships = product && { product: { data: { type: 'products', id: product } } }
      const data = { type: path.slice(1), attributes, ...(relationships ? { relationships } : {}) }
      return send(path, 'POST', JSON.stringify({ data }), idempotencyKey)
    },
    get: (path) => send(path, 'GET'),
  }
}

/** A document without the addresses of the shop that gave it. */
export const nameless = (text: string, { products, inventory }: Addresses): string =>
  text.replaceAll(products, '').replaceAll(inventory, '')

/** Adds a product that costs 2.50 EUR, with this much of it. */
export async function stocked(service: Replica, quantity: number): Promise<Uuid> {
  const sku = `LAMP-${Bun.randomUUIDv7()}`
  const created = await service.post('/products', { sku, name: 'Lamp', price: '2.50', currency: 'EUR' })
  if (created.status !== 201) throw new Error(`the product could not be created: ${created.text}`)
  const product: Uuid = created.document.data.id
  const opened = await service.post('/inventory', { quantity }, { product })
  if (opened.status !== 201) throw new Error(`the product could not be stocked: ${opened.text}`)
  return product
}
