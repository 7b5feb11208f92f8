import { fail, type Result, type Uuid, unavailable } from '@abasto/kernel'
import type { Movement } from '../domain/movement.ts'
import type { Purchase } from '../domain/purchase.ts'
import type { Hold, Reservation } from '../domain/reservation.ts'
import type { StockLevel } from '../domain/stock-level.ts'
import type { Warehouse } from '../domain/warehouse.ts'
import { HistoryLost } from './stream-cursor.ts'

/**
 * Everything that an inventory database holds, section by section, as it was written: what is past its time is there
 * too, deleted warehouses and tombstones as well. What belongs to a store alone, such as the epoch of its stream, is
 * not part of the books.
 */
export type Sections = Readonly<{
  warehouses: Warehouse
  levels: StockLevel
  reservations: Reservation
  holds: Hold
  movements: Movement
  purchases: Purchase
  operations: OperationRecord
}>

export type Section = keyof Sections

/** The record of an operation as it is stored; its verdict in the words of `verdict.ts`, never read here. */
export type OperationRecord = Readonly<{ id: Uuid; fingerprint: string; verdict: string; createdAt: string }>

/** In the order in which they are copied. */
export const SECTIONS: readonly Section[] = [
  'warehouses',
  'levels',
  'reservations',
  'holds',
  'movements',
  'purchases',
  'operations',
]

/** The books of a store, for whoever reads all of them. Every read may be asked again. */
export type Books = Readonly<{
  /** In one look where the store can, so that two that are alike mean that nothing was written in between. */
  tally: () => Promise<Tally>
  /**
   * The records of a section that follow a place in it, in an order of the store's own that never changes while nobody
   * writes; a level's movements come in their sequence. As many as fit into memory many times over.
   */
  read: <S extends Section>(section: S, after: string | null) => Promise<Portion<S>>
}>

/** How many records there are, and what all versions come to: every write of a service makes one of the two larger. */
export type Tally = Readonly<{ counts: Readonly<Record<Section, number>>; versions: number }>

export type Portion<S extends Section> = Readonly<{
  records: readonly Sections[S][]
  /** The place of the last record; `null` when there is no other after it. */
  last: string | null
}>

/** The books of a store into which others are copied. */
export type BlankBooks = Books &
  Readonly<{
    /** Whether there is nothing in it but the warehouse that every shop has, as it was made. */
    isBlank: () => Promise<boolean>
    /** The copy into it that was begun and not finished. As long as there is one, no service starts on this store. */
    unfinished: () => Promise<Unfinished | undefined>
    /**
     * Notes that a copy is begun, and closes the books to everybody else: from now on the store itself refuses every
     * other write, also of processes that were started before. Says whether it was blank still; if not, nothing is
     * changed. Throws `Contention` when another has begun a copy.
     */
    begin: (course: Course) => Promise<boolean>
    /**
     * Adds records, and notes how far the copy is, in one atomic write; only while it is at the step that is named.
     * Says whether it was. The warehouse that every shop has becomes what the source says of it.
     */
    write: <S extends Section>(
      section: S,
      records: readonly Sections[S][],
      step: number,
      next: Course,
    ) => Promise<boolean>
    /** Opens the books and takes the note away: from now on they are like any other. May be asked again. */
    finish: () => Promise<void>
  }>

export type Unfinished = Readonly<{
  /** How many writes it has taken so far. */
  step: number
  course: Course
  /** It was found to be whole, and its books may be open already, as far as the store cannot do both at once. */
  isWhole?: boolean
}>

/** How far a copy is. Kept in the target, so that whoever goes on with it begins where it was. */
export type Course = Readonly<{
  /** The address of the source, without what must not be shown. */
  source: string
  /** The source as it was in the beginning. */
  tally: Tally
  /** The section that is being copied, and after which place it goes on; `done` when all are there. */
  section: Section | 'done'
  after: string | null
  /** What was read of each section so far. */
  sums: Readonly<Partial<Record<Section, Sum>>>
}>

/**
 * The store refused something because a copy into it is not finished: half a ledger sells nothing, and is told to nobody.
 * Whoever followed it comes again, and is sent a snapshot when the copy is done.
 */
export class UnfinishedCopy extends HistoryLost {
  constructor(cause: unknown) {
    super('Another inventory is being copied into this one. Until that is done nothing can be written or followed.', {
      cause,
    })
  }
}

/** Asks, and makes of the refusal of an unfinished copy what a caller is told. */
export async function sayingWhy<T>(ask: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof UnfinishedCopy) return fail(unavailable(error.message))
    throw error
  }
}

/** Records counted and added up: the sum of their 64-bit hashes, so that their order does not matter. */
export type Sum = Readonly<{ count: number; hash: string }>
