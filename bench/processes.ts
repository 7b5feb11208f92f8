import { readFileSync } from 'node:fs'
import type { Subprocess } from 'bun'

// Everything that this benchmark starts is known here by its pid, so that it ends with it, whichever way it ends.
const running = new Set<Subprocess>()
const undo: (() => void)[] = []

/**
 * What a child process needs to be told. `output` and `errors` are file descriptors or what Bun.spawn takes. One that is
 * listened to can be sent messages too.
 */
type Told = Readonly<{
  cwd?: string
  env?: Readonly<Record<string, string | undefined>>
  output?: number | 'pipe' | 'ignore'
  errors?: number | 'pipe' | 'inherit'
  onMessage?: (message: unknown) => void
}>

/** Starts a process that will not outlive this one. */
export function start(
  command: readonly string[],
  { cwd, env, output = 'pipe', errors = 'pipe', onMessage }: Told = {},
): Subprocess {
  const child = Bun.spawn([...command], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...env },
    stdin: 'ignore',
    stdout: output,
    stderr: errors,
    ...(onMessage === undefined ? {} : { ipc: onMessage }),
  })
  running.add(child)
  child.exited.finally(() => running.delete(child))
  return child
}

/** Runs a process to its end and returns what it printed; it is ended, and that is an error, when its time is up. */
export async function run(
  command: readonly string[],
  { timeoutMs, ...told }: Told & { timeoutMs: number },
): Promise<string> {
  const child = start(command, told)
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    child.kill('SIGKILL')
  }, timeoutMs)
  const [output, errors] = await Promise.all([textOf(child.stdout), textOf(child.stderr)])
  const status = await child.exited
  clearTimeout(timer)
  if (isLate) throw new Error(`${command[0]} was not done within ${timeoutMs} ms`)
  if (status !== 0) throw new Error(`${command[0]} ended with ${status}: ${errors || output}`)
  return output
}

/** Asks a process to end and makes sure that it does. */
export async function end(child: Subprocess, graceMs = 15_000): Promise<void> {
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
  await child.exited
  clearTimeout(timer)
}

/** Has something undone when this process ends, the last first. It must not need to wait for anything. */
export function atEnd(step: () => void): void {
  undo.push(step)
}

/** Ends whatever still runs: on an ordinary end, on a failure, on Ctrl-C. */
export function endEverythingWithThisProcess(): void {
  process.on('exit', () => {
    for (const child of running) child.kill('SIGKILL')
    for (const step of undo.toReversed()) attempt(step)
  })
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.on(signal, () => process.exit(status))
  }
}

/** The file of a program, or a sentence that says how to get it. */
export function programCalled(name: string): string {
  const file = Bun.which(name)
  if (!file) throw new Error(`${name} is not installed: on Debian, apt-get install ${name}`)
  return file
}

/** The processor time that a process spends on each request while `work` runs; empty where the system does not say. */
export async function withProcessorTime<T extends { requests: number }>(
  { pid }: Subprocess,
  work: () => Promise<T>,
): Promise<T & { notes: Record<string, number> }> {
  const before = processorMs(pid)
  const done = await work()
  const microseconds = ((processorMs(pid) - before) * 1000) / done.requests
  return { ...done, notes: Number.isNaN(microseconds) ? {} : { 'server µs each': microseconds } }
}

function processorMs(pid: number): number {
  try {
    // The fields that follow the program's name in brackets; user and system time are counted in hundredths.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10
  } catch {
    return Number.NaN
  }
}

/** What a process says first. */
export async function firstLine(output: ReadableStream<Uint8Array>): Promise<string> {
  const reader = output.getReader()
  const decoder = new TextDecoder()
  let text = ''
  while (!text.includes('\n')) {
    const { value, done } = await reader.read()
    if (done) throw new Error('A process ended without a word.')
    text += decoder.decode(value, { stream: true })
  }
  return text.slice(0, text.indexOf('\n'))
}

const textOf = (stream: unknown): Promise<string> =>
  stream instanceof ReadableStream ? new Response(stream).text() : Promise.resolve('')

function attempt(step: () => void): void {
  try {
    step()
  } catch (error) {
    console.error(error)
  }
}
