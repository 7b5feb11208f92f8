import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbedded } from '@abasto/chassis/database/embedded'
import { putEmptyDatabase } from '@abasto/chassis/database/fresh-embedded'
import { freshMongo } from '@abasto/chassis/database/fresh-mongo'
import { migrate, readMigrations } from '@abasto/chassis/database/migrations'
import { connectMongo } from '@abasto/chassis/database/mongo'
import type { BlankBooks, Course } from '@abasto/inventory/application/books'
import { sqlBooks } from '@abasto/inventory/infrastructure/books-sql'
import { mongoBooks } from '@abasto/inventory/infrastructure/mongodb/books'
import { prepareMongo } from '@abasto/inventory/infrastructure/mongodb/schema'
import { stockSchema } from '@abasto/inventory/stock-store'
import { runVerify } from '../verify.ts'

const UNFINISHED =
  'This inventory is a copy that is not finished, so nothing of it was checked: give the command "abasto copy" once ' +
  'more as it was given, which verifies it in the end.'

const data = mkdtempSync(join(tmpdir(), 'abasto-unfinished-'))
beforeAll(() => putEmptyDatabase(join(data, 'database')), 60_000)
afterAll(() => rmSync(data, { recursive: true, force: true }))

test('a copy that is not finished is said to be one, and not what differs in it', async () => {
  const database = await openEmbedded(join(data, 'database'))
  await migrate(database, stockSchema.name, readMigrations(stockSchema.migrations))
  await beginCopy(sqlBooks(database)).finally(database.close)

  expect(await verifying([], { ABASTO_DATA: data })).toEqual({ code: 2, said: '', complained: UNFINISHED })
  expect(await verifying(['--json'], { ABASTO_DATA: data })).toEqual({ code: 2, said: '', complained: UNFINISHED })
}, 60_000)

test('a mistyped address is told, and nobody is asked', async () => {
  for (const typed of ['postgres:/host/shop', 'mongodb:host']) {
    const { code, complained } = await verifying(['--database', typed], {})
    expect(code).toBe(2)
    expect(complained).toEndWith('begins with neither postgres:// nor mongodb://.')
  }
})

test('a MongoDB that is not there is said to be so', async () => {
  expect(await verifying(['--database', 'mongodb://127.0.0.1:1/shop'], {})).toEqual({
    code: 2,
    said: '',
    complained: expect.stringMatching(/^The inventory at 127\.0\.0\.1:1\/shop cannot be checked: .*\.$/),
  })
}, 20_000)

const server = process.env.TEST_MONGODB_URL
if (!server) console.log('Verifying an unfinished copy in a MongoDB was not tested: TEST_MONGODB_URL is not set.')
else {
  test('a copy in a MongoDB that is not finished is said to be one', async () => {
    const { url, drop } = freshMongo(server)
    const mongo = connectMongo({ url, connections: 2 })
    await prepareMongo(mongo.db)
    await beginCopy(mongoBooks(mongo)).finally(mongo.close)

    const answer = await verifying(['--database', url], {})

    expect(answer).toEqual({ code: 2, said: '', complained: UNFINISHED })
    await drop()
  }, 60_000)
}

/** As `abasto copy` begins one: the note is there, and not one record yet. */
async function beginCopy(books: BlankBooks): Promise<void> {
  const course: Course = { source: '/old', tally: await books.tally(), section: 'warehouses', after: null, sums: {} }
  expect(await books.begin(course)).toBe(true)
}

/** What the command answered to what was typed. */
async function verifying(args: string[], environment: Record<string, string>) {
  const [said, complained]: [string[], string[]] = [[], []]
  const output = { say: (text: string) => said.push(text), complain: (text: string) => complained.push(text) }
  const code = await runVerify(args, output, environment)
  return { code, said: said.join('\n'), complained: complained.join('\n') }
}
