import { Contention, OutcomeUnknown } from '@abasto/chassis/database/database'
import { classifyMongo, type Mongo } from '@abasto/chassis/database/mongo'
import type { Stock, Written } from '../../application/ports.ts'
import { keyOf } from '../../domain/command.ts'
import type { Decision } from '../../domain/state.ts'
import type { StockLevel } from '../../domain/stock-level.ts'
import { endAbandoned } from './abandoned.ts'
import { type Look, lookAt } from './look.ts'
import { type Numbered, type Outcome, writeTogether } from './transaction.ts'
import { Turns } from './turns.ts'

/** How often decisions are tried together before they are tried in halves, and how often a single one is. */
const TRIES = { together: 3, alone: 8 } as const

/** After a write conflict, for how long at most the other writer is waited for; twice as long after the next. */
const PATIENCE_MS = { first: 10, most: 40 } as const

/** How often it is looked whether they are through; a half of that more or less. */
const LOOK_EVERY_MS = 3

/**
 * Writes decisions, one transaction for all of them. Where some have lost, the others are written without them. Where
 * another process is writing to one of the same documents, which MongoDB says at once instead of waiting, and does not
 * say of which, all are tried again a little later, and then in halves, so that what others are busy with holds up itself
 * only.
 */
export function mongoWriter(mongo: Mongo): Stock['write'] {
  const turns = new Turns()
  const clear = endAbandoned(mongo)
  return (decisions, trace) =>
    // Its time begins with its turn: one that had to wait for a slow one would be given up before it had been tried.
    turns.take(rowsOf(decisions), (done) =>
      mongo.ask({ name: 'write stock', trace }, async (signal) => {
        const numbered = decisions.map((decision, index) => ({ index, decision }))
        const { lost, levels, conflict } = await settle(mongo, numbered, { signal, onEffect: done, clear })
        if (conflict && lost.length === decisions.length) throw conflict
        return { lost: new Set(lost), levels: levelsOf(decisions, lost, levels) }
      }),
    )
}

type Settled = Outcome &
  Readonly<{
    /** Why decisions lost of which nothing else is known. */
    conflict?: Contention | undefined
  }>

type Settling = Readonly<{
  signal: AbortSignal
  onEffect: () => void
  /** Called where another writer is in the way: it may be gone. */
  clear: () => Promise<void>
}>

async function settle(mongo: Mongo, decisions: readonly Numbered[], settling: Settling): Promise<Settled> {
  const most = decisions.length === 1 ? TRIES.alone : TRIES.together
  const lost: number[] = []
  let levels: Outcome['levels'] = new Map()
  let left = decisions
  let conflict: Contention | undefined
  for (let tries = 0; tries < most; tries++) {
    if (settling.signal.aborted) throw new OutcomeUnknown('nobody waits any more')
    try {
      const outcome = await writeTogether(mongo, left, settling.onEffect)
      return { lost: [...lost, ...outcome.lost], levels: new Map([...levels, ...outcome.levels]) }
    } catch (error) {
      conflict = conflictIn(error)
    }
    // What was not cleared away now is the next time; whoever is in the way may well be alive.
    await settling.clear().catch(() => {})
    const patienceMs = Math.min(PATIENCE_MS.most, PATIENCE_MS.first * 2 ** tries)
    const look = await untilThrough(mongo, left, patienceMs)
    levels = new Map([...levels, ...look.levels])
    lost.push(...left.filter(({ decision }) => !look.isAsRead(decision)).map(({ index }) => index))
    left = left.filter(({ decision }) => look.isAsRead(decision))
    if (left.length === 0) return { lost, levels }
  }
  const rest =
    left.length > 1
      ? await settleInHalves(mongo, left, settling)
      : { lost: left.map(({ index }) => index), levels: new Map(), conflict }
  return { ...rest, lost: [...lost, ...rest.lost], levels: new Map([...levels, ...rest.levels]) }
}

/**
 * Waits, for so long at most, until whoever was in the way is through: until something that was read is not as it was.
 * To look costs less than another transaction, which would only find that out as well.
 */
async function untilThrough(mongo: Mongo, decisions: readonly Numbered[], patienceMs: number): Promise<Look> {
  const all = decisions.map(({ decision }) => decision)
  for (const until = performance.now() + patienceMs; ; ) {
    await Bun.sleep(LOOK_EVERY_MS * (0.5 + Math.random()))
    const look = await lookAt(mongo.db, undefined, all)
    if (performance.now() > until || !all.every(look.isAsRead)) return look
  }
}

async function settleInHalves(mongo: Mongo, decisions: readonly Numbered[], settling: Settling): Promise<Settled> {
  const half = decisions.length >> 1
  const [first, second] = [decisions.slice(0, half), decisions.slice(half)]
  // The next write may begin when both are through.
  const quietly = { ...settling, onEffect: () => {} }
  const one = await settle(mongo, first, quietly)
  const other = await settle(mongo, second, quietly).catch((error): Settled => {
    // That nothing took effect would be said of the first half too.
    const known = classifyMongo(error)
    if (!(known instanceof Contention) || one.lost.length === first.length) throw error
    return { lost: second.map(({ index }) => index), levels: new Map() }
  })
  return {
    lost: [...one.lost, ...other.lost],
    levels: new Map([...one.levels, ...other.levels]),
    conflict: one.conflict ?? other.conflict,
  }
}

/** The write conflict that was thrown; whatever else was is thrown on. */
function conflictIn(error: unknown): Contention {
  const known = classifyMongo(error)
  if (known instanceof Contention && known.sqlState !== DUPLICATE_KEY) return known
  throw error
}

const DUPLICATE_KEY = '11000'

const rowsOf = (decisions: readonly Decision[]): string[] =>
  decisions.flatMap(({ read, reservations, warehouses }) => [
    ...read.map(({ key }) => keyOf(key)),
    ...reservations.map(({ id }) => id),
    ...warehouses.map(({ id }) => id),
  ])

/** Of the levels that were seen, those of the decisions that lost. */
function levelsOf(
  decisions: readonly Decision[],
  lost: readonly number[],
  seen: ReadonlyMap<string, StockLevel>,
): Written['levels'] {
  const levels = new Map<string, StockLevel>()
  for (const index of lost) {
    for (const { key } of decisions[index]!.read) {
      const level = seen.get(keyOf(key))
      if (level) levels.set(keyOf(key), level)
    }
  }
  return levels
}
