import { type Document, readDocument, type Shape } from './document.ts'
import { explain } from './explanation.ts'
import { type AttemptInfo, type Hooks, headersWith, tell } from './hooks.ts'
import type { CallOptions, WriteOptions } from './options.ts'
import { beginWait } from './patience.ts'
import { isWorthRetrying, mayHaveTakenEffect, readRetryAfterMs, sleep, waitBeforeRetryMs } from './retry.ts'
import { checkGiven, checkRetries, checkTimeout, type Settings } from './settings.ts'

/** Which service answers; they may have addresses of their own. */
export type Service = 'products' | 'inventory'

export type Answer = Readonly<{ document: Document; etag: string | null }>

export type Request = Readonly<{
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  url: string
  body?: string
  headers: Readonly<Record<string, string>>
  shape: Shape
  idempotencyKey?: string
}>

/** What one attempt came to: an answer, readable or not, or the reason why there is none. */
export type Attempt =
  | Readonly<{ response: Response; document: Document | undefined; code: string | undefined }>
  | Readonly<{ response?: undefined; code: 'connection_failed' | 'timed_out' | 'aborted'; cause: unknown }>

/** How an answer that does not end is asked for. */
export type Beginning = Readonly<{ attempt: number; after: string | undefined; signal: AbortSignal; options: Hooks }>

/** What that came to: a body, or the attempt that failed. */
export type Begun = Readonly<{ request: Request }> &
  Readonly<{ body: ReadableStream<Uint8Array>; failed?: undefined } | { body?: undefined; failed: Attempt }>

const MEDIA_TYPE = 'application/vnd.api+json'
const EVENT_STREAM = 'text/event-stream'

/** Sends requests and brings back answers: the one place that knows of HTTP, retries and time. */
export class Transport {
  readonly #settings: Settings
  readonly #readHeaders: Readonly<Record<string, string>>
  readonly #writeHeaders: Readonly<Record<string, string>>

  constructor(settings: Settings) {
    this.#settings = settings
    this.#readHeaders = { Accept: MEDIA_TYPE, 'X-API-Key': settings.apiKey }
    this.#writeHeaders = { ...this.#readHeaders, 'Content-Type': MEDIA_TYPE }
  }

  /** Reads one resource or a page of them. */
  read(service: Service, path: string, shape: 'one' | 'many', options: CallOptions = {}): Promise<Answer> {
    const url = this.#settings.baseUrls[service] + path
    return this.#send({ method: 'GET', url, headers: this.#readHeaders, shape }, options)
  }

  /** Sends the document of something new. */
  create(service: Service, path: string, body: string, options: WriteOptions = {}): Promise<Answer> {
    return this.#write(service, 'POST', path, body, options)
  }

  /** Sends the document of a change. */
  update(service: Service, path: string, body: string, options: WriteOptions = {}): Promise<Answer> {
    return this.#write(service, 'PATCH', path, body, options)
  }

  /** Asks for something to be deleted. */
  async delete(service: Service, path: string, options: WriteOptions = {}): Promise<void> {
    await this.#write(service, 'DELETE', path, undefined, options)
  }

  /**
   * Begins an answer that does not end, in one attempt. `signal` ends it at any time, before and after it has begun.
   */
  async begin(service: Service, path: string, { attempt, after, signal, options }: Beginning): Promise<Begun> {
    const url = this.#settings.baseUrls[service] + path
    const own = {
      ...this.#readHeaders,
      Accept: EVENT_STREAM,
      ...(after === undefined ? undefined : { 'Last-Event-ID': after }),
    }
    const request = { method: 'GET', url, headers: own, shape: 'none' } as const
    const { hooks } = this.#settings
    const headers = headersWith(own, tell(attemptOf(request, attempt), hooks.onRequest, options.onRequest))
    try {
      const response = await this.#settings.fetch(url, { method: 'GET', headers, redirect: 'manual', signal })
      const { body } = response
      if (response.ok && body && response.headers.get('Content-Type')?.startsWith(EVENT_STREAM)) {
        this.#tell(request, response, attempt, options)
        return { request, body }
      }
      const document = readDocument(await response.text(), 'errors')
      return { request, failed: { response, document, code: document?.errors?.[0]?.code } }
    } catch (cause) {
      return { request, failed: { code: 'connection_failed', cause } }
    }
  }

  /** Tells hooks that an attempt failed and is followed by another. */
  retrying({ request, failed }: Begun, attempt: number, waitMs: number, options: Hooks): void {
    const { response, code } = failed ?? {}
    const info = {
      ...attemptOf(request, attempt),
      status: response?.status ?? 0,
      code,
      requestId: requestIdOf(response),
      waitMs,
    }
    tell(info, this.#settings.hooks.onRetry, options.onRetry)
  }

  async #write(
    service: Service,
    method: 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body: string | undefined,
    options: WriteOptions,
  ): Promise<Answer> {
    const { idempotencyKey = randomKey(), ifMatch } = options
    if (!/^(?! )[\x20-\x7e]{1,255}(?<! )$/.test(idempotencyKey))
      throw new TypeError('An idempotencyKey is 1 to 255 printable ASCII characters.')
    // An etag that is not there, as on the items of a list, must not quietly become a write without a guard.
    if ('ifMatch' in options && !/^[\x21-\x7e]+$/.test(ifMatch ?? ''))
      throw new TypeError('ifMatch is the etag of an earlier result; the items of a list and of an include have none.')
    const headers = {
      ...(body === undefined ? this.#readHeaders : this.#writeHeaders),
      'Idempotency-Key': idempotencyKey,
      ...(ifMatch === undefined ? undefined : { 'If-Match': ifMatch }),
    }
    const url = this.#settings.baseUrls[service] + path
    const request = { method, url, headers, idempotencyKey, shape: method === 'DELETE' ? 'none' : 'one' } as const
    return this.#send(body === undefined ? request : { ...request, body }, options)
  }

  async #send(request: Request, options: CallOptions): Promise<Answer> {
    const { hooks } = this.#settings
    const { signal } = options
    const { timeoutMs, attemptTimeoutMs, maxRetries } = this.limitsOf(options)
    const endsAtMs = performance.now() + timeoutMs
    if (signal?.aborted)
      throw explain(request, abortedBy(signal), { attempts: 0, outcomeUnknown: false, retryAfterMs: undefined })
    let outcomeUnknown = false
    for (let attempts = 1; ; attempts++) {
      const info = attemptOf(request, attempts)
      const headers = headersWith(request.headers, tell(info, hooks.onRequest, options.onRequest))
      const waitAtMostMs = Math.min(attemptTimeoutMs, endsAtMs - performance.now())
      const attempt = await this.#attempt(request, headers, waitAtMostMs, signal)
      const { response, code } = attempt
      if (response?.ok && attempt.document) {
        this.#tell(request, response, attempts, options)
        return { document: attempt.document, etag: response.headers.get('ETag') }
      }

      outcomeUnknown = mayHaveTakenEffect(outcomeUnknown, response?.status, code)
      const retryAfterMs = response && readRetryAfterMs(response.headers.get('Retry-After'), Date.now())
      const waitMs = waitBeforeRetryMs(attempts, retryAfterMs)
      const inTime = attempts <= maxRetries && performance.now() + waitMs < endsAtMs
      if (inTime && isWorthSendingAgain(attempt)) {
        const { status = 0 } = response ?? {}
        const failed = { ...info, status, code, requestId: requestIdOf(response), waitMs }
        tell(failed, hooks.onRetry, options.onRetry)
        await sleep(waitMs, signal)
        if (!signal?.aborted) continue
      }

      if (response) this.#tell(request, response, attempts, options)
      const known = { attempts, outcomeUnknown, retryAfterMs }
      throw explain(request, signal?.aborted ? abortedBy(signal) : attempt, known)
    }
  }

  /** The limits of one call: its own, and the client's where it has none. */
  limitsOf(options: CallOptions) {
    const { timeoutMs, attemptTimeoutMs, maxRetries } = this.#settings
    const limits = {
      timeoutMs: options.timeoutMs ?? timeoutMs,
      attemptTimeoutMs: options.attemptTimeoutMs ?? attemptTimeoutMs,
      maxRetries: options.maxRetries ?? maxRetries,
    }
    checkTimeout('timeoutMs', limits.timeoutMs)
    checkTimeout('attemptTimeoutMs', limits.attemptTimeoutMs)
    checkRetries(limits.maxRetries)
    return limits
  }

  async #attempt(
    { method, url, body, shape }: Request,
    headers: Readonly<Record<string, string>>,
    waitAtMostMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Attempt> {
    const wait = beginWait(waitAtMostMs, signal)
    try {
      // A redirect that is followed turns a POST into a GET, and carries the key to wherever it leads.
      const init: RequestInit = { method, headers, redirect: 'manual', signal: wait.signal }
      if (body !== undefined) init.body = body
      const response = await this.#settings.fetch(url, init)
      const document = readDocument(await response.text(), response.ok ? shape : 'errors')
      return { response, document, code: document?.errors?.[0]?.code }
    } catch (cause) {
      if (signal?.aborted) return abortedBy(signal)
      return { code: wait.signal.aborted ? 'timed_out' : 'connection_failed', cause }
    } finally {
      wait.end()
    }
  }

  #tell({ method, url }: Request, response: Response, attempts: number, options: CallOptions): void {
    const { onResponse } = this.#settings.hooks
    if (!onResponse && !options.onResponse) return
    const replayed = response.headers.get('Idempotency-Replayed') === 'true'
    const info = { method, url, status: response.status, requestId: requestIdOf(response), replayed, attempts }
    tell(info, onResponse, options.onResponse)
  }
}

const requestIdOf = (response: Response | undefined): string | null => response?.headers.get('X-Request-ID') ?? null

function attemptOf({ method, url, idempotencyKey }: Request, attempt: number): AttemptInfo {
  return idempotencyKey === undefined ? { method, url, attempt } : { method, url, attempt, idempotencyKey }
}

export function isWorthSendingAgain(attempt: Attempt): boolean {
  const { response, code } = attempt
  if (!response) return code !== 'aborted'
  // An answer that says it is JSON:API and cannot be read was cut short on its way.
  if (response.ok && !attempt.document && isJsonApi(response)) return true
  return isWorthRetrying(response.status, code)
}

const isJsonApi = (response: Response): boolean => response.headers.get('Content-Type')?.startsWith(MEDIA_TYPE) ?? false

export const abortedBy = (signal: AbortSignal): Attempt => ({ code: 'aborted', cause: signal.reason })

/** What a parameter may be; only `undefined` says that there is none. */
type Parameter = string | number | readonly string[] | undefined

/** A path with those of the parameters that are given; brackets are encoded, as JSON:API advises. */
export function pathWith(path: string, parameters: Readonly<Record<string, Parameter>>): string {
  const query: string[] = []
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) continue
    checkGiven(name, value)
    query.push(`${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
  }
  return query.length === 0 ? path : `${path}?${query.join('&')}`
}

/**
 * A path to one resource. An empty id would lead to the whole collection instead, and a dot or two, which `fetch` takes
 * for steps of the path, to that or to another one; so they are refused.
 */
export function pathTo(collection: string, id: string): string {
  if (typeof id !== 'string' || /^\.{0,2}$/.test(id))
    throw new TypeError(`The id is the id of one of ${collection}, not "${id}".`)
  return `${collection}/${encodeURIComponent(id)}`
}

/** A random UUID, also on pages without HTTPS, where browsers have no `randomUUID`. */
function randomKey(): string {
  if (crypto.randomUUID) return crypto.randomUUID()
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
