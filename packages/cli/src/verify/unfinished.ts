import { connectMongo } from '@abasto/chassis/database/mongo'
import { isUnfinishedIn } from '@abasto/inventory/infrastructure/mongodb/books-closed'
import { CannotVerify } from './databases.ts'
import type { Ask } from './findings.ts'

/*
 * What `abasto copy` has not finished differs from its ledger wherever one looks, and nothing is wrong with it. The
 * copier itself verifies it while the note of the copy is still there, so it is not asked for in the check.
 */

const FINDS_COPY = "SELECT (to_regclass('inventory.unfinished_copy') IS NOT NULL)::text AS is_there"

/** Throws when a copy into this SQL database was begun and not finished. */
export async function expectFinished(ask: Ask): Promise<void> {
  const { is_there } = await ask<{ is_there: 'true' | 'false' }>(FINDS_COPY)
  if (is_there === 'true') throw new CannotVerify(UNFINISHED)
}

/** The same of a MongoDB. */
export async function expectFinishedMongo(url: string): Promise<void> {
  const mongo = connectMongo({ url, name: 'abasto verify', connections: 1 })
  const isUnfinished = await isUnfinishedIn(mongo).finally(mongo.close)
  if (isUnfinished) throw new CannotVerify(UNFINISHED)
}

const UNFINISHED =
  'This inventory is a copy that is not finished, so nothing of it was checked: give the command "abasto copy" once ' +
  'more as it was given, which verifies it in the end.'
