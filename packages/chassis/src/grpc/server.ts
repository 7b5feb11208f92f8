import { logVerbosity, Server, setLogVerbosity } from '@grpc/grpc-js'
import { CannotListen } from '../http/listen.ts'
import { addHealth, type IsReady } from './health.ts'
import { addReflection } from './reflection.ts'
import { type GrpcService, isStream } from './service.ts'
import { createServing, type ServingOptions } from './serving.ts'
import { createStreamServing } from './streaming.ts'
import { type GrpcTls, serverCredentials } from './tls.ts'

export type GrpcListener = Readonly<{
  port: number
  /** The address for a client: `host:port`. */
  url: string
  /** Says that no new work should come: health is NOT_SERVING, clients are told to connect elsewhere. */
  drain: () => void
  /** Takes no new calls, lets what runs finish, then closes. */
  stop: () => Promise<void>
}>

export type GrpcOptions = ServingOptions &
  Readonly<{
    services: readonly GrpcService[]
    /** Loopback unless told otherwise. */
    host?: string
    /** 0 takes a free one. */
    port: number
    /** The name of what chooses the port, for whoever must choose another. */
    setting?: string
    tls?: GrpcTls | undefined
    /** Whether the process can do its work; always, unless said otherwise. */
    isReady?: IsReady
  }>

/** Calls that run longer than this after a stop was asked for are cut off, in milliseconds; none may run so long. */
const DRAIN_MS = 10_000

// What matters of it is thrown or logged by us; by itself it writes lines of its own form to stderr.
setLogVerbosity(logVerbosity.NONE)

/** Serves the given services, with `grpc.health.v1` and reflection beside them. */
export async function serveGrpc(options: GrpcOptions): Promise<GrpcListener> {
  const { services, host = '127.0.0.1', port: wanted, setting = 'its setting', tls, isReady = () => true } = options
  const server = new Server({
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 5_000,
    'grpc.max_receive_message_length': 1_048_576,
    'grpc.enable_channelz': 0,
  })
  let isDraining = false
  const serve = createServing(options)
  const serveStream = createStreamServing(options)
  for (const { rpcs } of services) {
    for (const { method, rpc } of rpcs) {
      // The bytes are read by ours: a message that cannot be read is a fault of the caller.
      const read = (bytes: Buffer): Uint8Array => bytes
      const written = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      const path = `/${method.parent.typeName}/${method.name}`
      if (isStream(rpc)) {
        server.register(path, serveStream(method, rpc) as never, written as never, read as never, 'serverStream')
      } else {
        server.register(path, serve(method, rpc) as never, written as never, read as never, 'unary')
      }
    }
  }
  const names = services.map(({ definition }) => definition.typeName)
  const endWatching = addHealth(server, names, () => !isDraining && isReady())
  addReflection(
    server,
    services.map(({ definition }) => definition),
  )

  const bracketed = host.includes(':') ? `[${host}]` : host
  const port = await bind(server, `${bracketed}:${wanted}`, setting, tls)
  const url = `${bracketed}:${port}`
  const drain = () => {
    if (isDraining) return
    isDraining = true
    server.drain(url, DRAIN_MS)
  }
  let stopped: Promise<void> | undefined
  return {
    port,
    url,
    drain,
    stop: () => {
      isDraining = true
      endWatching()
      stopped ??= shutDown(server)
      return stopped
    },
  }
}

function bind(server: Server, address: string, setting: string, tls: GrpcTls | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, serverCredentials(tls), (error, port) => {
      if (!error) return resolve(port)
      const why = error.message.includes('EADDRINUSE')
        ? `something listens there already; stop it, or choose another port with ${setting}`
        : error.message
      reject(new CannotListen(`Cannot listen on ${address}: ${why}.`, { cause: error }))
    })
  })
}

function shutDown(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown()
      resolve()
    }, DRAIN_MS)
    server.tryShutdown(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
