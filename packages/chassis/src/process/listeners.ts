import { contract } from '@abasto/contract/contract'
import { type GrpcOptions, serveGrpc } from '../grpc/server.ts'
import { createHttpApp } from '../http/app.ts'
import type { Bindings } from '../http/binding.ts'
import type { Health } from '../http/health.ts'
import { listen } from '../http/listen.ts'
import type { StreamBindings } from '../http/streaming.ts'
import type { Authenticate } from '../identity.ts'
import type { Log } from '../log.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import { stopAll, type Taking } from './running.ts'
import type { ProcessSettings } from './settings.ts'

/** The sockets on which a process takes requests. Each is opened once everything behind it is ready, and says where. */
export type Listeners = Readonly<{
  /** The public API of the given services. Its port is set by its name: `PRODUCTS_PORT`. */
  http: (name: string, port: number, behind: Behind) => string
  /** The calls of one service: `PRODUCTS_GRPC_PORT`. */
  grpc: (name: string, port: number, service: GrpcOptions['services'][number]) => Promise<string>
  /** Everything that was opened, for draining. */
  taking: readonly Taking[]
  close: () => Promise<void>
}>

/** What is answered on one socket. */
export type Behind = Readonly<{ services: readonly string[]; bindings: Bindings; streams?: StreamBindings }>

/** What all listeners of a process have in common. */
export type ListenersOptions = Readonly<{
  settings: Pick<ProcessSettings, 'host' | 'tls'>
  authenticate: Authenticate
  health: Health
  log: Log
  telemetry: Telemetry
}>

export function createListeners({
  settings: { host, tls },
  authenticate,
  health,
  log,
  telemetry,
}: ListenersOptions): Listeners {
  const taking: Taking[] = []
  return {
    http: (name, port, behind) => {
      const named = log.named(name)
      const app = createHttpApp({ contract, ...behind, authenticate, health, log: named, telemetry })
      const listener = listen(app, { host, port, setting: `${name.toUpperCase()}_PORT` })
      taking.push(listener)
      return listener.url
    },
    grpc: async (name, port, service) => {
      const listener = await serveGrpc({
        services: [service],
        authenticate,
        isReady: health.isReady,
        log: log.named(name),
        telemetry,
        host,
        port,
        setting: `${name.toUpperCase()}_GRPC_PORT`,
        tls,
      })
      taking.push(listener)
      return listener.url
    },
    taking,
    close: () => stopAll(taking),
  }
}
