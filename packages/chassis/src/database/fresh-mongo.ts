import { MongoClient } from 'mongodb'
import type { FreshDatabase } from './fresh-database.ts'
import { inDatabase } from './mongo.ts'

/** Names an empty database on a MongoDB server that only one suite of tests uses. */
export function freshMongo(serverUrl: string): FreshDatabase {
  const name = `abasto_${Bun.randomUUIDv7().replaceAll('-', '')}`
  const drop = async () => {
    const client = new MongoClient(serverUrl)
    let isGone = false
    const dropped = client
      .db(name)
      .dropDatabase()
      .finally(() => {
        isGone = true
      })
    try {
      // It waits for every transaction in it, and a process that the suite killed may have left one.
      const clearing = (async () => {
        for (; !isGone; await Bun.sleep(250)) await endLost(client)
      })()
      await Promise.all([dropped, clearing])
    } finally {
      await client.close()
    }
  }
  return { url: inDatabase(serverUrl, name), drop }
}

/**
 * Ends the transactions that nobody has gone on with for a second, as somebody who runs the server might. It does so by
 * itself after a minute; until then their documents cannot be written, and the database cannot be dropped.
 */
export async function endLost(client: MongoClient): Promise<void> {
  const lost = { type: 'idleSession', 'transaction.timeInactiveMicros': { $gt: 1_000_000 } }
  const admin = client.db('admin')
  const steps = [{ $currentOp: { idleSessions: true, allUsers: true } }, { $match: lost }]
  const found = await admin.aggregate(steps, { readConcern: { level: 'local' } }).toArray()
  if (found.length > 0) await admin.command({ killSessions: found.map(({ lsid: { id } }) => ({ id })) })
}
