import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { MongoServerError } from 'mongodb'
import { OutcomeUnknown, QUERY_TIMEOUT_MS } from '../../packages/chassis/src/database/database.ts'
import { connectMongo } from '../../packages/chassis/src/database/mongo.ts'
import { type MongoStore, openMongoStore } from '../../packages/chassis/src/process/mongo-store.ts'
import { CannotOpenStore } from '../../packages/chassis/src/process/store.ts'
import { createTelemetry } from '../../packages/chassis/src/telemetry/process-telemetry.ts'
import { type MongoServer, startMongo, startStandaloneMongo } from '../../scripts/mongo-server.ts'
import { openProxy } from './tcp-proxy.ts'

const telemetry = createTelemetry({ service: 'test', version: '0' })
afterAll(telemetry.stop)

const open = (url: string, prepare: () => Promise<void> = async () => {}): Promise<MongoStore> =>
  openMongoStore('test', { url, connections: 4, setting: 'INVENTORY_DATABASE_URL', telemetry, prepare })

// A server that hangs or dies is one of this suite alone, so it starts its own. TEST_MONGODB_URL says that it may.
if (!process.env.TEST_MONGODB_URL) {
  console.log('A MongoDB that hangs or dies was not tested: TEST_MONGODB_URL is not set.')
} else {
  describe('a MongoDB on its own', () => {
    test('is refused in one sentence that says what to do', async () => {
      const standalone = await startStandaloneMongo()
      try {
        const opening = open(standalone.url)

        await expect(opening).rejects.toThrow(CannotOpenStore)
        await expect(opening).rejects.toThrow(
          'INVENTORY_DATABASE_URL leads to no database that can be used: a MongoDB on its own, without transactions: ' +
            'start it as a replica set, of which one node is enough.',
        )
      } finally {
        await standalone.stop()
      }
    }, 60_000)
  })

  const server = process.env.TEST_MONGODB_URL
  describe('a MongoDB that is not the one that was meant', () => {
    const withSet = (name: string) => server.replace(/(replicaSet=)\w+/, `$1${name}`)

    test('is refused in one sentence: one in which the user may only read', async () => {
      // As the server of a shop said it; it goes on with the whole command and the signature of the cluster time.
      const errmsg =
        'not authorized on shop to execute command { update: "schema", updates: [ { q: { _id: "inventory" } } ] }'
      const opening = open(server, () => Promise.reject(new MongoServerError({ code: 13, errmsg })))

      await expect(opening).rejects.toThrow(
        'used: its user may not do what it takes on shop: give it the roles "readWrite" and "dbAdmin".',
      )
    }, 30_000)

    const refused: Readonly<Record<string, readonly [address: string, said: string]>> = {
      'of another replica set': [withSet('other'), 'no server there is of a replica set that is called "other".'],
      'that no name leads to': ['mongodb+srv://nobody.invalid/shop', 'the database did not answer: '],
      'that does not know the user': [server.replace('//', '//somebody:secret@'), 'used: Authentication failed.'],
    }

    test.each(Object.keys(refused))(
      'is refused in one sentence: one %s',
      async (which) => {
        const [address, said] = refused[which]!

        const opening = open(address)

        await expect(opening).rejects.toThrow(CannotOpenStore)
        await expect(opening).rejects.toThrow(said)
        await expect(opening).rejects.not.toThrow(/secret|\.\.$/)
      },
      30_000,
    )
  })

  describe('a connection to MongoDB that ends', () => {
    // The driver is told of it a few turns of the event loop later; what is asked in between must not wait for ever.
    test.each([0, 1, 2, 3, 4, 5, 6, 7])('gives back its place in the pool: asked %d turns later', async (turns) => {
      const proxy = await openProxy(Number(/:(\d+)/.exec(server)![1]))
      const url = `mongodb://127.0.0.1:${proxy.port}/shop?directConnection=true`
      const mongo = connectMongo({ url, name: 'only-one', connections: 1 })
      try {
        expect(await mongo.isUp(5_000)).toBe(true)
        proxy.cut()
        proxy.pass()
        for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
        await mongo.isUp(500)

        expect(await mongo.isUp(5_000)).toBe(true)
      } finally {
        await mongo.close()
        await proxy.close()
      }
    })
  })

  describe('a MongoDB that hangs or dies', () => {
    let server: MongoServer
    let store: MongoStore
    beforeAll(async () => {
      server = await startMongo()
      store = await open(server.url)
    }, 60_000)
    afterAll(async () => {
      await store?.close()
      await server?.stop()
    })

    const write = () =>
      store.mongo.ask({ name: 'write' }, async () => {
        const session = store.mongo.session()
        try {
          session.startTransaction()
          await store.mongo.db.collection('lamps').insertOne({ sold: 1 }, { session })
          await session.commitTransaction()
        } finally {
          session.endSession().catch(() => {})
        }
      })
    const until = async (done: () => Promise<boolean>) => {
      for (const end = Date.now() + 45_000; !(await done()); await Bun.sleep(50)) {
        if (Date.now() > end) throw new Error('it never came back')
      }
    }

    test('is answered for within the deadline while it hangs, and is written to again once it goes on', async () => {
      await write()
      process.kill(server.pids()[0]!, 'SIGSTOP')
      const since = performance.now()

      const answers = await Promise.allSettled([write(), write(), store.mongo.ask({ name: 'read' }, readLamps)])

      const tookMs = performance.now() - since
      process.kill(server.pids()[0]!, 'SIGCONT')
      for (const answer of answers) {
        expect(answer.status).toBe('rejected')
        expect((answer as PromiseRejectedResult).reason).toBeInstanceOf(OutcomeUnknown)
      }
      expect(tookMs).toBeLessThan(QUERY_TIMEOUT_MS + 1_000)
      await until(() =>
        write().then(
          () => true,
          () => false,
        ),
      )
    }, 60_000)

    test('is known to be down once it is killed, keeps nobody waiting, and is back with all that it had', async () => {
      expect(await store.isUp()).toBe(true)
      const before = (await store.mongo.ask({ name: 'read' }, readLamps)).length
      await server.kill(0)

      const answers = await Promise.allSettled([store.isUp(), write(), open(server.url)])
      expect(answers).toMatchObject([
        { value: false },
        { reason: expect.any(OutcomeUnknown) },
        { reason: expect.any(CannotOpenStore) },
      ])
      await server.restart(0)
      await until(store.isUp)

      await until(() =>
        write().then(
          () => true,
          () => false,
        ),
      )
      expect((await store.mongo.ask({ name: 'read' }, readLamps)).length).toBeGreaterThan(before)
    }, 60_000)

    const readLamps = () => store.mongo.db.collection('lamps').find().toArray()
  })
}
