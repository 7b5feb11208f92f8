import { OutcomeUnknown } from '@abasto/chassis/database/database'
import {
  type ClientSession,
  type Db,
  type Document,
  MongoError,
  MongoNetworkError,
  MongoServerSelectionError,
} from 'mongodb'
import { HistoryLost } from '../../application/stream-cursor.ts'

/** How long an answer may take, in milliseconds. */
const ANSWER_MS = 3_000

/**
 * Sends one command to the primary, for those who follow the stock. Throws `OutcomeUnknown` where asking again may help,
 * and `HistoryLost` where the past that was asked for is no longer kept.
 */
export async function ask<Answer extends Document>(
  database: Db,
  command: Document,
  session?: ClientSession,
): Promise<Answer> {
  const signal = AbortSignal.timeout(ANSWER_MS)
  try {
    return (await database.command(command, { signal, ...(session ? { session } : {}) })) as Answer
  } catch (error) {
    throw sorted(error, signal)
  }
}

// CappedPositionLost, SnapshotTooOld, SnapshotUnavailable, ChangeStreamFatalError, ChangeStreamHistoryLost.
const LOST = new Set<unknown>([136, 239, 246, 280, 286])

// HostUnreachable, HostNotFound, CursorNotFound, MaxTimeMSExpired, NetworkTimeout, ShutdownInProgress,
// FailedToSatisfyReadPreference, ReadConcernMajorityNotAvailableYet, PrimarySteppedDown, CursorKilled,
// ExceededTimeLimit, SocketException, NotWritablePrimary, Interrupted*, NotPrimaryNoSecondaryOk,
// NotPrimaryOrSecondary, and a session that ended with its server.
const PASSING = new Set<unknown>([
  6, 7, 43, 50, 89, 91, 133, 134, 189, 237, 262, 9001, 10107, 11600, 11601, 11602, 13435, 13436, 206,
])

function sorted(error: unknown, signal: AbortSignal): unknown {
  if (error === signal.reason) return new OutcomeUnknown('no answer in time', error)
  if (!(error instanceof MongoError)) return error
  if (LOST.has(error.code)) return new HistoryLost(error.message, { cause: error })
  const isPassing =
    error instanceof MongoNetworkError ||
    error instanceof MongoServerSelectionError ||
    error.hasErrorLabel('ResumableChangeStreamError') ||
    PASSING.has(error.code)
  return isPassing ? new OutcomeUnknown(error.message, error) : error
}
