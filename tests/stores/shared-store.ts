import { isMongo } from '../../packages/chassis/src/config.ts'
import type { FreshDatabase } from '../../packages/chassis/src/database/fresh-database.ts'
import type { Uuid } from '../../packages/kernel/src/kernel.ts'
import { mongodb } from './mongodb.ts'
import { postgres, postgresInPartitions } from './postgres.ts'

/** A store that several processes can share, as the suites of races and kills need it. */
export type SharedStore = Readonly<{
  name: string
  /** The setting that says where its server is. */
  needs: string
  /** Whether all the suites run on it at every change; where not, a small part does, and all of it where the proof is full. */
  isUsual: boolean
  /** Names an empty database on the server. */
  fresh: (server: string) => Promise<FreshDatabase> | FreshDatabase
  /** What a shop is told to keep its stock there. What it keeps of its catalogue may be elsewhere. */
  settings: (url: string) => Readonly<Record<string, string>>
  /** In how many partitions its tables are, if they are in any: what a process is told that is no service. */
  partitions?: number
  /** What of a database on which a shop was opened is not as the store says of itself. */
  misfits: (url: string) => Promise<readonly string[]>
  /** A way to the database that breaks, at random. */
  openCable: (url: string, cuts: Cuts) => Promise<Cable>
  books: (url: string) => Books
  /** Ends what processes that were killed have left open, as somebody who runs the server might. */
  clearUp: (url: string) => Promise<void>
}>

/** How many of a thousand are cut. */
export type Cuts = Readonly<{ writes: number; reads: number }>

export type Cable = Readonly<{
  /** The database at the other end. */
  url: string
  /** How often the worst happened: it was done, and nobody was told. */
  worst: () => number
  /** What befell it, for the report. */
  figures: () => Readonly<Record<string, unknown>>
  close: () => Promise<void>
}>

/** What is written in a database, read past the service. To be asked while nobody writes. */
export type Books = Readonly<{
  purchases: () => Promise<readonly Readonly<{ id: Uuid; quantity: number }>[]>
  levels: () => Promise<readonly Readonly<{ id: Uuid; onHand: number }>[]>
  reservations: () => Promise<readonly Readonly<{ id: Uuid; status: string }>[]>
  movements: () => Promise<readonly Move[]>
  /** How many holds there are, and units that are held. */
  held: () => Promise<number>
  /** What is wrong with them, by queries that share nothing with the service, and by `abasto verify`. */
  faults: () => Promise<readonly string[]>
  /** What only a race can tear, where a reservation has each product once and is committed and released as a whole. */
  torn: () => Promise<readonly string[]>
  /** How often writers waited for each other in a circle; not where they cannot. */
  deadlocks?: () => Promise<number>
}>

export type Move = Readonly<{
  operation: Uuid
  reservation: Uuid | null
  product: Uuid
  kind: string
  sequence: number
}>

/** Every store that processes can share. Another one is another line. */
export const SHARED_STORES: readonly SharedStore[] = [postgres, postgresInPartitions, mongodb]

/** The kind of store that an address leads to, if nothing else is said of it: tables in partitions it does not tell. */
export const storeAt = (url: string): SharedStore => (isMongo(url) ? mongodb : postgres)

export const booksAt = (url: string): Books => storeAt(url).books(url)

/** The stores whose servers are there; says of the others that they were passed over. */
export const storesFor = (what: string): readonly Readonly<{ store: SharedStore; server: string }>[] =>
  SHARED_STORES.flatMap((store) => {
    const server = process.env[store.needs]
    if (server) return { store, server }
    console.log(`${what} on ${store.name} was not tested: ${store.needs} is not set.`)
    return []
  })
