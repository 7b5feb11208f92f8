import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { connectMongo, inDatabase, type Mongo } from '../../packages/chassis/src/database/mongo.ts'
import { openMoments } from '../../packages/cli/src/verify/mongodb/moments.ts'
import { verifyMongo } from '../../packages/cli/src/verify/mongodb/verify.ts'
import { prepareMongo } from '../../packages/inventory/src/infrastructure/mongodb/schema.ts'
import { mongoStock } from '../../packages/inventory/src/infrastructure/mongodb/stock.ts'
import { startMongo } from '../../scripts/mongo-server.ts'
import { inventoryOver, liveThroughMost } from './verify-history.ts'

// A server of its own, because it is told to forget.
if (!process.env.TEST_MONGODB_URL) console.log('A forgetful MongoDB was not verified: TEST_MONGODB_URL is not set.')
else describe('a MongoDB that keeps the past for a second', forgetful)

function forgetful() {
  let server: Awaited<ReturnType<typeof startMongo>>
  let mongo: Mongo
  let url: string
  beforeAll(async () => {
    server = await startMongo()
    url = inDatabase(server.url, 'forgetful')
    mongo = connectMongo({ url })
    await mongo.db.client.db('admin').command({ setParameter: 1, minSnapshotHistoryWindowInSeconds: 1 })
    await prepareMongo(mongo.db)
    await liveThroughMost(inventoryOver(mongoStock(mongo)))
  }, 60_000)
  afterAll(async () => {
    await mongo?.close()
    await server?.stop()
  }, 30_000)

  /** Writes until the server has forgotten what was when it began. */
  async function letItForget(): Promise<void> {
    for (const until = Date.now() + 4_000; Date.now() < until; await Bun.sleep(200)) {
      await mongo.db.collection('others').insertOne({})
    }
  }

  test('what was read for too long is read again at another moment', async () => {
    const moments = await openMoments(url)
    let tries = 0

    const found = await moments.at(async (moment) => {
      if (++tries === 1) await letItForget()
      let count = 0
      for await (const batch of moment.batches('movements', [])) count += batch.length
      return count
    })
    await moments.close()

    expect(tries).toBe(2)
    expect(found).toBe(await mongo.db.collection('movements').countDocuments())
  }, 30_000)

  test('an inventory is verified for longer than the past is kept', async () => {
    const slow = { settledMs: 0, slicing: { batch: 20, stretch: 40 } }
    const [begun, forgetting] = [Date.now(), letItForget()]
    const all = []
    while (Date.now() < begun + 4_000) all.push(await verifyMongo(url, slow))
    await forgetting

    for (const { counts } of all) expect(counts).toEqual({})
  }, 60_000)
}
