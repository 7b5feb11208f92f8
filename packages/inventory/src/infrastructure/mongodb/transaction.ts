import type { Mongo } from '@abasto/chassis/database/mongo'
import { type ClientSession, type Db, type Document, MongoServerError } from 'mongodb'
import type { Decision } from '../../domain/state.ts'
import type { StockLevel } from '../../domain/stock-level.ts'
import { passingWithWriteSent } from '../sending.ts'
import { type CollectionWrites, ORDER, writesOf } from './commands.ts'
import type { Collections } from './documents.ts'
import { lookAt } from './look.ts'

/** How many documents one command carries at most: a command may have 16 MB. */
const MOST_DOCUMENTS = 5_000

/** A decision and its place among those that are written together. */
export type Numbered = Readonly<{ index: number; decision: Decision }>

/** What came of one transaction: the decisions that lost, by index, and their levels as they are. */
export type Outcome = Readonly<{ lost: readonly number[]; levels: ReadonlyMap<string, StockLevel> }>

export type Attempt = Readonly<{
  /** Looks at everything that the decisions read, so that it is known which of them lost. */
  looks: boolean
  /** Called as soon as it has taken effect: whoever begins now sees it, and cannot be kept without it. */
  onEffect: () => void
}>

/**
 * Writes decisions in one transaction: all of them but for those that are seen to have lost. Answers nothing when one
 * of them lost and it is not known which; then nothing was written.
 *
 * A write conflict is thrown, and so is a duplicate key of anything but the first document of a level, a reservation or
 * a warehouse: that means that an operation is in the store already.
 */
export async function writeTogether(
  mongo: Mongo,
  candidates: readonly Numbered[],
  { looks, onEffect }: Attempt,
): Promise<Outcome | undefined> {
  const session = mongo.session()
  try {
    // It takes effect on the primary first, and is answered when a majority has it: see `commit`.
    session.startTransaction({ readConcern: { level: 'snapshot' }, writeConcern: { w: 1 } })
    const decisions = candidates.map(({ decision }) => decision)
    const look = await lookAt(mongo.db, session, decisions, looks)
    const won = candidates.filter(({ decision }) => look.isAsRead(decision))
    const outcome = { lost: candidates.filter((each) => !won.includes(each)).map(indexOf), levels: look.levels }
    if (won.length === 0) {
      await session.abortTransaction()
      return outcome
    }
    const winners = won.map(({ decision }) => decision)
    const writes = writesOf(winners)
    for (const name of ORDER) {
      if (await apply(mongo.db, session, name, writes[name])) continue
      await session.abortTransaction()
      return undefined
    }
    await commit(session, winners, onEffect)
    return outcome
  } finally {
    // Of a transaction that failed this also tells the server; nobody need wait for that.
    session.endSession().catch(() => {})
  }
}

const indexOf = ({ index }: Numbered): number => index

/**
 * Commits, and waits until a majority has it, in two steps: once it has taken effect on the primary the next write may
 * begin, which saves a busy product waiting for the disks and the other nodes between one write and the next. Should it
 * be lost with its primary, whatever was built on it is lost too, and was not answered either.
 */
async function commit(session: ClientSession, decisions: readonly Decision[], onEffect: () => void): Promise<void> {
  const sent = session.commitTransaction()
  passingWithWriteSent(decisions)
  await sent
  onEffect()
  // Committed once more, it is only waited for; the driver asks for a majority then.
  await session.commitTransaction()
}

/** Collections whose documents are there once; of all others a duplicate means that this was done before. */
const FIRST_ROWS = new Set<keyof Collections>(['stock_levels', 'reservations', 'warehouses'])

/** Says whether everything was found as it was read. */
async function apply(
  db: Db,
  session: ClientSession,
  name: keyof Collections,
  { updates, inserts, deletes }: CollectionWrites,
): Promise<boolean> {
  for (const part of parts(updates)) {
    const { n } = await send(db, session, { update: name, updates: part, ordered: false })
    if (n !== part.length) return false
  }
  for (const part of parts(deletes)) {
    await send(db, session, { delete: name, deletes: [{ q: { _id: { $in: part } }, limit: 0 }] })
  }
  for (const part of parts(inserts)) {
    try {
      await send(db, session, { insert: name, documents: part, ordered: false })
    } catch (error) {
      if (FIRST_ROWS.has(name) && error instanceof MongoServerError && error.code === DUPLICATE_KEY) return false
      throw error
    }
  }
  return true
}

const DUPLICATE_KEY = 11000

/** The command itself instead of the driver's `bulkWrite`, which measures and writes each document twice. */
async function send(db: Db, session: ClientSession, command: Document): Promise<Document> {
  const answer = await db.command(command, { session })
  const [failure] = answer.writeErrors ?? []
  if (failure) throw new MongoServerError({ message: failure.errmsg, code: failure.code, errInfo: failure.errInfo })
  return answer
}

function* parts<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += MOST_DOCUMENTS) {
    yield all.length <= MOST_DOCUMENTS ? all : all.slice(from, from + MOST_DOCUMENTS)
  }
}
