import { expect, test } from 'bun:test'
import { connectMongo, expectOfReplicaSet, NoReplicaSet } from './mongo.ts'

// What servers of 6.0 answered to `hello`, as far as it matters.
const answers = {
  replicaSet: { isWritablePrimary: true, setName: 'shop', hosts: ['db1:27017'] },
  onItsOwn: { isWritablePrimary: true },
  mongos: { isWritablePrimary: true, msg: 'isdbgrid' },
}

test('a replica set is taken, and nothing else', () => {
  const asking = (answer: object) => () => expectOfReplicaSet(answer)

  expect(asking(answers.replicaSet)).not.toThrow()
  expect(asking(answers.onItsOwn)).toThrow(NoReplicaSet)
  expect(asking(answers.onItsOwn)).toThrow(/^a MongoDB on its own, without transactions: start it as a replica set/)
  expect(asking(answers.mongos)).toThrow(NoReplicaSet)
  expect(asking(answers.mongos)).toThrow(/^a sharded cluster of MongoDB, whose ledger could not be followed: give/)
})

test('no address takes away that a majority must have what is written and what is read', async () => {
  const asked = ['readConcernLevel=local', 'journal=false', 'w=1', 'wtimeoutMS=1', 'readPreference=secondary']
  const { db, close } = connectMongo({ url: `mongodb://localhost:1/shop?${asked.join('&')}` })

  expect(db.readConcern).toMatchObject({ level: 'majority' })
  expect(db.writeConcern).toMatchObject({ w: 'majority', journal: true })
  expect(db.readPreference).toMatchObject({ mode: 'primary' })
  await close()
})
