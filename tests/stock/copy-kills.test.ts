import { afterAll, beforeAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { Database } from '../../packages/chassis/src/database/database.ts'
import { type FreshDatabase, freshDatabase } from '../../packages/chassis/src/database/fresh-database.ts'
import { freshMongo } from '../../packages/chassis/src/database/fresh-mongo.ts'
import { migrate, readMigrations } from '../../packages/chassis/src/database/migrations.ts'
import { connectMongo } from '../../packages/chassis/src/database/mongo.ts'
import { connectPostgres } from '../../packages/chassis/src/database/postgres.ts'
import type { Unfinished } from '../../packages/inventory/src/application/books.ts'
import { line, sale } from '../../packages/inventory/src/domain/examples.ts'
import { sqlBooks } from '../../packages/inventory/src/infrastructure/books-sql.ts'
import { mongoBooks } from '../../packages/inventory/src/infrastructure/mongodb/books.ts'
import { refusedCommand } from '../processes/command.ts'
import { copying, everythingIn, fromTo, sellMuch, startCopying } from './copying.ts'
import { found, size } from './size.ts'
import { inventoryOn, LAMP, succeeded } from './verify-history.ts'

const { TEST_POSTGRES_URL: server, TEST_MONGODB_URL: mongoServer } = process.env
if (!server || !mongoServer) {
  console.log('Killing copies was not tested: TEST_POSTGRES_URL or TEST_MONGODB_URL is not set.')
} else {
  let source: FreshDatabase
  let shop: Database
  const drops: (() => Promise<void>)[] = []
  beforeAll(async () => {
    source = await freshDatabase(server)
    shop = connectPostgres({ url: source.url, connections: 4 })
    await migrate(shop, 'inventory', readMigrations(join(import.meta.dir, '../../packages/inventory/migrations')))
    await sellMuch(shop, size({ usual: 3_000, full: 60_000 }))
  }, 120_000)
  afterAll(async () => {
    await shop.close()
    for (const drop of [source.drop, ...drops]) await drop()
  }, 30_000)

  test(
    'a copy that is killed again and again is whole in the end',
    async () => {
      const [mongo, back] = [freshMongo(mongoServer), await freshDatabase(server)]
      drops.push(mongo.drop, back.drop)
      const everything = await everythingIn(shop)

      const killed = [
        await killUntilDone(source.url, mongo.url, inMongo(mongo.url)),
        await killUntilDone(mongo.url, back.url, inPostgres(back.url)),
      ]

      for (const kills of killed) expect(kills).toBeGreaterThan(0)
      const moved = connectPostgres({ url: back.url })
      expect(await everythingIn(moved)).toEqual(everything)
      await moved.close()
      found('copies are killed', { 'kills of a copy to MongoDB': killed[0], 'and to PostgreSQL': killed[1] })
    },
    size({ usual: 240_000, full: 900_000 }),
  )

  test('a source that is written to meanwhile is noticed, and half a copy is of no use to anybody', async () => {
    const [target, other] = [await freshDatabase(server), await freshDatabase(server)]
    drops.push(target.drop, other.drop)
    const copy = startCopying(source.url, target.url)
    await untilStep(inPostgres(target.url), 3)
    const { commit, idle } = inventoryOn(shop)
    succeeded(await commit(sale([line(LAMP, 1)]), Date.now() + 20_000))
    await idle()

    const said = await new Response(copy.stderr).text()
    const again = await copying(...fromTo(source.url, target.url))
    const elsewhere = await copying(...fromTo(source.url.replace('127.0.0.1', 'localhost'), target.url))
    const onward = await copying(...fromTo(target.url, other.url))
    const service = await refusedCommand('inventory', {
      INVENTORY_DATABASE_URL: target.url,
      ABASTO_API_KEY: 'the-key-of-a-shop-in-a-test',
    })

    expect(await copy.exited).toBe(2)
    expect(said).toContain('The source was written to after the copy had begun')
    expect(again).toMatchObject({ code: 2, complained: expect.stringContaining('The source was written to') })
    expect(elsewhere).toMatchObject({
      code: 2,
      complained: expect.stringContaining('The target holds a copy of postgres'),
    })
    expect(onward).toMatchObject({
      code: 2,
      complained: expect.stringContaining('is itself a copy that is not finish'),
    })
    expect(service.code).not.toBe(0)
    expect(service.said).toContain('a copy that is not finished')
  }, 60_000)
}

/** Copies, and kills the copier with SIGKILL whenever it has gone on a little; says how often. */
async function killUntilDone(from: string, to: string, progress: Progress): Promise<number> {
  let kills = 0
  for (;;) {
    const copier = startCopying(from, to)
    const reached = (await progress.step()) ?? 0
    const ended = await Promise.race([
      copier.exited.then(() => true),
      untilStep(progress, reached + Math.floor(Math.random() * 6)).then(() => false),
    ])
    if (ended) {
      expect({ code: await copier.exited, said: await new Response(copier.stderr).text() }).toMatchObject({ code: 0 })
      await progress.close()
      return kills
    }
    // Between two portions, in the middle of one, or while its answer is on the way.
    await Bun.sleep(Math.random() * 20)
    copier.kill('SIGKILL')
    await copier.exited
    kills++
  }
}

/** What a target knows of an unfinished copy. */
type Progress = Readonly<{ step: () => Promise<number | undefined>; close: () => Promise<void> }>

async function untilStep(progress: Progress, step: number): Promise<void> {
  while (((await progress.step()) ?? -1) < step) await Bun.sleep(5)
}

function inPostgres(url: string): Progress {
  const database = connectPostgres({ url, connections: 1 })
  return { step: stepOf(sqlBooks(database).unfinished), close: database.close }
}

function inMongo(url: string): Progress {
  const mongo = connectMongo({ url, connections: 1 })
  return { step: stepOf(mongoBooks(mongo).unfinished), close: mongo.close }
}

const stepOf = (ask: () => Promise<Unfinished | undefined>) => () =>
  ask().then(
    (copy) => copy?.step,
    // It is being made, or is just done with.
    () => undefined,
  )
