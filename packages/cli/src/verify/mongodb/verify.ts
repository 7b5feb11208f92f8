import type { WarehouseDocument } from '@abasto/inventory/infrastructure/mongodb/documents'
import { openSnapshot } from '@abasto/inventory/infrastructure/mongodb/snapshot'
import { CannotVerify } from '../databases.ts'
import type { Findings } from '../findings.ts'
import { type Books, notebook } from './books.ts'
import { checkLedger } from './ledger.ts'
import { checkOperations } from './operations.ts'
import { checkPromises } from './promises.ts'
import { checkSales } from './sales.ts'

/**
 * Compares a whole inventory in MongoDB with its ledger, as it is at one moment. Changes nothing.
 *
 * All of this is folded here, by rules of its own that know the documents and nothing else, because a check that asked
 * the same function would make the same mistake. What it holds at a time is a batch of each collection.
 */
export async function verifyMongo(url: string): Promise<Findings> {
  const begun = performance.now()
  const notes = notebook()
  const snapshot = openSnapshot(url)
  const books: Books = {
    note: notes.note,
    batches: snapshot.batches,
    byId: async <Row extends { _id: string }>(
      collection: Parameters<Books['byId']>[0],
      ids: readonly string[],
      fields: Readonly<Record<string, 1>>,
    ) => {
      const found = new Map<string, Row>()
      const pipeline = [{ $match: { _id: { $in: [...ids] } } }, { $project: fields }]
      for await (const batch of snapshot.batches<Row>(collection, pipeline)) {
        for (const row of batch) found.set(row._id, row)
      }
      return found
    },
  }
  try {
    const warehouses = await namesOfWarehouses(books)
    if (warehouses.size === 0) throw new CannotVerify(`There is no inventory at ${placeOf(url)}.`)
    const { movements, levels, sales: moved } = await checkLedger(books, warehouses)
    const { operations, sales: recorded } = await checkOperations(books)
    const purchases = await checkSales(books, { moved, recorded })
    const reservations = await checkPromises(books)
    return {
      lookedAt: { movements, levels, purchases, reservations, operations },
      seconds: (performance.now() - begun) / 1000,
      counts: notes.counts(),
      differences: notes.differences(warehouses),
    }
  } catch (error) {
    throw explained(error, placeOf(url))
  } finally {
    await snapshot.close()
  }
}

async function namesOfWarehouses({ batches }: Books): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>()
  for await (const batch of batches<WarehouseDocument>('warehouses', [])) {
    for (const { _id, name } of batch) names.set(_id, name)
  }
  return names
}

function explained(error: unknown, place: string): unknown {
  if (!(error instanceof Error) || error instanceof CannotVerify) return error
  const { code } = error as Error & { code?: unknown }
  const cannot = (sentence: string) => new CannotVerify(sentence, { cause: error })
  // By the numbers of the server's list of error codes: SnapshotTooOld and SnapshotUnavailable.
  if (code === 239 || code === 246) {
    return cannot(
      `The MongoDB at ${place} no longer has the moment that the check began with: it keeps the past for ` +
        '300 s unless minSnapshotHistoryWindowInSeconds says for how long. Raise that, then verify again.',
    )
  }
  // AuthenticationFailed, and Unauthorized.
  if (code === 18) return cannot(`The MongoDB at ${place} does not know this user, or not by this password.`)
  if (code === 13) {
    return cannot(`This user may not read the inventory at ${place}: it takes the role "read" on the database.`)
  }
  // IllegalOperation and NotAReplicaSet.
  if (code === 20 || code === 123) {
    return cannot(`The MongoDB at ${place} is no replica set, and only of one can a single moment be read.`)
  }
  // What is thrown by a mistake of ours is not the database's fault.
  if (!error.name.startsWith('Mongo')) return error
  return cannot(`The database at ${place} did not answer the check: ${error.message}.`)
}

/** The address without what must not be shown. */
const placeOf = (url: string): string => url.replace(/^mongodb(\+srv)?:\/\/([^@/]*@)?/, '').replace(/\?.*$/, '')
