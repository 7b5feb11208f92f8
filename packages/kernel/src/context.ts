import type { Uuid } from './identifier.ts'

/**
 * Who asks, until when, and under which name. A plain value made at the edge of a process and handed down; nothing
 * ambient.
 */
export type Context = Readonly<{
  requestId: string
  caller: Caller
  /** When the caller stops waiting, in milliseconds since the epoch by this process's clock. */
  deadlineMs: number
  /**
   * The name of this write: a hash of caller, operation and `Idempotency-Key`, or a fresh id when there was no key.
   * The same id never takes effect twice.
   */
  operationId: Uuid
  /** A hash of the canonical command, 32 hexadecimal digits; the same operation id with another one is refused. */
  fingerprint: string
  /** Aborts when the caller has gone. */
  signal?: AbortSignal
  /** The W3C trace context of the request, handed on to peers. */
  traceparent?: string
}>

/** An authenticated caller; `permissions` are `<resource>:<read|write>`, and `*` is all of them. */
export type Caller = Readonly<{ id: string; permissions: readonly string[] }>
