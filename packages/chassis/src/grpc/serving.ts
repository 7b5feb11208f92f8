import { isWrite } from '@abasto/contract/operation'
import { type Context, type Failure, fail, type Result, unavailable, unconfirmed } from '@abasto/kernel'
import { create, type DescMethod, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { type handleUnaryCall, Metadata, type ServerUnaryCall, status } from '@grpc/grpc-js'
import { type Authenticate, isAllowed } from '../identity.ts'
import type { Log } from '../log.ts'
import { noTelemetry, type Telemetry } from '../telemetry/telemetry.ts'
import { contextOf, deadlineOf, headersOf, NO_NAME, nameOf, requestIdsOf } from './incoming.ts'
import { requestMessage } from './request-message.ts'
import type { AnyRpc } from './service.ts'
import { REPLAYED_TRAILER, statusOf } from './status.ts'

export type ServingOptions = Readonly<{
  authenticate: Authenticate
  log: Log
  telemetry?: Telemetry
  newId?: () => string
}>

type Bytes = Uint8Array
type Call = ServerUnaryCall<Bytes, Bytes>

/** Seconds; a call waits 5 at most. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/**
 * What is the same for all calls, in a fixed order: request ids, who asks and what they may do, the message, its name,
 * the deadline; one log line, and the last catch.
 */
export function createServing({
  authenticate,
  log,
  telemetry = noTelemetry,
  newId = Bun.randomUUIDv7,
}: ServingOptions) {
  const duration = telemetry.metrics.histogram(
    'abasto_grpc_server_call_duration_seconds',
    'How long calls took that were answered, by method and code.',
    { buckets: BUCKETS, labels: ['method', 'code'] },
  )

  return function serve(method: DescMethod, rpc: AnyRpc): handleUnaryCall<Bytes, Bytes> {
    const path = `${method.parent.typeName}/${method.name}`
    return (call, callback) => {
      const startedAt = performance.now()
      const requestIds = requestIdsOf(call, newId)
      const requestId = requestIds[0]!
      const trailers = new Metadata()
      trailers.set('x-request-id', requestId)
      const end = (code: status) => {
        const ms = performance.now() - startedAt
        duration({ method: path, code: status[code] }, ms / 1000)
        const all = requestIds.length > 1 ? { request_ids: requestIds } : undefined
        const fields = { method: path, code: status[code], duration_ms: Math.round(ms * 1000) / 1000, ...all }
        log.info('rpc.completed', fields, requestId)
      }
      answer({ authenticate, telemetry, newId }, { call, method, rpc, path, requestId }).then(
        (result) => {
          if (result.replayed) trailers.set(REPLAYED_TRAILER, 'true')
          if (result.ok) {
            end(status.OK)
            callback(null, result.value, trailers)
          } else {
            const refused = statusOf(result.error, trailers)
            end(refused.code)
            callback(refused)
          }
        },
        (error) => {
          log.error('rpc.failed', { method: path, error: error instanceof Error ? error : String(error) }, requestId)
          end(status.INTERNAL)
          const details = 'The fault was logged under the id of this request.'
          callback({ code: status.INTERNAL, details, metadata: trailers })
        },
      )
    }
  }
}

type Asked = Readonly<{ call: Call; method: DescMethod; rpc: AnyRpc; path: string; requestId: string }>

async function answer(
  { authenticate, telemetry, newId }: Required<Omit<ServingOptions, 'log'>>,
  { call, method, rpc, path, requestId }: Asked,
): Promise<Result<Bytes>> {
  const headers = headersOf(call)
  const authenticated = await authenticate(headers)
  if (!authenticated.ok) return authenticated
  const caller = authenticated.value
  if (!isAllowed(caller, rpc.operation.permission)) return fail(forbidden(rpc.operation.permission))

  const sent = requestMessage(method, call.request)
  if (!sent.ok) return sent
  const message = sent.value
  const refusal = rpc.refusal?.(message as never)
  if (refusal) return fail(refusal)
  const isWriting = isWrite(rpc.operation) && rpc.command !== undefined
  const command = rpc.command?.(message as never)
  const name = command ? nameOf(headers, { caller, operation: rpc.operation.id, command, newId }) : undefined
  if (name && !name.ok) return name

  const deadlineMs = deadlineOf(call, Date.now())
  const context = contextOf(call, { requestId, caller, deadlineMs, name: name?.value ?? NO_NAME })
  const span = telemetry.trace(path, context.traceparent)
  const traced: Context = span ? withTrace(context, span) : context
  try {
    const result = await inTime(deadlineMs, isWriting ? unconfirmed : late, rpc.handle(traced, message as never))
    span?.end(result.ok ? undefined : result.error.code)
    if (!result.ok) return result
    return {
      ...result,
      value: toBinary(method.output, create(method.output, result.value as MessageInitShape<typeof method.output>)),
    }
  } catch (error) {
    span?.end('internal')
    throw error
  }
}

// The context is not spread: that would make its signal.
const withTrace = (context: Context, trace: NonNullable<Context['trace']>): Context =>
  Object.assign(context, { trace, traceparent: trace.traceparent })

/** The result, or what the caller is told when it does not come in time. */
async function inTime<T>(deadlineMs: number, late: Failure, work: Promise<Result<T>>): Promise<Result<T>> {
  let timer: Timer | undefined
  const given = new Promise<Result<never>>((resolve) => {
    timer = setTimeout(() => resolve(fail(late)), Math.max(0, deadlineMs - Date.now()))
  })
  try {
    return await Promise.race([work, given])
  } finally {
    clearTimeout(timer)
  }
}

const late = unavailable('The call could not be answered in time.')

export const forbidden = (permission: string): Failure => ({
  kind: 'forbidden',
  code: 'forbidden',
  message: `This needs the permission ${permission}.`,
})
