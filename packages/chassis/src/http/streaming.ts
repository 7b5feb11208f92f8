import type { Context, Result } from '@abasto/kernel'
import type { Log } from '../log.ts'
import type { Exchange } from './exchange.ts'
import { type FailureTable, type Refusal, refusalOf } from './refusal.ts'
import { errorReply } from './reply.ts'

/** What a stream is asked for, after negotiation, authentication and validation against the contract. */
export type StreamRequest = Readonly<{
  context: Context
  /** The values of each filter that was sent; what is told has one of them. */
  filters: Readonly<Record<string, readonly string[]>>
  /** The id of the last event that the client has dealt with. */
  lastEventId: string | undefined
}>

/** Events in the form of the wire (WHATWG HTML, section 9.2, "Server-sent events"). */
export type EventText = Readonly<{
  /** Whole events, in parts. The next part is asked for when the one before has been sent. */
  parts: AsyncGenerator<string, void, undefined>
  /** Aborts when the client should come again, however much of what it was sent it has taken. */
  over: AbortSignal
  /** The client has gone. */
  leave: () => void
}>

/** What answers an operation whose answer does not end. Its failures are answered like those of any other. */
export type StreamBinding = (request: StreamRequest) => Promise<Result<EventText>>

/** One for each operation that streams, by its name in the contract. */
export type StreamBindings = Readonly<Record<string, StreamBinding>>

export const EVENT_STREAM = 'text/event-stream'

export type StreamingOptions = Readonly<{
  failures: FailureTable
  log: Pick<Log, 'error'>
  now: () => number
  /** How long a client waits for its stream to begin, in milliseconds. */
  deadlineMs: number
}>

/** Answers a request with a stream of events. What is not read is not made: a slow client costs no memory. */
export const createStreaming =
  ({ failures, log, now, deadlineMs }: StreamingOptions) =>
  (binding: StreamBinding) =>
  async (exchange: Exchange): Promise<Response> => {
    const { request, requestId, query } = exchange
    const headers = {
      'Content-Type': EVENT_STREAM,
      'Cache-Control': 'no-store',
      Vary: 'Accept',
      'X-Request-ID': requestId,
      // Proxies of the kind of nginx collect an answer before they hand it on, unless they are told not to.
      'X-Accel-Buffering': 'no',
    }
    if (request.method === 'HEAD') return new Response(null, { headers })
    const result = await binding({
      context: contextOf(exchange, now() + deadlineMs),
      filters: query.filters,
      lastEventId: request.headers.get('last-event-id') || undefined,
    })
    if (!result.ok)
      return errorReply([streamRefusal(refusalOf(result.error, NOTHING_SENT), result.error.at)], failures, requestId)
    const failed = (error: unknown) => {
      log.error('stream.failed', { error: error instanceof Error ? error : String(error) }, requestId)
    }
    return new Response(bodyOf(result.value, failed), { headers })
  }

const NOTHING_SENT = { attributes: {}, relationships: {}, isCreate: false }

const streamRefusal = (refusal: Refusal, at: readonly (string | number)[] | undefined): Refusal =>
  at?.[0] === 'after' ? { ...refusal, source: { header: 'Last-Event-ID' } } : refusal

const contextOf = ({ request, requestId, caller, traceparent }: Exchange, deadlineMs: number): Context => ({
  requestId,
  caller,
  deadlineMs,
  operationId: '',
  fingerprint: '',
  signal: request.signal,
  ...(traceparent === undefined ? {} : { traceparent }),
})

const encoder = new TextEncoder()

function bodyOf({ parts, over, leave }: EventText, failed: (error: unknown) => void): ReadableStream<Uint8Array> {
  let isClosed = false
  return new ReadableStream({
    start: (controller) => {
      const close = () => {
        if (!isClosed) controller.close()
        isClosed = true
      }
      if (over.aborted) close()
      else over.addEventListener('abort', close, { once: true })
    },
    pull: async (controller) => {
      try {
        const { value, done } = await parts.next()
        if (isClosed) return
        if (!done) return controller.enqueue(encoder.encode(value))
      } catch (error) {
        failed(error)
      }
      if (!isClosed) controller.close()
      isClosed = true
      leave()
    },
    cancel: () => {
      isClosed = true
      leave()
    },
  })
}
