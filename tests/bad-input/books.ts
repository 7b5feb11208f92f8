import type { Database } from '../../packages/chassis/src/database/database.ts'

/** How many rows each table of the shop has, and a digest of what they say. */
export type Books = Readonly<Record<string, Readonly<{ rows: number; digest: string }>>>

/** Reads every table of both services, so that whatever changed in any of them shows. */
export async function readBooks(database: Database): Promise<Books> {
  const tables = await database.query<{ name: string }>(
    `SELECT table_schema || '.' || table_name AS name FROM information_schema.tables
     WHERE table_schema IN ('products', 'inventory') ORDER BY name`,
    [],
  )
  if (tables.length === 0) throw new Error('the shop has no tables, so something is wrong with this test')
  const books: Record<string, { rows: number; digest: string }> = {}
  for (const { name } of tables) {
    const [row] = await database.query<{ rows: number; digest: string }>(
      `SELECT count(*)::int AS rows, coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '') AS digest FROM ${name} t`,
      [],
    )
    books[name] = row!
  }
  return books
}
