import { Contention, type Database } from '@abasto/chassis/database/database'
import {
  type BlankBooks,
  type Course,
  SECTIONS,
  type Section,
  type Sections,
  type Tally,
} from '../application/books.ts'
import { TABLES, type Table } from './book-tables.ts'
import { beginScript, COPYING, FINISH_SCRIPT, IS_BLANK, isUnfinished, NOT_BLANK } from './unfinished-copy-sql.ts'

/** How many records are read and written at once: with the longest verdicts of all still some tens of megabytes. */
const PORTION = 1_000

/** For a portion. */
const TIMEOUT_MS = 30_000

/** For a look at everything there is. */
const LONG_MS = 600_000

/**
 * The books of a SQL database, whether PostgreSQL or embedded. The note of an unfinished copy is a table that is there
 * only as long as the copy is not finished, so no other database ever has it.
 */
export function sqlBooks(database: Database): BlankBooks {
  return {
    tally: async () => {
      const [row] = await database.query<Tally['counts'] & { versions: number }>(tallyStatement, [], {
        name: 'tally books',
        timeoutMs: LONG_MS,
      })
      const { versions, ...counts } = row!
      return { counts, versions }
    },

    read: async <S extends Section>(section: S, after: string | null) => {
      const table: Table<S> = TABLES[section]
      const place: string[] = after === null ? [] : JSON.parse(after)
      const rows = await database.query<Record<string, unknown>>(readStatement(table, after !== null), place, {
        name: `copy ${section}`,
        timeoutMs: TIMEOUT_MS,
      })
      const last = rows.at(-1)
      const isLast = rows.length < PORTION || last === undefined
      return {
        records: rows.map((row) => table.recordOf(row as never)),
        last: isLast ? null : JSON.stringify(Object.keys(table.order).map((column) => String(last[column]))),
      }
    },

    isBlank: async () => {
      const [row] = await database.query<{ is_blank: boolean }>(`SELECT ${IS_BLANK} AS is_blank`, [], {
        name: 'look for books',
        timeoutMs: TIMEOUT_MS,
      })
      return row!.is_blank
    },

    unfinished: async () => {
      if (!(await isUnfinished(database))) return undefined
      const [row] = await database.query<{ step: number; course: Course }>(
        'SELECT step, course FROM inventory.unfinished_copy',
        [],
        { name: 'find copy' },
      )
      return row
    },

    begin: async (course) => {
      for (let tries = 1; ; tries++) {
        try {
          await database.script(beginScript(course))
          return true
        } catch (error) {
          const { code } = error as { code?: string }
          if (code === NOT_BLANK) return false
          if (code === DUPLICATE_TABLE) throw new Contention(DUPLICATE_TABLE, undefined, error)
          // It locks all tables, and may have met a service that was just writing to some of them.
          if (!(error instanceof Contention) || tries === MOST_TRIES) throw error
        }
      }
    },

    write: async <S extends Section>(section: S, records: readonly Sections[S][], step: number, next: Course) => {
      const table: Table<S> = TABLES[section]
      const parameters = [String(step), JSON.stringify(next), JSON.stringify(records.map(table.rowOf))]
      const rows = await database.query(writeStatement(table), parameters, {
        name: `copy ${section}`,
        timeoutMs: TIMEOUT_MS,
      })
      return rows.length === 1
    },

    finish: () => database.script(FINISH_SCRIPT),
  }
}

const DUPLICATE_TABLE = '42P07'

const MOST_TRIES = 5

const VERSIONED = [TABLES.warehouses, TABLES.levels, TABLES.reservations]

type Shape = Pick<Table<Section>, 'name' | 'columns' | 'order'>

/** One statement, so one moment. */
const tallyStatement = `
SELECT ${SECTIONS.map((section) => `(SELECT count(*) FROM inventory.${TABLES[section].name}) AS ${section}`).join(', ')},
       (${VERSIONED.map(({ name }) => `(SELECT coalesce(sum(version), 0) FROM inventory.${name})`).join(' + ')})::bigint
         AS versions`

/** The number of records stands in the statement itself, so that it is planned for a few records out of very many. */
function readStatement({ name, columns, order }: Shape, isAfter: boolean): string {
  const keys = Object.entries(order)
  const [[first, type]] = keys as [[string, string]]
  const place = keys.map(([, each], index) => `$${index + 1}::text::${each}`).join(', ')
  const places = keys.filter(([column]) => !columns.includes(column)).map(([column]) => `${column}::text AS ${column}`)
  // Compared alone as well, because it may be all that the index has of the order.
  const beyond = isAfter
    ? `WHERE ${first} >= $1::text::${type} AND (${Object.keys(order).join(', ')}) > (${place})`
    : ''
  return `SELECT ${[...columns, ...places].join(', ')} FROM inventory.${name} AS t ${beyond}
    ORDER BY ${Object.keys(order)
      .map((column) => `t.${column}`)
      .join(', ')} LIMIT ${PORTION}`
}

/**
 * The records and the note that they are there are one statement. A copier that was taken for dead and was only slow
 * finds the note moved on, or waits for it, and adds nothing.
 *
 * Copied movements bear the number before that of the transaction which writes them, which is the number of none that
 * wrote them: so they keep their order, and are news to nobody who follows the ledger (see `ledger-feed.ts`), not even
 * where a foreign transaction has been open since before the copy.
 */
function writeStatement({ name, columns, order }: Shape): string {
  const list = columns.join(', ')
  const [numbered, number] =
    name === 'movements' ? [', transaction_id', ', (pg_current_xact_id()::text::bigint - 1)::text::xid8'] : ['', '']
  return `
    WITH turn AS (
      UPDATE inventory.unfinished_copy SET step = step + 1, course = $2::text::json
      WHERE step = $1::text::bigint RETURNING step, ${COPYING}
    ), written AS (
      INSERT INTO inventory.${name} (${list}${numbered})
      SELECT ${list}${number} FROM json_populate_recordset(NULL::inventory.${name}, $3::text::json)
      WHERE EXISTS (SELECT FROM turn)
      ${name === 'warehouses' ? `ON CONFLICT (${Object.keys(order)}) DO UPDATE SET ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}` : ''}
    )
    SELECT * FROM turn`
}
