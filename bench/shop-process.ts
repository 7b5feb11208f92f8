import { mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Subprocess } from 'bun'
import { end, start } from './processes.ts'
import type { Scene } from './scene.ts'

/** `bun run dev` as a process of its own, logs on (to a file) and authentication on. */
export type ShopProcess = Readonly<{
  url: string
  apiKey: string
  process: Subprocess
  /** Where its log lines go. */
  log: string
  stop: () => Promise<void>
}>

const ROOT = join(import.meta.dir, '..')

const READY_MS = 30_000

/** Starts a shop on free ports of the loopback; without an address it keeps its own embedded database. */
export async function startShopProcess(scene: Scene, name: string, databaseUrl = ''): Promise<ShopProcess> {
  const folder = join(scene.folder, name)
  mkdirSync(folder)
  const [log, errors] = [join(folder, 'log'), join(folder, 'errors')]
  const apiKey = `bench-${Bun.randomUUIDv7()}`
  const profiling = scene.profiles
    ? ['--cpu-prof', `--cpu-prof-dir=${scene.profiles}`, `--cpu-prof-name=${name}.cpuprofile`]
    : []
  const child = start([process.execPath, ...profiling, join(ROOT, 'scripts/start.ts'), 'dev'], {
    cwd: ROOT,
    env: {
      ABASTO_HOST: '127.0.0.1',
      ABASTO_DATA: join(folder, 'data'),
      ABASTO_API_KEY: apiKey,
      GATEWAY_PORT: '0',
      PRODUCTS_PORT: '0',
      INVENTORY_PORT: '0',
      PRODUCTS_DATABASE_URL: databaseUrl,
      INVENTORY_DATABASE_URL: databaseUrl,
      LOG_LEVEL: 'info',
    },
    // Appended to, so that the file can be emptied between two samples.
    output: openSync(log, 'a'),
    errors: openSync(errors, 'a'),
  })
  const url = await opened(child, errors)
  return { url, apiKey, process: child, log, stop: () => end(child, 30_000) }
}

/** The address that the shop says it is open at. */
async function opened(child: Subprocess, errors: string): Promise<string> {
  const until = performance.now() + READY_MS
  while (performance.now() < until && child.exitCode === null) {
    const url = /open at (http:\S+)/.exec(readFileSync(errors, 'utf8'))?.[1]
    if (url) return url
    await Bun.sleep(20)
  }
  throw new Error(`The shop did not open: ${readFileSync(errors, 'utf8')}`)
}
