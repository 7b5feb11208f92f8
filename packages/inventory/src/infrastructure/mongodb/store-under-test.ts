import { freshMongo } from '@abasto/chassis/database/fresh-mongo'
import { connectMongo, type Mongo } from '@abasto/chassis/database/mongo'
import type { Stock } from '../../application/ports.ts'
import { prepareMongo } from './schema.ts'
import { mongoStock } from './stock.ts'

/** The stock in a new database on a MongoDB server; `another` is what a second process would hold of it. */
export type MongoUnderTest = Readonly<{
  mongo: Mongo
  stock: Stock
  another: () => Stock
  close: () => Promise<void>
}>

export async function inMongo(server: string): Promise<MongoUnderTest> {
  const { url, drop } = freshMongo(server)
  const clients: Mongo[] = []
  const connect = () => {
    const mongo = connectMongo({ url, connections: 5 })
    clients.push(mongo)
    return mongo
  }
  const mongo = connect()
  await prepareMongo(mongo.db)
  const close = async () => {
    await Promise.all(clients.map((client) => client.close()))
    await drop()
  }
  return { mongo, stock: mongoStock(mongo), another: () => mongoStock(connect()), close }
}
