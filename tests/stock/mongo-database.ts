import { MongoClient } from 'mongodb'
import { endLost } from '../../packages/chassis/src/database/fresh-mongo.ts'
import { inDatabase } from '../../packages/chassis/src/database/mongo.ts'
import type { Known } from './stream-reader.ts'

// What a test asks of a MongoDB and does to it, by commands that share nothing with the service.

type Row = { _id: string; sequence: number; on_hand: number; reserved: number }

/** The levels as the database has them, or as its movements add up; by queries that share nothing with the service. */
export const levelsIn = (url: string, where: 'stock_levels' | 'movements'): Promise<Map<string, Known>> =>
  withDatabase(url, async (db) => {
    const _id = { $concat: ['$product_id', '.', '$warehouse_id'] }
    const added = {
      on_hand: { $sum: '$on_hand_change' },
      reserved: { $sum: '$reserved_change' },
      sequence: { $sum: 1 },
    }
    const kept = { sequence: { $gt: 0 } }
    const steps = where === 'movements' ? [{ $group: { _id, ...added } }] : [{ $match: kept }]
    const rows = await db
      .collection<Row>(where)
      .aggregate<Row>([...steps, { $sort: { _id: 1 } }])
      .toArray()
    return new Map(
      rows.map((row) => [row._id, { sequence: row.sequence, onHand: row.on_hand, reserved: row.reserved }]),
    )
  })

export const same = (told: ReadonlyMap<string, Known>, levels: ReadonlyMap<string, Known>): boolean =>
  levels.size > 0 &&
  [...levels].every(([id, { sequence, onHand, reserved }]) => {
    const known = told.get(id)
    return known?.sequence === sequence && known.onHand === onHand && known.reserved === reserved
  })

/** Ends the transactions that a process which has just been killed leaves open, for as long as one may come to light. */
export const endLostTransactions = (url: string): Promise<void> =>
  withDatabase(url, async ({ client }) => {
    for (let patience = 0; patience < 15; patience++) {
      await endLost(client)
      await Bun.sleep(100)
    }
  })

/** Copies a database, its epochs included, as a dump that is restored under another name does; says where it is. */
export const copied = (url: string): Promise<string> =>
  withDatabase(url, async (db) => {
    const name = `${db.databaseName}_copy`
    for (const coll of ['stock_levels', 'movements', 'stream_epochs', 'warehouses', 'operations']) {
      await db
        .collection(coll)
        .aggregate([{ $out: { db: name, coll } }])
        .toArray()
    }
    return inDatabase(url, name)
  })

export async function withDatabase<T>(
  url: string,
  work: (db: ReturnType<MongoClient['db']>) => Promise<T>,
): Promise<T> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 5_000 })
  try {
    return await work(client.db())
  } finally {
    await client.close()
  }
}
