import { OutcomeUnknown } from '@abasto/chassis/database/database'
import type { Mongo } from '@abasto/chassis/database/mongo'
import { type ClientSession, type Db, type Document, MongoServerError } from 'mongodb'
import { HistoryLost } from '../../application/stream-cursor.ts'

export type ChangeQuestion = Readonly<{
  /** What it does, for metrics and traces. */
  name: string
  command: Document
  session?: ClientSession
  /** Where it is asked, if not in the database itself. */
  database?: Db
}>

/**
 * Sends one command for those who follow the stock. Throws `OutcomeUnknown` where asking again may help, and
 * `HistoryLost` where what was asked for is no longer kept.
 */
export const askForChanges = <Answer>(
  mongo: Mongo,
  { name, command, session, database = mongo.db }: ChangeQuestion,
): Promise<Answer> =>
  mongo.ask({ name }, async (signal) => {
    try {
      return (await database.command(command, { signal, ...(session ? { session } : {}) })) as Answer
    } catch (error) {
      throw sorted(error)
    }
  })

// CappedPositionLost, SnapshotTooOld, SnapshotUnavailable, ChangeStreamFatalError, ChangeStreamHistoryLost.
const LOST = new Set<unknown>([136, 239, 246, 280, 286])

// CursorNotFound, NoSuchSession, CursorKilled: what was open has ended with its server, or for its age.
const ENDED = new Set<unknown>([43, 206, 237])

function sorted(error: unknown): unknown {
  if (!(error instanceof MongoServerError)) return error
  if (LOST.has(error.code)) return new HistoryLost(error.message, { cause: error })
  return ENDED.has(error.code) ? new OutcomeUnknown(error.message, error) : error
}
