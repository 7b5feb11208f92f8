import type { Database } from '@abasto/chassis/database/database'
import { type Course, SECTIONS } from '../application/books.ts'
import { DEFAULT_WAREHOUSE } from '../domain/warehouse.ts'
import { TABLES } from './book-tables.ts'

/*
 * While a copy is being made nobody but the copier may write: a service that was started before it would sell from half
 * a ledger. So the database itself refuses, by triggers that are there only as long as the note of the copy. To make a
 * trigger waits for all who are writing to its table, and whoever comes later meets it, whenever its process was
 * started. The names that followers give the ledger (`stream_epochs`) are refused too: what is copied is told to nobody.
 */

/** The SQLSTATE of what was refused because a copy is not finished. */
export const REFUSED = 'AB001'

/** The SQLSTATE of a copy that was not begun, because something had been written since it was looked. */
export const NOT_BLANK = 'AB002'

/** What the copier sets for each of its statements, and for nothing beyond it. */
export const COPYING = "set_config('abasto.copying', 'on', true)"

const REASON = 'a copy into this inventory is not finished'

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
CREATE TABLE inventory.unfinished_copy (
  id     integer PRIMARY KEY CHECK (id = 1),
  step   bigint NOT NULL,
  course json NOT NULL
);
INSERT INTO inventory.unfinished_copy (id, step, course) VALUES (1, 0, '${JSON.stringify(course).replaceAll("'", "''")}');
CREATE FUNCTION inventory.refuse_half_books() RETURNS trigger LANGUAGE plpgsql AS $refuse$
BEGIN
  IF current_setting('abasto.copying', true) = 'on' THEN RETURN NULL; END IF;
  RAISE EXCEPTION '${REASON}' USING ERRCODE = '${REFUSED}';
END $refuse$;
${[...SECTIONS.map((section) => TABLES[section].name), 'stream_epochs']
  .map(
    (name) => `
CREATE TRIGGER refuse_half_books BEFORE INSERT OR UPDATE${name === 'stream_epochs' ? '' : ' OR DELETE'}
  ON inventory.${name} FOR EACH STATEMENT EXECUTE FUNCTION inventory.refuse_half_books();`,
  )
  .join('')}
DELETE FROM inventory.stream_epochs;
DO $blank$ BEGIN
  IF NOT (${IS_BLANK}) THEN RAISE EXCEPTION 'no longer blank' USING ERRCODE = '${NOT_BLANK}'; END IF;
END $blank$`

/** Opens the books, and takes the note away. Whoever followed the ledger while it was blank begins with a snapshot. */
export const FINISH_SCRIPT = `
DROP FUNCTION IF EXISTS inventory.refuse_half_books() CASCADE;
DELETE FROM inventory.stream_epochs;
DROP TABLE IF EXISTS inventory.unfinished_copy`
