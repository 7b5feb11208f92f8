import { describe, expect, test } from 'bun:test'
import type { Database } from './database.ts'
import { freshDatabase } from './fresh-database.ts'
import { migrate } from './migrations.ts'
import { partitioned, wholeTables } from './partitioned.ts'
import { connectPostgres } from './postgres.ts'

const shelves = {
  name: '0001_shelves.sql',
  sql: `CREATE TABLE shop.shelves (
  id   uuid PRIMARY KEY,
  name text NOT NULL
) WITH (fillfactor = 50);
REVOKE UPDATE, DELETE ON shop.shelves FROM CURRENT_USER;`,
}
const labels = {
  name: '0002_labels.sql',
  sql: `ALTER TABLE shop.shelves ADD COLUMN colour text;
CREATE TABLE shop.labels (
  shelf_id uuid NOT NULL,
  number   bigint NOT NULL,
  PRIMARY KEY (shelf_id, number)
);
CREATE INDEX labels_by_number ON shop.labels (number);`,
}

test('a table that cannot be put into partitions is refused, and never made whole by mistake', () => {
  const inOneLine = 'CREATE TABLE shop.shelves (id uuid PRIMARY KEY);'
  const withoutKey = 'CREATE TABLE shop.shelves (\n  id uuid NOT NULL\n);'

  expect(() => partitioned(inOneLine, 2)).toThrow('cannot be put into partitions')
  expect(() => partitioned(withoutKey, 2)).toThrow('shop.shelves has no primary key')
})

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('Tables in partitions were not tested: TEST_POSTGRES_URL is not set.')
else
  describe('the tables of a schema in PostgreSQL', () => {
    test('are made in as many partitions as were asked for, those of later migrations too, whoever starts', () =>
      inDatabase(async (database) => {
        await migrate(database, 'shop', [shelves], { partitions: 3 })
        const later = await migrate(database, 'shop', [shelves, labels])

        expect(later).toEqual([labels.name])
        expect(await migrate(database, 'shop', [shelves, labels], { partitions: 3 })).toEqual([])
        expect(await partsIn(database)).toEqual({ labels: 3, shelves: 3 })
        expect(await wholeTables(database, 'shop')).toEqual([])
        const [stored] = await database.query<{ options: string }>(
          "SELECT reloptions::text AS options FROM pg_class WHERE relname = 'shelves_2'",
          [],
        )
        expect(stored?.options).toBe('{fillfactor=50}')
      }))

    test('may not be changed in a partition where they may not as a whole', () =>
      inDatabase(async (database) => {
        await migrate(database, 'shop', [shelves], { partitions: 2 })

        const rights = await database.query<{ name: string }>(
          `SELECT c.relname::text AS name FROM pg_class c, aclexplode(c.relacl) a
           WHERE c.relname LIKE 'shelves%' AND a.privilege_type IN ('UPDATE', 'DELETE')`,
          [],
        )
        const [{ count } = { count: 0 }] = await database.query<{ count: number }>(
          "SELECT count(*) AS count FROM pg_class WHERE relname ~ '^shelves(_[0-9])?$' AND relacl IS NOT NULL",
          [],
        )
        expect([rights, count]).toEqual([[], 3])
      }))

    test('are known by their migrations as they were written, whole or not', () =>
      inDatabase(async (database) => {
        await migrate(database, 'shop', [shelves], { partitions: 2 })
        const changed = { ...shelves, sql: `${shelves.sql} -- more` }

        expect(await failureOf(migrate(database, 'shop', [changed]))).toContain('0001_shelves.sql was changed')
      }))

    test('stay as they are: whole ones are not put into partitions, nor those in two into four, and it is said', () =>
      inDatabase(async (database) => {
        await migrate(database, 'shop', [shelves])
        const asked = await failureOf(migrate(database, 'shop', [shelves, labels], { partitions: 2 }))
        expect(asked).toBe('OtherPartitions: the tables of shop are whole')
        expect(await partsIn(database)).toEqual({ shelves: 1 })

        await database.script('DROP SCHEMA shop CASCADE')
        await migrate(database, 'shop', [shelves], { partitions: 2 })
        const more = await failureOf(migrate(database, 'shop', [shelves], { partitions: 4 }))
        expect(more).toBe('OtherPartitions: the tables of shop are in 2')
      }))

    test(
      'are all alike when processes that were told differently start at once',
      () =>
        inDatabase(async (database) => {
          const started = await Promise.allSettled(
            [undefined, 2, 4, undefined].map((partitions) =>
              migrate(database, 'shop', [shelves, labels], { partitions }),
            ),
          )

          const parts = await partsIn(database)
          expect(parts.shelves).toBe(parts.labels!)
          const isRefused = started.map(({ status }) => status === 'rejected')
          expect(isRefused).toEqual([false, parts.labels !== 2, parts.labels !== 4, false])
        }),
      30_000,
    )

    test('that somebody has cut by hand leave new ones whole, and no number is what was asked for', () =>
      inDatabase(async (database) => {
        await migrate(database, 'shop', [shelves, labels], { partitions: 2 })
        await database.script('DROP TABLE shop.shelves_1')

        const asked = await failureOf(migrate(database, 'shop', [shelves, labels], { partitions: 2 }))
        expect(asked).toBe('OtherPartitions: the tables of shop differ in that')
        expect(await migrate(database, 'shop', [shelves, labels])).toEqual([])
      }))
  })

async function inDatabase(work: (database: Database) => Promise<void>): Promise<void> {
  const { url, drop } = await freshDatabase(server!)
  const database = connectPostgres({ url, connections: 4 })
  await work(database).finally(database.close).finally(drop)
}

/** In how many partitions each table is, asked otherwise than the service does. */
async function partsIn(database: Database): Promise<Record<string, number>> {
  const rows = await database.query<{ name: string; parts: number }>(
    `SELECT c.relname::text AS name, greatest(1, (SELECT count(*) FROM pg_partition_tree(c.oid) WHERE isleaf)) AS parts
     FROM pg_class c WHERE c.relnamespace = 'shop'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND c.relname NOT LIKE 'schema_%' ORDER BY 1`,
    [],
  )
  return Object.fromEntries(rows.map(({ name, parts }) => [name, parts]))
}

const failureOf = (work: Promise<unknown>): Promise<string> => work.then(() => 'nothing failed', String)
