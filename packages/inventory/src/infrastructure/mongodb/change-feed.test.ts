import { afterAll, describe, expect, test } from 'bun:test'
import { freshMongo } from '@abasto/chassis/database/fresh-mongo'
import { connectMongo, inDatabase, type Mongo } from '@abasto/chassis/database/mongo'
import type { Uuid } from '@abasto/kernel'
import type { Place } from '../../application/ports.ts'
import { before, cursorOf, HistoryLost, placeOf } from '../../application/stream-cursor.ts'
import { DEFAULT_WAREHOUSE } from '../../domain/warehouse.ts'
import { changeFeed } from './change-feed.ts'
import { timeOf, timeOfToken, timestampOf } from './cluster-time.ts'
import { type LevelDocument, type MovementDocument, movementId } from './documents.ts'

const [LAMP, CHAIR] = ['01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000002'] as const

const server = process.env.TEST_MONGODB_URL
if (!server) console.log('The ledger of MongoDB was not followed: TEST_MONGODB_URL is not set.')
else describe('the ledger of MongoDB, followed', () => onMongo(server))

function onMongo(url: string) {
  const shops: Readonly<{ close: () => Promise<unknown> }>[] = []
  afterAll(async () => {
    for (const { close } of shops) await close()
  }, 60_000)

  const shop = async () => {
    const { url: own, drop } = freshMongo(url)
    const mongo = connectMongo({ url: own })
    shops.push({ close: () => mongo.close().then(drop) })
    await mongo.db.createCollection('movements')
    await mongo.db.createCollection('stock_levels')
    const feed = changeFeed(mongo)
    const { horizon } = await feed.head()
    return { url: own, mongo, feed, start: before(horizon) }
  }

  test('what happened is read in one order, each thing once, however it is cut into parts', async () => {
    const { mongo, feed, start } = await shop()
    for (let sequence = 1; sequence <= 5; sequence++) {
      await moved(mongo, [CHAIR, sequence, 1])
      await moved(mongo, [LAMP, sequence, 2])
    }

    const whole = await feed.movements(start, { limit: 100 })
    const parts = []
    for (let place: Place = start; ; ) {
      const { movements } = await feed.movements(place, { limit: 3 })
      parts.push(...movements)
      if (movements.length < 3) break
      place = placeOf(movements.at(-1)!)
    }

    expect(whole.movements.map(({ movement }) => movement.productId)).toEqual(Array(5).fill([CHAIR, LAMP]).flat())
    expect(parts).toEqual([...whole.movements])
    const lamps = await feed.movements(start, { filter: { productIds: [LAMP] }, limit: 100 })
    expect(lamps.movements.map(({ movement }) => movement.sequence)).toEqual([1, 2, 3, 4, 5])
    const elsewhere = await feed.movements(start, { filter: { warehouseIds: [LAMP] }, limit: 100 })
    expect(elsewhere.movements).toEqual([])
  })

  test('whoever asked for what is rare is not kept waiting by all the rest: it is read in parts', async () => {
    const { mongo, start } = await shop()
    for (let from = 1; from < 3_000; from += 500) {
      await moved(mongo, ...Array.from({ length: 500 }, (_, index) => [CHAIR, from + index, 1] as const))
    }
    await moved(mongo, [LAMP, 1, 1])
    let answers = 0
    const counting: Mongo = {
      ...mongo,
      ask: (question, ask) => {
        if (question.name === 'follow ledger') answers++
        return mongo.ask(question, ask)
      },
    }

    const { movements } = await changeFeed(counting).movements(start, { filter: { productIds: [LAMP] }, limit: 100 })

    expect(movements.map(({ movement }) => [movement.productId, movement.sequence])).toEqual([[LAMP, 1]])
    expect(answers).toBeGreaterThan(3)
  }, 20_000)

  test('what one transaction did is told by level and sequence, however it was written, and in parts as well', async () => {
    const { mongo, feed, start } = await shop()
    await moved(mongo, [CHAIR, 2, 1], [LAMP, 2, 1], [CHAIR, 1, 1], [LAMP, 1, 1])
    await moved(mongo, [LAMP, 3, 1])
    const other = changeFeed(mongo)

    const first = await feed.movements(start, { limit: 3 })
    const rest = await other.movements(placeOf(first.movements.at(-1)!), { limit: 3 })
    const until = await other.movements(start, { until: placeOf(first.movements[1]!), limit: 10 })

    const told = [...first.movements, ...rest.movements]
    expect(told.map(({ movement: { productId, sequence } }) => [productId, sequence])).toEqual([
      [LAMP, 1],
      [LAMP, 2],
      [CHAIR, 1],
      [CHAIR, 2],
      [LAMP, 3],
    ])
    expect(new Set(told.slice(0, 4).map(({ transaction }) => transaction)).size).toBe(1)
    expect(until.movements).toEqual(told.slice(0, 2))
  })

  test('the last transaction is told at once, though nothing follows it', async () => {
    const { mongo, feed, start } = await shop()
    let place = start
    for (let sequence = 1; sequence <= 20; sequence++) {
      await moved(mongo, [LAMP, sequence, 1])
      const { movements, horizon } = await feed.movements(place, { limit: 10 })
      expect(movements.map(({ movement }) => movement.sequence)).toEqual([sequence])
      place = before(horizon)
    }
    expect((await feed.movements(place, { limit: 10 })).waitingSeconds).toBe(0)
  })

  test('more than fits into one answer is told in the same order to everybody', async () => {
    const { mongo, feed, start } = await shop()
    for (let batch = 0; batch < 3; batch++) {
      await moved(mongo, ...Array.from({ length: 900 }, (_, index) => [LAMP, batch * 900 + 900 - index, 1] as const))
    }

    const whole = await feed.movements(start, { limit: 10_000 })
    const parts = []
    for (let place: Place = start; ; ) {
      const { movements } = await changeFeed(mongo).movements(place, { limit: 1_000 })
      parts.push(...movements)
      if (movements.length < 1_000) break
      place = placeOf(movements.at(-1)!)
    }

    expect(whole.movements.map(({ movement }) => movement.sequence)).toEqual(
      Array.from({ length: 2_700 }, (_, index) => index + 1),
    )
    expect(parts).toEqual([...whole.movements])
  })

  test('the levels are shown as they were at the horizon, also when it is gone', async () => {
    const { mongo, feed } = await shop()
    await moved(mongo, [LAMP, 1, 10], [CHAIR, 1, 1])
    const { horizon } = await feed.head()
    await moved(mongo, [LAMP, 2, -3])
    await moved(mongo, [CHAIR, 2, 4])

    const levels = await feed.levels(horizon, { limit: 10 })
    const { movements } = await feed.movements(before(horizon), { limit: 10 })

    expect(levels).toEqual([
      { productId: LAMP, warehouseId: DEFAULT_WAREHOUSE, onHand: 10, reserved: 0, sequence: 1 },
      { productId: CHAIR, warehouseId: DEFAULT_WAREHOUSE, onHand: 1, reserved: 0, sequence: 1 },
    ])
    expect(movements.map(({ movement }) => movement.onHandChange)).toEqual([-3, 4])
    const after = { productId: LAMP, warehouseId: DEFAULT_WAREHOUSE }
    expect((await feed.levels(horizon, { after, limit: 10 })).map(({ productId }) => productId)).toEqual([CHAIR])
    expect(await feed.levels(horizon, { filter: { productIds: [CHAIR] }, limit: 10 })).toEqual(levels.slice(1))
    expect(await feed.levels(horizon, { filter: { warehouseIds: [CHAIR] }, limit: 10 })).toEqual([])
  })

  test('levels of a time that the server no longer has are said to be lost', async () => {
    const { feed, start } = await shop()

    const asked = feed.levels(start.transaction - (3_600n << 32n), { limit: 10 })

    await expect(asked).rejects.toBeInstanceOf(HistoryLost)
  })

  test('what is not committed is not told, and what is committed later is told later', async () => {
    const { mongo, feed, start } = await shop()
    await moved(mongo, [LAMP, 1, 10])
    const open = mongo.db.client.startSession()
    open.startTransaction({ writeConcern: { w: 'majority' } })
    await mongo.db.collection<MovementDocument>('movements').insertOne(movement(CHAIR, 1, 5), { session: open })
    await moved(mongo, [LAMP, 2, 10])

    const during = await feed.movements(start, { limit: 10 })
    await open.commitTransaction()
    const after = await feed.movements(before(during.horizon), { limit: 10 })

    expect(during.movements.map(({ movement }) => movement.sequence)).toEqual([1, 2])
    expect(after.movements.map(({ movement }) => movement.productId)).toEqual([CHAIR])
    await open.endSession()
  })

  test('a database keeps its name, and one whose movements were made anew gets another', async () => {
    const { url: own, mongo, feed } = await shop()
    const { epoch } = await feed.head()
    const again = connectMongo({ url: own })
    const copy = connectMongo({ url: inDatabase(url, `${mongo.db.databaseName}_copy`) })
    shops.push({ close: () => copy.db.dropDatabase().then(copy.close) }, again)
    await copy.db.createCollection('movements')

    const others = await Promise.all([copy, copy, again].map((one) => changeFeed(one).head()))
    await mongo.db.dropCollection('movements')
    await mongo.db.createCollection('movements')
    const restored = await feed.head()

    expect(others[2]!.epoch).toBe(epoch)
    expect(others[1]!.epoch).toBe(others[0]!.epoch)
    expect(new Set([epoch, others[0]!.epoch, restored.epoch]).size).toBe(3)
  })

  test('who follows movements that are dropped is told that their past is lost', async () => {
    const { mongo, feed, start } = await shop()
    await moved(mongo, [LAMP, 1, 1])
    const { horizon } = await feed.movements(start, { limit: 10 })
    await mongo.db.dropCollection('movements')
    await mongo.db.createCollection('movements')

    await expect(feed.movements(before(horizon), { limit: 10 })).rejects.toBeInstanceOf(HistoryLost)
  })

  test('a place is known by what happened there, not by its numbers alone', async () => {
    const { mongo, feed, start } = await shop()
    await moved(mongo, [CHAIR, 1, 10], [LAMP, 1, 10])
    const { epoch } = await feed.head()
    const told = (await feed.movements(start, { limit: 2 })).movements
    const cursor = cursorOf(epoch, told[1]!)

    expect(await feed.knows(cursor)).toBe(true)
    expect(await feed.knows({ ...cursor, mark: cursor.mark ^ 1 })).toBe(false)
    expect(await feed.knows({ ...cursor, sequence: 2 })).toBe(false)
    expect(await feed.knows({ ...cursor, transaction: cursor.transaction - 1n })).toBe(false)
    expect(await feed.knows({ ...start, mark: 0 })).toBe(true)
  })

  test('the end of the ledger is waited for where somebody has seen it further on, for a moment', async () => {
    const { mongo, feed } = await shop()
    const { epoch, horizon } = await feed.head()
    const soon = { epoch, horizon: horizon + 1n }

    const [reached] = await Promise.all([feed.head(soon), Bun.sleep(50).then(() => moved(mongo, [LAMP, 1, 1]))])
    const never = await feed.head({ epoch, horizon: horizon + (3_600n << 32n) })

    expect(reached.horizon).toBeGreaterThanOrEqual(soon.horizon)
    expect(never.horizon).toBeGreaterThan(horizon)
  })

  test('a change stream that has ended goes on where it was', async () => {
    const { mongo, feed, start } = await shop()
    await moved(mongo, [LAMP, 1, 1])
    const first = await feed.movements(start, { limit: 10 })
    await endCursors(mongo)
    await moved(mongo, [LAMP, 2, 1])

    const second = await feed.movements(before(first.horizon), { limit: 10 })

    expect(second.movements.map(({ movement }) => movement.sequence)).toEqual([2])
  })
}

describe('the cluster time', () => {
  test('is one number, in the order of seconds and then of the count within them', () => {
    const times = [1n, (7n << 32n) - 1n, 7n << 32n, (7n << 32n) + 1n, (4_000_000_000n << 32n) + 3n]

    expect(times.map((time) => timeOf(timestampOf(time)))).toEqual(times)
  })

  test('stands at the beginning of a resume token', () => {
    expect(timeOfToken({ _data: '826B021299000000072B0229296E04' })).toBe((0x6b021299n << 32n) | 7n)
    expect(() => timeOfToken({ _data: 'nonsense' })).toThrow('does not begin with a timestamp')
  })
})

/** Ends all change streams of a database, as the server does with those that nobody has asked for in a while. */
async function endCursors(mongo: Mongo): Promise<void> {
  const open = await mongo.db.client
    .db('admin')
    .aggregate([{ $currentOp: { idleCursors: true, allUsers: false } }, { $match: { type: 'idleCursor' } }], {
      readConcern: { level: 'local' },
    })
    .toArray()
  const own = open.filter(({ ns }) => ns === `${mongo.db.databaseName}.movements`)
  expect(own.length).toBeGreaterThan(0)
  await mongo.db.command({ killCursors: 'movements', cursors: own.map(({ cursor }) => cursor.cursorId) })
}

type Moved = readonly [product: Uuid, sequence: number, change: number]

/** Writes movements and their levels in one transaction, the movements in the order in which they are given. */
async function moved({ db, session }: Mongo, ...all: readonly Moved[]): Promise<void> {
  const own = session()
  await own.withTransaction(
    async () => {
      for (const product of new Set(all.map(([product]) => product))) {
        const changes = all.filter(([other]) => other === product)
        const key = { product_id: product, warehouse_id: DEFAULT_WAREHOUSE, reserved: 0 }
        const $inc = { on_hand: changes.reduce((sum, [, , change]) => sum + change, 0), sequence: changes.length }
        await db
          .collection<LevelDocument>('stock_levels')
          .updateOne({ _id: `${product}.${DEFAULT_WAREHOUSE}` }, { $inc, $set: key }, { upsert: true, session: own })
      }
      const documents = all.map((one) => movement(...one))
      await db.collection<MovementDocument>('movements').insertMany(documents, { session: own })
    },
    { writeConcern: { w: 'majority' } },
  )
  await own.endSession()
}

const movement = (productId: Uuid, sequence: number, change: number): MovementDocument => ({
  _id: movementId({ productId, warehouseId: DEFAULT_WAREHOUSE, sequence }),
  product_id: productId,
  warehouse_id: DEFAULT_WAREHOUSE,
  sequence,
  kind: 'adjustment',
  on_hand_change: change,
  reserved_change: 0,
  on_hand_after: sequence,
  reserved_after: 0,
  reason: 'correction',
  actor: 'test',
  purchase_id: null,
  reservation_id: null,
  operation_id: Bun.randomUUIDv7(),
  created_at: new Date(),
})
