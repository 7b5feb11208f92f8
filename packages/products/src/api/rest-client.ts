import { encodeCursor } from '@abasto/chassis/http/cursor'
import { readIfMatch } from '@abasto/chassis/http/precondition'
import {
  type Context,
  type Failure,
  type FailureKind,
  fail,
  ok,
  type PageRequest,
  parseMoney,
  type Result,
  replayed,
  unavailable,
} from '@abasto/kernel'
import { type Abasto, AbastoError, type Product as Shown } from '@abasto/sdk'
import type { Product } from '../domain/product.ts'
import type { Products } from '../products.ts'
import { inParts } from './grpc-client.ts'

/** The longest that an answer is waited for, in milliseconds, and how often a call is sent again: as over gRPC. */
const MAX_WAIT_MS = 5_000
const RETRIES = 2

/**
 * The products service of another process, asked over its public API: the same surface. What the API does not show is
 * not there: the items of a list have no version, so theirs is 0.
 */
export function productsOverRest(abasto: Abasto): Products {
  const { products } = abasto
  return {
    createProduct: (context, draft) =>
      ask(context, async (options) =>
        productOf(await products.create(draft, { ...options, idempotencyKey: context.operationId })),
      ),

    updateProduct: (context, { id, changes, expectedVersion }) =>
      ask(context, async (options) =>
        productOf(await products.update(id, changes, { ...options, ...write(context, expectedVersion) })),
      ),

    deleteProduct: (context, { id, expectedVersion }) =>
      ask(context, async (options) => {
        await products.delete(id, { ...options, ...write(context, expectedVersion) })
        return null
      }),

    getProduct: (context, id) => ask(context, async (options) => productOf(await products.get(id, options))),

    findProducts: (context, ids) => inParts(ids, (ids) => named(context, ids)),

    // A list is read from the database, never from a cache, as what is paid must be.
    priceProducts: async (context, ids) => {
      const found = await inParts(ids, (ids) => named(context, ids))
      if (!found.ok) return found
      return ok(new Map([...found.value].map(([id, { price, active }]) => [id, { id, price, active }])))
    },

    listProducts: (context, page, filter) =>
      ask(context, async (options) => {
        const filtered = filter?.ids ? { filter: { id: filter.ids } } : {}
        const { items, before, after } = await products.list({ ...options, ...pageOf(page), ...filtered }).page()
        return { items: items.map(productOf), hasPrevious: before !== null, hasNext: after !== null }
      }),
  }

  function named(context: Context, ids: readonly string[]): Promise<Result<readonly Product[]>> {
    return ask(context, async (options) => {
      const { items } = await products.list({ ...options, pageSize: ids.length, filter: { id: ids } }).page()
      return items.map(productOf)
    })
  }
}

type Options = ReturnType<typeof optionsOf>

/** Makes a call within the deadline of its request, and turns what it throws into the failure that it was. */
async function ask<T>(context: Context, call: (options: Options) => Promise<T>): Promise<Result<T>> {
  const leftMs = Math.min(MAX_WAIT_MS, context.deadlineMs - Date.now())
  if (leftMs <= 0) return fail(absent)
  const span = context.trace?.begin('products over REST', { kind: 'client' })
  const seen = { isReplayed: false }
  const options = optionsOf(context, leftMs, span?.traceparent ?? context.traceparent, seen)
  let result: Result<T>
  try {
    result = ok(await call(options))
  } catch (error) {
    span?.end(error instanceof AbastoError ? error.code : 'internal')
    if (!(error instanceof AbastoError)) throw error
    const failure = failureOf(error)
    if (!failure) throw error
    result = fail(failure)
    return seen.isReplayed ? replayed(result) : result
  }
  span?.end()
  return seen.isReplayed ? replayed(result) : result
}

function optionsOf(context: Context, leftMs: number, traceparent: string | undefined, seen: { isReplayed: boolean }) {
  const headers = { 'X-Request-ID': requestIdOf(context), ...(traceparent === undefined ? {} : { traceparent }) }
  return {
    timeoutMs: leftMs,
    attemptTimeoutMs: leftMs,
    maxRetries: RETRIES,
    onRequest: () => headers,
    onResponse: (info: { replayed: boolean }) => {
      seen.isReplayed = info.replayed
    },
    ...(context.signal ? { signal: context.signal } : {}),
  }
}

/** A part of a list as the API is asked for it: positions are wrapped there. */
const pageOf = ({ size: pageSize, after, before }: PageRequest) => ({
  pageSize,
  ...(after === undefined ? {} : { after: encodeCursor(after) }),
  ...(before === undefined ? {} : { before: encodeCursor(before) }),
})

/** HTTP takes 128 characters: of several requests that share a call, as many ids as fit. */
function requestIdOf({ requestId }: Context): string {
  if (requestId.length <= 128) return requestId
  const end = requestId.lastIndexOf(',', 128)
  return requestId.slice(0, end < 0 ? 128 : end)
}

/** The name of a write, so that it takes effect once whoever sends it again, and the version that its caller saw. */
const write = ({ operationId }: Context, expectedVersion: number | undefined) => ({
  idempotencyKey: operationId,
  ...(expectedVersion === undefined ? {} : { ifMatch: `"${expectedVersion}"` }),
})

function productOf({ etag, ...shown }: Omit<Shown, 'etag'> & { etag?: string }): Product {
  const price = parseMoney(shown.price, shown.currency)
  if (!price.ok) throw new Error(`The product ${shown.id} has no price that can be read.`)
  return {
    id: shown.id,
    sku: shown.sku,
    name: shown.name,
    description: shown.description,
    price: price.value,
    images: shown.images,
    active: shown.active,
    version: etag === undefined ? 0 : versionIn(etag),
    createdAt: shown.createdAt,
    updatedAt: shown.updatedAt,
  }
}

function versionIn(etag: string): number {
  const read = readIfMatch(etag)
  return read.ok && read.value !== undefined ? read.value : 0
}

const absent = unavailable('The service products does not answer at present.', { peer: 'products' })

const KINDS: Readonly<Record<number, FailureKind>> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  412: 'precondition',
  422: 'invalid',
  429: 'rate_limited',
  503: 'unavailable',
}

/** The failure that the API answered with; undefined for what is a bug of somebody. */
function failureOf({ status, code, errors: [error] }: AbastoError): Failure | undefined {
  const kind = KINDS[status]
  if (!error && (code === 'unavailable' || code === 'rate_limited')) return absent
  if (status === 0 && code !== 'unexpected_answer') return absent
  if (!kind || !error) return undefined
  const { requestId: _, ...details } = error.details
  const at = pathOf(error.source)
  return {
    kind,
    code,
    message: error.detail,
    ...(at ? { at } : {}),
    ...(Object.keys(details).length > 0 ? { details } : {}),
  }
}

/** The path in the command, from where the fault is in what was sent. */
function pathOf(source: AbastoError['errors'][number]['source']): (string | number)[] | undefined {
  if (source?.header === 'If-Match') return ['ifMatch']
  if (source?.header === 'Idempotency-Key') return ['idempotencyKey']
  if (source?.parameter) return source.parameter.replaceAll(']', '').split('[')
  const [, attribute, rest] = /^\/data\/attributes\/([^/]+)(?:\/(.*))?$/.exec(source?.pointer ?? '') ?? []
  if (attribute === undefined) return undefined
  const steps = rest === undefined ? [] : rest.split('/')
  return [attribute, ...steps.map((step) => (/^[0-9]+$/.test(step) ? Number(step) : step))]
}
