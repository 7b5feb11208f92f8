import { inDatabase } from '@abasto/chassis/database/mongo'
import { MongoClient } from 'mongodb'
import { callAgainAndAgain, sampleOf } from './callers.ts'
import type { Spread } from './committer.ts'
import { bestOf, type Contestant, RIVAL_CLIENTS, type Sample } from './contestant.ts'
import type { Scene } from './scene.ts'

type Row = { _id: number; on_hand: number }

const STOCK = 1_000_000_000

/**
 * The transaction of the textbook on MongoDB, as its documentation has it: `withTransaction`, change the document where
 * there is enough, insert into the ledger, commit with a majority. It gets everything that helps it: a driver that
 * tries again, a ledger without any index but that of its ids, no record of the operation.
 */
export async function openMongoTextbook(scene: Scene, spread: Spread): Promise<Contestant> {
  const client = new MongoClient(inDatabase((await scene.mongo()).url, `textbook_${spread}`), { maxPoolSize: 64 })
  const rows = spread === 'hot' ? 1 : scene.products
  const [stock, ledger] = [client.db().collection<Row>('stock'), client.db().collection('ledger')]
  await stock.insertMany(Array.from({ length: rows }, (_, _id) => ({ _id, on_hand: STOCK })))
  await client.db().createCollection('ledger')
  let sold = 0

  const sell = (_id: number) =>
    client.withSession((session) =>
      session.withTransaction(
        async () => {
          const { modifiedCount } = await stock.updateOne(
            { _id, on_hand: { $gte: 1 } },
            { $inc: { on_hand: -1 } },
            { session },
          )
          if (modifiedCount !== 1) throw new Error('The rival has nothing left to sell.')
          await ledger.insertOne({ product: _id, change: -1, created_at: new Date() }, { session })
        },
        { writeConcern: { w: 'majority' } },
      ),
    )
  const load = async (clients: number, seconds: number): Promise<Sample> => {
    const sellAny = () => sell(Math.floor(Math.random() * rows))
    const answered = await callAgainAndAgain(sellAny, { seconds, callers: clients })
    sold += answered.latencies.length
    return sampleOf(answered)
  }

  return {
    warmUp: (seconds) => load(RIVAL_CLIENTS[0], seconds),
    sample: (seconds) => bestOf((clients) => load(clients, seconds)),
    close: async () => {
      const [left] = await stock
        .aggregate<{ left: number }>([{ $group: { _id: 0, left: { $sum: '$on_hand' } } }])
        .toArray()
      const recorded = await ledger.countDocuments()
      await client.close()
      const gone = rows * STOCK - left!.left
      if (gone !== sold || recorded !== sold) {
        throw new Error(`textbook on MongoDB: ${sold} were sold, ${gone} are gone, ${recorded} are in the ledger.`)
      }
    },
  }
}
