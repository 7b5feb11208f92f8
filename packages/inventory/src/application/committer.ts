import { Contention, OutcomeUnknown } from '@abasto/chassis/database/database'
import { fail, unconfirmed } from '@abasto/kernel'
import { type Command, keyOf, levelsOf } from '../domain/command.ts'
import { type Decision, decide, type StockState, type Verdict } from '../domain/decide.ts'
import { groupsOf } from '../domain/groups.ts'
import type { LevelKey, StockLevel } from '../domain/stock-level.ts'
import type { Commit, Stock, Written } from './ports.ts'

/** How many commands one write carries at most. */
const MAX_BATCH = 128

/** How many writes may be on their way at a time: while one is being written, the next is read and decided. */
const MAX_IN_FLIGHT = 2

/** How many levels are remembered from one write to the next. */
const MAX_KNOWN = 50_000

/** After a write that met an operation it did not expect, how many batches look for operations before they decide. */
const WARY_BATCHES = 100

/** For how long the database's clock is reckoned on from its last reading, in milliseconds. */
const CLOCK_TRUST_MS = 1_000

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
 * What a write will leave behind is known before it is confirmed, so the next batch is decided on it at once and sent
 * right behind. If the first then loses its race, so does the second, by the same versions; both are decided again on
 * the levels that the write saw. What nobody knows the outcome of is sent again under the same operation ids, which
 * take effect once.
 */
export function createCommitter(
  stock: Stock,
  { now = Date.now, observe }: { now?: () => number; observe?: (round: Round) => void } = {},
): Committer {
  const pending = new Set<Entry>()
  const writing = new Set<Promise<void>>()
  /** Levels as they are once everything in flight is written. A guess, and guarded as such. */
  const known = new Map<string, StockLevel>()
  let clock = { readMs: 0, atMs: Number.NEGATIVE_INFINITY }
  let waryBatches = 0
  let queue: Entry[] = []
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
      while (writing.size >= MAX_IN_FLIGHT || (queue.length === 0 && writing.size > 0)) await Promise.race(writing)
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

  /** Reads and decides the batch and sends its write off; returns as soon as the next batch may be decided. */
  async function attempt(batch: readonly Entry[]): Promise<void> {
    for (const entry of batch) entry.tries++
    try {
      const state = await stateFor(batch)
      const groups = groupsOf(batch).map((entries) => ({ entries, decision: decide(state, entries.map(commandOf)) }))
      for (const { decision } of groups) remember(decision)
      const write = settle(groups).catch((error) => failed(batch, error))
      writing.add(write)
      write.then(() => writing.delete(write))
    } catch (error) {
      await failed(batch, error)
    }
  }

  async function settle(groups: readonly Group[]): Promise<void> {
    const toWrite = groups.filter(({ decision }) => decision.operations.length > 0)
    const { lost, levels } = toWrite.length > 0 ? await stock.write(toWrite.map(({ decision }) => decision)) : NOTHING
    for (const [name, level] of levels) known.set(name, level)

    const again: Entry[] = []
    for (const group of groups) {
      if (lost.has(toWrite.indexOf(group))) again.push(...group.entries)
      else confirm(group)
    }
    queue = [...again, ...queue]
    observe?.(roundOf(groups, lost.size))
  }

  function confirm({ entries, decision }: Group): void {
    for (const [index, entry] of entries.entries()) answer(entry, decision.verdicts[index]!)
    // Someone else is busy with these levels: next time, look before deciding.
    if (entries.some(({ tries }) => tries > 1)) for (const { key } of decision.read) known.delete(keyOf(key))
  }

  async function failed(batch: readonly Entry[], error: unknown): Promise<void> {
    known.clear()
    waryBatches = WARY_BATCHES
    const isExpected = error instanceof Contention || error instanceof OutcomeUnknown
    if (!isExpected && batch.length === 1) return rejectWith(batch[0]!, error)
    if (!isExpected) for (const entry of batch) entry.alone = true
    await Bun.sleep(Math.random() * (error instanceof OutcomeUnknown ? 100 : 2 * Math.min(50, batch[0]!.tries)))
    queue = [...batch, ...queue]
  }

  /**
   * Reads what the batch needs and is not known. Operations that were decided before are looked for only when there is
   * reason to expect one: their ids are unique in the store, so a write that repeats one has no effect and is tried
   * again, warily.
   */
  async function stateFor(batch: readonly Entry[]): Promise<StockState> {
    const levels = new Map<string, StockLevel>()
    const unknown = new Map<string, LevelKey>()
    for (const { command } of batch) {
      for (const key of levelsOf(command)) {
        const level = known.get(keyOf(key))
        if (level) levels.set(keyOf(key), level)
        else unknown.set(keyOf(key), key)
      }
    }
    const elapsedMs = performance.now() - clock.atMs
    const isWary = waryBatches > 0
    if (!isWary && unknown.size === 0 && elapsedMs < CLOCK_TRUST_MS) {
      return { now: new Date(clock.readMs + elapsedMs).toISOString(), levels, operations: new Map() }
    }
    if (isWary) waryBatches--
    const operationIds = isWary ? batch.map(({ command }) => command.operationId) : []
    const read = await stock.read([...unknown.values()], operationIds)
    clock = { readMs: Date.parse(read.now), atMs: performance.now() }
    for (const [name, level] of read.levels) levels.set(name, level)
    return { ...read, levels }
  }

  function remember(decision: Decision): void {
    if (known.size > MAX_KNOWN) known.clear()
    for (const { after } of decision.read) if (after) known.set(keyOf(after), after)
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
      answer(entry, fail(unconfirmed))
    }
  }

  const idle = () => (working ? new Promise<void>((resolve) => onIdle.push(resolve)) : Promise.resolve())

  return { commit, idle }
}

type Group = Readonly<{ entries: readonly Entry[]; decision: Decision }>

const NOTHING: Written = { lost: new Set(), levels: new Map() }

const commandOf = ({ command }: Entry): Command => command

const roundOf = (groups: readonly Group[], lost: number): Round => ({
  commands: groups.reduce((sum, { entries }) => sum + entries.length, 0),
  groups: groups.length,
  lost,
  mostTries: groups.reduce((most, { entries }) => Math.max(most, ...entries.map(({ tries }) => tries)), 0),
})
