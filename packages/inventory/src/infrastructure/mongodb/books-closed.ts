import type { Mongo } from '@abasto/chassis/database/mongo'
import { type Db, type Document, MongoServerError } from 'mongodb'
import { SECTIONS, type Section } from '../../application/books.ts'
import { DEFAULT_WAREHOUSE } from '../../domain/warehouse.ts'
import type { Collections } from './documents.ts'
import { VALIDATORS } from './validators.ts'

/*
 * While a copy is being made nobody but the copier may write: a service that was started before it would sell from half
 * a ledger. So the server itself refuses, by a validator that lets no document through; the copier alone goes past it.
 * To change a validator waits for every transaction that has written to its collection, and whoever comes later meets
 * it, whenever its process was started. The names that followers give the ledger (`stream_epochs`) are refused too: what
 * is copied is told to nobody.
 */

/** Every document has an `_id`. */
const NOTHING_FITS: Document = { _id: { $exists: false } }

const EPOCHS = 'stream_epochs'

const names = Object.keys(VALIDATORS) as (keyof Collections)[]

/** Whether a copy into this database was begun and not finished. */
export const isUnfinishedIn = async ({ db, ask }: Mongo): Promise<boolean> =>
  (await ask({ name: 'find copy' }, () => db.collection('unfinished_copy').findOne())) !== null

/** Whether a document was not let through. */
export const isRefused = (error: unknown): boolean =>
  error instanceof MongoServerError && error.code === DOCUMENT_VALIDATION_FAILURE

const DOCUMENT_VALIDATION_FAILURE = 121

/** Closes the books to everybody but the copier, and ends the names of their past. Says whether they were blank. */
export async function closeBooks(db: Db): Promise<boolean> {
  if ((await db.listCollections({ name: EPOCHS }, { nameOnly: true }).toArray()).length === 0) {
    await db.createCollection(EPOCHS).catch((error: unknown) => {
      if (!(error instanceof MongoServerError && error.code === NAMESPACE_EXISTS)) throw error
    })
  }
  await Promise.all([...names, EPOCHS].map((name) => db.command({ collMod: name, validator: NOTHING_FITS })))
  await db.collection(EPOCHS).deleteMany({})
  return isBlankIn(db)
}

const NAMESPACE_EXISTS = 48

/** Lets everybody write again what fits. */
export const openBooks = (db: Db): Promise<unknown> =>
  Promise.all([
    ...names.map((name) => db.command({ collMod: name, validator: VALIDATORS[name] })),
    db.command({ collMod: EPOCHS, validator: {} }),
  ])

/** Whether there is nothing but the warehouse that every shop has, as it was made. */
export async function isBlankIn(db: Db): Promise<boolean> {
  for (const section of SECTIONS) {
    const filter = section === 'warehouses' ? { $nor: [{ _id: DEFAULT_WAREHOUSE, version: 1 }] } : {}
    if (await db.collection(collectionOf(section)).findOne(filter as Document)) return false
  }
  return true
}

/** The collection of which something does not fit, though the copier put it there. */
export async function misfitIn(db: Db): Promise<string | undefined> {
  for (const name of names) {
    if (await db.collection(name).findOne({ $nor: [VALIDATORS[name]] })) return name
  }
  return undefined
}

export const collectionOf = (section: Section): keyof Collections => (section === 'levels' ? 'stock_levels' : section)
