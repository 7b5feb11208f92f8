import { Contention } from '@abasto/chassis/database/database'
import type { Mongo } from '@abasto/chassis/database/mongo'
import { type Binary, type ClientSession, type Document, MongoServerError } from 'mongodb'
import {
  type BlankBooks,
  type Course,
  type OperationRecord,
  SECTIONS,
  type Section,
  type Sections,
  type Tally,
  type Unfinished,
} from '../../application/books.ts'
import { closeBooks, isBlankIn, misfitIn, openBooks } from './books-closed.ts'
import {
  type Collections,
  holdDocument,
  holdOf,
  levelDocument,
  levelOf,
  movementDocument,
  movementOf,
  type OperationDocument,
  purchaseDocument,
  purchaseOf,
  reservationDocument,
  reservationOf,
  warehouseDocument,
  warehouseOf,
} from './documents.ts'
import { beyond, inOrder } from './pipelines.ts'
import { SCHEMA_VERSION } from './schema.ts'

/** How many records are read and written at once. */
const PORTION = 1_000

/** For a portion; for a look at everything there is it is more, and the connections must wait as long. */
const TIMEOUT_MS = 30_000
export const LONG_MS = 600_000

/** To close the books waits for every transaction that is open, and the server ends those that last a minute. */
const CLOSING_MS = 90_000

const DUPLICATE_KEY = '11000'

type Shelf<Of, Stored, Written = Stored> = Readonly<{
  name: keyof Collections
  /** The order in which it is read: an index has it. */
  order: readonly string[]
  recordOf: (document: Stored) => Of
  documentOf: (record: Of) => Written
}>

const operations: Shelf<OperationRecord, OperationDocument> = {
  name: 'operations',
  order: ['_id'],
  recordOf: ({ _id, fingerprint, verdict, created_at }) => ({
    id: _id,
    fingerprint,
    verdict,
    createdAt: created_at.toISOString(),
  }),
  documentOf: ({ id, fingerprint, verdict, createdAt }) => ({
    _id: id,
    fingerprint,
    verdict,
    created_at: new Date(createdAt),
  }),
}

const SHELVES = {
  warehouses: { name: 'warehouses', order: ['_id'], recordOf: warehouseOf, documentOf: warehouseDocument },
  levels: { name: 'stock_levels', order: ['_id'], recordOf: levelOf, documentOf: levelDocument },
  reservations: { name: 'reservations', order: ['_id'], recordOf: reservationOf, documentOf: reservationDocument },
  holds: { name: 'holds', order: ['_id'], recordOf: holdOf, documentOf: holdDocument },
  movements: {
    name: 'movements',
    // Its `_id` is text, in which the tenth movement of a level comes before the second.
    order: ['product_id', 'warehouse_id', 'sequence'],
    recordOf: movementOf,
    documentOf: movementDocument,
  },
  purchases: { name: 'purchases', order: ['_id'], recordOf: purchaseOf, documentOf: purchaseDocument },
  operations,
} satisfies { [S in Section]: Shelf<Sections[S], never, object> }

/** Of these a thousand may be more than one command can carry. */
const LONG: readonly Section[] = ['operations', 'reservations']

type AnyDocument = Document & Readonly<{ _id: string }>

/** Where the records of a section lie, for whoever does not know which section it is. */
const shelfOf = <S extends Section>(section: S) => SHELVES[section] as unknown as Shelf<Sections[S], AnyDocument>

/**
 * `unfinished_copy`: one document while a copy into this database is not finished; the collection is gone with it.
 * `closed_at` is the version of the schema at which the books were closed.
 */
type CopyDocument = Readonly<{ _id: 'copy'; session?: Binary; closed_at?: number; is_whole?: boolean }> & Unfinished

const isAtItsBeginning = ({ step, closed_at }: CopyDocument): boolean => step === 0 && closed_at === undefined

/** The books of a MongoDB database. Its connections must wait for as long as `LONG_MS`. */
export function mongoBooks(mongo: Mongo): BlankBooks {
  const { db, ask, session } = mongo
  const copies = db.collection<CopyDocument>('unfinished_copy')
  let writing: ClientSession | undefined

  const unfinished = () =>
    ask({ name: 'find copy' }, async () => {
      const found = await copies.findOne({ _id: 'copy' })
      // Whoever began the copy died before the books were closed, and a shop has written since: it is left as it is.
      if (found && isAtItsBeginning(found) && !(await isBlankIn(db))) return void (await giveUp())
      return found ? { step: found.step, course: found.course, isWhole: found.is_whole === true } : undefined
    })

  return {
    tally: () => ask({ name: 'tally books', timeoutMs: LONG_MS }, () => tally(db)),

    read: async <S extends Section>(section: S, after: string | null) => {
      const { name, order, recordOf } = shelfOf(section)
      const place: unknown[] | undefined = after === null ? undefined : JSON.parse(after)
      const filter = place ? beyond('forward', Object.fromEntries(order.map((field, at) => [field, place[at]]))) : {}
      const documents = await ask({ name: `copy ${section}`, timeoutMs: TIMEOUT_MS }, (signal) =>
        db
          .collection(name)
          .find(filter, { signal, batchSize: PORTION, maxTimeMS: TIMEOUT_MS })
          .sort(inOrder('forward', ...order).$sort)
          .limit(PORTION)
          .toArray(),
      )
      const last = documents.at(-1)
      return {
        records: documents.map((document) => recordOf(document as unknown as AnyDocument)),
        last: documents.length < PORTION || !last ? null : JSON.stringify(order.map((field) => last[field])),
      }
    },

    isBlank: () => ask({ name: 'look for books', timeoutMs: TIMEOUT_MS }, () => isBlankIn(db)),

    unfinished,

    begin: (course) =>
      ask({ name: 'begin copy', timeoutMs: CLOSING_MS }, async () => {
        await copies.insertOne({ _id: 'copy', step: 0, course })
        if (await close()) return true
        await giveUp()
        return false
      }),

    write: async (section, records, step, next) => {
      try {
        const used = writing ?? (await ask({ name: 'go on with copy', timeoutMs: CLOSING_MS }, own))
        return await ask({ name: `copy ${section}`, timeoutMs: TIMEOUT_MS }, (signal) =>
          add(used, section, records, step, next, signal),
        )
      } catch (error) {
        // Something of it may still be under way: the next write has a session of its own, and ends this one.
        writing = undefined
        throw error
      }
    },

    // Whoever followed the ledger while it was blank begins anew, with a snapshot: that past has no name any more.
    finish: () =>
      ask({ name: 'finish copy', timeoutMs: LONG_MS }, async () => {
        await writing?.endSession()
        const misfit = await misfitIn(db)
        if (misfit) throw new Error(`a document of ${misfit} is there that none of its kind may be like`)
        // The two cannot be done at once, and as soon as they are open somebody may sell.
        await copies.updateOne({ _id: 'copy' }, { $set: { is_whole: true } })
        await openBooks(db)
        await copies.drop()
      }),
  }

  /** Leaves the target to whoever writes to it, as if the copy had never been begun. */
  async function giveUp(): Promise<void> {
    await openBooks(db)
    await copies.drop()
  }

  /** Closes the books, and notes that they are closed. Says whether they are blank. */
  async function close(): Promise<boolean> {
    const isBlank = await closeBooks(db)
    await copies.updateOne(
      { _id: 'copy', ...(isBlank ? {} : { step: { $gt: 0 } }) },
      { $set: { closed_at: SCHEMA_VERSION } },
    )
    return isBlank
  }

  /**
   * The one session in which this process writes; the note names it. The transaction of a process that was killed stays
   * open for a minute, and whoever writes the same would lose to it for as long: so it is ended first, which hurts
   * nobody who still lives, because a write that was undone is written again.
   */
  async function own(): Promise<ClientSession> {
    const mine = session()
    const note = await copies.findOne({ _id: 'copy' })
    if (note?.session) await db.command({ killSessions: [{ id: note.session }] })
    // Whoever began the copy may have died before they were closed, and then something may have been written. And to
    // bring them up to a later schema opens them.
    if (note?.closed_at !== SCHEMA_VERSION && !(await close()) && note && isAtItsBeginning(note)) {
      await giveUp()
      throw new Contention(DUPLICATE_KEY, undefined, new Error('something was written after the copy had begun'))
    }
    await copies.updateOne({ _id: 'copy' }, { $set: { session: mine.id!.id } })
    writing = mine
    return mine
  }

  /** The records and the note that they are there, in one transaction. */
  async function add<S extends Section>(
    used: ClientSession,
    section: S,
    records: readonly Sections[S][],
    step: number,
    course: Course,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { name, documentOf } = shelfOf(section)
    used.startTransaction({ readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } })
    const noted = await copies.updateOne({ _id: 'copy', step }, { $set: { step: step + 1, course } }, { session: used })
    if (noted.matchedCount === 0) {
      await used.abortTransaction()
      return false
    }
    if (section === 'warehouses') await replace(used, records.map(documentOf))
    else if (records.length > 0) await insert(used, name, records.map(documentOf), LONG.includes(section))
    // Who does not wait any more must not be surprised later.
    signal.throwIfAborted()
    await used.commitTransaction()
    return true
  }

  /** The warehouse that every shop has is there already. */
  async function replace(used: ClientSession, documents: readonly Readonly<{ _id: string }>[]): Promise<void> {
    const warehouses = db.collection<{ _id: string }>('warehouses')
    for (const document of documents) {
      const options = { session: used, upsert: true, bypassDocumentValidation: true }
      await warehouses.replaceOne({ _id: document._id }, document, options)
    }
  }

  /**
   * The command itself, because the driver's `insertMany` measures and writes each document twice; but of what may be
   * long, the driver makes several commands, of which each may have 16 MB.
   */
  async function insert(used: ClientSession, name: string, documents: readonly Document[], isLong: boolean) {
    if (isLong) {
      const options = { session: used, ordered: false, bypassDocumentValidation: true }
      await db.collection(name).insertMany([...documents], options)
      return
    }
    const command = { insert: name, documents, ordered: false, bypassDocumentValidation: true }
    const { writeErrors = [] } = await db.command(command, { session: used })
    const [failure] = writeErrors
    if (failure) throw new MongoServerError({ message: failure.errmsg, code: failure.code })
  }
}

/** Everything as it was at one moment: the first question in such a session decides which. */
async function tally(db: Mongo['db']): Promise<Tally> {
  const session = db.client.startSession({ snapshot: true })
  try {
    const counts: Partial<Record<Section, number>> = {}
    let versions = 0
    for (const section of SECTIONS) {
      const total = { _id: null, count: { $sum: 1 }, versions: { $sum: '$version' } }
      const [found] = await db
        .collection(shelfOf(section).name)
        .aggregate([{ $group: total }], { session, maxTimeMS: LONG_MS })
        .toArray()
      counts[section] = found?.count ?? 0
      versions += found?.versions ?? 0
    }
    return { counts: counts as Tally['counts'], versions }
  } finally {
    await session.endSession()
  }
}
