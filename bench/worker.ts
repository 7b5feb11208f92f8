import { join } from 'node:path'
import { end, start } from './processes.ts'

/** A process of this benchmark that does what it is told, one thing after another, and says what came of each. */
export type Worker<Told, Said> = Readonly<{ tell: (told: Told) => Promise<Said>; stop: () => Promise<void> }>

/** What it says first, and then of each thing that it was told. */
type Message<Said> = 'ready' | Readonly<{ done: Said } | { failed: string }>

/** Starts one from a file of this folder and waits until it is ready; when it ends unasked, that is an error. */
export async function startWorker<Told, Said>(file: string, args: readonly string[]): Promise<Worker<Told, Said>> {
  const heard: Message<Said>[] = []
  let wake = () => {}
  const child = start([process.execPath, join(import.meta.dir, file), ...args], {
    errors: 'inherit',
    onMessage: (message) => {
      heard.push(message as Message<Said>)
      wake()
    },
  })
  void child.exited.then(() => wake())
  const next = async (): Promise<Message<Said>> => {
    while (heard.length === 0) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${file} has ended.`)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    return heard.shift()!
  }
  if ((await next()) !== 'ready') throw new Error(`${file} is not ready.`)
  return {
    tell: async (told) => {
      child.send(told)
      const message = await next()
      if (message === 'ready') throw new Error(`${file} was started twice.`)
      if ('failed' in message) throw new Error(message.failed)
      return message.done
    },
    stop: () => end(child),
  }
}

/** The other side: does what this process is told, until whoever started it is gone. */
export function obey<Told, Said>(act: (told: Told) => Promise<Said>): void {
  const say = (message: Message<Said>) => process.send!(message)
  process.on('message', async (told: Told) => {
    try {
      say({ done: await act(told) })
    } catch (error) {
      say({ failed: error instanceof Error ? error.message : String(error) })
    }
  })
  process.on('disconnect', () => process.exit(0))
  say('ready')
}
