import { connectPostgres } from '@abasto/chassis/database/postgres'
import { OPENING_STOCK } from './counter.ts'

/** How many purchases were answered, and how many may have been under way when the clients hung up. */
export type Tally = { answered: number; inFlight: number }

// Written for this check alone. Every purchase is of one unit, so units sold, purchases and movements must agree.
const question = `
SELECT (SELECT count(*) FROM inventory.purchases) AS purchases,
       (SELECT count(*) FROM inventory.movements WHERE kind = 'sale' AND on_hand_change = -1) AS sales,
       (SELECT count(*) FROM inventory.operations) AS operations,
       (SELECT count(*) FROM inventory.stock_levels) AS levels,
       (SELECT sum(${OPENING_STOCK} - on_hand)::bigint FROM inventory.stock_levels) AS units_sold,
       (SELECT count(*)
        FROM inventory.stock_levels l
          LEFT JOIN (SELECT product_id, warehouse_id, sum(on_hand_change) AS on_hand, max(sequence) AS last,
                            count(*) AS movements
                     FROM inventory.movements GROUP BY product_id, warehouse_id) AS folded
                 ON folded.product_id = l.product_id AND folded.warehouse_id = l.warehouse_id
        WHERE folded.on_hand IS DISTINCT FROM l.on_hand
           OR folded.last IS DISTINCT FROM l.sequence
           OR folded.movements IS DISTINCT FROM l.sequence) AS unfolded`

type Row = Record<'purchases' | 'sales' | 'operations' | 'levels' | 'units_sold' | 'unfolded', number>

/** Throws unless what was counted is what was sold, and every level is the sum of its movements. */
export async function checkLedger(who: string, url: string, products: number, counted: Tally): Promise<void> {
  const database = connectPostgres({ url, connections: 1 })
  const [row] = await database.query<Row>(question, [], { timeoutMs: 300_000 })
  await database.close()
  const { purchases, sales, operations, levels, units_sold, unfolded } = row!
  const faults = [
    purchases < counted.answered && `${counted.answered} purchases were answered and ${purchases} are there`,
    purchases > counted.answered + counted.inFlight && `${purchases} purchases and ${counted.answered} answers`,
    units_sold !== purchases && `${units_sold} units were sold in ${purchases} purchases`,
    sales !== purchases && `${sales} movements of ${purchases} purchases`,
    operations !== purchases + products &&
      `${operations} operations of ${purchases} purchases and ${products} openings`,
    levels !== products && `${levels} levels of ${products} products`,
    unfolded > 0 && `${unfolded} levels are not the sum of their movements`,
  ].filter((fault) => fault !== false)
  if (faults.length > 0) throw new Error(`${who}: ${faults.join('; ')}`)
  console.error(`${who}: ${purchases} purchases are there, ${counted.answered} were answered; the ledger folds.`)
}
