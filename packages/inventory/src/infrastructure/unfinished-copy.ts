import type { Database } from '@abasto/chassis/database/database'
import type { Mongo } from '@abasto/chassis/database/mongo'
import { CannotOpenStore } from '@abasto/chassis/process/store'
import { UnfinishedCopy } from '../application/books.ts'
import type { Feed, Stock } from '../application/ports.ts'
import { isRefused, isUnfinishedIn } from './mongodb/books-closed.ts'
import { isOfHalfBooks, isUnfinished } from './unfinished-copy-sql.ts'

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

type Ledger = Readonly<{ stock: Stock; feed: Feed }>

/**
 * The same stock and its ledger, for a process that goes on running while a copy is begun: what the store then refuses
 * is thrown as `UnfinishedCopy`.
 */
export const untilCopied = (ledger: Ledger): Ledger => explaining(ledger, async (error) => isOfHalfBooks(error))

/** The same of a MongoDB. */
export const untilCopiedMongo = (ledger: Ledger, mongo: Mongo): Ledger =>
  // A document that does not fit is refused with the same word.
  explaining(ledger, async (error) => isRefused(error) && (await isUnfinishedIn(mongo)))

function explaining({ stock, feed }: Ledger, isHalf: (error: unknown) => Promise<boolean>): Ledger {
  const explained = <Given extends unknown[], T>(ask: (...given: Given) => Promise<T>) => {
    return async (...given: Given): Promise<T> => {
      try {
        return await ask(...given)
      } catch (error) {
        throw (await isHalf(error)) ? new UnfinishedCopy(error) : error
      }
    }
  }
  return {
    stock: { ...stock, write: explained(stock.write) },
    feed: { ...feed, head: explained(feed.head), movements: explained(feed.movements) },
  }
}
