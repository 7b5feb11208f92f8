import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Contention, type Database, OutcomeUnknown } from './database.ts'
import { freshDatabase } from './fresh-database.ts'
import { freshEmbedded } from './fresh-embedded.ts'
import { migrate, readMigrations } from './migrations.ts'
import { connectPostgres } from './postgres.ts'

const first = { name: '0001_shelf.sql', sql: 'CREATE TABLE shop.shelf (id integer PRIMARY KEY)' }
const second = { name: '0002_label.sql', sql: "ALTER TABLE shop.shelf ADD label text NOT NULL DEFAULT 'x'" }
const broken = { name: '0003_broken.sql', sql: 'CREATE TABLE shop.half (id integer); SELECT nonsense' }

function migrationPromises(name: string, open: () => Promise<Database>): void {
  describe(`migrations on ${name}`, () => {
    let database: Database
    beforeAll(async () => {
      database = await open()
    }, 60_000)
    afterAll(() => database.close(), 60_000)

    test('are applied once, whoever starts and however often', async () => {
      const applied = await Promise.all([1, 2, 3].map(() => migrate(database, 'shop', [first])))

      expect(applied.flat()).toEqual([first.name])
      expect(await migrate(database, 'shop', [first, second])).toEqual([second.name])
      expect(await migrate(database, 'shop', [first, second])).toEqual([])
      expect(await database.query('SELECT id, label FROM shop.shelf', [])).toEqual([])
    }, 30_000)

    test('take effect completely or not at all, and the next start tries again', async () => {
      expect(await failureOf(migrate(database, 'shop', [first, second, broken]))).toBeInstanceOf(Error)

      const mended = { ...broken, sql: 'CREATE TABLE shop.half (id integer)' }
      expect(await migrate(database, 'shop', [first, second, mended])).toEqual([mended.name])
    })

    test('may not be changed once they were applied', async () => {
      const changed = { ...first, sql: `${first.sql} -- more` }

      expect(String(await failureOf(migrate(database, 'shop', [changed])))).toContain('0001_shelf.sql was changed')
    })
  })
}

// `expect().rejects` holds up the turns of the event loop that the embedded engine waits for.
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error) => error,
  )

/** Changes a table, and takes three seconds for it. */
const slowly = (name: string) => ({
  name,
  sql: `ALTER TABLE shop.shelf ADD column_${name.slice(0, 4)} text; SELECT pg_sleep(3)`,
})

migrationPromises('the embedded database', () => freshEmbedded())

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('Migrations on PostgreSQL were not tested: TEST_POSTGRES_URL is not set.')
else {
  migrationPromises('PostgreSQL', async () => {
    const { url, drop } = await freshDatabase(server)
    const database = connectPostgres({ url })
    return { ...database, close: () => database.close().then(drop) }
  })

  describe('migrations while others use the database', () => {
    let url: string
    let drop: () => Promise<void>
    const pools: Database[] = []
    const connect = (name = 'abasto') => {
      const pool = connectPostgres({ url, connections: 2, name })
      pools.push(pool)
      return pool
    }
    const endLease = () =>
      connect().query("UPDATE shop.schema_migration_lease SET expires_at = now() - interval '1 second'", [])
    beforeAll(async () => {
      ;({ url, drop } = await freshDatabase(server))
      await migrate(connect(), 'shop', [first])
    }, 60_000)
    afterAll(async () => {
      await Promise.all(pools.map((pool) => pool.close()))
      await drop()
    }, 60_000)

    test('whoever loses the right to migrate in the middle of one has it done by nobody twice', async () => {
      const slow = { name: '0002_slow.sql', sql: 'CREATE TABLE shop.slow (id integer); SELECT pg_sleep(1.5)' }
      const one = migrate(connect(), 'shop', [first, slow])
      await Bun.sleep(300)
      await endLease()

      const other = migrate(connect(), 'shop', [first, slow])

      expect(await Promise.all([one, other])).toEqual([[slow.name], []])
    }, 30_000)

    test('a table that somebody reads for long is changed later, and meanwhile everyone else reads on', async () => {
      const more = { name: '0003_more.sql', sql: 'ALTER TABLE shop.shelf ADD more text' }
      const reader = new Bun.SQL(url, { max: 1 })
      const leave = Promise.withResolvers<void>()
      const reading = reader.begin(async (transaction) => {
        await transaction`SELECT * FROM shop.shelf`
        await leave.promise
      })
      await Bun.sleep(100)
      const migrating = migrate(connect(), 'shop', [first, more])
      const others = connect()
      let slowestMs = 0
      for (const until = Date.now() + 5_000; Date.now() < until; await Bun.sleep(20)) {
        const asked = performance.now()
        await others.query('SELECT * FROM shop.shelf', [])
        slowestMs = Math.max(slowestMs, performance.now() - asked)
      }
      leave.resolve()
      await reading
      await reader.close()

      expect(await migrating).toEqual([more.name])
      expect(slowestMs).toBeLessThan(4_000)
    }, 30_000)

    test('one that takes longer than a script usually may is waited for', async () => {
      const pool = connect()
      const impatient: Database = {
        ...pool,
        script: (text, { timeoutMs = 1_000 } = {}) => pool.script(text, { timeoutMs }),
      }

      expect(await migrate(impatient, 'shop', [slowly('0004_long.sql')])).toEqual(['0004_long.sql'])
    }, 30_000)

    test('who finds another at the same one waits for it, however long it takes', async () => {
      const slow = slowly('0005_index.sql')
      const one = migrate(connect(), 'shop', [slow])
      await Bun.sleep(300)
      await endLease()

      const other = migrate(connect(), 'shop', [slow], { patienceMs: 0 })

      expect(await Promise.all([one, other])).toEqual([[slow.name], []])
    }, 30_000)

    test('who waits for another that dies at it does it itself', async () => {
      const slow = slowly('0006_index.sql')
      const one = failureOf(migrate(connect('victim'), 'shop', [slow]))
      await Bun.sleep(300)
      await endLease()
      const other = migrate(connect(), 'shop', [slow], { patienceMs: 0 })
      await Bun.sleep(1_000)

      await connect().query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim' AND state = 'active'",
        [],
      )

      expect(await one).toBeInstanceOf(OutcomeUnknown)
      expect(await other).toEqual([slow.name])
    }, 30_000)

    test('a table that somebody never stops using is given up in the end', async () => {
      const reader = new Bun.SQL(url, { max: 1 })
      const [reads, leave] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const reading = reader.begin(async (transaction) => {
        await transaction`SELECT * FROM shop.shelf`
        reads.resolve()
        await leave.promise
      })
      await reads.promise

      const failure = await failureOf(migrate(connect(), 'shop', [slowly('0007_never.sql')], { patienceMs: 500 }))

      expect(failure).toBeInstanceOf(Contention)
      expect(failure).toMatchObject({ sqlState: '55P03' })
      leave.resolve()
      await reading
      await reader.close()
    }, 30_000)
  })
}

test('are read in the order of their names, and a folder without any is a mistake', () => {
  const folder = mkdtempSync(join(tmpdir(), 'abasto-migrations-'))
  expect(() => readMigrations(folder)).toThrow('there are no migrations')
  for (const { name, sql } of [second, first]) writeFileSync(join(folder, name), sql)
  writeFileSync(join(folder, 'notes.md'), 'not one')

  expect(readMigrations(folder)).toEqual([first, second])
  rmSync(folder, { recursive: true })
})
