import { createServer } from 'node:net'

/**
 * Ports that no system hands out by itself: one of those may be the near end of somebody's connection by the time the
 * server opens, or while one that was killed is down.
 */
const FIRST = 15_000
const LAST = 32_000

/** A port that was free a moment ago, for what must know its port before it starts. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST))
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>()
  const probe = createServer()
  probe.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)))
  probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  return promise
}
