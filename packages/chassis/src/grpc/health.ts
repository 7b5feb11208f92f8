import { type Server, type ServerUnaryCall, type ServerWritableStream, type sendUnaryData, status } from '@grpc/grpc-js'
import { service as definition } from 'grpc-health-check'

/** Whether the process can do its work; asked anew for every check. */
export type IsReady = () => boolean | Promise<boolean>

/** How long a check waits for the truth, and how often a watcher is told it, in milliseconds. */
const PATIENCE_MS = 1_000
const WATCH_MS = 1_000

type Asked = Readonly<{ service: string }>
type Told = { status: 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN' }

/**
 * grpc.health.v1 (https://github.com/grpc/grpc/blob/master/doc/health-checking.md): the whole server under the empty
 * name, and each service under its own. Asks for no key, as probes have none. What is returned ends what is being
 * watched, which would go on for ever.
 */
export function addHealth(server: Server, names: readonly string[], isReady: IsReady): () => void {
  const watching = new Set<() => void>()
  const known = new Set(['', ...names])
  const state = async (): Promise<Told> => ({ status: (await isReadyInTime(isReady)) ? 'SERVING' : 'NOT_SERVING' })

  server.addService(definition, {
    check: ({ request }: ServerUnaryCall<Asked, Told>, answer: sendUnaryData<Told>) => {
      if (!known.has(request.service)) {
        answer({ code: status.NOT_FOUND, details: `There is no service ${request.service} here.` })
        return
      }
      state().then((told) => answer(null, told))
    },
    watch: (call: ServerWritableStream<Asked, Told>) => {
      let last: string | undefined
      const tell = async () => {
        const told: Told = known.has(call.request.service) ? await state() : { status: 'SERVICE_UNKNOWN' }
        if (told.status === last || call.cancelled) return
        last = told.status
        call.write(told)
      }
      const timer = setInterval(tell, WATCH_MS)
      timer.unref()
      const forget = () => {
        clearInterval(timer)
        watching.delete(end)
      }
      const end = () => {
        forget()
        if (last !== 'NOT_SERVING') call.write({ status: 'NOT_SERVING' })
        call.end()
      }
      watching.add(end)
      call.on('cancelled', forget)
      tell()
    },
  })
  return () => {
    for (const end of watching) end()
  }
}

async function isReadyInTime(isReady: IsReady): Promise<boolean> {
  let timer: Timer | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE_MS)
  })
  try {
    return await Promise.race([isReady(), late])
  } catch {
    return false
  } finally {
    clearTimeout(timer)
  }
}
