import { type Context, type Failure, fail, ok, type Result, replayed, unavailable } from '@abasto/kernel'
import {
  create,
  type DescMessage,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf'
import { Metadata, status } from '@grpc/grpc-js'
import { service as health } from 'grpc-health-check'
import { breakerFigure, createBreaker } from '../circuit-breaker.ts'
import type { Log } from '../log.ts'
import { noTelemetry, type Telemetry } from '../telemetry/telemetry.ts'
import { readAddresses } from './addresses.ts'
import { type Ended, openChannel } from './channel.ts'
import { metadataOf, waitUntil } from './outgoing.ts'
import { failureIn, REPLAYED_TRAILER } from './status.ts'
import { clientCredentials, type GrpcTls } from './tls.ts'

/** Another service, asked over gRPC. */
export type GrpcPeer = Readonly<{
  /**
   * Makes a call for a request. Tries up to three times, and only where the peer was not reached; while it has not been
   * reached for long, answers `unavailable` at once. Never takes longer than the request's deadline, nor than 5 s.
   */
  call: <Input extends DescMessage, Output extends DescMessage>(
    context: Context,
    method: DescMethodUnary<Input, Output>,
    message: MessageInitShape<Input>,
    options?: CallOptions,
  ) => Promise<Result<MessageShape<Output>>>
  /** Whether the peer says that it can work, within a second and a half. */
  isUp: () => Promise<boolean>
  close: () => void
}>

export type CallOptions = Readonly<{
  /** Whether the call changes something: then the operation id of the request travels with it. */
  isWrite?: boolean
}>

export type PeerOptions = Readonly<{
  /** `host:port`, several of them with commas between, or `dns:///name:port`. */
  addresses: string
  /** What the peer is called in logs and metrics. */
  name: string
  tls?: GrpcTls | undefined
  telemetry?: Telemetry
  log?: Log
}>

/** How often a call is sent, and how long the first pause is, in milliseconds; each next one is twice as long. */
const ATTEMPTS = 3
const PAUSE_MS = 50

/** A call that was given less time than this says nothing about its peer when it is late, in milliseconds. */
const FAIR_WAIT_MS = 500

const PROBE_MS = 1_500

/** How often a peer that says that it cannot work is asked. */
const PROBES = 8

/** How long the pause after the first time is; each next one is longer by as much. A lost connection is made anew in it. */
const PROBE_PAUSE_MS = 20

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** Opens the way to a peer. It connects when it is first called, and again whenever that is needed. */
export function connectGrpc({ addresses, name, tls, telemetry = noTelemetry, log }: PeerOptions): GrpcPeer {
  const channel = openChannel(readAddresses(addresses), clientCredentials(tls))
  const breaker = createBreaker()
  const { metrics } = telemetry
  const duration = metrics.histogram(
    'abasto_grpc_client_call_duration_seconds',
    'How long calls to peers took with all their attempts, by peer, method and code.',
    { buckets: BUCKETS, labels: ['peer', 'method', 'code'] },
  )
  const retries = metrics.counter('abasto_grpc_client_retries_total', 'Calls to peers that were sent again.', ['peer'])
  metrics.gauge(
    `abasto_grpc_${name.replaceAll(/\W/g, '_')}_breaker_state`,
    `Whether calls to ${name} are let through: 0 closed, 1 half open, 2 open.`,
    () => breakerFigure(breaker.state()),
  )
  const absent = unavailable(`The service ${name} does not answer at present.`, { peer: name })

  async function send(
    context: Context,
    path: string,
    bytes: Uint8Array,
    { isWrite = false }: CallOptions,
  ): Promise<Ended> {
    const deadlineMs = waitUntil(context)
    const span = context.trace?.begin(path.slice(1), { kind: 'client', attributes: { 'rpc.system': 'grpc' } })
    const traceparent = span?.traceparent ?? context.traceparent
    const metadata = metadataOf(context, { isWrite, ...(traceparent === undefined ? {} : { traceparent }) })
    const { signal } = context
    const startedMs = Date.now()
    const startedAt = performance.now()
    let ended: Ended
    for (let attempt = 1; ; attempt++) {
      ended = await channel.send({ path, bytes, metadata, deadlineMs, signal })
      if (!wasNotReached(ended) || attempt === ATTEMPTS || breaker.state() === 'open' || signal?.aborted) break
      const pauseMs = PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random())
      if (Date.now() + pauseMs >= deadlineMs) break
      await Bun.sleep(pauseMs)
      retries({ peer: name })
    }
    const code = status[ended.code]
    duration({ peer: name, method: path.slice(1), code }, (performance.now() - startedAt) / 1000)
    span?.end(ended.code === status.OK ? undefined : code)
    learn(ended, deadlineMs - startedMs)
    return ended
  }

  /** What the end of a call says about its peer; one that was cancelled, or had no time, says nothing. */
  function learn(ended: Ended, waitMs: number): void {
    const isLate = ended.code === status.DEADLINE_EXCEEDED
    const before = breaker.state()
    if (wasNotReached(ended) || (isLate && waitMs >= FAIR_WAIT_MS)) {
      breaker.failed()
      channel.renew()
    } else if (!isLate && ended.code !== status.CANCELLED) {
      breaker.succeeded()
    }
    const state = breaker.state()
    if (state === before || before === 'half_open') return
    log?.warn('peer.breaker', { peer: name, state, details: ended.details })
  }

  return {
    call: async (context, method, message, options = {}) => {
      if (context.deadlineMs <= Date.now() || !breaker.tryEnter()) return fail(absent)
      const path = `/${method.parent.typeName}/${method.name}`
      const ended = await send(context, path, toBinary(method.input, create(method.input, message)), options)
      const { code, trailers, bytes } = ended
      const isReplayed = trailers.get(REPLAYED_TRAILER).length > 0
      if (code === status.OK && bytes) {
        const answer = ok(fromBinary(method.output, bytes))
        return isReplayed ? replayed(answer) : answer
      }
      const failure = failureIn(trailers) ?? strangeEnd(ended, path) ?? absent
      return isReplayed ? replayed(fail(failure)) : fail(failure)
    },

    isUp: async () => {
      const { path, requestSerialize, responseDeserialize } = health.Check!
      const sending = { path, bytes: requestSerialize({ service: '' }), metadata: new Metadata() }
      const deadlineMs = Date.now() + PROBE_MS
      // Calls take turns between the addresses, and one replica that can work is enough: another may be about to stop.
      for (let tries = 1; tries <= PROBES; tries++) {
        const { code, bytes } = await channel.send({ ...sending, deadlineMs })
        if (code === status.DEADLINE_EXCEEDED) {
          channel.renew()
          return false
        }
        if (bytes && (responseDeserialize(bytes as Buffer) as { status: string }).status === 'SERVING') return true
        await Bun.sleep(tries * PROBE_PAUSE_MS)
      }
      return false
    },

    close: channel.close,
  }
}

/** Whether a call was not answered by the peer itself. What it refuses has a failure with it. */
function wasNotReached({ code, trailers }: Ended): boolean {
  return code === status.UNAVAILABLE ? failureIn(trailers) === undefined : isBroken({ code, trailers })
}

// A connection that breaks at the wrong moment ends calls with codes of a bug; those of our services name the request.
const isBroken = ({ code, trailers }: Pick<Ended, 'code' | 'trailers'>): boolean =>
  (code === status.INTERNAL || code === status.UNKNOWN) && trailers.get('x-request-id').length === 0

/** An end that no peer of ours comes to by design: a bug, which is thrown. */
function strangeEnd(ended: Ended, path: string): Failure | undefined {
  const { code, details } = ended
  if (isBroken(ended)) return undefined
  if (code === status.UNAVAILABLE || code === status.DEADLINE_EXCEEDED || code === status.CANCELLED) return undefined
  throw new Error(`${path} ended with ${status[code]}: ${details}`)
}
