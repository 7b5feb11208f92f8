import type { Database } from '@abasto/chassis/database/database'
import { type Course, SECTIONS } from '../application/books.ts'
import { DEFAULT_WAREHOUSE } from '../domain/warehouse.ts'
import { TABLES } from './book-tables.ts'

/*
 * While a copy is being made nobody but the copier may write: a service that was started before it would sell from half
 * a ledger. So the database itself refuses, by a constraint that is there only as long as the note of the copy. To make
 * one waits for all who are writing to its table, and whoever comes later meets it, whenever its process was started.
 * What is deleted meanwhile is nothing that a service deletes without writing something too. The names that followers
 * give the ledger (`stream_epochs`) are refused too: what is copied is told to nobody.
 */

/** Refuses every row that is written while a copy is not finished, but for the copier's. */
const CONSTRAINT = 'copy_is_finished'

/** The SQLSTATE of a copy that was not begun, because something had been written since it was looked. */
export const NOT_BLANK = 'AB002'

/** What the copier sets for each of its statements, and for nothing beyond it. */
export const COPYING = "set_config('abasto.copying', 'on', true)"

const CLOSED = [...SECTIONS.map((section) => TABLES[section].name), 'stream_epochs']

/** Whether something was refused because a copy is not finished. */
export function isOfHalfBooks(error: unknown): boolean {
  const { constraint, constraint_name } = error as Readonly<Record<string, unknown>>
  return (constraint_name ?? constraint) === CONSTRAINT
}

/** Whether a copy into this database was begun and not finished. */
export async function isUnfinished(database: Database): Promise<boolean> {
  const [row] = await database.query<{ is_there: boolean }>(
    "SELECT to_regclass('inventory.unfinished_copy') IS NOT NULL AS is_there",
    [],
    { name: 'find copy' },
  )
  return row!.is_there
}

/** Whether there is nothing but the warehouse that every shop has, as it was made. */
export const IS_BLANK = `NOT (EXISTS (SELECT FROM inventory.warehouses WHERE id <> '${DEFAULT_WAREHOUSE}' OR version <> 1) OR ${SECTIONS.filter(
  (section) => section !== 'warehouses',
)
  .map((section) => `EXISTS (SELECT FROM inventory.${TABLES[section].name})`)
  .join(' OR ')})`

/** Notes the copy, and closes the books to everybody else. One transaction: all of it, or nothing. */
export const beginScript = (course: Course): string => `
-- What a writer adds for whom the constraints have to wait must be seen by the look that comes after them.
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
CREATE TABLE inventory.unfinished_copy (
  id     integer PRIMARY KEY CHECK (id = 1),
  step   bigint NOT NULL,
  course json NOT NULL
);
INSERT INTO inventory.unfinished_copy (id, step, course) VALUES (1, 0, '${JSON.stringify(course).replaceAll("'", "''")}');
${CLOSED.map(
  (name) => `
ALTER TABLE inventory.${name} ADD CONSTRAINT ${CONSTRAINT}
  CHECK (coalesce(current_setting('abasto.copying', true), '') = 'on') NOT VALID;`,
).join('')}
DELETE FROM inventory.stream_epochs;
DO $blank$ BEGIN
  IF NOT (${IS_BLANK}) THEN RAISE EXCEPTION 'no longer blank' USING ERRCODE = '${NOT_BLANK}'; END IF;
END $blank$`

/** Opens the books, and takes the note away. Whoever followed the ledger while it was blank begins with a snapshot. */
export const FINISH_SCRIPT = `
${CLOSED.map((name) => `ALTER TABLE inventory.${name} DROP CONSTRAINT IF EXISTS ${CONSTRAINT};`).join('\n')}
DELETE FROM inventory.stream_epochs;
DROP TABLE IF EXISTS inventory.unfinished_copy`
