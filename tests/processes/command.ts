import { join } from 'node:path'
import type { BunFile } from 'bun'

/** A command of `abasto` that runs in a process of its own, started as anyone starts it. */
export type Started = Readonly<{
  url: string
  /** Where it takes gRPC calls, as `host:port`. */
  grpc: string | undefined
  apiKey: string
  /** What it printed for whoever started it. */
  welcome: string
  pid: number
  /** What it has said on stderr so far, the welcome included. */
  said: () => string
  /** Resolves when the process has ended, with the signal that ended it if one did. */
  ended: Promise<string | number | null>
  /** Sends the signal, and says with which code the process ended. */
  end: (signal: Signal) => Promise<number | null>
}>

export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGKILL'

export type Command = 'dev' | 'products' | 'inventory'

export type Settings = Readonly<Record<string, string>>

/** What every process of a test is told unless it says otherwise: nothing that is taken, and no waiting. */
const USUAL: Settings = {
  ABASTO_HOST: '127.0.0.1',
  GATEWAY_PORT: '0',
  PRODUCTS_PORT: '0',
  INVENTORY_PORT: '0',
  PRODUCTS_GRPC_PORT: '0',
  INVENTORY_GRPC_PORT: '0',
  DRAIN_MS: '0',
}

/**
 * Runs a command with these settings and waits until it is open. What it logs stands among what the tests print, or in
 * the file that is named.
 */
export async function startCommand(command: Command, settings: Settings, logFile?: string): Promise<Started> {
  const child = spawn(command, settings, logFile ? Bun.file(logFile) : 'inherit')
  let said = ''
  const open = Promise.withResolvers<string>()
  // Read to its end: a process whose words nobody takes would stop at some point.
  const reading = (async () => {
    for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) {
      said += chunk
      if (/Ctrl-C/.test(said)) open.resolve(said)
    }
    open.reject(new Error(`${command} ended before it was open: ${said}`))
  })()
  const welcome = await open.promise
  return {
    url: /open at (\S+)/.exec(welcome)![1]!,
    grpc: /^ {2}gRPC +(\S+)/m.exec(welcome)?.[1],
    apiKey: /API key +(\S+)/.exec(welcome)![1]!,
    welcome,
    pid: child.pid,
    said: () => said,
    ended: Promise.all([child.exited, reading]).then(() => child.signalCode),
    end: async (signal) => {
      child.kill(signal)
      await child.exited
      return child.exitCode
    },
  }
}

/** Runs a command where it is expected to refuse, and says what it told whoever started it. */
export async function refusedCommand(command: Command, settings: Settings) {
  const child = spawn(command, settings, 'ignore')
  const said = (await new Response(child.stderr).text()).trim()
  return { code: await child.exited, said }
}

function spawn(command: Command, settings: Settings, log: 'inherit' | 'ignore' | BunFile) {
  const script = join(import.meta.dir, '../../scripts/start.ts')
  // Nothing that is set where the tests run reaches the shop, but for what a process needs to run at all.
  const { PATH = '', HOME = '' } = process.env
  return Bun.spawn([...LEASH, process.execPath, script, command], {
    env: { PATH, HOME, ...USUAL, ...settings },
    stdio: ['ignore', log, 'pipe'],
  })
}

/** Where Linux has it: what a run of tests has started ends with it, however that ends. */
export const LEASH = Bun.which('setpriv') ? ['setpriv', '--pdeathsig', 'KILL'] : []
