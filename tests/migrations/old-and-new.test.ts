import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { SQL } from 'bun'
import { type FreshDatabase, freshDatabase } from '../../packages/chassis/src/database/fresh-database.ts'
import { migrate, readMigrations } from '../../packages/chassis/src/database/migrations.ts'
import { connectPostgres } from '../../packages/chassis/src/database/postgres.ts'
import { startCommand } from '../processes/command.ts'
import { temporaryFolder } from '../running-shop.ts'
import { faultsIn } from './additive.ts'

const SERVICES = ['products', 'inventory'] as const

const folderOf = (service: string) => join(import.meta.dir, `../../packages/${service}/migrations`)

describe('a version of a service that still runs while a newer one has migrated its database', () => {
  test.each(SERVICES)('finds all of its %s as it left them, because migrations only add', (service) => {
    const [, ...later] = readMigrations(folderOf(service))

    expect(later.length).toBeGreaterThan(0)
    expect(later.flatMap(({ name, sql }) => faultsIn(sql).map((fault) => `${name}: ${fault}`))).toEqual([])
  })

  test.each([
    'ALTER TABLE inventory.holds DROP COLUMN quantity',
    'ALTER TABLE inventory.holds ADD COLUMN colour text NOT NULL',
    'ALTER TABLE inventory.holds ADD COLUMN a text, ADD COLUMN b text NOT NULL',
    "ALTER TABLE inventory.holds ADD COLUMN a text NOT NULL DEFAULT 'x', DROP COLUMN quantity",
    'ALTER TABLE inventory.holds ALTER COLUMN quantity TYPE text',
    'ALTER TABLE inventory.holds RENAME TO promises',
    'ALTER TABLE inventory.holds ADD CHECK (quantity < 5)',
    'CREATE UNIQUE INDEX x ON inventory.purchases (product_id)',
    'DROP TABLE inventory.holds',
    'UPDATE inventory.holds SET quantity = 1',
  ])('would not, and a migration is refused for it: %s', (planted) => {
    expect(faultsIn(`CREATE TABLE inventory.x (id uuid PRIMARY KEY);\n${planted};`)).toHaveLength(1)
  })
})

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('Migrations of running services were not tested: TEST_POSTGRES_URL is not set.')
else
  describe('on PostgreSQL', () => {
    let fresh: FreshDatabase
    beforeAll(async () => {
      fresh = await freshDatabase(server)
    }, 60_000)
    afterAll(() => fresh.drop(), 60_000)

    test.each(SERVICES)(
      'each step of %s leaves every column what it was, and asks an old writer for no new one',
      async (service) => {
        const database = connectPostgres({ url: fresh.url, connections: 2 })
        const migrations = readMigrations(folderOf(service))
        let known: readonly Column[] = []
        for (let steps = 1; steps <= migrations.length; steps++) {
          await migrate(database, service, migrations.slice(0, steps))
          const columns = await database.query<Column>(columnsStatement, [service])

          for (const column of known) expect(columns).toContainEqual(column)
          const olderTables = new Set(known.map(({ table_name }) => table_name))
          const added = columns.filter((column) => olderTables.has(column.table_name) && !isAmong(column, known))
          expect(added.filter(({ is_nullable, has_default }) => is_nullable === 'NO' && !has_default)).toEqual([])
          known = columns
        }
        expect(known.length).toBeGreaterThan(10)
        await database.close()
      },
      60_000,
    )

    test('two that start at once on an empty database migrate it once, and both open', async () => {
      const { url, drop } = await freshDatabase(server)
      const { folder, remove } = temporaryFolder()
      const settings = { ABASTO_DATA: folder, ABASTO_API_KEY: 'the-key-of-a-shop-in-a-test', LOG_LEVEL: 'warn' }
      const open = () => startCommand('inventory', { ...settings, INVENTORY_DATABASE_URL: url })

      const processes = await Promise.all([open(), open()])

      const sql = new SQL(url, { max: 1 })
      const files = readdirSync(folderOf('inventory')).filter((name) => name.endsWith('.sql'))
      const applied = await sql`SELECT name FROM inventory.schema_migrations ORDER BY name`
      expect(applied.map(({ name }: { name: string }) => name)).toEqual(files.sort())
      expect(await sql`SELECT * FROM inventory.schema_migration_lease`).toHaveLength(0)
      await sql.close()
      for (const process of processes) {
        expect((await fetch(`${process.url}/health/live`)).status).toBe(200)
        expect(await process.end('SIGTERM')).toBe(0)
      }
      await drop()
      remove()
    }, 60_000)
  })

type Column = Readonly<{
  table_name: string
  column_name: string
  data_type: string
  is_nullable: string
  has_default: boolean
}>

const columnsStatement = `
SELECT table_name::text, column_name::text, data_type::text, is_nullable::text, column_default IS NOT NULL AS has_default
FROM information_schema.columns WHERE table_schema = $1::text ORDER BY 1, 2`

const isAmong = (column: Column, others: readonly Column[]): boolean =>
  others.some((other) => other.table_name === column.table_name && other.column_name === column.column_name)
