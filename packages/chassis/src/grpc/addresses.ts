import { type ChannelOptions, experimental } from '@grpc/grpc-js'

/** Where a peer is, as grpc-js takes it. */
export type Target = Readonly<{ target: string; options: ChannelOptions }>

const ROUND_ROBIN = JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] })

/** The scheme under which grpc-js knows our lists. */
const LIST = 'abasto-list'

/**
 * Reads where a peer is: `host:port`, `dns:///name:port`, or several of the former with commas between them. Calls go
 * to all addresses in turn, past those that do not answer.
 */
export function readAddresses(addresses: string): Target {
  const listed = addresses
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '')
  const options = { 'grpc.service_config': ROUND_ROBIN, 'grpc.service_config_disable_resolution': 1 }
  const [only] = listed
  if (only === undefined) throw new Error('Where the peer is: host:port, a list of these, or dns:///name:port.')
  for (const address of listed) check(address, listed.length)
  if (listed.length === 1) return { target: only.includes(':///') ? only : `dns:///${only}`, options }
  registerLists()
  return { target: `${LIST}:${listed.join(',')}`, options }
}

function check(address: string, count: number): void {
  const name = address.replace(/^dns:\/\/\//, '')
  const isNamed = count === 1 || name === address
  if (isNamed && experimental.splitHostPort(name)?.port !== undefined) return
  throw new Error(`"${address}" is not an address of a peer: write host:port or dns:///name:port.`)
}

let isRegistered = false

// The list that grpc-js has (`ipv4:`) takes no names. Each address of ours is handed to the socket as it is, so names
// are looked up whenever it connects.
function registerLists(): void {
  if (isRegistered) return
  isRegistered = true
  experimental.registerResolver(LIST, ListResolver)
}

class ListResolver implements experimental.Resolver {
  readonly #endpoints: experimental.Endpoint[]
  readonly #listener: experimental.ResolverListener
  #isKnown = false

  constructor({ path }: experimental.GrpcUri, listener: experimental.ResolverListener) {
    this.#listener = listener
    this.#endpoints = path.split(',').flatMap((address) => {
      const { host, port } = experimental.splitHostPort(address) ?? {}
      return host === undefined || port === undefined ? [] : [{ addresses: [{ host, port }] }]
    })
  }

  // Asked again whenever an address cannot be reached. Nothing new is known then, and saying the same once more would
  // be asked again at once, without end and without a turn for anything else of the process.
  updateResolution(): void {
    if (this.#isKnown) return
    this.#isKnown = true
    process.nextTick(() => this.#listener(experimental.statusOrFromValue(this.#endpoints), {}, null, ''))
  }

  // A channel that was idle begins again with the same resolver.
  destroy(): void {
    this.#isKnown = false
  }

  /** The name in the certificate of every address of a list is that of the first. */
  static getDefaultAuthority({ path }: experimental.GrpcUri): string {
    return path.split(',')[0] ?? path
  }
}
