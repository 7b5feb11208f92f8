import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Database, OutcomeUnknown } from '../../packages/chassis/src/database/database.ts'
import { openEmbedded } from '../../packages/chassis/src/database/embedded.ts'
import { freshDatabase } from '../../packages/chassis/src/database/fresh-database.ts'
import { freshMongo } from '../../packages/chassis/src/database/fresh-mongo.ts'
import { migrate, readMigrations } from '../../packages/chassis/src/database/migrations.ts'
import { connectMongo, type Mongo } from '../../packages/chassis/src/database/mongo.ts'
import { connectPostgres } from '../../packages/chassis/src/database/postgres.ts'
import type { BlankBooks } from '../../packages/inventory/src/application/books.ts'
import { copyBooks, finishCopy } from '../../packages/inventory/src/application/copying.ts'
import { line, opening, sale } from '../../packages/inventory/src/domain/examples.ts'
import { sqlBooks } from '../../packages/inventory/src/infrastructure/books-sql.ts'
import { mongoBooks } from '../../packages/inventory/src/infrastructure/mongodb/books.ts'
import { prepareMongo } from '../../packages/inventory/src/infrastructure/mongodb/schema.ts'
import { mongoStock } from '../../packages/inventory/src/infrastructure/mongodb/stock.ts'
import { temporaryFolder } from '../running-shop.ts'
import { copying, fromTo, sellMuch } from './copying.ts'
import { inventoryOver, LAMP, succeeded } from './verify-history.ts'

const migrations = readMigrations(join(import.meta.dir, '../../packages/inventory/migrations'))
const { folder, remove } = temporaryFolder()
let source: Database

beforeAll(async () => {
  source = await openEmbedded(join(folder, 'database'))
  await migrate(source, 'inventory', migrations)
  await sellMuch(source, 5)
}, 60_000)
afterAll(async () => {
  await source?.close()
  remove()
})

const copyInto = async (target: BlankBooks) => {
  const copied = await copyBooks({ source: sqlBooks(source), target, from: 'the embedded one' })
  return copied.ok ? 'copied' : copied.error.code
}

test('a file is no place to copy to', async () => {
  const file = join(folder, 'a-file')
  writeFileSync(file, 'of somebody')

  expect(await copying(...fromTo('/nowhere', file))).toMatchObject({
    code: 2,
    complained: `${file} is a file, and an embedded database takes a folder: name another one.`,
  })
})

test('a folder that holds something else is left as it is', async () => {
  const shop = temporaryFolder()
  const own = await openEmbedded(join(shop.folder, 'database'))
  await migrate(own, 'inventory', migrations)
  await own.close()
  const foreign = join(folder, 'foreign')
  mkdirSync(join(foreign, 'database'), { recursive: true })
  writeFileSync(join(foreign, 'database/notes'), 'of somebody')

  const { code, complained } = await copying(...fromTo(shop.folder, foreign))

  expect(code).toBe(2)
  expect(complained).toBe(
    `The folder ${join(foreign, 'database')} holds something else than a database: name another one with --to.`,
  )
  expect(readdirSync(foreign)).toEqual(['database'])
  expect(readdirSync(join(foreign, 'database'))).toEqual(['notes'])
  shop.remove()
}, 60_000)

/** Waits until somebody sleeps in the middle of what they do in this database. */
async function isAsleep(database: Database): Promise<void> {
  const asleep = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`
  while ((await database.query(asleep, [])).length === 0) await Bun.sleep(10)
}

const { TEST_POSTGRES_URL: postgres, TEST_MONGODB_URL: mongodb } = process.env
if (!postgres || !mongodb) console.log('Answers that are lost on the way were not tested: a server is not set.')
else {
  describe('a copy into PostgreSQL', () => {
    let url: string
    let drop: () => Promise<void>
    let target: Database
    let other: Database
    const open = async (settings = '') => {
      const fresh = await freshDatabase(postgres)
      url = fresh.url
      drop = fresh.drop
      target = connectPostgres({ url: `${url}${settings}`, connections: 2 })
      other = connectPostgres({ url, connections: 1 })
      await migrate(target, 'inventory', migrations)
      return sqlBooks(target)
    }
    const close = async () => {
      await Promise.all([target.close(), other.close()])
      await drop()
    }

    test('is finished though nobody heard so, and after somebody who was reading', async () => {
      const books = await open()
      expect(await copyInto(books)).toBe('copied')
      const reading = other.query('SELECT count(*), pg_sleep(4) FROM inventory.movements', [], { timeoutMs: 10_000 })

      await finishCopy({
        ...books,
        finish: async () => {
          await books.finish()
          throw new OutcomeUnknown('the cable was cut')
        },
      })

      expect(await books.unfinished()).toBeUndefined()
      await reading
      await close()
    }, 60_000)

    test('goes on when a portion arrives after it was looked for', async () => {
      const books = await open()
      let late: Promise<boolean> | undefined
      const write: BlankBooks['write'] = async (...portion) => {
        if (late) {
          await late
          return books.write(...portion)
        }
        late = Bun.sleep(100).then(() => books.write(...portion))
        throw new OutcomeUnknown('the cable was cut')
      }

      expect(await copyInto({ ...books, write })).toBe('copied')
      await close()
    }, 60_000)

    for (const isolation of ['read committed', 'repeatable read', 'serializable']) {
      test(`finds what somebody was just writing when it begins, at ${isolation}`, async () => {
        const books = await open(`?default_transaction_isolation=${encodeURIComponent(isolation)}`)
        let writing: Promise<void> | undefined
        const isBlank = async () => {
          const found = await books.isBlank()
          writing = other.script(`
            INSERT INTO inventory.warehouses (id, name, version, created_at)
            VALUES ('${LAMP}', 'Cellar', 1, now());
            SELECT pg_sleep(1)`)
          await isAsleep(target)
          return found
        }

        expect(await copyInto({ ...books, isBlank })).toBe('target_not_empty')
        expect(await books.unfinished()).toBeUndefined()
        await writing
        await close()
      }, 60_000)
    }

    test('by a role that may not close the books says so in one sentence', async () => {
      await open()
      await other.script(`
        CREATE ROLE guest_of_copies LOGIN PASSWORD 'guest';
        GRANT ALL ON DATABASE ${new URL(url).pathname.slice(1)} TO guest_of_copies;
        GRANT ALL ON SCHEMA inventory TO guest_of_copies;
        GRANT ALL ON ALL TABLES IN SCHEMA inventory TO guest_of_copies`)
      const asGuest = url.replace(/\/\/[^@]*@/, '//guest_of_copies:guest@')
      const half = temporaryFolder()
      const sold = await openEmbedded(join(half.folder, 'database'))
      await migrate(sold, 'inventory', migrations)
      await sold.close()

      const { code, complained } = await copying(...fromTo(half.folder, asGuest))
      await other.script('DROP OWNED BY guest_of_copies; DROP ROLE guest_of_copies')
      half.remove()
      await close()

      expect(complained).toMatch(/must be owner of table \w+/)
      expect({ code, lines: complained.split('\n').length }).toEqual({ code: 2, lines: 1 })
    }, 60_000)
  })

  test('a copy into MongoDB that died before it closed the books leaves them to the shop that has opened since', async () => {
    const { url, drop } = freshMongo(mongodb)
    const mongo = connectMongo({ url, connections: 4, silenceMs: 0 })
    await prepareMongo(mongo.db)
    const died = await copyInto(mongoBooks(dyingBeforeTheBooksAreClosed(mongo))).catch(String)
    expect(died).toContain('killed')
    const { commit, idle } = inventoryOver(mongoStock(mongo))
    succeeded(await commit(opening(LAMP, 5), Date.now() + 10_000))

    expect(await copyInto(mongoBooks(mongo))).toBe('target_not_empty')
    succeeded(await commit(sale([line(LAMP, 1)]), Date.now() + 10_000))
    await idle()
    expect(await mongoBooks(mongo).unfinished()).toBeUndefined()
    await mongo.close()
    await drop()
  }, 60_000)

  test('a copy into MongoDB that was opened and died is whole, though something was sold since', async () => {
    const { url, drop } = freshMongo(mongodb)
    const mongo = connectMongo({ url, connections: 4, silenceMs: 0 })
    await prepareMongo(mongo.db)
    const books = mongoBooks(mongo)
    expect(await copyInto(books)).toBe('copied')
    await expect(mongoBooks(dyingBeforeTheNoteGoes(mongo)).finish()).rejects.toThrow('killed')
    const { commit, idle } = inventoryOver(mongoStock(mongo))
    succeeded(await commit(sale([line(LAMP, 1)]), Date.now() + 10_000))
    await idle()

    expect(await copyInto(books)).toBe('copied')
    await finishCopy(books)
    expect(await books.unfinished()).toBeUndefined()
    await mongo.close()
    await drop()
  }, 60_000)
}

/** A MongoDB whose copier dies when the copy is noted, and the books are not closed yet. */
function dyingBeforeTheBooksAreClosed(mongo: Mongo): Mongo {
  const db = new Proxy(mongo.db, {
    get: (real, name) =>
      name === 'command' ? () => Promise.reject(new OutcomeUnknown('killed')) : Reflect.get(real, name, real),
  })
  return { ...mongo, db }
}

/** A MongoDB whose copier dies when its books are open, and the note of the copy is still there. */
function dyingBeforeTheNoteGoes(mongo: Mongo): Mongo {
  const collection = (name: string) =>
    Object.assign(mongo.db.collection(name), { drop: () => Promise.reject(new OutcomeUnknown('killed')) })
  const db = new Proxy(mongo.db, {
    get: (real, name) => (name === 'collection' ? collection : Reflect.get(real, name, real)),
  })
  return { ...mongo, db }
}
