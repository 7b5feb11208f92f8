import type { Database } from './database.ts'
import type { Migration } from './migrations.ts'

/** In how many partitions each table is cut. */
const PARTS = 4

const TABLE = /CREATE TABLE ([a-z_]+\.[a-z_]+) \(\n([\s\S]*?)\n\)( WITH \([^)]*\))?;/g

/**
 * The same migrations, but every table is hash-partitioned on the first column of its primary key; for tests. They are
 * made from the real ones, so that they cannot fall behind. That a unique index can be kept without asking the other
 * partitions, PostgreSQL itself sees to: it refuses one that the key is no part of.
 */
export const partitioned = (migrations: readonly Migration[]): Migration[] =>
  migrations.map(({ name, sql }) => {
    const cut = sql.replaceAll(TABLE, (_, table: string, columns: string, storage = '') =>
      [`CREATE TABLE ${table} (\n${columns}\n) PARTITION BY HASH (${keyOf(table, columns)});`]
        .concat(Array.from({ length: PARTS }, (_, part) => partOf(table, part, storage)))
        .join('\n'),
    )
    const count = (text: string, what: RegExp) => text.match(what)?.length ?? 0
    const tables = count(sql, /CREATE TABLE/g)
    if (count(cut, /PARTITION BY HASH/g) !== tables) throw new Error(`a table of ${name} was not understood`)
    return { name, sql: cut }
  })

function keyOf(table: string, columns: string): string {
  const key = /^ {2}PRIMARY KEY \((\w+)/m.exec(columns)?.[1] ?? /^ {2}(\w+) .*PRIMARY KEY/m.exec(columns)?.[1]
  if (!key) throw new Error(`${table} has no primary key`)
  return key
}

const partOf = (table: string, part: number, storage: string): string =>
  `CREATE TABLE ${table}_${part} PARTITION OF ${table} FOR VALUES WITH (MODULUS ${PARTS}, REMAINDER ${part})${storage};`

/** The tables of a schema that are whole, but for those that keep count of the migrations. */
export async function wholeTables(database: Database, schema: string): Promise<string[]> {
  const rows = await database.query<{ name: string }>(
    `SELECT c.relname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1::text AND c.relkind = 'r' AND NOT c.relispartition AND c.relname NOT LIKE 'schema_migration%'`,
    [schema],
  )
  return rows.map(({ name }) => name)
}
