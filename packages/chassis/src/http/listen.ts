import type { HttpApp } from './app.ts'

export type Listener = Readonly<{
  url: string
  port: number
  /** Asks every client, in the answer to its next request, to come on a new connection, and goes on answering. */
  drain: () => void
  /** Takes no new connections, lets what runs finish, then closes. */
  stop: () => Promise<void>
}>

/** The port or host cannot be had. Its message is a sentence for whoever started the process. */
export class CannotListen extends Error {
  override readonly name = 'CannotListen'
}

/** Where to listen; `setting` is the name of what chooses the port, for whoever must choose another. */
export type Place = Readonly<{ host: string; port: number; setting?: string }>

/** Longer than any request may take, so that the server never hangs up on one that still runs. */
const IDLE_SECONDS = 60

/** Requests that run longer than this after a stop was asked for are cut off, and answers that are not taken by then. */
const DRAIN_MS = 15_000

/** Puts the app on a socket. Port 0 takes a free one. */
export function listen(app: HttpApp, { host, port, setting = 'its setting' }: Place): Listener {
  let isLeaving = false

  const fetch = async (request: Request): Promise<Response> => {
    const response = await app.fetch(request)
    // A client that keeps its connection would send the next request into a server that is gone.
    if (isLeaving) response.headers.set('Connection', 'close')
    return response
  }

  const server = serve({ host, port, setting }, fetch)
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`
  return {
    url,
    port: server.port ?? port,
    drain: () => {
      isLeaving = true
    },
    stop: async () => {
      isLeaving = true
      // It ends when every answer is with its socket, however slowly that is read; idle connections do not count.
      await within(DRAIN_MS, server.stop(false))
      await server.stop(true)
    },
  }
}

function serve({ host: hostname, port, setting }: Place, fetch: (request: Request) => Promise<Response>) {
  try {
    return Bun.serve({
      hostname,
      port,
      fetch,
      idleTimeout: IDLE_SECONDS,
      // Bun would answer a larger body itself, without a document; the edge looks at the size.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    })
  } catch (error) {
    const { code } = error as { code?: string }
    const why =
      code === 'EADDRINUSE'
        ? `something listens there already; stop it, or choose another port with ${setting}`
        : `${(error as Error).message}`
    throw new CannotListen(`Cannot listen on ${hostname}:${port}: ${why}.`, { cause: error })
  }
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: Timer | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, late])
  clearTimeout(timer)
}
