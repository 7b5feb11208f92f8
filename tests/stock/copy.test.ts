import { afterAll, beforeAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { Database } from '../../packages/chassis/src/database/database.ts'
import { openEmbedded } from '../../packages/chassis/src/database/embedded.ts'
import { lockFolder } from '../../packages/chassis/src/database/folder-lock.ts'
import { freshDatabase } from '../../packages/chassis/src/database/fresh-database.ts'
import { freshMongo } from '../../packages/chassis/src/database/fresh-mongo.ts'
import { migrate, readMigrations } from '../../packages/chassis/src/database/migrations.ts'
import { connectMongo } from '../../packages/chassis/src/database/mongo.ts'
import { connectPostgres } from '../../packages/chassis/src/database/postgres.ts'
import { createCommitter } from '../../packages/inventory/src/application/committer.ts'
import type { Stock } from '../../packages/inventory/src/application/ports.ts'
import type { Command } from '../../packages/inventory/src/domain/command.ts'
import { adjustment, line, lineHeld, reservation, sale } from '../../packages/inventory/src/domain/examples.ts'
import type { Verdict } from '../../packages/inventory/src/domain/state.ts'
import { mongoStock } from '../../packages/inventory/src/infrastructure/mongodb/stock.ts'
import { postgresStock } from '../../packages/inventory/src/infrastructure/postgres.ts'
import { temporaryFolder } from '../running-shop.ts'
import { copying, everythingIn, fromTo } from './copying.ts'
import { inventoryOn, LAMP, liveThroughEverything } from './verify-history.ts'

const migrations = readMigrations(join(import.meta.dir, '../../packages/inventory/migrations'))
const { folder, remove } = temporaryFolder()

/** Sent before the move, and once more after it. */
const commands: readonly Command[] = [
  sale([line(LAMP, 2), line(LAMP, 1)]),
  sale([line(LAMP, 1_000_000)]),
  reservation([lineHeld(LAMP, 1)], { ttlSeconds: 3_600 }),
  adjustment(LAMP, 3),
]
let answers: readonly Verdict[]
let everything: Awaited<ReturnType<typeof everythingIn>>

beforeAll(async () => {
  const database = await openEmbedded(join(folder, 'database'))
  await migrate(database, 'inventory', migrations)
  await liveThroughEverything(inventoryOn(database))
  answers = await send(postgresStock(database), commands)
  everything = await everythingIn(database)
  await database.close()
}, 120_000)
afterAll(remove)

test('what cannot be meant is refused with a sentence', async () => {
  expect(await copying('--help')).toMatchObject({ code: 0, said: expect.stringContaining('Usage: abasto copy --from') })
  expect(await copying('--from', folder)).toMatchObject({
    code: 2,
    complained: expect.stringContaining('--to is miss'),
  })
  expect((await copying(...fromTo('mysql://here/shop', folder))).complained).toStartWith(
    '--from takes an address such as postgres://',
  )
  expect((await copying(...fromTo('mongodb://me:secret@/shop', folder))).complained).not.toContain('secret')
  expect((await copying(...fromTo('postgres://me:secret@h/shop?sslmode=no', folder))).complained).toStartWith(
    '--from cannot be used. In the address of a PostgreSQL sslmode is one of',
  )
  expect((await copying(...fromTo(folder, `${folder}/../${folder.split('/').at(-1)}`))).complained).toStartWith(
    '--from and --to are the same database.',
  )
})

test('a folder without a database is told, and one that is in use', async () => {
  const empty = temporaryFolder()
  const nothing = await copying(...fromTo(empty.folder, join(empty.folder, 'new')))
  const lock = lockFolder(folder, { owner: 'a test' })
  const busy = await copying(...fromTo(folder, empty.folder))
  lock.release()

  expect(nothing).toMatchObject({ code: 2, complained: `The folder ${empty.folder} holds no embedded database.` })
  expect(busy).toMatchObject({ code: 2, complained: expect.stringContaining('is in use by a test, and an embedded') })
  expect(await Array.fromAsync(new Bun.Glob('**').scan(empty.folder))).toEqual([])
  empty.remove()
})

const { TEST_POSTGRES_URL: server, TEST_MONGODB_URL: mongoServer } = process.env
if (!server || !mongoServer) {
  console.log('Moving between servers was not tested: TEST_POSTGRES_URL or TEST_MONGODB_URL is not set.')
} else {
  test('everything moves from the embedded database to PostgreSQL, to MongoDB, and back', async () => {
    await using moved = await new Moving().begin(server, mongoServer)
    const { first, second, mongo, home } = moved

    const codes: number[] = []
    for (const [from, to] of [
      [folder, first],
      [first, mongo],
      [mongo, second],
      [second, home],
    ] as const) {
      const { code, complained } = await copying(...fromTo(from, to))
      codes.push(code)
      expect(complained).toBe('')
    }

    expect(codes).toEqual([0, 0, 0, 0])
    expect(Object.values(everything).every((rows) => rows.length > 0)).toBe(true)
    expect(await moved.inPostgres(first, everythingIn)).toEqual(everything)
    expect(await moved.inPostgres(second, everythingIn)).toEqual(everything)
    expect(await inFolder(home, everythingIn)).toEqual(everything)

    // None of them is empty any more: nothing can be copied over them by mistake.
    for (const [from, to] of [
      [mongo, first],
      [first, mongo],
      [first, home],
    ] as const) {
      expect(await copying(...fromTo(from, to))).toMatchObject({
        code: 2,
        complained: 'The target is not empty: it has an inventory of its own, and nothing of it was changed.',
      })
    }
    expect(await moved.inPostgres(first, everythingIn)).toEqual(everything)

    // What was sent to the old store and is sent again is answered as it was, and nothing happens twice.
    const again = answers.map((verdict) => ({ ...verdict, replayed: true }))
    expect(await moved.inPostgres(second, (database) => send(postgresStock(database), commands))).toEqual(again)
    expect(await moved.inMongo((stock) => send(stock, commands))).toEqual(again)
    expect(await moved.inPostgres(second, everythingIn)).toEqual(everything)

    // Trade goes on, and the ledger still adds up when it moves on.
    const [sold] = await moved.inMongo((stock) => send(stock, [sale([line(LAMP, 1)])]))
    expect(sold).toMatchObject({ ok: true })
    const third = await moved.another()
    expect(await copying(...fromTo(mongo, third))).toMatchObject({ code: 0, complained: '' })
    const movements = await moved.inPostgres(third, async (database) => (await everythingIn(database)).movements)
    expect(movements).toHaveLength(everything.movements!.length + 1)
  }, 120_000)

  test('a source without an inventory is refused, and one whose ledger is wrong', async () => {
    await using moved = await new Moving().begin(server, mongoServer)
    const { first, second, mongo } = moved
    const nothing = await Promise.all([copying(...fromTo(first, mongo)), copying(...fromTo(mongo, second))])
    for (const { code, complained } of nothing) {
      expect([code, complained.split(' at ')[0]]).toEqual([2, 'There is no inventory'])
    }
    expect(await moved.inPostgres(first, schemasOf)).toEqual([])

    await copying(...fromTo(folder, second))
    await moved.inPostgres(second, (database) =>
      database.query('UPDATE inventory.stock_levels SET on_hand = 99999', []),
    )
    const wrong = await copying(...fromTo(second, first))
    expect([wrong.code, wrong.complained]).toEqual([1, expect.stringContaining('does not equal its balances')])
    expect(await moved.inPostgres(first, async (database) => (await everythingIn(database)).movements)).toEqual([])
  }, 120_000)
}

/** Databases on servers that one test moves between. */
class Moving {
  first = ''
  second = ''
  mongo = ''
  private readonly place = temporaryFolder()
  readonly home = join(this.place.folder, 'home')
  private readonly ends: (() => unknown)[] = [this.place.remove]
  private server = ''

  async begin(server: string, mongoServer: string): Promise<this> {
    this.server = server
    ;[this.first, this.second] = [await this.another(), await this.another()]
    const { url, drop } = freshMongo(mongoServer)
    this.mongo = url
    this.ends.push(drop)
    return this
  }

  async another(): Promise<string> {
    const { url, drop } = await freshDatabase(this.server)
    this.ends.push(drop)
    return url
  }

  async inPostgres<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
    const database = connectPostgres({ url, connections: 2 })
    return work(database).finally(database.close)
  }

  async inMongo<T>(work: (stock: Stock) => Promise<T>): Promise<T> {
    const mongo = connectMongo({ url: this.mongo, connections: 4 })
    return work(mongoStock(mongo)).finally(mongo.close)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.ends) await end()
  }
}

async function inFolder<T>(home: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openEmbedded(join(home, 'database'))
  return work(database).finally(database.close)
}

async function send(stock: Stock, sent: readonly Command[]): Promise<Verdict[]> {
  const { commit, idle } = createCommitter(stock)
  const verdicts: Verdict[] = []
  for (const command of sent) verdicts.push(await commit(command, Date.now() + 20_000))
  await idle()
  return verdicts
}

const schemasOf = (database: Database) =>
  database.query("SELECT nspname FROM pg_namespace WHERE nspname = 'inventory'", [])
