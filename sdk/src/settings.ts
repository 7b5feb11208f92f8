import type { Hooks } from './hooks.ts'
import type { Service } from './transport.ts'

/** Anything that sends a request as `fetch` does. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** What `new Abasto` takes. Its hooks are told of every call. */
export type AbastoOptions = Hooks &
  Readonly<{
    /** The key that the server printed at its start. */
    apiKey: string
    /**
     * Where the server is, without `/api/v1`: `http://localhost:8080` when it is not given. One address for each service
     * where there is no common one: `{ products: 'http://localhost:8001', inventory: 'http://localhost:8002' }`.
     */
    baseUrl?: string | Readonly<Record<Service, string>> | undefined
    /** How long a call may take with all its retries: 30,000 ms. */
    timeoutMs?: number | undefined
    /** How long one attempt of a call may take: 10,000 ms. */
    attemptTimeoutMs?: number | undefined
    /** How often a call is sent again at most: 4 times. */
    maxRetries?: number | undefined
    /** What sends the requests, when it is not the global `fetch`. */
    fetch?: Fetch | undefined
  }>

/** The options as the transport wants them. */
export type Settings = Readonly<{
  apiKey: string
  baseUrls: Readonly<Record<Service, string>>
  timeoutMs: number
  attemptTimeoutMs: number
  maxRetries: number
  hooks: Hooks
  fetch: Fetch
}>

/** Fills in what was not given. What cannot work throws a TypeError here, not at the first call. */
export function readSettings(options: AbastoOptions): Settings {
  const { apiKey, baseUrl = 'http://localhost:8080', timeoutMs = 30_000, attemptTimeoutMs = 10_000 } = options
  const { maxRetries = 4 } = options
  if (typeof apiKey !== 'string' || apiKey === '')
    throw new TypeError('Abasto needs an apiKey: the server prints it at its start and keeps it in .abasto/api-key.')
  if (!/^[\x21-\x7e]+$/.test(apiKey))
    throw new TypeError('The apiKey has characters that no key has; was it cut out whole?')
  // A timer cannot be set for longer than 2^31 - 1 ms, and fires at once instead.
  checkTimeout('timeoutMs', timeoutMs)
  checkTimeout('attemptTimeoutMs', attemptTimeoutMs)
  checkRetries(maxRetries)
  const { products, inventory } = typeof baseUrl === 'string' ? { products: baseUrl, inventory: baseUrl } : baseUrl
  return {
    apiKey,
    baseUrls: { products: apiUrl(products), inventory: apiUrl(inventory) },
    timeoutMs,
    attemptTimeoutMs,
    maxRetries,
    hooks: options,
    // Browsers refuse to call a fetch that was taken off its window.
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
  }
}

/** Refuses what no timer can be set to: past 2^31 - 1 ms it would fire at once. */
export function checkTimeout(name: string, ms: number): void {
  if (!(ms > 0 && ms < 2 ** 31)) throw new TypeError(`${name} is a number of milliseconds above 0, not ${ms}.`)
}

/**
 * Refuses what is there and empty, such as the text of a variable that was never set. Sent or passed over, it would be
 * as good as left out, and bring everything.
 */
export function checkGiven(name: string, value: string | number | readonly string[]): void {
  const texts = [value].flat().map((text) => String(text ?? ''))
  if (texts.length > 0 && !texts.includes('')) return
  throw new TypeError(`${name} is empty, or one of it is; leave it out where none is meant.`)
}

/** Refuses what is no number of retries. */
export function checkRetries(maxRetries: number): void {
  if (Number.isInteger(maxRetries) && maxRetries >= 0) return
  throw new TypeError(`maxRetries is a whole number from 0, not ${maxRetries}.`)
}

function apiUrl(baseUrl: string): string {
  const refusal = `The baseUrl is an address such as http://localhost:8080, not "${baseUrl}".`
  if (!/^https?:\/\/[^/?#\s@]+[^?#\s@]*$/i.test(baseUrl)) throw new TypeError(refusal)
  const root = baseUrl.replace(/\/+$/, '').replace(/\/api\/v1$/, '')
  try {
    new URL(root)
  } catch (cause) {
    throw new TypeError(refusal, { cause })
  }
  return `${root}/api/v1`
}
