import type { Mongo } from '@abasto/chassis/database/mongo'
import { Long, type Timestamp } from 'mongodb'
import type { FedMovement } from '../../application/ports.ts'
import { comparePlaces, HistoryLost, placeOf } from '../../application/stream-cursor.ts'
import { askForChanges } from './change-question.ts'
import { type ResumeToken, timeOf, timeOfToken, timestampOf } from './cluster-time.ts'
import { type MovementDocument, movementOf } from './documents.ts'

/** How many events come with one answer, at most. */
const AT_A_TIME = 1_000

/** How long the server may wait for news, in milliseconds: who follows the stock asks again by itself. */
const WAIT_MS = 1

/** A change stream on the movements, read as complete transactions in the order of their commits. */
export type Changes = Readonly<{
  /** Movements of complete transactions, in order; whoever reads takes them away. */
  ready: FedMovement[]
  /** Everything that transactions before this one did has been made ready. */
  horizon: () => bigint
  /** Reads on, and says whether there is more at present. Throws `HistoryLost` where there never will be. */
  read: () => Promise<boolean>
  close: () => Promise<void>
}>

/** The movements that were followed are gone; others of the same name may be there. */
export class Dropped extends HistoryLost {}

export type Opening = Readonly<{
  /** The first transaction that is wanted. */
  from: bigint
  /** A transaction that is known to be committed; the member that is asked waits until it knows so too. */
  settled?: bigint | undefined
}>

/**
 * Opens a change stream. What one transaction wrote comes at one cluster time, and is put in the order of places, which
 * depends neither on how the transaction was written nor on who reads it.
 *
 * The commands are sent as they are. The driver's own `ChangeStream` hides the end of a batch, which is how the last
 * transaction is known to be complete; and where a connection was lost, the place that was come to is enough to go on.
 */
export function openChanges(mongo: Mongo, { from, settled }: Opening): Changes {
  const session = mongo.db.client.startSession({ causalConsistency: false })
  const ready: FedMovement[] = []
  let unfinished: FedMovement[] = []
  let horizon = from
  let cursor: Long | undefined

  const beginning = {
    aggregate: 'movements',
    pipeline: pipelineFrom(from),
    cursor: { batchSize: AT_A_TIME },
    readConcern: { level: 'majority', ...(settled ? { afterClusterTime: timestampOf(settled) } : {}) },
  }

  /** Everything that transactions before `time` did has come. */
  function finish(time: bigint): void {
    if (time <= horizon) return
    ready.push(...unfinished.sort((one, other) => comparePlaces(placeOf(one), placeOf(other))))
    unfinished = []
    horizon = time
  }

  const read = async (): Promise<boolean> => {
    const command = cursor
      ? { getMore: cursor, collection: 'movements', batchSize: AT_A_TIME, maxTimeMS: WAIT_MS }
      : beginning
    const answer = await askForChanges<Answer>(mongo, { name: 'follow ledger', command, session })
    const { id, firstBatch, nextBatch, postBatchResumeToken } = answer.cursor
    const events = firstBatch ?? nextBatch ?? []
    for (const { clusterTime, fullDocument } of events) {
      const transaction = timeOf(clusterTime)
      finish(transaction)
      unfinished.push({ transaction, movement: movementOf(fullDocument) })
    }
    finish(timeOfToken(postBatchResumeToken))
    if (events.length === 0) {
      // Nothing more, so the last transaction is complete, and everything that was settled has been shown.
      const last = unfinished.at(-1)?.transaction ?? 0n
      finish((settled !== undefined && settled > last ? settled : last) + 1n)
    }
    cursor = typeof id === 'number' ? Long.fromNumber(id) : id
    if (cursor.isZero()) throw new Dropped('The collection of movements was dropped or renamed.')
    return events.length > 0
  }

  const close = async (): Promise<void> => {
    // What cannot be ended now is ended by the server, when nobody has asked for it for a while.
    if (cursor && !cursor.isZero()) {
      const command = { killCursors: 'movements', cursors: [cursor] }
      await askForChanges(mongo, { name: 'leave ledger', command, session }).catch(() => {})
    }
    await session.endSession().catch(() => {})
  }

  return { ready, horizon: () => horizon, read, close }
}

// Whoever asked for some of them leaves the others out by himself: a server that does so answers only when it has found
// enough, and where there are few among very many that is later than anybody waits.
const pipelineFrom = (from: bigint): object[] => [
  { $changeStream: { startAtOperationTime: timestampOf(from) } },
  { $match: { operationType: 'insert' } },
  { $project: { clusterTime: 1, fullDocument: 1 } },
]

type Answer = {
  cursor: {
    // The driver makes a number of a Long that is small enough.
    id: Long | number
    firstBatch?: Change[]
    nextBatch?: Change[]
    postBatchResumeToken: ResumeToken
  }
}
type Change = { clusterTime: Timestamp; fullDocument: MovementDocument }
