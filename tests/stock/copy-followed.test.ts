import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { Database } from '../../packages/chassis/src/database/database.ts'
import { openEmbedded } from '../../packages/chassis/src/database/embedded.ts'
import { freshDatabase } from '../../packages/chassis/src/database/fresh-database.ts'
import { freshMongo } from '../../packages/chassis/src/database/fresh-mongo.ts'
import { migrate, readMigrations } from '../../packages/chassis/src/database/migrations.ts'
import { connectMongo } from '../../packages/chassis/src/database/mongo.ts'
import { connectPostgres } from '../../packages/chassis/src/database/postgres.ts'
import type { BlankBooks } from '../../packages/inventory/src/application/books.ts'
import { copyBooks } from '../../packages/inventory/src/application/copying.ts'
import { opening } from '../../packages/inventory/src/domain/examples.ts'
import { sqlBooks } from '../../packages/inventory/src/infrastructure/books-sql.ts'
import { mongoBooks } from '../../packages/inventory/src/infrastructure/mongodb/books.ts'
import { prepareMongo } from '../../packages/inventory/src/infrastructure/mongodb/schema.ts'
import { refusedCommand } from '../processes/command.ts'
import { until } from '../processes/until.ts'
import { temporaryFolder } from '../running-shop.ts'
import { sellMuch } from './copying.ts'
import { openShopOn } from './copying-shop.ts'
import { API_KEY, type Replica } from './service.ts'
import { followStock } from './stream-reader.ts'
import { CHAIR, inventoryOn, LAMP } from './verify-history.ts'

const migrations = readMigrations(join(import.meta.dir, '../../packages/inventory/migrations'))
const SALES = 2_000
const { folder, remove } = temporaryFolder()
let source: Database

beforeAll(async () => {
  source = await openEmbedded(join(folder, 'database'))
  await migrate(source, 'inventory', migrations)
  await sellMuch(source, SALES)
}, 120_000)
afterAll(async () => {
  await source.close()
  remove()
})

test('an embedded copy that is not finished is sold from by nobody', async () => {
  const home = temporaryFolder()
  const database = await openEmbedded(join(home.folder, 'inventory', 'database'))
  await migrate(database, 'inventory', migrations)
  const books = sqlBooks(database)
  const { commit, idle } = inventoryOn(database)

  const half = await copyUntil(books, 3)
  const refused = await commit(opening(CHAIR, 5), Date.now() + 5_000).catch((error: { code: string }) => error.code)
  await idle()
  const { versions } = await books.tally()
  await database.close()
  const service = await refusedCommand('inventory', { ABASTO_DATA: home.folder, ABASTO_API_KEY: API_KEY })
  home.remove()

  expect([half, refused, versions > 1]).toEqual(['interrupted', '23514', true])
  expect(service.code).not.toBe(0)
  expect(service.said).toContain('a copy that is not finished')
}, 60_000)

const { TEST_POSTGRES_URL: postgres, TEST_MONGODB_URL: mongodb } = process.env
if (!postgres || !mongodb) console.log('Copies into running shops were not tested: a server is not set.')
else {
  describe('into PostgreSQL', () =>
    intoARunningShop(async () => {
      const { url, drop } = await freshDatabase(postgres)
      const database = connectPostgres({ url, connections: 4 })
      await migrate(database, 'inventory', migrations)
      // A transaction from before the copy: whatever comes after it waits, to those who follow.
      const foreign = connectPostgres({ url, connections: 1, longestMs: 60_000 })
      const open = foreign
        .query('SELECT pg_current_xact_id()::text, pg_sleep(6)', [], { timeoutMs: 20_000 })
        .catch(() => {})
      const close = async () => {
        await open
        await Promise.all([database.close(), foreign.close()])
        await drop()
      }
      return { url, books: sqlBooks(database), close }
    }))

  describe('into MongoDB', () =>
    intoARunningShop(async () => {
      const { url, drop } = freshMongo(mongodb)
      const mongo = connectMongo({ url, connections: 4, silenceMs: 0 })
      await prepareMongo(mongo.db)
      const close = async () => {
        await mongo.close()
        await drop()
      }
      return { url, books: mongoBooks(mongo), close }
    }))
}

type Target = Readonly<{ url: string; books: BlankBooks; close: () => Promise<void> }>

function intoARunningShop(openTarget: () => Promise<Target>) {
  test('history is told to nobody as news, and nothing is sold from half of it', async () => {
    const { url, books, close } = await openTarget()
    const shop = await openShopOn(url)
    const reader = followStock({ url: () => shop.urls.inventory, apiKey: API_KEY })
    await until(async () => reader.isReady())
    const before = reader.counts.snapshots

    const half = await copyUntil(books, 5)
    const late = await openShopOn(url).catch((error: Error) => error.message)
    const meanwhile = await Promise.all([sell(shop), stock(shop), follow(shop)])
    const done = copyUntil(books)
    const answers = await answersUntil(done, shop)
    const whole = await done
    // What is beyond the end of the copy is the verification, which takes its time.
    const beforeTheEnd = await sell(shop)
    await books.finish()
    const sold = [await sell(shop), await sell(shop), await sell(shop)]
    await until(async () => [...reader.levels.values()].some(({ sequence }) => sequence === SALES + 4))
    await reader.stop()
    const another = followStock({ url: () => shop.urls.inventory, apiKey: API_KEY })
    await until(async () => another.isReady())
    await another.stop()
    await shop.end('SIGTERM')
    const left = await books.read('levels', null)
    await close()

    expect([half, whole]).toEqual(['interrupted', 'copied'])
    expect(late).toContain('a copy that is not finished')
    for (const { status, document } of [...meanwhile, ...answers, beforeTheEnd]) {
      expect({ status, detail: document.errors[0].detail }).toEqual({ status: 503, detail: REFUSAL })
    }
    expect(sold.map(({ status }) => status)).toEqual([201, 201, 201])
    // The opening and the sales were copied; only what was sold since is news, each of it once, and that only as far as
    // the snapshot that came first did not have it already.
    expect(reader.faults).toEqual([])
    const level = `${LAMP}.00000000-0000-7000-8000-000000000001`
    const since = [2, 3, 4].map((more) => `${level} ${SALES + more}`)
    expect(reader.order).toEqual(since.slice(since.length - reader.order.length))
    expect(reader.counts.snapshots).toBeGreaterThan(before)
    const levels = left.records.map(({ sequence, onHand, reserved }) => ({ sequence, onHand, reserved }))
    expect([...reader.levels.values()]).toEqual(levels)
    expect([...another.levels.values()]).toEqual(levels)
    expect(levels).toMatchObject([{ sequence: SALES + 4 }])
  }, 120_000)

  test('a shop that is not blank any more when a copy begins keeps what it has', async () => {
    const { url, books, close } = await openTarget()
    const shop = await openShopOn(url)
    const looking: BlankBooks = {
      ...books,
      isBlank: async () => {
        const isBlank = await books.isBlank()
        expect((await stock(shop)).status).toBe(201)
        return isBlank
      },
    }
    const begun = await copyUntil(looking)
    const sold = await sell(shop, CHAIR)
    const unfinished = await books.unfinished()
    await shop.end('SIGTERM')
    await close()

    expect([begun, sold.status, unfinished]).toEqual(['target_not_empty', 201, undefined])
  }, 60_000)
}

const REFUSAL =
  'Another inventory is being copied into this one. Until that is done nothing can be written or followed.'

/** Copies all but the end, or as many portions as are named, as if the copier had been killed then. */
async function copyUntil(target: BlankBooks, portions = Number.POSITIVE_INFINITY): Promise<string> {
  class Killed extends Error {}
  let written = 0
  const write: BlankBooks['write'] = async (...portion) => {
    if (written++ === portions) throw new Killed()
    return target.write(...portion)
  }
  try {
    const copied = await copyBooks({ source: sqlBooks(source), target: { ...target, write }, from: 'the embedded one' })
    return copied.ok ? 'copied' : copied.error.code
  } catch (error) {
    if (error instanceof Killed) return 'interrupted'
    throw error
  }
}

/** What a customer is answered, again and again until something is done. */
async function answersUntil(done: Promise<unknown>, shop: Replica) {
  const answers = []
  let isDone = false
  void done.finally(() => {
    isDone = true
  })
  while (!isDone) answers.push(await sell(shop))
  return answers
}

const sell = (shop: Replica, product: typeof LAMP | typeof CHAIR = LAMP) =>
  shop.post('/purchases', { quantity: 1 }, { product })

async function follow({ urls, apiKey }: Replica) {
  const headers = { 'X-API-Key': apiKey, Accept: 'text/event-stream' }
  const response = await fetch(`${urls.inventory}/api/v1/stock-events`, { headers })
  return { status: response.status, document: JSON.parse(await response.text()) }
}

const stock = (shop: Replica) => shop.post('/inventory', { quantity: 5 }, { product: CHAIR })
