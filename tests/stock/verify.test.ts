import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { Database } from '../../packages/chassis/src/database/database.ts'
import { freshDatabase } from '../../packages/chassis/src/database/fresh-database.ts'
import { freshEmbedded } from '../../packages/chassis/src/database/fresh-embedded.ts'
import { migrate, readMigrations } from '../../packages/chassis/src/database/migrations.ts'
import { connectPostgres } from '../../packages/chassis/src/database/postgres.ts'
import { askDatabase } from '../../packages/cli/src/verify/databases.ts'
import { type Findings, verify } from '../../packages/cli/src/verify/findings.ts'
import { question } from '../../packages/cli/src/verify/question.ts'
import { FAULTS, type Fault, sentence, TABLE_FAULTS } from '../../packages/cli/src/verify/wording.ts'
import { BENCH, inventoryOn, liveThroughEverything } from './verify-history.ts'
import { plantings } from './verify-planted.ts'
import { ofTables } from './verify-planted-sales.ts'
import type { Planted } from './verify-planting.ts'

const migrations = readMigrations(join(import.meta.dir, '../../packages/inventory/migrations'))
const server = process.env.TEST_POSTGRES_URL
const everyPlanting = [...plantings, ...ofTables]
const everyFault = Object.keys({ ...FAULTS, ...TABLE_FAULTS }) as Fault[]

/** Books that were written by the service, and what a check says of them after something was planted. */
type Books = Readonly<{ check: (planted?: Pick<Planted, 'by'>) => Promise<Findings>; close: () => Promise<void> }>

checks('the embedded database', async () => booksIn(await freshEmbedded()))

if (!server) console.log('Verifying PostgreSQL was not tested: TEST_POSTGRES_URL is not set.')
else {
  checks('PostgreSQL', async () => {
    const { url, drop } = await freshDatabase(server)
    const books = await booksIn(connectPostgres({ url, connections: 1 }))
    return { ...books, close: () => books.close().then(drop) }
  })
}

/** Plants on the one connection there is, looks, and takes back what was planted. */
async function booksIn(database: Database): Promise<Books> {
  await migrate(database, 'inventory', migrations)
  await liveThroughEverything(inventoryOn(database))
  const statement = (text: string) => database.query(text, [], { timeoutMs: 20_000 })
  return {
    check: async (planted) => {
      await statement('BEGIN')
      try {
        for (const text of planted?.by ?? []) await statement(text)
        return await verify(askDatabase(database))
      } finally {
        await statement('ROLLBACK')
      }
    },
    close: database.close,
  }
}

test('every difference that can be found has its words, and there are words for nothing else', () => {
  const found = new Set(
    [...question.matchAll(/^ *\('(\w+)',|SELECT '(\w+)', (?:NULL|\w*\.?product_id)/gm)].map(([, a, b]) => a ?? b!),
  )

  expect([...found].sort()).toEqual(everyFault.toSorted())
})

test('every difference that can be found is planted once at least', () => {
  const planted = new Set(everyPlanting.flatMap(({ finds }) => finds))
  const never = everyFault.filter((fault) => !planted.has(fault))

  expect(never).toEqual([])
})

function checks(where: string, open: () => Promise<Books>) {
  describe(`in ${where}`, () => {
    let books: Books
    beforeAll(async () => {
      books = await open()
    }, 60_000)
    afterAll(() => books?.close())

    test('whatever a shop lived through, its ledger equals its balances', async () => {
      const findings = await books.check()

      expect(findings.differences.map(sentence)).toEqual([])
      expect(findings.lookedAt.movements).toBeGreaterThan(1_000)
    }, 20_000)

    test('an answer may leave out what was past its time, and nothing besides', async () => {
      const answers = `verdict LIKE '{"ok":true,"value":{"type":"level"%"productId":"${BENCH}"%'`
      const less = `UPDATE inventory.operations SET verdict = replace(verdict, '"reserved":3', '"reserved":2') WHERE ${answers}`

      const { counts } = await books.check({ by: [less] })

      expect(counts).toEqual({ operation_answer: 2 })
    }, 20_000)

    test.each(everyPlanting.map((planted) => [planted.what, planted] as const))(
      'it shows when %s',
      async (_, planted) => {
        const { counts, differences } = await books.check(planted)

        expect(Object.keys(counts)).toEqual(expect.arrayContaining([...planted.finds]))
        for (const each of differences) expect(sentence(each)).toMatch(/^[A-Z].+: .+: expected .+, found .+\.$/)
      },
      20_000,
    )
  })
}
