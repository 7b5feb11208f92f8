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

/** What came of one transaction: the decisions that lost, by index, and the levels as they are. */
export type Outcome = Readonly<{ lost: readonly number[]; levels: ReadonlyMap<string, StockLevel> }>

/**
 * Writes decisions in one transaction: all of them but for those that have lost. `onEffect` is called as soon as it has
 * taken effect: whoever begins then sees it, and cannot be kept without it.
 *
 * Throws when another writer is at one of the same documents, and when an operation is in the store already, which is a
 * duplicate key; then nothing was written.
 */
export async function writeTogether(
  mongo: Mongo,
  candidates: readonly Numbered[],
  onEffect: () => void,
): Promise<Outcome> {
  const session = mongo.session()
  try {
    // It takes effect on the primary first, and is answered when a majority has it: see `commit`.
    session.startTransaction({ readConcern: { level: 'snapshot' }, writeConcern: { w: 1 } })
    const { isAsRead, levels } = await lookAt(mongo.db, session, candidates.map(decisionOf))
    const [won, lost] = [[], []] as [Decision[], number[]]
    for (const { index, decision } of candidates) {
      if (isAsRead(decision)) won.push(decision)
      else lost.push(index)
    }
    if (won.length > 0) {
      const writes = writesOf(won)
      for (const name of ORDER) await apply(mongo.db, session, name, writes[name])
      await commit(session, won, onEffect)
    }
    return { lost, levels }
  } finally {
    // Of a transaction that was not committed this also tells the server; nobody need wait for that.
    session.endSession().catch(() => {})
  }
}

const decisionOf = ({ decision }: Numbered): Decision => decision

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

async function apply(
  db: Db,
  session: ClientSession,
  name: keyof Collections,
  { updates, inserts, deletes }: CollectionWrites,
): Promise<void> {
  // In one order: of two that meet at several documents one loses at the first of them, and not each at another.
  for (const part of parts(updates.toSorted((a, b) => (a.q._id < b.q._id ? -1 : 1)))) {
    const { n } = await send(db, session, { update: name, updates: part, ordered: false })
    if (n !== part.length) throw new Error(`${part.length - n} documents of ${name} are gone that were to be changed`)
  }
  for (const part of parts(deletes)) {
    await send(db, session, { delete: name, deletes: [{ q: { _id: { $in: part } }, limit: 0 }] })
  }
  for (const part of parts(inserts)) await send(db, session, { insert: name, documents: part, ordered: false })
}

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
