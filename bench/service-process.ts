import { mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Subprocess } from 'bun'
import { end, start } from './processes.ts'
import type { Scene } from './scene.ts'

/** A command of Abasto in a process of its own, logs on (to a file) and authentication on. */
export type ServiceProcess = Readonly<{
  name: string
  url: string
  /** Where it takes gRPC calls, for a service on its own. */
  grpc: string | undefined
  apiKey: string
  process: Subprocess
  /** Where its log lines go. */
  log: string
  /** From the command to the moment at which it said that it was open. */
  startMs: number
  stop: () => Promise<void>
}>

const ROOT = join(import.meta.dir, '..')

const READY_MS = 30_000

/** Every port is a free one unless the settings say otherwise. */
const FREE_PORTS = {
  GATEWAY_PORT: '0',
  PRODUCTS_PORT: '0',
  INVENTORY_PORT: '0',
  PRODUCTS_GRPC_PORT: '0',
  INVENTORY_GRPC_PORT: '0',
}

/** Starts `bun run <command>` on the loopback; `name` tells it from others of the same run. */
export async function startServiceProcess(
  scene: Scene,
  name: string,
  command: 'dev' | 'products' | 'inventory',
  settings: Readonly<Record<string, string>>,
): Promise<ServiceProcess> {
  const folder = join(scene.folder, name)
  mkdirSync(folder)
  const [log, errors] = [join(folder, 'log'), join(folder, 'errors')]
  const apiKey = settings.ABASTO_API_KEY ?? `bench-${Bun.randomUUIDv7()}`
  const profiling = scene.profiles
    ? ['--cpu-prof', `--cpu-prof-dir=${scene.profiles}`, `--cpu-prof-name=${name}.cpuprofile`]
    : []
  const began = performance.now()
  const child = start([process.execPath, ...profiling, join(ROOT, 'scripts/start.ts'), command], {
    cwd: ROOT,
    env: {
      ABASTO_HOST: '127.0.0.1',
      ABASTO_DATA: join(folder, 'data'),
      ABASTO_API_KEY: apiKey,
      ...FREE_PORTS,
      LOG_LEVEL: 'info',
      ...settings,
    },
    // Appended to, so that the file can be emptied between two samples.
    output: openSync(log, 'a'),
    errors: openSync(errors, 'a'),
  })
  const welcome = await opened(child, errors)
  const startMs = performance.now() - began
  const url = /open at (http:\S+)/.exec(welcome)![1]!
  const grpc = /^ {2}gRPC +(\S+)/m.exec(welcome)?.[1]
  return { name: command, url, grpc, apiKey, process: child, log, startMs, stop: () => end(child, 30_000) }
}

/** What it says once it is open. */
async function opened(child: Subprocess, errors: string): Promise<string> {
  const until = performance.now() + READY_MS
  while (performance.now() < until && child.exitCode === null) {
    const said = readFileSync(errors, 'utf8')
    if (said.includes('Ctrl-C')) return said
    await Bun.sleep(5)
  }
  throw new Error(`The process did not open: ${readFileSync(errors, 'utf8')}`)
}

/** What a process holds in memory now, in megabytes; not a number where the system does not say. */
export function residentMegabytes({ pid }: Subprocess): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
  } catch {
    return Number.NaN
  }
}
