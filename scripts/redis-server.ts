import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'

export type RedisServer = Readonly<{ url: string; port: number; pid: number; stop: () => Promise<void> }>

/** How long a server may take to open, in milliseconds. */
const PATIENCE_MS = 10_000

/**
 * A Redis of its own for tests and benchmarks: on a free port of this machine, in a temporary folder, with nothing
 * kept on disk, gone again when it is stopped. `port` starts it where another one was; `more` are settings besides.
 */
export async function startRedis({ port: wanted = 0, more = [] as readonly string[] } = {}): Promise<RedisServer> {
  const program = Bun.which('redis-server')
  if (!program) throw new Error('Redis is not installed: on Debian, apt-get install redis-server')
  const folder = mkdtempSync(join(tmpdir(), 'abasto-redis-'))
  const port = wanted || (await freePort())
  const settings = [
    '--port',
    `${port}`,
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'no',
    ...more,
  ]
  const server = Bun.spawn([program, ...settings], { stdio: ['ignore', 'pipe', 'pipe'] })
  const stop = async () => {
    server.kill('SIGKILL')
    await server.exited
    rmSync(folder, { recursive: true, force: true })
  }

  // It says so itself: a mere answer on the port could come from somebody else who was there first.
  const timer = setTimeout(() => server.kill('SIGKILL'), PATIENCE_MS)
  const said = await until(server.stdout, 'Ready to accept connections')
  clearTimeout(timer)
  if (said.isThere) return { url: `redis://127.0.0.1:${port}`, port, pid: server.pid, stop }
  await stop()
  throw new Error(`redis-server did not open on port ${port}: ${said.text}`)
}

/** Reads until the words appear, then goes on reading and forgets, so that whoever writes never has to wait. */
async function until(stream: ReadableStream<Uint8Array>, words: string) {
  const reader = stream.getReader()
  const decoder = new TextDecoder()
  let text = ''
  while (!text.includes(words)) {
    const { value, done } = await reader.read()
    if (done) return { isThere: false, text }
    text += decoder.decode(value, { stream: true })
  }
  void (async () => {
    while (!(await reader.read()).done);
  })()
  return { isThere: true, text }
}
