import { Contention, OutcomeUnknown } from '@abasto/chassis/database/database'
import { passing } from '@abasto/chassis/process/failpoint'
import type { Metrics } from '@abasto/chassis/telemetry/telemetry'
import { fail, isKept, type Span, type Uuid, unconfirmed } from '@abasto/kernel'
import { type Command, keyOf, levelsOf, reservationOf, warehousesOf } from '../domain/command.ts'
import { decide } from '../domain/decide.ts'
import { groupsOf } from '../domain/groups.ts'
import type { Reservation } from '../domain/reservation.ts'
import { type Decision, momentOf, type StockState, type Verdict } from '../domain/state.ts'
import type { LevelKey, StockLevel } from '../domain/stock-level.ts'
import { BusyRows } from './busy-rows.ts'
import { measureCommitter } from './committer-metrics.ts'
import { DatabaseClock } from './database-clock.ts'
import { isDue, KnownRows } from './known-rows.ts'
import type { Commit, Stock, Written } from './ports.ts'
import { Rivalry } from './rivalry.ts'

/** How many commands one write carries at most. */
const MAX_BATCH = 128

/** How many writes may be on their way at a time. */
const MAX_IN_FLIGHT = 2

/** How many commands must wait before a second write follows the first: few at a time cost more than they gain. */
const MIN_BEHIND = 16

/** After a write that met an operation it did not expect, how many batches look for operations before they decide. */
const WARY_BATCHES = 100

/** How often callers whose time is up are looked for, in milliseconds. */
const SWEEP_MS = 50

export type Committer = Readonly<{
  commit: Commit
  /** Resolves when nothing is waiting or in flight any more. */
  idle: () => Promise<void>
}>

/** What one round of reading, deciding and writing came to; for metrics and for tests that count tries. */
export type Round = Readonly<{
  commands: number
  groups: number
  lost: number
  /** For each command that was answered: how often it was decided until then. */
  tries: readonly number[]
}>

type Entry = {
  readonly command: Command
  readonly deadlineMs: number
  readonly settle: (verdict: Verdict) => void
  readonly reject: (error: unknown) => void
  /** The wait of this command, in the trace of its request. */
  readonly span: Span | undefined
  tries: number
  answered: boolean
  /** Set after a write without a result: the operation may have been decided already, so it is looked for. */
  wary: boolean
  /** Set after a write of which nobody knows what came: if the operation is found, it may be this very command's. */
  unanswered: boolean
  /** Set after a batch failed for no known reason: the entry is then tried alone, so only the guilty one fails. */
  alone: boolean
  /** Set when others went first because what it is about was being written. */
  isPassedOver: boolean
}

export type CommitterOptions = Readonly<{
  now?: () => number
  observe?: (round: Round) => void
  metrics?: Metrics
}>

/**
 * Collects the commands that arrive while a write is in flight and sends them as the next batch. There is no timer:
 * the first command after an idle moment goes out at once, and the busier a product the larger its batches.
 *
 * What a write will leave behind is known before it is confirmed, so the next batch is decided on it at once and sent
 * right behind. If the first then loses its race, the levels are not what the second was decided on, so it loses too;
 * both are decided again on the levels that the write saw. What nobody knows the outcome of is sent again under the
 * same operation ids, which take effect once.
 */
export function createCommitter(stock: Stock, { now = Date.now, observe, metrics }: CommitterOptions = {}): Committer {
  const pending = new Set<Entry>()
  const known = new KnownRows()
  const flying = new Set<Promise<void>>()
  const rivalry = new Rivalry()
  const busy = new BusyRows()
  const clock = new DatabaseClock()
  let waryBatches = 0
  let queue: Entry[] = []
  let isDeciding = false
  let isScheduled = false
  let isGivingWay = false
  let sweeper: ReturnType<typeof setInterval> | undefined
  let onIdle: (() => void)[] = []
  const measure = metrics && measureCommitter(metrics, { waiting: () => queue.length, inFlight: () => flying.size })

  const commit: Commit = (command, deadlineMs, trace) =>
    new Promise((settle, reject) => {
      const span = trace?.isRecorded ? trace.begin('commit') : undefined
      const states = { answered: false, wary: false, unanswered: false, alone: false, isPassedOver: false }
      const entry = { command, deadlineMs, settle, reject, span, tries: 0, ...states }
      pending.add(entry)
      queue.push(entry)
      sweeper ??= setInterval(sweep, SWEEP_MS)
      if (isScheduled) return
      // What arrives in this turn of the event loop joins the same batch.
      isScheduled = true
      setImmediate(() => {
        isScheduled = false
        work()
      })
    })

  /** Sends off what may go now: called whenever something has arrived or a write has ended. */
  async function work(): Promise<void> {
    while (!isDeciding && queue.length > 0 && flying.size < MAX_IN_FLIGHT) {
      if (flying.size > 0 && queue.length < MIN_BEHIND) return
      if (rivalry.wayMs > 0) return giveWay()
      isDeciding = true
      await attempt(take())
      isDeciding = false
    }
    if (isBusy()) return
    for (const resolve of onIdle) resolve()
    onIdle = []
  }

  function giveWay(): void {
    if (isGivingWay) return
    isGivingWay = true
    setTimeout(() => {
      isGivingWay = false
      work()
    }, rivalry.wayMs)
  }

  function take(): readonly Entry[] {
    const waiting = queue.filter((entry) => !entry.answered)
    const { chosen, left } = busy.choose(waiting, waiting[0]?.alone ? 1 : MAX_BATCH, known.reservations)
    queue = [...left]
    return chosen
  }

  /** Reads and decides the batch and sends its write off; returns as soon as the next batch may be decided. */
  async function attempt(batch: readonly Entry[]): Promise<void> {
    if (batch.length === 0) return
    for (const entry of batch) entry.tries++
    const span = spanOf(batch)
    try {
      const state = await stateFor(batch, span)
      passing('after-read')
      let groups = decideAll(batch, state)
      const unkept = unkeptIn(groups)
      // A verdict that leaves no record cannot collide with an earlier one of the same operation: that is looked for.
      if (unkept.length > 0) {
        // It may be on its way, and what was decided on reckons with that already.
        await Promise.all(flying)
        groups = decideAll(batch, await withOperations(state, unkept, span))
      }
      passing('after-decide')
      for (const { decision } of groups) known.remember(decision)
      const through = stock.writesApart && busy.begin(groups.map(({ decision }) => decision))
      const flight = settle(groups, span)
        .catch((error) => failed(batch, error, span))
        .then(() => {
          if (through) through()
          flying.delete(flight)
          work()
        })
      flying.add(flight)
    } catch (error) {
      await failed(batch, error, span)
    }
  }

  async function settle(groups: readonly Group[], span: Span | undefined): Promise<void> {
    // A refusal that leaves nothing behind is written too: it holds only where the levels are as they were read.
    const toWrite = groups.filter(({ decision }) => decision.verdicts.some(({ replayed }) => !replayed))
    const decisions = toWrite.map(({ decision }) => decision)
    const sentAtMs = performance.now()
    const { lost, levels } = decisions.length > 0 ? await stock.write(decisions, span) : NOTHING
    passing('after-commit')
    if (decisions.length > 0) rivalry.note(lost.size, decisions.length, performance.now() - sentAtMs)
    span?.end(undefined, { 'abasto.groups': groups.length, 'abasto.groups_lost': lost.size })
    const again: Entry[] = []
    for (const group of groups) {
      if (lost.has(toWrite.indexOf(group))) {
        again.push(...group.entries)
        // What was reckoned may never come to be, and a level that does not exist is not among those that were seen.
        known.forget(group.decision)
      } else confirm(group)
    }
    known.see(levels)
    // It may have been the clock that decided otherwise.
    if (lost.size > 0) clock.distrust()
    queue = [...again, ...queue]
    if (!observe && !measure) return
    const round = roundOf(groups, again, lost.size)
    observe?.(round)
    measure?.(round)
  }

  function confirm({ entries, decision }: Group): void {
    for (const [index, entry] of entries.entries()) {
      const verdict = decision.verdicts[index]!
      answer(entry, entry.unanswered && isOwn(entry.command, verdict) ? { ...verdict, replayed: false } : verdict)
    }
    // Someone else is busy with these levels, or with many: to look before deciding costs less than to lose.
    if (rivalry.isCrowded || entries.some(({ tries }) => tries > 1)) known.forgetWritten(decision)
  }

  async function failed(batch: readonly Entry[], error: unknown, span: Span | undefined): Promise<void> {
    span?.end(error instanceof Error ? error.name : 'Error')
    known.clear()
    waryBatches = WARY_BATCHES
    const isExpected = error instanceof Contention || error instanceof OutcomeUnknown
    if (!isExpected && batch.length === 1) return rejectWith(batch[0]!, error)
    for (const entry of batch) {
      entry.wary = true
      entry.unanswered ||= error instanceof OutcomeUnknown
      entry.alone = !isExpected
    }
    await Bun.sleep(Math.random() * (error instanceof OutcomeUnknown ? 100 : 2 * Math.min(50, batch[0]!.tries)))
    queue = [...batch, ...queue]
  }

  /**
   * Reads what the batch needs and is not known. Operations that were decided before are looked for only when there is
   * reason to expect one: their ids are unique in the store, so a write that repeats one has no effect and is tried
   * again, warily. It is the same with a reservation whose id nobody but this process knows.
   */
  async function stateFor(batch: readonly Entry[], span: Span | undefined): Promise<StockState> {
    const isWary = waryBatches > 0 || batch.some(({ wary }) => wary)
    if (waryBatches > 0) waryBatches--
    const operations = isWary ? batch.map(({ command }) => command.operationId) : []
    for (;;) {
      // What expired must be read, and to be of use, not before the writes that are on their way have changed it.
      if (flying.size > 0 && isAnyDue(batch, clock.latest)) await Promise.all(flying)
      const { levels, reservations, unknown } = whatIsKnown(batch, isWary)
      const isNothingUnknown = unknown.levels.length + unknown.reservations.length + unknown.warehouses.length === 0
      if (!isWary && isNothingUnknown && clock.isTrusted) {
        return { ...NOTHING_READ, now: clock.earliest, levels, reservations }
      }
      const askedAtMs = performance.now()
      const read = await stock.read({ ...unknown, operations }, span)
      clock.read(read.now, askedAtMs)
      // Time has gone on: what is known to be held may have expired by now, and then it must be read as well.
      if ([...levels.values()].some((level) => isDue(level, read.now))) continue
      const due = new Map(read.due)
      // What is known is newer than what was read: it is what the writes on their way will leave behind.
      for (const name of levels.keys()) due.delete(name)
      return {
        ...read,
        due,
        levels: new Map([...read.levels, ...levels]),
        reservations: new Map([...read.reservations, ...reservations]),
      }
    }
  }

  /** Whether something that the batch reads may have expired. */
  function isAnyDue(batch: readonly Entry[], now: string): boolean {
    if (!known.isAnyDue(now)) return false
    return batch.some(({ command }) => levelsOf(command, known.reservations).some((key) => known.isDue(key, now)))
  }

  function whatIsKnown(batch: readonly Entry[], isWary: boolean) {
    const levels = new Map<string, StockLevel>()
    const reservations = new Map<Uuid, Reservation>()
    const unknownLevels = new Map<string, LevelKey>()
    const unknownReservations = new Set<Uuid>()
    const now = clock.latest
    for (const { command, tries } of batch) {
      const reservationId = reservationOf(command)
      const reservation = reservationId && known.reservations.get(reservationId)
      if (reservation) reservations.set(reservationId, reservation)
      else if (reservationId && (isWary || tries > 1 || mayExist(command))) unknownReservations.add(reservationId)
      for (const key of levelsOf(command, known.reservations)) {
        const level = known.level(key)
        if (level && !isDue(level, now)) levels.set(keyOf(key), level)
        else unknownLevels.set(keyOf(key), key)
      }
    }
    const unknown = {
      levels: [...unknownLevels.values()],
      reservations: [...unknownReservations],
      warehouses: [...new Set(batch.flatMap(({ command }) => warehousesOf(command)))],
    }
    return { levels, reservations, unknown }
  }

  async function withOperations(
    state: StockState,
    entries: readonly Entry[],
    span: Span | undefined,
  ): Promise<StockState> {
    const { operations } = await stock.read({ operations: entries.map(({ command }) => command.operationId) }, span)
    return { ...state, operations: new Map([...state.operations, ...operations]) }
  }

  function answer(entry: Entry, verdict: Verdict): void {
    if (!finish(entry)) return
    entry.span?.end(undefined, outcomeOf(entry, verdict))
    entry.settle(verdict)
  }

  function rejectWith(entry: Entry, error: unknown): void {
    if (!finish(entry)) return
    entry.span?.end('failed', { 'abasto.tries': entry.tries })
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

  /** Callers whose time was up have been answered, but what was sent for them may still be on its way. */
  const isBusy = () => pending.size > 0 || queue.length > 0 || flying.size > 0 || isDeciding

  const idle = () => (isBusy() ? new Promise<void>((resolve) => onIdle.push(resolve)) : Promise.resolve())

  return { commit, idle }
}

type Group = Readonly<{ entries: readonly Entry[]; decision: Decision }>

const NOTHING_READ = { due: new Map(), warehouses: new Map(), operations: new Map() } as const

/** Whether the reservation that a command names may be in the store; not when its id was just made here. */
const mayExist = (command: Command): boolean => command.type !== 'reserve' || command.isIdChosen

const NOTHING: Written = { lost: new Set(), levels: new Map() }

function decideAll(batch: readonly Entry[], state: StockState): Group[] {
  const at = momentOf(state)
  return groupsOf(batch, state.reservations).map((entries) => ({
    entries,
    decision: decide(state, entries.map(commandOf), at),
  }))
}

const unkeptIn = (groups: readonly Group[]): Entry[] =>
  groups.flatMap(({ entries, decision }) => entries.filter((_, index) => !isKept(decision.verdicts[index]!)))

/** A round is one part of the trace of its first command that is traced, and says for which others it is done. */
function spanOf(batch: readonly Entry[]): Span | undefined {
  const [first, ...others] = batch.flatMap(({ span }) => span ?? [])
  return first?.begin('decide and write', { attributes: { 'abasto.commands': batch.length }, links: others })
}

const outcomeOf = ({ tries }: Entry, verdict: Verdict) => ({
  'abasto.tries': tries,
  'abasto.verdict': verdict.ok ? 'ok' : verdict.error.code,
})

/**
 * Whether a verdict that was found is that on this very command: it has an id in it that was made for the command. Its
 * caller is answered for the first time, not again.
 */
function isOwn(command: Command, verdict: Verdict): boolean {
  if (!verdict.ok) return false
  const { value } = verdict
  if (value.type === 'purchases')
    return command.type === 'sell' && value.purchases[0]?.id === command.lines[0]?.purchaseId
  if (value.type === 'transfer') return command.type === 'transfer' && value.transfer.id === command.transferId
  if (value.type !== 'reservation' || command.type !== 'reserve' || command.isIdChosen) return false
  return value.reservation.id === command.reservationId
}

const commandOf = ({ command }: Entry): Command => command

function roundOf(groups: readonly Group[], again: readonly Entry[], lost: number): Round {
  const entries = groups.flatMap((group) => group.entries)
  const answered = entries.filter((entry) => !again.includes(entry))
  return { commands: entries.length, groups: groups.length, lost, tries: answered.map(({ tries }) => tries) }
}
