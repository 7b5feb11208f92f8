import { isAbsolute, join } from 'node:path'
import { AS_USER, type Image, pathOfBun } from './image.ts'

/** A process that runs what an image says, in the folder that the image came to. */
export type Container = Readonly<{
  /** Where it said that it is open. */
  url: string
  /** Where it takes gRPC calls, as `host:port`; empty where it takes none. */
  grpc: string
  /** Waits until the health check of the image passes. */
  healthy: () => Promise<void>
  /** What the health check ends with now. */
  check: () => Promise<number>
  /** Sends the signal that the image is stopped with, and says with which code the process ended. */
  stop: () => Promise<number | null>
  kill: () => void
  /** Runs another command on the same data, as its user: what it ended with, and what it said. */
  run: (command: readonly string[]) => Promise<Readonly<{ code: number; said: string }>>
}>

const PATIENCE_MS = 60_000

/** Starts the command of an image as its user, with its settings and these. */
export async function start(image: Image, settings: Readonly<Record<string, string>>): Promise<Container> {
  if (image.user === 'root') throw new Error('The image runs as root.')
  const cwd = join(image.folder, image.workdir)
  const env: Record<string, string | undefined> = {
    PATH: `${pathOfBun}:/usr/bin:/bin`,
    HOME: '/nonexistent',
    ...environmentOf(image),
    ...settings,
  }
  const child = Bun.spawn([...AS_USER, ...image.command], { cwd, env, stdio: ['ignore', 'inherit', 'pipe'] })

  let welcome = ''
  const decoder = new TextDecoder()
  const reader = child.stderr.getReader()
  while (!/Ctrl-C/.test(welcome)) {
    const { value, done } = await reader.read()
    if (done) throw new Error(`${image.command.join(' ')} ended before it was open: ${welcome}`)
    welcome += decoder.decode(value, { stream: true })
  }
  reader.releaseLock()
  const url = /open at (\S+)/.exec(welcome)![1]!.replace('0.0.0.0', '127.0.0.1')
  const grpc = (/^ {2}gRPC +(\S+)/m.exec(welcome)?.[1] ?? '').replace('0.0.0.0', '127.0.0.1')

  // The port was any that was free; inside a container it is the one that the image names.
  const ported = { ...env, [image.healthCheck[2]!]: new URL(url).port }
  const check = () =>
    Bun.spawn([...AS_USER, ...image.healthCheck], { cwd, env: ported, stdio: ['ignore', 'ignore', 'inherit'] }).exited
  const healthy = async () => {
    const deadline = performance.now() + PATIENCE_MS
    while ((await check()) !== 0) {
      if (performance.now() > deadline) throw new Error(`${image.command.join(' ')} did not become healthy.`)
      await Bun.sleep(200)
    }
  }
  const stop = async () => {
    child.kill(image.stopSignal as 'SIGTERM')
    await child.exited
    return child.exitCode
  }
  const run = async (command: readonly string[]) => {
    const other = Bun.spawn([...AS_USER, ...command], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const said = await Promise.all([new Response(other.stdout).text(), new Response(other.stderr).text()])
    return { code: await other.exited, said: said.join('') }
  }
  return { url, grpc, healthy, check, stop, kill: () => child.kill('SIGKILL'), run }
}

/** An absolute path of an image is one below the folder that the image came to. */
const environmentOf = ({ env, folder }: Image): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, isAbsolute(value) ? join(folder, value) : value]),
  )
