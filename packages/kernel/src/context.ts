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
  /** Where the parts of the work are recorded; absent where nobody collects traces. */
  trace?: Trace
  /** What the caller proved with who it is. Handed on to peers, which verify it again; never logged. */
  credential?: string
}>

/** A place in a trace, under which parts of the work are recorded. */
export type Trace = Readonly<{
  /** This place in the form of W3C Trace Context, for peers. */
  traceparent: string
  /** Whether what is begun here is kept: who asks decides that, for a whole trace at once. */
  isRecorded: boolean
  begin: (name: string, options?: SpanOptions) => Span
}>

/** A part of the work that has begun. `end` records it, with what is known by then; a reason says that it failed. */
export type Span = Trace & Readonly<{ end: (failure?: string, attributes?: SpanAttributes) => void }>

/** In the names of the semantic conventions of OpenTelemetry where they have one. Never a secret or a parameter. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

export type SpanOptions = Readonly<{
  kind?: 'internal' | 'client' | 'server'
  attributes?: SpanAttributes
  /** Other traces that this part of the work is done for as well, as in a batch. */
  links?: readonly Trace[]
}>

/** An authenticated caller; `permissions` are `<resource>:<read|write>`, and `*` is all of them. */
export type Caller = Readonly<{ id: string; permissions: readonly string[] }>
