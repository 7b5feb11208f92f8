import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  connectivityState,
  type Metadata,
  type status,
} from '@grpc/grpc-js'
import type { Target } from './addresses.ts'

/** What one call came to. */
export type Ended = Readonly<{ code: status; details: string; trailers: Metadata; bytes: Uint8Array | undefined }>

export type Sending = Readonly<{
  path: string
  bytes: Uint8Array
  metadata: Metadata
  deadlineMs: number
  signal?: AbortSignal | undefined
}>

export type Channel = Readonly<{
  send: (sending: Sending) => Promise<Ended>
  /** Begins anew with other connections; for a peer that took a connection and has said nothing since. */
  renew: () => void
  close: () => void
}>

const OPTIONS: ChannelOptions = {
  // Retries are ours alone, in client.ts.
  'grpc.enable_retries': 0,
  'grpc.keepalive_time_ms': 2_000,
  'grpc.keepalive_timeout_ms': 1_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.initial_reconnect_backoff_ms': 50,
  'grpc.max_reconnect_backoff_ms': 1_000,
  'grpc.dns_min_time_between_resolutions_ms': 1_000,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_http_proxy': 0,
  // A hundred products with all the words and pictures that they may have are 15 MB.
  'grpc.max_receive_message_length': 33_554_432,
  'grpc.enable_channelz': 0,
}

/** A channel is not renewed again before this has passed, in milliseconds. */
const RENEW_PAUSE_MS = 1_000

/** Calls of the old channel may still end; none takes longer than this, in milliseconds. */
const OLD_CHANNEL_MS = 6_000

/** A way to a peer, over one connection to each of its addresses. */
export function openChannel({ target, options }: Target, credentials: ChannelCredentials): Channel {
  const connect = () => new Client(target, credentials, { ...OPTIONS, ...options })
  let client = connect()
  let renewedMs = performance.now()

  return {
    send: (sending) => send(client, sending),
    // grpc-js waits for the greeting of an HTTP/2 server for ever, so a server that hung at that moment would never be
    // seen to be well again. Connections that were greeted are watched by keepalive.
    renew: () => {
      if (performance.now() - renewedMs < RENEW_PAUSE_MS) return
      if (client.getChannel().getConnectivityState(false) === connectivityState.READY) return
      renewedMs = performance.now()
      const old = client
      client = connect()
      setTimeout(() => old.close(), OLD_CHANNEL_MS).unref()
    },
    close: () => client.close(),
  }
}

// grpc-js wants Buffers, and reads bytes of ours as they are.
const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
const asIs = (bytes: Buffer): Uint8Array => bytes

function send(client: Client, { path, bytes, metadata, deadlineMs, signal }: Sending): Promise<Ended> {
  return new Promise((resolve) => {
    let answer: Uint8Array | undefined
    const told = (_: unknown, value?: Uint8Array) => {
      answer = value
    }
    const call = client.makeUnaryRequest(path, toBuffer, asIs, bytes, metadata, { deadline: deadlineMs }, told)
    const cancel = () => call.cancel()
    signal?.addEventListener('abort', cancel, { once: true })
    call.on('status', ({ code, details, metadata: trailers }) => {
      signal?.removeEventListener('abort', cancel)
      resolve({ code, details, trailers, bytes: answer })
    })
  })
}
