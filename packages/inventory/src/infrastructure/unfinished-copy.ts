import type { Database } from '@abasto/chassis/database/database'
import type { Mongo } from '@abasto/chassis/database/mongo'
import { CannotOpenStore } from '@abasto/chassis/process/store'
import { isUnfinished } from './books-sql.ts'
import { isUnfinishedIn } from './mongodb/books.ts'

/** Throws when `abasto copy` has begun to copy into this database and has not finished: half a ledger sells nothing. */
export async function expectWholeBooks(database: Database): Promise<void> {
  if (await isUnfinished(database)) throw new CannotOpenStore(HALF)
}

/** The same of a MongoDB. */
export async function expectWholeMongo(mongo: Mongo): Promise<void> {
  if (await isUnfinishedIn(mongo)) throw new CannotOpenStore(HALF)
}

const HALF =
  'This inventory is a copy that is not finished: give the command "abasto copy" once more as it was given, and start ' +
  'again when it has ended with 0.'
