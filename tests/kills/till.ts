import { connectGrpc } from '../../packages/chassis/src/grpc/client.ts'
import { inventoryOverGrpc } from '../../packages/inventory/src/api/grpc-client.ts'
import type { Context, Result, Uuid } from '../../packages/kernel/src/kernel.ts'
import type { Started } from '../processes/command.ts'

/** Where customers write: each write under a key of its own, over HTTP or over gRPC. */
export type Till = Readonly<{
  sell: (key: Uuid, line: Line) => Promise<Answer>
  adjust: (key: Uuid, productId: Uuid, quantityDelta: number) => Promise<Answer>
  reserve: (key: Uuid, lines: readonly Line[], ttlSeconds: number) => Promise<Answer>
  act: (key: Uuid, what: Act, id: Uuid) => Promise<Answer>
  close: () => void
}>

export type Line = Readonly<{ productId: Uuid; quantity: number }>

export type Act = 'commit' | 'release' | 'extend'

/** A verdict. `id` is that of the purchase or the reservation; `isReplay`: it had been decided before. */
export type Answer =
  | Readonly<{ ok: true; id: Uuid; status: string; isReplay: boolean }>
  | Readonly<{ ok: false; code: string }>

/** Nobody said what came of it: the same must be sent again. */
export class NoAnswer extends Error {}

/** How long a client waits at most; a service answers within 10 s. */
const PATIENCE_MS = 20_000

/** How long what is extended is held, in seconds. */
const LONGER = 2

export function tillOverHttp({ url, apiKey }: Started): Till {
  const send = async (key: Uuid, method: string, path: string, data: object): Promise<Answer> => {
    const type = 'application/vnd.api+json'
    const headers = { 'X-API-Key': apiKey, 'Content-Type': type, Accept: type, 'Idempotency-Key': key }
    const init = { method, headers, body: JSON.stringify({ data }), signal: AbortSignal.timeout(PATIENCE_MS) }
    const response = await fetch(`${url}/api/v1${path}`, init).catch(refusedByNetwork)
    const text = await response.text().catch(refusedByNetwork)
    if (response.status === 503) throw new NoAnswer(String(response.status))
    const document = JSON.parse(text)
    if (document.errors?.[0].code === 'in_progress') throw new NoAnswer('in progress')
    if (!response.ok) return { ok: false, code: document.errors[0].code }
    const isReplay = response.headers.get('idempotency-replayed') === 'true'
    return { ok: true, id: document.data.id, status: document.data.attributes.status ?? '', isReplay }
  }
  const related = (id: Uuid) => ({ relationships: { product: { data: { type: 'products', id } } } })
  return {
    sell: (key, { productId, quantity }) =>
      send(key, 'POST', '/purchases', { type: 'purchases', attributes: { quantity }, ...related(productId) }),
    adjust: (key, id, quantityDelta) => {
      const attributes = { quantityDelta, reason: quantityDelta > 0 ? 'receipt' : 'correction' }
      return send(key, 'PATCH', `/inventory/${id}`, { type: 'inventory', id, attributes })
    },
    reserve: (key, lines, ttlSeconds) =>
      send(key, 'POST', '/reservations', { type: 'reservations', attributes: { lines, ttlSeconds } }),
    act: (key, type, id) => {
      const attributes = type === 'extend' ? { ttlSeconds: LONGER } : {}
      return send(key, 'POST', `/reservations/${id}/${type}`, { type, attributes })
    },
    close: () => {},
  }
}

export function tillOverGrpc({ grpc, apiKey }: Started): Till {
  const peer = connectGrpc({ addresses: grpc ?? '', name: 'inventory' })
  const inventory = inventoryOverGrpc(peer)
  const context = (operationId: Uuid): Context => ({
    requestId: operationId,
    caller: { id: 'proof', permissions: ['*'] },
    credential: apiKey,
    deadlineMs: Date.now() + PATIENCE_MS,
    operationId,
    // What is sent again under a key is the same in these tests, so its hash may be.
    fingerprint: '0'.repeat(32),
  })
  const acts = {
    commit: inventory.commitReservation,
    release: inventory.releaseReservation,
    extend: inventory.extendReservation,
  }
  return {
    sell: async (key, line) => answerOf(await inventory.sell(context(key), { lines: [line] }), ([bought]) => bought!),
    adjust: async (key, productId, quantityDelta) => {
      const change = { productId, quantityDelta, reason: quantityDelta > 0 ? 'receipt' : 'correction' } as const
      return answerOf(await inventory.adjustStock(context(key), change), () => ({ id: productId }))
    },
    reserve: async (key, lines, ttlSeconds) =>
      answerOf(await inventory.reserveStock(context(key), { lines, ttlSeconds }), (reservation) => reservation),
    act: async (key, what, id) =>
      answerOf(await acts[what](context(key), { id, ttlSeconds: LONGER }), (reservation) => reservation),
    close: peer.close,
  }
}

function answerOf<T>(result: Result<T>, take: (value: T) => { id: Uuid; status?: string }): Answer {
  if (result.ok) return { ok: true, status: '', ...take(result.value), isReplay: result.replayed === true }
  if (result.error.kind === 'unavailable') throw new NoAnswer(result.error.code)
  return { ok: false, code: result.error.code }
}

function refusedByNetwork(error: unknown): never {
  throw new NoAnswer(String(error))
}
