import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from './database.ts'
import { openEmbedded } from './embedded.ts'
import { freshDatabase } from './fresh-database.ts'
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

migrationPromises('the embedded database', () => openEmbedded())

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('Migrations on PostgreSQL were not tested: TEST_POSTGRES_URL is not set.')
else
  migrationPromises('PostgreSQL', async () => {
    const { url, drop } = await freshDatabase(server)
    const database = connectPostgres({ url })
    return { ...database, close: () => database.close().then(drop) }
  })

test('are read in the order of their names, and a folder without any is a mistake', () => {
  const folder = mkdtempSync(join(tmpdir(), 'abasto-migrations-'))
  expect(() => readMigrations(folder)).toThrow('there are no migrations')
  for (const { name, sql } of [second, first]) writeFileSync(join(folder, name), sql)
  writeFileSync(join(folder, 'notes.md'), 'not one')

  expect(readMigrations(folder)).toEqual([first, second])
  rmSync(folder, { recursive: true })
})
