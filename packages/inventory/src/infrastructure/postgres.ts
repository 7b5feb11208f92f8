import type { Database } from '@abasto/chassis/database/database'
import { throwingPlainly } from '@abasto/chassis/database/drizzle'
import type { Trace } from '@abasto/kernel'
import type { Stock, Written } from '../application/ports.ts'
import type { Decision } from '../domain/state.ts'
import type { StockLevel } from '../domain/stock-level.ts'
import { Plans } from './plans.ts'
import { stockQueries } from './queries.ts'
import { readStock } from './read-statements.ts'
import { addLevel, type LevelRow } from './rows.ts'
import { passingWithWriteSent } from './sending.ts'
import { statementFor, writeParameters } from './write-parameters.ts'
import { expiryStatement, levelStatement, promiseStatement, type Statement } from './write-statement.ts'

/**
 * The stock in a SQL database: PostgreSQL or the embedded one. `writer` is the connection that writes take turns on:
 * a batch that was decided on what the one before it will leave behind must arrive after it. `revise` is there for the
 * proof, which plants wrong statements and must catch them.
 */
export const postgresStock = (
  database: Database,
  writer: Database = database,
  { revise = (statement) => statement }: { revise?: (statement: string) => string } = {},
): Stock => {
  const revised = (form: Statement): Statement => ({ ...form, text: revise(form.text) })
  const forms = {
    levels: revised(levelStatement),
    expiries: revised(expiryStatement),
    promises: revised(promiseStatement),
  }
  const plans = new Plans()
  const [reading, writing] = [plans.of(database), plans.of(writer)]
  return throwingPlainly({
    read: (wanted, trace) => readStock(reading, wanted, trace),
    write: (decisions, trace) => {
      plans.wrote()
      return write(writing, statementFor(decisions, forms), decisions, trace)
    },
    ...stockQueries(database),
  } satisfies Stock)
}

type LostRow = { [Column in keyof LevelRow]: LevelRow[Column] | null } & { decision: number }

async function write(
  database: Database,
  statement: Statement,
  decisions: readonly Decision[],
  trace: Trace | undefined,
): Promise<Written> {
  const parameters = writeParameters(statement, decisions)
  const answer = database.query<LostRow>(statement.text, parameters, { name: 'write stock', trace })
  passingWithWriteSent(decisions)
  const rows = await answer
  const lost = new Set<number>()
  const levels = new Map<string, StockLevel>()
  for (const row of rows) {
    lost.add(row.decision)
    if (row.product_id !== null) addLevel(levels, row as LevelRow)
  }
  return { lost, levels }
}
