import { BadSetting } from '../config.ts'
import { FolderInUse } from '../database/folder-lock.ts'
import type { Health } from '../http/health.ts'
import { CannotListen } from '../http/listen.ts'
import { CannotOpenStore } from './store.ts'

/** A process that is open for business. */
export type Running = Readonly<{
  /** What whoever started it should read. */
  welcome: string
  /** Answers what has arrived and what still comes, writes what was decided, and lets everything go. */
  stop: () => Promise<void>
}>

/** What takes requests. `drain` tells its clients to go elsewhere; it answers them all the same until it is stopped. */
export type Taking = Readonly<{ drain: () => void; stop: () => Promise<void> }>

/** A Ctrl-C may arrive twice, from the terminal and from `bun run`: a second one counts when it comes later than this. */
const ONE_SIGNAL_MS = 500

/**
 * Starts a process, keeps it open until it is told to stop, and says with which code it should end. Logs go to stdout,
 * one JSON object a line; what is meant for a person goes to stderr, and what a person has set wrongly is one sentence
 * there. A second signal ends it at once.
 */
export async function runUntilTold(start: () => Promise<Running>): Promise<number> {
  const told = toldToStop()
  try {
    const running = await start()
    console.error(running.welcome)
    await told
    console.error('\nStopping: answering what has arrived …')
    await running.stop()
    return 0
  } catch (error) {
    if (!isForPerson(error)) throw error
    console.error(error.message)
    return 1
  }
}

/**
 * Stops without losing a request: says first that no more should come, and goes on answering for `drainMs`, because
 * balancers and clients need a moment to notice. Only then everything is let go of, in the reverse order of `held`:
 * what takes requests comes last there, and so stops first.
 */
export async function leave(
  { health, taking, held }: Readonly<{ health: Health; taking: readonly Taking[]; held: AsyncDisposableStack }>,
  drainMs: number,
): Promise<void> {
  health.drain()
  for (const each of taking) each.drain()
  await Bun.sleep(drainMs)
  await held.disposeAsync()
}

/** Stops all at the same time. */
export const stopAll = async (taking: readonly Taking[]): Promise<void> =>
  void (await Promise.all(taking.map((each) => each.stop())))

function toldToStop(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let toldAt = 0
  const tell = (status: number) => {
    if (toldAt === 0) toldAt = performance.now()
    else if (performance.now() - toldAt > ONE_SIGNAL_MS) process.exit(status)
    resolve()
  }
  process.on('SIGINT', () => tell(130))
  process.on('SIGTERM', () => tell(143))
  return promise
}

function isForPerson(error: unknown): error is Error {
  return [BadSetting, FolderInUse, CannotListen, CannotOpenStore].some((refusal) => error instanceof refusal)
}
