import { createHttpApp } from '@abasto/chassis/http/app'
import { listen } from '@abasto/chassis/http/listen'
import { apiKeyAuthentication } from '@abasto/chassis/identity'
import { createLog } from '@abasto/chassis/log'
import { type Contract, contract } from '@abasto/contract/contract'
import { ok, type Uuid } from '@abasto/kernel'
import { lamp } from '@abasto/products/domain/examples'
import { inventoryBindings } from './api/http.ts'
import { createCommitter } from './application/committer.ts'
import { DEFAULT_WAREHOUSE } from './domain/warehouse.ts'
import { memoryStock } from './infrastructure/memory.ts'
import { createInventory } from './inventory.ts'

export const DEFAULT = DEFAULT_WAREHOUSE
export const LAMP = '11111111-1111-7111-8111-111111111111'
export const CHAIR = '22222222-2222-7222-8222-222222222222'
export const NOBODY = '99999999-9999-7999-8999-999999999999'
const MEDIA_TYPE = 'application/vnd.api+json'

/** The inventory service in memory behind a real listener, with a clock that the test sets. It sells two products. */
export function openShop() {
  let clockMs = Date.parse('2026-01-31T09:30:00.000Z')
  const stock = memoryStock({ now: () => new Date(clockMs).toISOString() })
  let committer = createCommitter(stock)
  const products = new Map([LAMP, CHAIR].map((id) => [id, lamp(id)]))
  let lookUps = 0
  const find = async (ids: readonly Uuid[]) => {
    lookUps++
    return ok(new Map(ids.flatMap((id) => (products.has(id) ? [[id, products.get(id)!]] : []))))
  }
  const inventory = createInventory({
    stock,
    commit: (...command) => committer.commit(...command),
    products: { findProducts: (_, ids) => find(ids), priceProducts: (_, ids) => find(ids) },
    newId: () => Bun.randomUUIDv7(),
    announce: () => {},
  })
  const app = createHttpApp({
    contract: withoutStreams,
    services: ['inventory'],
    bindings: inventoryBindings(inventory),
    authenticate: apiKeyAuthentication({ key: 'open-sesame' }),
    log: createLog({ service: 'inventory', level: 'silent' }),
  })
  const listener = listen(app, { host: '127.0.0.1', port: 0 })

  /** Sends a request as a client would; `data` becomes the document. */
  const send = async (method: string, path: string, { data, headers = {} }: Sent = {}): Promise<Received> => {
    const response = await fetch(`${listener.url}/api/v1${path}`, {
      method,
      headers: {
        'X-API-Key': 'open-sesame',
        Accept: MEDIA_TYPE,
        ...(data === undefined ? {} : { 'Content-Type': MEDIA_TYPE }),
        ...headers,
      },
      ...(data === undefined ? {} : { body: JSON.stringify({ data }) }),
    })
    const text = await response.text()
    const document = text === '' ? undefined : JSON.parse(text)
    return { status: response.status, headers: response.headers, text, document }
  }

  /** Opens a level, for what a test is about. */
  const stockUp = async (productId: Uuid, onHand: number, warehouseId: Uuid = DEFAULT, more: object = {}) => {
    const { status, document } = await send('POST', '/stock-levels', {
      data: levelDocument(productId, warehouseId, { onHand, ...more }),
    })
    if (status !== 201) throw new Error(JSON.stringify(document))
    return document.data.id as string
  }

  const openWarehouse = async (name: string) =>
    (await send('POST', '/warehouses', { data: { type: 'warehouses', attributes: { name } } })).document.data.id as Uuid

  /** Lets time go by; what time it is then. A new committer looks at the clock before it decides anything. */
  const pass = (ms: number): string => {
    clockMs += ms
    committer = createCommitter(stock)
    return new Date(clockMs).toISOString()
  }

  return { send, stockUp, openWarehouse, pass, products, lookUps: () => lookUps, close: listener.stop }
}

/** The stream of events needs an outbox that follows a database, and is tested where it has one. */
const withoutStreams: Contract = {
  ...contract,
  operations: contract.operations.filter((operation) => operation.id !== 'watchStock'),
}

export type Sent = Readonly<{ data?: unknown; headers?: Readonly<Record<string, string>> }>

export type Received = Readonly<{
  status: number
  headers: Headers
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents at will, and say what they expect to find.
  document: any
}>

export const levelDocument = (productId: Uuid, warehouseId: Uuid, attributes: object) => ({
  type: 'stock-levels',
  attributes,
  relationships: {
    product: { data: { type: 'products', id: productId } },
    warehouse: { data: { type: 'warehouses', id: warehouseId } },
  },
})

/** What a refusal says: "status code place", one for each error. */
export const refusalIn = ({ status, document }: Received): string[] => {
  const errors: Fault[] = document.errors
  if (errors.some((error) => error.status !== String(status))) throw new Error('the errors differ from the answer')
  return errors.map((error) => `${error.status} ${error.code} ${Object.values(error.source ?? {}).join()}`.trim())
}

type Fault = { status: string; code: string; source?: Readonly<Record<string, string>> }

/** Sends a write twice under one key and shows that it took effect once and was answered the same, byte for byte. */
export async function sendTwice(
  { send }: Pick<ReturnType<typeof openShop>, 'send'>,
  method: string,
  path: string,
  sent: Sent = {},
): Promise<Received> {
  const headers = { ...sent.headers, 'Idempotency-Key': Bun.randomUUIDv7() }
  const first = await send(method, path, { ...sent, headers })
  const again = await send(method, path, { ...sent, headers })
  const seen = ({ status, text, headers }: Received) => [status, text, headers.get('etag'), headers.get('location')]
  if (JSON.stringify(seen(first)) !== JSON.stringify(seen(again))) {
    throw new Error(`answered ${seen(first)}, then ${seen(again)}`)
  }
  if (first.headers.has('idempotency-replayed')) throw new Error('the first answer says it was given before')
  if (again.headers.get('idempotency-replayed') !== 'true') throw new Error('the second was decided anew')
  return first
}

/** Walks over all pages of a list by its links, two items at a time, forth and back; the ids in their order. */
export async function walk(
  { send }: Pick<ReturnType<typeof openShop>, 'send'>,
  path: string,
): Promise<readonly string[]> {
  const follow = async (direction: 'next' | 'prev', start: string) => {
    const pages: string[][] = []
    let last = start
    for (let link: string | null = start; link !== null; ) {
      const { status, document } = await send('GET', link)
      if (status !== 200) throw new Error(JSON.stringify(document))
      pages.push(document.data.map(({ id }: { id: string }) => id))
      last = link
      link = document.links[direction]?.slice('/api/v1'.length) ?? null
    }
    return { pages, last }
  }
  const forth = await follow('next', `${path}${path.includes('?') ? '&' : '?'}page[size]=2`)
  const back = await follow('prev', forth.last)
  const [there, returned] = [forth.pages.flat(), back.pages.toReversed().flat()]
  if (JSON.stringify(there) !== JSON.stringify(returned)) throw new Error(`forth ${there}, back ${returned}`)
  return there
}
