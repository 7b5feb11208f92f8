import { OutcomeUnknown } from '@abasto/chassis/database/database'
import type { WarehouseDocument } from '@abasto/inventory/infrastructure/mongodb/documents'
import { CannotVerify } from '../databases.ts'
import type { Findings } from '../findings.ts'
import { expectFinishedMongo } from '../unfinished.ts'
import { type Books, notebook } from './books.ts'
import { doubledIn } from './doubled.ts'
import { checkLedger } from './ledger.ts'
import { isTooOld, type Moments, openMoments, type Slicing } from './moments.ts'
import { checkOperations } from './operations.ts'
import { checkPromises } from './promises.ts'
import { salesIn } from './sales.ts'
import { transfersIn } from './transfers.ts'

export type VerifyOptions = Readonly<{
  /** What is older than this many milliseconds when it begins was there, to all, before anything is read. */
  settledMs?: number
  slicing?: Slicing
  /** Refuses a copy that is not finished. */
  isFinished?: boolean
}>

/** Longer than a write is ever under way. */
const SETTLED_MS = 30_000

/**
 * Compares a whole inventory in MongoDB with its ledger. Changes nothing.
 *
 * All of this is folded here, by rules of its own that know the documents and nothing else, because a check that asked
 * the same function would make the same mistake. It is read in slices, each of them at one moment, so however large it
 * is the server need not keep any moment for long. Every level is compared with its movements at one moment; what lies
 * in several collections is read at different ones, and where it seems wrong it is looked at again at one. What it holds
 * at a time is a batch of each collection, what was written while it reads, and a part of the reservations.
 */
export async function verifyMongo(
  url: string,
  { settledMs = SETTLED_MS, slicing, isFinished = false }: VerifyOptions = {},
): Promise<Findings> {
  const begun = performance.now()
  const notes = notebook()
  const { note } = notes
  let moments: Moments | undefined
  try {
    if (isFinished) await expectFinishedMongo(url)
    moments = await openMoments(url, slicing)
    const books: Books = { moments, note }
    const warehouses = await namesOfWarehouses(moments)
    if (warehouses.size === 0) throw new CannotVerify(`There is no inventory at ${placeOf(url)}.`)
    const since = new Date((await moments.clock()).getTime() - settledMs)
    const [sales, transfers, doubled] = [salesIn(books, since), transfersIn(books, since), doubledIn(books)]
    const operations = await checkOperations(books, (record) => {
      sales.addRecord(record)
      transfers.addRecord(record)
    })
    const purchases = await sales.readPurchases()
    let promised = 0
    const { movements, levels } = await checkLedger(books, warehouses, (movement) => {
      sales.addMovement(movement)
      transfers.addMovement(movement)
      doubled.add(movement)
      if (movement.reservation_id !== null) promised++
    })
    await sales.settle()
    await transfers.settle()
    await doubled.settle()
    const reservations = await checkPromises(books, promised)
    return {
      lookedAt: { movements, levels, purchases, reservations, operations },
      seconds: (performance.now() - begun) / 1000,
      counts: notes.counts(),
      differences: notes.differences(warehouses),
    }
  } catch (error) {
    throw explained(error, placeOf(url))
  } finally {
    await moments?.close()
  }
}

async function namesOfWarehouses({ scan }: Moments): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>()
  await scan<WarehouseDocument>('warehouses', {}, (rows) => {
    for (const { _id, name } of rows) names.set(_id, name)
  })
  return names
}

function explained(error: unknown, place: string): unknown {
  if (!(error instanceof Error) || error instanceof CannotVerify) return error
  const { code } = error as Error & { code?: unknown }
  const cannot = (sentence: string) => new CannotVerify(sentence, { cause: error })
  if (isTooOld(error)) {
    return cannot(
      `The MongoDB at ${place} does not keep a moment for as long as a part of the check takes: 300 s unless ` +
        'minSnapshotHistoryWindowInSeconds says for how long. Raise that, then verify again.',
    )
  }
  if (error instanceof OutcomeUnknown) return cannot(`The inventory at ${place} cannot be checked: ${error.message}.`)
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
