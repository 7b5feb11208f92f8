import { QUERY_TIMEOUT_MS } from '@abasto/chassis/database/database'
import type { Mongo } from '@abasto/chassis/database/mongo'

/** For how long nobody has gone on with a transaction that is taken to be abandoned: longer than any write is waited for. */
const IDLE_MS = QUERY_TIMEOUT_MS + 1_000

/** How often one process looks for them at most, in milliseconds. */
const EVERY_MS = 500

/**
 * Ends the transactions of processes that are gone. MongoDB does not when a connection closes: it keeps them open for a
 * minute, and whoever writes to the same documents loses to them for as long. One whose process still lives and was only
 * slow is undone, which its writer is told, and writes again.
 *
 * Returns a function that is called on every write conflict, and looks now and then.
 */
export function endAbandoned({ db }: Mongo): () => Promise<void> {
  const admin = db.client.db('admin')
  let lookedAt = Number.NEGATIVE_INFINITY

  return async () => {
    if (performance.now() - lookedAt < EVERY_MS) return
    lookedAt = performance.now()
    const idle = { type: 'idleSession', 'transaction.timeInactiveMicros': { $gt: IDLE_MS * 1_000 } }
    const found = await admin
      .aggregate<{ lsid: { id: unknown } }>(
        [
          // Of our own user only, which needs no right to see or to end.
          { $currentOp: { idleSessions: true } },
          { $match: { ...idle, appName: db.client.options.appName } },
        ],
        { readConcern: { level: 'local' } },
      )
      .toArray()
    if (found.length > 0) await admin.command({ killSessions: found.map(({ lsid: { id } }) => ({ id })) })
  }
}
