import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { Database } from '../../packages/chassis/src/database/database.ts'
import { freshDatabase } from '../../packages/chassis/src/database/fresh-database.ts'
import { migrate, readMigrations } from '../../packages/chassis/src/database/migrations.ts'
import { wholeTables } from '../../packages/chassis/src/database/partitioned.ts'
import { connectPostgres } from '../../packages/chassis/src/database/postgres.ts'
import { runCopy } from '../../packages/cli/src/copy.ts'
import { runVerify } from '../../packages/cli/src/verify.ts'
import { startPostgres } from '../../scripts/postgres-server.ts'
import { refusedCommand } from '../processes/command.ts'
import { temporaryFolder } from '../running-shop.ts'
import { everythingIn, fromTo } from '../stock/copying.ts'
import { API_KEY, startService, stocked } from '../stock/service.ts'
import { inventoryOn, liveThroughEverything } from '../stock/verify-history.ts'

const { folder, remove } = temporaryFolder()
afterAll(remove)
const usual = { ABASTO_DATA: folder, ABASTO_API_KEY: API_KEY, LOG_LEVEL: 'error' }
const asked = { ...usual, POSTGRES_PARTITIONS: '4' }

describe('partitions are for PostgreSQL only, which is said of', () => {
  test('the database of a service, and of the one process, that is another', async () => {
    const [mongo, postgres] = ['mongodb://localhost:1/shop', 'postgres://localhost:1/shop']

    const refused = await Promise.all([
      refusedCommand('products', asked),
      refusedCommand('inventory', { ...asked, INVENTORY_DATABASE_URL: mongo }),
      refusedCommand('dev', { ...asked, PRODUCTS_DATABASE_URL: postgres }),
    ])

    const names = ['PRODUCTS_DATABASE_URL', 'INVENTORY_DATABASE_URL', 'INVENTORY_DATABASE_URL']
    const said = names.map((name) => `POSTGRES_PARTITIONS is for PostgreSQL only, and ${name} names none.`)
    expect(refused.map((each) => each.said)).toEqual(said)
    expect(refused.map(({ code }) => code)).toEqual([1, 1, 1])
  }, 30_000)

  test('the target of a copy that is another', async () => {
    for (const target of [join(folder, 'new'), 'mongodb://localhost:1/shop']) {
      const { code, complained } = await copying(fromTo('postgres://localhost:1/shop', target), '4')
      expect([code, complained]).toEqual([2, 'POSTGRES_PARTITIONS is for PostgreSQL only, and --to names none.'])
    }
  })
})

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('A shop in partitions was not tested: TEST_POSTGRES_URL is not set.')
else
  describe('a shop on PostgreSQL', () => {
    const drops: (() => Promise<void>)[] = []
    const another = async () => {
      const { url, drop } = await freshDatabase(server)
      drops.push(drop)
      return url
    }
    let old: string
    let everything: Awaited<ReturnType<typeof everythingIn>>
    beforeAll(async () => {
      old = await another()
      everything = await inDatabase(old, async (database) => {
        await migrate(database, 'inventory', readMigrations(join(import.meta.dir, MIGRATIONS)))
        await liveThroughEverything(inventoryOn(database))
        return everythingIn(database)
      })
    }, 60_000)
    afterAll(async () => {
      for (const drop of drops) await drop()
    }, 60_000)

    test('that is told to has every table of both services in partitions, and need not be told again', async () => {
      const url = await another()
      const settings = { ...usual, PRODUCTS_DATABASE_URL: url, INVENTORY_DATABASE_URL: url }
      const first = await startService({ ...settings, POSTGRES_PARTITIONS: '3' })
      const product = await stocked(first, 5)
      expect(await first.end('SIGTERM')).toBe(0)

      expect(await partsIn(url)).toEqual([3])
      expect((await refusedCommand('dev', { ...settings, POSTGRES_PARTITIONS: '8' })).said).toBe(
        'POSTGRES_PARTITIONS is 8, but where PRODUCTS_DATABASE_URL leads the tables of products are in 3: unset it, or ' +
          'begin in a new database, into which "abasto copy" moves an inventory.',
      )
      const second = await startService(settings)
      const { status } = await second.post('/purchases', { quantity: 2 }, { product })
      expect([status, await second.end('SIGTERM')]).toEqual([201, 0])
      expect(await verifying(url)).toEqual({ code: 0, said: expect.stringContaining('checked 2 movements') })
    }, 60_000)

    test('whose tables are whole is not put into partitions by a start, and nothing of it is changed', async () => {
      expect(await refusedCommand('inventory', { ...asked, INVENTORY_DATABASE_URL: old })).toEqual({
        code: 1,
        said:
          'POSTGRES_PARTITIONS is 4, but where INVENTORY_DATABASE_URL leads the tables of inventory are whole: unset it, ' +
          'or begin in a new database, into which "abasto copy" moves an inventory.',
      })
      expect(await inDatabase(old, everythingIn)).toEqual(everything)
    }, 30_000)

    test('moves into partitions and out of them again, and its ledger is what it was', async () => {
      const [cut, whole] = [await another(), await another()]

      const there = await copying(fromTo(old, cut), '4')
      const back = await copying(fromTo(cut, whole))

      expect([there, back]).toMatchObject([
        { code: 0, complained: '' },
        { code: 0, complained: '' },
      ])
      expect([await partsIn(cut), await partsIn(whole)]).toEqual([[4], [1]])
      expect(Object.values(everything).every((rows) => rows.length > 0)).toBe(true)
      expect(await inDatabase(cut, everythingIn)).toEqual(everything)
      expect(await inDatabase(whole, everythingIn)).toEqual(everything)
      expect(await verifying(cut)).toEqual({ code: 0, said: expect.stringContaining('checked') })
      // Rows lie in all of them, or nothing was divided.
      const [{ parts } = { parts: 0 }] = await inDatabase(cut, (database) =>
        database.query<{ parts: number }>('SELECT count(DISTINCT tableoid) AS parts FROM inventory.operations', []),
      )
      expect(parts).toBe(4)
      // Once made, they are as they are for a copy too.
      expect(await copying(fromTo(old, whole), '4')).toMatchObject({
        code: 2,
        complained: expect.stringContaining('where --to leads the tables of inventory are whole: unset it'),
      })
      // What is wrong in a single partition is found, whichever it is that has purchases.
      await inDatabase(cut, async (database) => {
        const [{ part } = { part: '' }] = await database.query<{ part: string }>(
          'SELECT tableoid::regclass::text AS part FROM inventory.purchases LIMIT 1',
          [],
        )
        await database.query(`UPDATE ${part} SET quantity = 2 * quantity, total_minor = 2 * total_minor`, [])
      })
      expect((await verifying(cut)).code).toBe(1)
    }, 60_000)

    test('has no more partitions than its server has room for, and it is said what to change', async () => {
      const small = await startPostgres({ max_connections: '10', max_locks_per_transaction: '10' })
      try {
        const settings = { ...usual, INVENTORY_DATABASE_URL: small.url, POSTGRES_PARTITIONS: '512' }
        expect(await refusedCommand('inventory', settings)).toEqual({
          code: 1,
          said:
            'INVENTORY_DATABASE_URL leads to a PostgreSQL whose max_locks_per_transaction is too small for so many ' +
            'partitions.',
        })
      } finally {
        small.stop()
      }
    }, 60_000)
  })

const MIGRATIONS = '../../packages/inventory/migrations'

async function copying(args: string[], partitions?: string) {
  const complained: string[] = []
  const output = { say: () => {}, complain: (text: string) => void complained.push(text) }
  const code = await runCopy(args, output, partitions === undefined ? {} : { POSTGRES_PARTITIONS: partitions })
  return { code, complained: complained.join('\n') }
}

async function verifying(url: string) {
  const said: string[] = []
  const say = (text: string) => void said.push(text)
  return { code: await runVerify(['--database', url], { say, complain: say }), said: said.join('\n') }
}

/** In how many partitions the tables of a shop are, each number once. */
async function partsIn(url: string): Promise<number[]> {
  return inDatabase(url, async (database) => {
    const whole = [...(await wholeTables(database, 'inventory')), ...(await wholeTables(database, 'products'))]
    const rows = await database.query<{ parts: number }>(
      'SELECT DISTINCT count(*) AS parts FROM pg_inherits JOIN pg_partitioned_table ON partrelid = inhparent GROUP BY inhparent',
      [],
    )
    return [...(whole.length > 0 ? [1] : []), ...rows.map(({ parts }) => parts)]
  })
}

async function inDatabase<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = connectPostgres({ url, connections: 2 })
  return work(database).finally(database.close)
}
