import type { Caller, Span } from '@abasto/kernel'
import type { Query } from './query.ts'
import type { Route } from './routes.ts'

/** One request on its way through the edge, with what has been found out about it so far. */
export type Exchange = {
  readonly request: Request
  readonly requestId: string
  /** What follows the host in the address, as it was sent. */
  readonly address: string
  readonly route: Route
  /** The path's parameter, or `''`. */
  readonly id: string
  readonly caller: Caller
  readonly query: Query
  /** The version that `If-Match` names. */
  readonly ifMatch: number | undefined
  readonly idempotencyKey: string | null
  /** The document of a write, parsed but not yet read against the contract. */
  document: unknown
  /** What is recorded of it, where traces are collected. */
  readonly span: Span | undefined
  /** The trace that it belongs to, collected or not. */
  readonly traceparent: string | undefined
  /** What broke on the way to the operation or inside it; there exactly when something did. */
  thrown?: unknown
}

/** How an exchange is found again from the request that Elysia hands to a route. */
export const exchanges = new WeakMap<Request, Exchange>()
