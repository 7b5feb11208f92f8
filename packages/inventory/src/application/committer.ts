import { Contention, OutcomeUnknown } from '@abasto/chassis/database/database'
import { fail, unavailable } from '@abasto/kernel'
import { type Command, keyOf, levelsOf } from '../domain/command.ts'
import { type Decision, decide, type StockState, type Verdict } from '../domain/decide.ts'
import { groupsOf } from '../domain/groups.ts'
import type { LevelKey } from '../domain/stock-level.ts'
import type { Commit, Stock } from './ports.ts'

/** How many commands one write carries at most. */
const MAX_BATCH = 256

/** How often callers whose time is up are looked for, in milliseconds. */
const SWEEP_MS = 50

export type Committer = Readonly<{
  commit: Commit
  /** Resolves when nothing is waiting or in flight any more. */
  idle: () => Promise<void>
}>

/** What one round of reading, deciding and writing came to; for metrics and for tests that count tries. */
export type Round = Readonly<{ commands: number; groups: number; lost: number; mostTries: number }>

type Entry = {
  readonly command: Command
  readonly deadlineMs: number
  readonly settle: (verdict: Verdict) => void
  readonly reject: (error: unknown) => void
  tries: number
  answered: boolean
  /** Set after a batch failed for no known reason: the entry is then tried alone, so only the guilty one fails. */
  alone: boolean
}

/**
 * Collects the commands that arrive while a write is in flight and sends them as the next batch. There is no timer:
 * the first command after an idle moment goes out at once, and the busier a product the larger its batches.
 *
 * What loses its race is decided again on the levels that the write saw; what nobody knows the outcome of is sent
 * again under the same operation ids, which take effect once.
 */
export function createCommitter(
  stock: Stock,
  { now = Date.now, observe }: { now?: () => number; observe?: (round: Round) => void } = {},
): Committer {
  const pending = new Set<Entry>()
  let queue: Entry[] = []
  /** What the last write saw of the levels that were lost; spares them another read. */
  let seen: Pick<StockState, 'now' | 'levels'> | undefined
  let working = false
  let sweeper: ReturnType<typeof setInterval> | undefined
  let onIdle: (() => void)[] = []

  const commit: Commit = (command, deadlineMs) =>
    new Promise((settle, reject) => {
      const entry = { command, deadlineMs, settle, reject, tries: 0, answered: false, alone: false }
      pending.add(entry)
      queue.push(entry)
      sweeper ??= setInterval(sweep, SWEEP_MS)
      if (!working) {
        working = true
        // What arrives in this turn of the event loop joins the first batch.
        setImmediate(work)
      }
    })

  async function work(): Promise<void> {
    while (queue.length > 0) {
      const batch = take()
      if (batch.length > 0) await attempt(batch)
    }
    working = false
    for (const resolve of onIdle) resolve()
    onIdle = []
  }

  function take(): Entry[] {
    const waiting = queue.filter((entry) => !entry.answered)
    const size = waiting[0]?.alone ? 1 : MAX_BATCH
    queue = waiting.slice(size)
    return waiting.slice(0, size)
  }

  async function attempt(batch: readonly Entry[]): Promise<void> {
    try {
      await round(batch)
    } catch (error) {
      seen = undefined
      const isExpected = error instanceof Contention || error instanceof OutcomeUnknown
      if (!isExpected && batch.length === 1) return rejectWith(batch[0]!, error)
      if (!isExpected) for (const entry of batch) entry.alone = true
      queue = [...batch.filter((entry) => !entry.answered), ...queue]
      await Bun.sleep(Math.random() * (error instanceof OutcomeUnknown ? 100 : 2 * Math.min(50, batch[0]!.tries)))
    }
  }

  async function round(batch: readonly Entry[]): Promise<void> {
    for (const entry of batch) entry.tries++
    const state = await stateFor(batch)
    const groups = groupsOf(batch)
    const decisions = groups.map((group) =>
      decide(
        state,
        group.map(({ command }) => command),
      ),
    )

    const unwritten = decisions.map((_, index) => index).filter((index) => mustBeWritten(decisions[index]!))
    const written = unwritten.length > 0 ? await stock.write(unwritten.map((index) => decisions[index]!)) : undefined
    const lost = new Set(unwritten.filter((_, position) => written?.lost.has(position)))

    seen = written?.seen
    const again: Entry[] = []
    for (const [index, group] of groups.entries()) {
      if (lost.has(index)) again.push(...group)
      else for (const [position, entry] of group.entries()) answer(entry, decisions[index]!.verdicts[position]!)
    }
    if (again.length > 0) queue = [...again, ...queue]
    observe?.({
      commands: batch.length,
      groups: groups.length,
      lost: lost.size,
      mostTries: batch.reduce((most, { tries }) => Math.max(most, tries), 0),
    })
  }

  /** Reads what the batch needs and is not known from the write before. */
  async function stateFor(batch: readonly Entry[]): Promise<StockState> {
    const known = seen
    const levels = new Map<string, LevelKey>()
    const operations = []
    for (const { command, tries } of batch) {
      const keys = levelsOf(command)
      const isKnown = known !== undefined && tries > 1 && keys.every((key) => known.levels.has(keyOf(key)))
      if (isKnown) continue
      operations.push(command.operationId)
      for (const key of keys) levels.set(keyOf(key), key)
    }
    if (known === undefined) return stock.read([...levels.values()], operations)
    if (operations.length === 0) return { ...known, operations: new Map() }
    const read = await stock.read([...levels.values()], operations)
    return { ...read, levels: new Map([...known.levels, ...read.levels]) }
  }

  function answer(entry: Entry, verdict: Verdict): void {
    if (!finish(entry)) return
    entry.settle(verdict)
  }

  function rejectWith(entry: Entry, error: unknown): void {
    if (!finish(entry)) return
    entry.reject(error)
  }

  function finish(entry: Entry): boolean {
    if (entry.answered) return false
    entry.answered = true
    pending.delete(entry)
    if (pending.size === 0) {
      clearInterval(sweeper)
      sweeper = undefined
    }
    return true
  }

  /** Nobody waits past their deadline, not even for a query that hangs. */
  function sweep(): void {
    const time = now()
    for (const entry of pending) {
      if (entry.deadlineMs > time) continue
      answer(entry, fail(unavailable('The write was not confirmed in time. Send it again with the same key.')))
    }
  }

  const idle = () => (working ? new Promise<void>((resolve) => onIdle.push(resolve)) : Promise.resolve())

  return { commit, idle }
}

const mustBeWritten = (decision: Decision): boolean => decision.operations.length > 0
