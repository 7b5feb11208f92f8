import type { Database } from './database.ts'

/** The tables of a schema are whole, or in another number of partitions than was asked for. Its message ends no sentence. */
export class OtherPartitions extends Error {
  override readonly name = 'OtherPartitions'
}

const TABLE = /CREATE TABLE ([a-z_]+\.[a-z_]+) \(\n([\s\S]*?)\n\)( WITH \([^)]*\))?;/g
const REVOKE = /^REVOKE ([A-Z, ]+) ON ([a-z_]+\.[a-z_]+) FROM/gm

/**
 * What a migration does, but every table that it makes is in so many hash partitions on the first column of its primary
 * key. It is made from the migration itself, so that the two cannot part. That a unique index can be kept without asking
 * the other partitions, PostgreSQL itself sees to: it refuses one that the key is no part of.
 */
export function partitioned(sql: string, partitions: number): string {
  const each = Array.from({ length: partitions }, (_, part) => part)
  const cut = sql.replaceAll(TABLE, (_, table: string, columns: string, storage = '') =>
    [`CREATE TABLE ${table} (\n${columns}\n) PARTITION BY HASH (${keyOf(table, columns)});`]
      .concat(each.map((part) => `${partOf(table, part, partitions)}${storage};`))
      .join('\n'),
  )
  const count = (text: string, what: RegExp) => text.match(what)?.length ?? 0
  if (count(cut, /PARTITION BY HASH/g) !== count(sql, /CREATE TABLE/g)) {
    throw new Error('a migration makes a table in a way that cannot be put into partitions')
  }
  // What is forbidden on a table is not thereby forbidden on a partition of it that somebody names.
  return cut.replaceAll(REVOKE, (_, rights: string, table: string) => {
    const parts = each.map((part) => `, ${table}_${part}`).join('')
    return `REVOKE ${rights} ON ${table}${parts} FROM`
  })
}

function keyOf(table: string, columns: string): string {
  const key = /^ {2}PRIMARY KEY \((\w+)/m.exec(columns)?.[1] ?? /^ {2}(\w+) .*PRIMARY KEY/m.exec(columns)?.[1]
  if (!key) throw new Error(`${table} has no primary key`)
  return key
}

const partOf = (table: string, part: number, partitions: number): string =>
  `CREATE TABLE ${table}_${part} PARTITION OF ${table} FOR VALUES WITH (MODULUS ${partitions}, REMAINDER ${part})`

/**
 * In how many partitions a schema's new tables are to be: as its others are. Where it has none yet, as `wanted`; 1 is
 * whole. Of the tables that are there, only those count that these migrations make. Throws `OtherPartitions` where the
 * wanted number is not what is there.
 */
export async function partitionsOf(
  database: Database,
  schema: string,
  { made, wanted }: Readonly<{ made: readonly string[]; wanted: number | undefined }>,
): Promise<number> {
  const names = new Set(made.flatMap((sql) => [...sql.matchAll(/CREATE TABLE \w+\.(\w+)/g)].map(([, name]) => name)))
  const counts = new Set(
    (await tablesOf(database, schema)).flatMap((table) => (names.has(table.name) ? table.parts : [])),
  )
  if (counts.size === 0) return wanted ?? 1
  const [found = 1] = counts.size === 1 ? counts : []
  if (wanted !== undefined && wanted !== found) throw new OtherPartitions(howTheyAre(schema, counts))
  return found
}

function howTheyAre(schema: string, counts: ReadonlySet<number>): string {
  if (counts.size > 1) return `the tables of ${schema} differ in that`
  const [found = 1] = counts
  return `the tables of ${schema} are ${found === 1 ? 'whole' : `in ${found}`}`
}

/** The tables of a schema that are whole, but for those that keep count of the migrations. */
export async function wholeTables(database: Database, schema: string): Promise<string[]> {
  const tables = await tablesOf(database, schema)
  return tables.flatMap(({ name, parts }) => (parts === 1 && !name.startsWith('schema_migration') ? name : []))
}

/** Every table of a schema, and in how many hash partitions it is; what is cut in another way counts as whole. */
const tablesOf = (database: Database, schema: string): Promise<{ name: string; parts: number }[]> =>
  database.query(
    `SELECT c.relname::text AS name,
            CASE WHEN p.partstrat = 'h' THEN (SELECT count(*) FROM pg_inherits i WHERE i.inhparent = c.oid)::integer
                 ELSE 1 END AS parts
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       LEFT JOIN pg_partitioned_table p ON p.partrelid = c.oid
     WHERE n.nspname = $1::text AND c.relkind IN ('r', 'p') AND NOT c.relispartition`,
    [schema],
  )
