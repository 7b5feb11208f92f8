import { inDatabase } from '@abasto/chassis/database/mongo'
import { noTelemetry } from '@abasto/chassis/telemetry/telemetry'
import { stockInMongo } from '@abasto/inventory/stock-store'
import { MongoClient } from 'mongodb'
import { purchasesAt, type Spread } from './committer.ts'
import type { Contestant } from './contestant.ts'
import { counterOn } from './counter.ts'
import type { Scene } from './scene.ts'
import { type StockedCounter, stocked } from './stocked-counter.ts'

/** The adapter of MongoDB, called from this process: purchases of one hot product, or of random ones. */
export async function openMongoCommitter(scene: Scene, spread: Spread): Promise<Contestant> {
  const { counter, url } = await openMongoCounter(scene, spread, spread === 'hot' ? 1 : scene.products)
  const { products, close } = counter
  const count = { answered: 0 }
  return {
    sample: purchasesAt(counter, products, count),
    close: async () => {
      await close()
      await checkBooks(`MongoDB, ${spread}`, url, { purchases: count.answered, products: products.length })
    },
  }
}

async function openMongoCounter(
  scene: Scene,
  name: string,
  products: number,
): Promise<Readonly<{ counter: StockedCounter; url: string }>> {
  const url = inDatabase((await scene.mongo()).url, `adapter_${name}`)
  const { stock, close } = await stockInMongo({ url, connections: 10, setting: 'the address', telemetry: noTelemetry })
  return { counter: await stocked(counterOn(stock, close), products), url }
}

/** Throws unless every answered purchase is there with its movement and its operation, and every ledger folds. */
async function checkBooks(
  who: string,
  url: string,
  { purchases, products }: Readonly<{ purchases: number; products: number }>,
): Promise<void> {
  const client = new MongoClient(url)
  const db = client.db()
  const count = (name: string, filter: object = {}) => db.collection(name).countDocuments(filter)
  const found = {
    purchases: await count('purchases'),
    sales: await count('movements', { kind: 'sale', on_hand_change: -1 }),
    operations: (await count('operations')) - products,
  }
  const folded = db.collection('movements').aggregate<Folded>([
    {
      $group: { _id: '$product_id', onHand: { $sum: '$on_hand_change' }, movements: { $sum: 1 } },
    },
  ])
  const sums = new Map((await folded.toArray()).map((sum) => [sum._id, sum]))
  const levels = await db.collection('stock_levels').find().toArray()
  const unfolded = levels.filter(({ product_id, on_hand, sequence }) => {
    const sum = sums.get(product_id)
    return sum?.onHand !== on_hand || sum?.movements !== sequence
  })
  await client.close()
  if (Object.values(found).some((each) => each !== purchases) || unfolded.length > 0 || levels.length !== products) {
    const there = `${JSON.stringify(found)} are there, ${unfolded.length} of ${levels.length} ledgers do not fold`
    throw new Error(`${who}: ${purchases} purchases were answered; ${there}.`)
  }
  console.error(`${who}: ${found.purchases} purchases are there, ${purchases} were answered; the ledger folds.`)
}

type Folded = Readonly<{ _id: string; onHand: number; movements: number }>
