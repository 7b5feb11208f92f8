import type { Mongo } from '@abasto/chassis/database/mongo'
import type { Uuid } from '@abasto/kernel'
import type { Timestamp } from 'mongodb'
import { matcher } from '../../application/feed-filter.ts'
import type { FedMovement, Feed, LevelPicture, Place } from '../../application/ports.ts'
import { comparePlaces, furthest, HistoryLost, isBetween, markOf, placeOf } from '../../application/stream-cursor.ts'
import { keyOf } from '../../domain/command.ts'
import { askForChanges } from './change-question.ts'
import { type Changes, Dropped, openChanges } from './changes.ts'
import { timeOf, timestampOf } from './cluster-time.ts'
import type { LevelDocument } from './documents.ts'
import { endEpoch, epochOf, isEpoch } from './epoch.ts'

/*
 * The number of a transaction is here the cluster time of its commit. A change stream shows nothing before a majority
 * has it, and everything in this order, so nothing can appear behind a place that was read, whichever member is asked.
 * The snapshot is the levels as they were at such a time.
 *
 * The past is kept for a while only: the oplog as long as its size allows, earlier levels for five minutes
 * (`minSnapshotHistoryWindowInSeconds`). What is older is `HistoryLost`.
 */

/** How long to wait for a new primary to know what the one before it knew, in milliseconds. */
const CATCHING_UP_MS = 2_000
const PAUSE_MS = 20

/** How many change streams are left open to be read on, at most: that of the tail, and some that are catching up. */
const MOST_STANDING = 4

/** A change stream that has been read until `place`. */
type Standing = Readonly<{ changes: Changes; epoch: Uuid; place: Place }>

/** The ledger in MongoDB, for those who follow it. */
export function changeFeed(mongo: Mongo): Feed {
  const standing: Standing[] = []
  const lag = createLag()

  /** The change stream that stands at a place, for the caller alone, or a new one. */
  async function streamAt(place: Place, until: Place | undefined) {
    const index = until ? -1 : standing.findIndex((one) => comparePlaces(one.place, place) === 0)
    const [stood] = index < 0 ? [] : standing.splice(index, 1)
    if (stood) return { ...stood, isNew: false }
    // Asked before the stream is opened: one that was opened on another collection than this one would not go on.
    const epoch = await epochOf(mongo)
    const changes = openChanges(mongo, { from: place.transaction, settled: until && lastIn(until) })
    return { changes, epoch, isNew: true }
  }

  function leaveStanding(stream: Standing): void {
    standing.push(stream)
    if (standing.length > MOST_STANDING) void standing.shift()!.changes.close()
  }

  const movements: Feed['movements'] = async (after, { filter = {}, until, limit }) => {
    const { changes, epoch, isNew } = await streamAt(after, until)
    const isTail = until === undefined && !filter.productIds && !filter.warehouseIds
    try {
      const [found, written] = await Promise.all([
        take(changes, { after, until, limit, wants: matcher(filter) }),
        isTail ? lastWrite(mongo) : undefined,
      ])
      const horizon = changes.horizon()
      // Where something is copied in, the past ends before the first of it comes: that is news to nobody.
      const [last] = found.slice(-1)
      if (last && !(await isEpoch(mongo, epoch, last.transaction))) throw new Ended()
      if (until) void changes.close()
      else {
        const place = found.length === limit ? placeOf(found.at(-1)!) : furthest(after, horizon)
        leaveStanding({ changes, epoch, place })
      }
      return { epoch, horizon, waitingSeconds: written ? lag(written.own, horizon) : 0, movements: found }
    } catch (error) {
      void changes.close()
      // By its new name, or by an error while it may have none.
      if (error instanceof Ended) return { epoch: await epochOf(mongo), horizon: 0n, waitingSeconds: 0, movements: [] }
      // One that stood may have ended since, with its member or for its age: what follows the place is asked anew.
      if (!isNew) return movements(after, { filter, limit })
      // Whoever still believes in what was dropped is told so by another name.
      if (error instanceof Dropped) await endEpoch(mongo)
      throw error
    }
  }

  return {
    head: async (seen) => {
      const epoch = await epochOf(mongo)
      const reaching = seen?.epoch === epoch ? seen.horizon : 0n
      const latest = performance.now() + CATCHING_UP_MS
      for (;;) {
        const horizon = (await lastWrite(mongo)).majority + 1n
        if (horizon >= reaching || performance.now() > latest) return { epoch, horizon }
        await Bun.sleep(PAUSE_MS)
      }
    },

    movements,

    levels: async (horizon, { filter = {}, after, limit }) => {
      const { cursor } = await askForChanges<Levels>(mongo, {
        name: 'picture levels',
        command: {
          find: 'stock_levels',
          filter: {
            ...(after ? { _id: { $gt: keyOf(after) } } : {}),
            ...(filter.productIds ? { product_id: { $in: filter.productIds } } : {}),
            ...(filter.warehouseIds ? { warehouse_id: { $in: filter.warehouseIds } } : {}),
          },
          projection: { product_id: 1, warehouse_id: 1, on_hand: 1, reserved: 1, sequence: 1 },
          sort: { _id: 1 },
          limit,
          batchSize: limit,
          singleBatch: true,
          readConcern: { level: 'snapshot', atClusterTime: timestampOf(horizon - 1n) },
        },
      })
      return cursor.firstBatch.map(pictureOf)
    },

    knows: async (place) => {
      const changes = openChanges(mongo, { from: place.transaction, settled: lastIn(place) })
      try {
        let isMore = await changes.read()
        if (isBetween(place)) return true
        while (isMore && changes.horizon() <= place.transaction) isMore = await changes.read()
        const stands = (fed: FedMovement) => comparePlaces(placeOf(fed), place) === 0
        return changes.ready.some((fed) => stands(fed) && markOf(fed.movement) === place.mark)
      } catch (error) {
        if (error instanceof HistoryLost) return false
        throw error
      } finally {
        void changes.close()
      }
    },
  }
}

/** What was followed goes by another name now, or by none. */
class Ended extends Error {}

/** The last transaction of which something stands at or before a place. */
const lastIn = (place: Place): bigint => (isBetween(place) ? place.transaction - 1n : place.transaction)

/** What is wanted of what follows a place, as far as the stream has it. */
async function take(changes: Changes, { after, until, limit, wants }: Wanted): Promise<FedMovement[]> {
  const found: FedMovement[] = []
  for (let isMore = true; ; isMore = await changes.read()) {
    while (changes.ready.length > 0 && found.length < limit) {
      for (const fed of changes.ready.splice(0, limit - found.length)) {
        const place = placeOf(fed)
        if (until && comparePlaces(place, until) > 0) return found
        if (comparePlaces(place, after) > 0 && wants(fed)) found.push(fed)
      }
    }
    if (found.length === limit || !isMore || (until && changes.horizon() > until.transaction)) return found
  }
}

type Wanted = Readonly<{
  after: Place
  until: Place | undefined
  limit: number
  wants: (fed: FedMovement) => boolean
}>

/** When the primary wrote last, and what of it a majority has. */
async function lastWrite(mongo: Mongo): Promise<Readonly<{ own: bigint; majority: bigint }>> {
  const { lastWrite } = await askForChanges<Hello>(mongo, { name: 'find horizon', command: { hello: 1 } })
  if (!lastWrite) throw new Error('Stock is followed on a replica set; this server belongs to none.')
  return { own: timeOf(lastWrite.opTime.ts), majority: timeOf(lastWrite.majorityOpTime.ts) }
}

/** For how long the oldest write that was seen has been waiting to be told, in seconds; 0 when none has. */
function createLag(): (written: bigint, horizon: bigint) => number {
  let oldest: Readonly<{ written: bigint; since: number }> | undefined
  return (written, horizon) => {
    const now = performance.now()
    if (oldest && oldest.written <= horizon) oldest = undefined
    // The horizon may stand at the last write where that is none of stock.
    if (written > horizon) oldest ??= { written, since: now }
    return oldest ? (now - oldest.since) / 1_000 : 0
  }
}

const pictureOf = (level: LevelDocument): LevelPicture => ({
  productId: level.product_id,
  warehouseId: level.warehouse_id,
  onHand: level.on_hand,
  reserved: level.reserved,
  sequence: level.sequence,
})

type Hello = { lastWrite?: { opTime: { ts: Timestamp }; majorityOpTime: { ts: Timestamp } } }
type Levels = { cursor: { firstBatch: LevelDocument[] } }
