import type { Database } from '@abasto/chassis/database/database'
import { OPENING_STOCK } from './counter.ts'
import { onDatabase } from './databases.ts'

/** How many commands were answered, and how many may have been under way when the clients hung up. */
type Count = { answered: number; inFlight: number }

/** What was counted of each kind. A commit takes the one unit of a reservation. */
export type Tally = Readonly<Record<'purchases' | 'reservations' | 'commits', Count>>

export const newTally = (): Tally => ({
  purchases: { answered: 0, inFlight: 0 },
  reservations: { answered: 0, inFlight: 0 },
  commits: { answered: 0, inFlight: 0 },
})

// Written for this check alone. Everything is of one unit a line, so units, commands and movements must agree.
const question = `
WITH movements AS (
  SELECT count(*) FILTER (WHERE kind = 'sale' AND on_hand_change = -1 AND reserved_change = 0) AS sales,
         count(*) FILTER (WHERE kind = 'reservation' AND on_hand_change = 0 AND reserved_change = 1) AS lines_held,
         count(*) FILTER (WHERE kind = 'commit' AND on_hand_change = -1 AND reserved_change = -1) AS lines_committed,
         count(*) AS movements
  FROM inventory.movements
), promises AS (
  SELECT count(*) AS reservations, count(*) FILTER (WHERE status = 'committed') AS commits,
         count(*) FILTER (WHERE status NOT IN ('held', 'committed')) AS ended_otherwise,
         coalesce(sum(jsonb_array_length(lines)), 0)::bigint AS lines,
         coalesce(sum(jsonb_array_length(lines)) FILTER (WHERE status = 'held'), 0)::bigint AS lines_open
  FROM inventory.reservations
), levels AS (
  SELECT count(*) AS levels, sum(${OPENING_STOCK} - on_hand)::bigint AS units_gone FROM inventory.stock_levels
)
SELECT sales, lines_held, lines_committed, movements, reservations, commits, ended_otherwise, lines, lines_open, levels,
       units_gone,
       (SELECT count(*) FROM inventory.purchases) AS purchases,
       (SELECT count(*) FROM inventory.operations) AS operations,
       (SELECT count(*)
        FROM inventory.holds h JOIN inventory.reservations r ON r.id = h.reservation_id
        WHERE h.quantity = 1 AND r.status = 'held' AND r.expires_at = h.expires_at) AS holds,
       (SELECT count(*)
        FROM inventory.stock_levels l
          LEFT JOIN (SELECT product_id, warehouse_id, sum(on_hand_change) AS on_hand, sum(reserved_change) AS reserved,
                            max(sequence) AS last, count(*) AS movements
                     FROM inventory.movements GROUP BY product_id, warehouse_id) AS folded
                 ON folded.product_id = l.product_id AND folded.warehouse_id = l.warehouse_id
        WHERE folded.on_hand IS DISTINCT FROM l.on_hand
           OR folded.reserved IS DISTINCT FROM l.reserved
           OR folded.last IS DISTINCT FROM l.sequence
           OR folded.movements IS DISTINCT FROM l.sequence) AS unfolded,
       (SELECT count(*)
        FROM inventory.stock_levels l
          LEFT JOIN (SELECT product_id, warehouse_id, sum(quantity) AS quantity
                     FROM inventory.holds GROUP BY product_id, warehouse_id) AS held
                 ON held.product_id = l.product_id AND held.warehouse_id = l.warehouse_id
        WHERE coalesce(held.quantity, 0) <> l.reserved) AS unheld
FROM movements, promises, levels`

type Row = Readonly<
  Record<'sales' | 'lines_held' | 'lines_committed' | 'movements' | 'reservations' | 'commits', number> &
    Record<'ended_otherwise' | 'lines' | 'lines_open' | 'levels' | 'units_gone', number> &
    Record<'purchases' | 'operations' | 'holds' | 'unfolded' | 'unheld', number>
>

/** What should be there: so many products in stock, and what was counted. */
type Expected = Readonly<{ products: number; tally: Tally }>

/** Throws unless what was counted is what is there, and every level is the sum of its movements and of its holds. */
export async function checkLedgerIn(database: Database, who: string, { products, tally }: Expected): Promise<void> {
  const [row] = await database.query<Row>(question, [], { timeoutMs: 300_000 })
  const { purchases, reservations, commits, levels, operations, unfolded, unheld, ended_otherwise } = row!
  const faults = [
    ...(['purchases', 'reservations', 'commits'] as const).map((kind) => miscounted(kind, row![kind], tally[kind])),
    differ('units that are gone', row!.units_gone, 'purchases and commits', purchases + commits),
    differ('movements of sales', row!.sales, 'purchases', purchases),
    differ('movements of reservations', row!.lines_held, 'lines of reservations', row!.lines),
    differ('lines that are still held', row!.lines_open, 'holds of them', row!.holds),
    differ('movements of commits', row!.lines_committed, 'commits', commits),
    differ('movements', row!.movements, 'of known kinds', row!.sales + row!.lines_held + row!.lines_committed + levels),
    differ('operations', operations, 'commands', purchases + reservations + commits + products),
    differ('levels', levels, 'products', products),
    ended_otherwise > 0 && `${ended_otherwise} reservations came to an end that nobody asked for`,
    unfolded > 0 && `${unfolded} levels are not the sum of their movements`,
    unheld > 0 && `${unheld} levels have not reserved what their holds add up to`,
  ].filter((fault) => fault !== false)
  if (faults.length > 0) throw new Error(`${who}: ${faults.join('; ')}`)
  const found = (['purchases', 'reservations', 'commits'] as const)
    .filter((kind) => row![kind] > 0)
    .map((kind) => `${row![kind]} ${kind} are there, ${tally[kind].answered} were answered`)
  console.error(`${who}: ${found.join('; ')}; the ledger folds.`)
}

/** The same on a PostgreSQL, by its address. */
export const checkLedger = (who: string, url: string, expected: Expected): Promise<void> =>
  onDatabase(url, (database) => checkLedgerIn(database, who, expected))

function miscounted(kind: string, there: number, { answered, inFlight }: Count): string | false {
  if (there < answered) return `${answered} ${kind} were answered and ${there} are there`
  return there > answered + inFlight && `${there} ${kind} are there and ${answered} were answered`
}

const differ = (what: string, one: number, whose: string, other: number): string | false =>
  one !== other && `${one} ${what}, and ${other} ${whose}`
