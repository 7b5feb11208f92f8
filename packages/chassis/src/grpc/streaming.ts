import { type Context, fail, type Result } from '@abasto/kernel'
import { create, type DescMethod, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { type handleServerStreamingCall, Metadata, type ServerWritableStream, status } from '@grpc/grpc-js'
import { isAllowed } from '../identity.ts'
import type { Log } from '../log.ts'
import { noTelemetry } from '../telemetry/telemetry.ts'
import { contextOf, headersOf, MAX_WAIT_MS, NO_NAME, requestIdsOf } from './incoming.ts'
import { requestMessage } from './request-message.ts'
import type { AnyStreamRpc, Streaming } from './service.ts'
import { forbidden, type ServingOptions } from './serving.ts'
import { statusOf } from './status.ts'

type Bytes = Uint8Array
type Call = ServerWritableStream<Bytes, Bytes>

/**
 * What is the same for all calls that answer with a stream: request id, who asks and what they may do, the message; one
 * log line when it ends, and the last catch. A stream has no deadline of ours, and one that the caller sets ends it; its
 * beginning has: `MAX_WAIT_MS`. The next message is made when the caller has room for it.
 */
export function createStreamServing({
  authenticate,
  log,
  telemetry = noTelemetry,
  newId = Bun.randomUUIDv7,
}: ServingOptions) {
  let open = 0
  telemetry.metrics.gauge('abasto_grpc_server_streams', 'Streams that are being answered.', () => open)

  return function serveStream(method: DescMethod, rpc: AnyStreamRpc): handleServerStreamingCall<Bytes, Bytes> {
    const path = `${method.parent.typeName}/${method.name}`
    return (call) => {
      const startedAt = performance.now()
      const requestId = requestIdsOf(call, newId)[0]!
      const trailers = new Metadata()
      trailers.set('x-request-id', requestId)
      open++
      const end = (code: status) => {
        open--
        const duration_ms = Math.round(performance.now() - startedAt)
        log.info('rpc.completed', { method: path, code: status[code], duration_ms }, requestId)
      }
      begin({ authenticate }, { call, method, rpc, requestId })
        .then(async (result) => {
          if (!result.ok) return statusOf(result.error, trailers)
          await hand(call, method, result.value)
          // The stream ends when its reader should come again, which is no failure of the call.
          return undefined
        })
        .catch((error: unknown) => brokenBy(error, path, requestId, trailers, log))
        .then((refused) => {
          end(call.cancelled ? status.CANCELLED : (refused?.code ?? status.OK))
          if (refused) call.emit('error', refused)
          else call.end(trailers)
        })
    }
  }
}

async function begin(
  { authenticate }: Pick<ServingOptions, 'authenticate'>,
  { call, method, rpc, requestId }: Readonly<{ call: Call; method: DescMethod; rpc: AnyStreamRpc; requestId: string }>,
): Promise<Result<Streaming<unknown>>> {
  const authenticated = await authenticate(headersOf(call))
  if (!authenticated.ok) return authenticated
  const caller = authenticated.value
  if (!isAllowed(caller, rpc.operation.permission)) return fail(forbidden(rpc.operation.permission))
  const sent = requestMessage(method, call.request)
  if (!sent.ok) return sent
  const message = sent.value
  const refusal = rpc.refusal?.(message as never)
  if (refusal) return fail(refusal)
  const context: Context = contextOf(call, { requestId, caller, deadlineMs: Date.now() + MAX_WAIT_MS, name: NO_NAME })
  return rpc.begin(context, message as never)
}

/** Hands on part after part, until there are no more, the caller has gone, or it should come again. */
async function hand(call: Call, method: DescMethod, { parts, over, leave }: Streaming<unknown>): Promise<void> {
  const gone = Promise.withResolvers<void>()
  const goes = () => {
    leave()
    gone.resolve()
  }
  call.on('cancelled', goes)
  over.addEventListener('abort', () => gone.resolve(), { once: true })
  if (call.cancelled || over.aborted) goes()
  try {
    for await (const part of parts) {
      for (const message of part) {
        if (call.cancelled || over.aborted) return
        const bytes = toBinary(method.output, create(method.output, message as MessageInitShape<typeof method.output>))
        if (!call.write(bytes))
          await Promise.race([new Promise((resolve) => call.once('drain', resolve)), gone.promise])
      }
    }
  } finally {
    leave()
  }
}

function brokenBy(error: unknown, path: string, requestId: string, trailers: Metadata, log: Pick<Log, 'error'>) {
  log.error('rpc.failed', { method: path, error: error instanceof Error ? error : String(error) }, requestId)
  const details = 'The fault was logged under the id of this request.'
  return { code: status.INTERNAL, details, metadata: trailers }
}
