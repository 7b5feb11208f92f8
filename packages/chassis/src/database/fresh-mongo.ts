import { MongoClient } from 'mongodb'
import type { FreshDatabase } from './fresh-database.ts'
import { inDatabase } from './mongo.ts'

/** Names an empty database on a MongoDB server that only one suite of tests uses. */
export function freshMongo(serverUrl: string): FreshDatabase {
  const name = `abasto_${Bun.randomUUIDv7().replaceAll('-', '')}`
  const drop = async () => {
    const client = new MongoClient(serverUrl)
    await client
      .db(name)
      .dropDatabase()
      .finally(() => client.close())
  }
  return { url: inDatabase(serverUrl, name), drop }
}
