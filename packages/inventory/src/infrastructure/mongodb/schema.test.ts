import { afterAll, describe, expect, test } from 'bun:test'
import { freshMongo } from '@abasto/chassis/database/fresh-mongo'
import { connectMongo } from '@abasto/chassis/database/mongo'
import { INDEXES } from './indexes.ts'
import { prepareMongo, SCHEMA_VERSION } from './schema.ts'
import { VALIDATORS } from './validators.ts'

const server = process.env.TEST_MONGODB_URL
if (!server) console.log('How MongoDB is prepared was not tested: TEST_MONGODB_URL is not set.')
else describe('a MongoDB that is prepared', () => onMongo(server))

function onMongo(server: string) {
  const { url, drop } = freshMongo(server)
  const processes = Array.from({ length: 4 }, () => connectMongo({ url, connections: 4 }))
  const [{ db }] = processes as [(typeof processes)[0], ...typeof processes]
  afterAll(async () => {
    await Promise.all(processes.map((each) => each.close()))
    await drop()
  })

  const validatorOf = async (name: string) => {
    const [collection] = await db.listCollections({ name }).toArray()
    return (collection as { options?: { validator?: unknown } } | undefined)?.options?.validator
  }

  test('has everything once, though four processes start at the same time', async () => {
    await Promise.all(processes.map((each) => prepareMongo(each.db)))

    for (const [name, indexes] of Object.entries(INDEXES)) {
      const made = await db.collection(name).indexes()
      expect(made.map((index) => index.name).sort()).toEqual(['_id_', ...indexes.map((index) => index.name!)].sort())
    }
    for (const [name, validator] of Object.entries(VALIDATORS)) expect(await validatorOf(name)).toEqual(validator)
    expect(await db.collection('warehouses').find().toArray()).toMatchObject([{ name: 'default', version: 1 }])
    expect(await db.collection('schema').find().toArray()).toMatchObject([{ version: SCHEMA_VERSION }])
  }, 30_000)

  test('is brought up to date by a later version, and keeps what is in it', async () => {
    const versions = db.collection<{ _id: string; version: number }>('schema')
    await db.command({ collMod: 'warehouses', validator: {} })
    await versions.updateOne({ _id: 'inventory' }, { $set: { version: SCHEMA_VERSION - 1 } })
    await db.collection('warehouses').updateOne({}, { $set: { name: 'Harbour' } })

    await Promise.all(processes.map((each) => prepareMongo(each.db)))

    expect(await validatorOf('warehouses')).toEqual(VALIDATORS.warehouses)
    expect(await db.collection('warehouses').find().toArray()).toMatchObject([{ name: 'Harbour' }])
  }, 30_000)

  test('is left as it is by an older version that starts beside it', async () => {
    const versions = db.collection<{ _id: string; version: number }>('schema')
    await versions.updateOne({ _id: 'inventory' }, { $set: { version: SCHEMA_VERSION + 1 } })
    await db.command({ collMod: 'warehouses', validator: { name: { $type: 'string' } } })

    await prepareMongo(db)

    expect(await validatorOf('warehouses')).toEqual({ name: { $type: 'string' } })
    expect(await versions.find().toArray()).toMatchObject([{ version: SCHEMA_VERSION + 1 }])
  }, 30_000)
}
