import { afterEach, describe, expect, test } from 'bun:test'
import { type Document, MongoClient } from 'mongodb'
import { type MongoServer, startMongo } from '../../scripts/mongo-server.ts'
import { until } from '../processes/until.ts'
import { found, size } from '../stock/size.ts'
import { expectNothingLost } from './afterwards.ts'
import { letIn, nothingTold } from './customers.ts'
import { buildTown } from './town.ts'
import { twiceAt } from './twice.ts'
import { isOwnReplay, watched } from './watched.ts'

/** For how long at most the primary is alone before some of its ends, in milliseconds. */
const ALONE_MS = 2_000

// It starts servers of its own, because it kills them. TEST_MONGODB_URL says that it may.
if (!process.env.TEST_MONGODB_URL) {
  console.log('The primary of a MongoDB that is killed was not tested: TEST_MONGODB_URL is not set.')
} else {
  const cleaning: (() => unknown)[] = []
  afterEach(async () => {
    for (const step of cleaning.splice(0).reverse()) await step()
  }, 60_000)

  describe('the primary of a MongoDB of three nodes is killed under sales and reservations', () => {
    test(
      'nothing that was acknowledged is lost or doubled, and before long the shop writes again',
      async () => {
        const kills = size({ usual: 1, full: 20 })
        // In full as MongoDB has it, which is the slowest that there is to wait for.
        const electionTimeoutMs = size({ usual: 1_000, full: 10_000 })
        const mongo = await startMongo({ nodes: 3, electionTimeoutMs })
        cleaning.push(mongo.stop)
        const town = await buildTown(mongo.url, 6)
        cleaning.push(town.close)
        const branches = await Promise.all([town.open(), town.open()])
        const told = nothingTold(town.products)
        const writes = watched()
        const leave = letIn(
          async (customer, attempt) => {
            const [one, other] = [branches[(customer + attempt) % 2]!, branches[(customer + attempt + 1) % 2]!]
            const tills = customer % 3 === 0 ? ([one.grpc, other.grpc] as const) : ([one.http, other.http] as const)
            return writes.watch(twiceAt(tills, (wrong) => told.wrong.push(wrong)))
          },
          told,
          48,
        )

        const awayMs: number[] = []
        const goneWithIt: number[] = []
        for (let kill = 0; kill < kills; kill++) {
          await Bun.sleep(1_000 + Math.random() * size({ usual: 0, full: 2_000 }))
          const primary = await mongo.primary()
          // Every other time, and in the usual run, it has been alone with what it wrote last.
          if (kill % 2 === 0) goneWithIt.push(await killAlone(mongo, primary))
          else await mongo.kill(primary)
          awayMs.push(await writes.again())
          const heir = await mongo.primary()
          expect(heir).not.toBe(primary)
          if (kill === kills - 1) break
          await mongo.restart(primary)
          await untilFollows(mongo.urls[primary]!, mongo.urls[heir]!)
        }
        await Bun.sleep(200)
        await leave()

        found('the primary of a MongoDB of three nodes is killed', {
          kills,
          'of these after having been alone': goneWithIt.length,
          'transactions that were gone with it then': goneWithIt,
          'election timeout (ms)': electionTimeoutMs,
          answers: told.answers,
          'writes sent again': told.sentAgain,
          'of these had taken effect': told.hadTakenEffect,
          'sent again by the service itself, and had taken effect': told.wrong.filter(isOwnReplay).length,
          'nothing was written for (ms)': awayMs.map(Math.round),
          'slowest answer (ms)': Math.round(told.slowestMs),
        })
        expect(goneWithIt.some((count) => count > 0)).toBe(true)
        await expectNothingLost(town, told, branches, awayMs)
      },
      size({ usual: 120_000, full: 1_500_000 }),
    )
  })
}

/**
 * Kills a primary whose followers have heard nothing for a moment. What took effect on it meanwhile, and what was built
 * on that, the others never learn of: nobody may have been told of any of it. Says how many transactions these were.
 */
async function killAlone(mongo: MongoServer, primary: number): Promise<number> {
  const client = new MongoClient(mongo.urls[primary]!)
  const oplog = client.db('local').collection('oplog.rs')
  const transactions = async () => {
    const { majorityOpTime } = (await client.db('admin').command({ hello: 1 })).lastWrite
    return oplog.countDocuments({ ts: { $gt: majorityOpTime.ts }, 'o.applyOps': { $exists: true } })
  }
  await transactions()
  const followers = mongo.pids().filter((_, node) => node !== primary)
  for (const pid of followers) process.kill(pid, 'SIGSTOP')
  try {
    let gone = 0
    for (const until = Date.now() + ALONE_MS; gone < 2 && Date.now() < until; ) gone = await transactions()
    // Whoever says goodbye to a server that is gone waits for it.
    await client.close()
    await mongo.kill(primary)
    return gone
  } finally {
    for (const pid of followers) process.kill(pid, 'SIGCONT')
  }
}

/** Waits until a node has caught up with the primary. */
async function untilFollows(follower: string, primary: string): Promise<void> {
  const { majorityOpTime: goal } = (await greeting(primary)).lastWrite
  await until(async () => {
    const { secondary, lastWrite } = await greeting(follower)
    // By the term too: what the others know nothing of may be the latest by the clock.
    return secondary && lastWrite.opTime.t >= goal.t && lastWrite.opTime.ts.gte(goal.ts)
  })
}

async function greeting(url: string): Promise<Document> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 1_000 })
  try {
    return await client.db('admin').command({ hello: 1 })
  } finally {
    await client.close()
  }
}
