import { SQL } from 'bun'

/** Queries that each find rows which must not exist, by what is wrong where they find any. */
export type Questions = Readonly<Record<string, string>>

/** What is wrong with a shop's books, by SQL that shares nothing with the service. Empty when the books are right. */
export async function audit(databaseUrl: string, questions: Questions = QUERIES): Promise<readonly string[]> {
  const sql = new SQL(databaseUrl, { max: 1 })
  try {
    const faults: string[] = []
    for (const [fault, query] of Object.entries(questions)) {
      const [row] = await sql.unsafe(`SELECT count(*)::int AS count FROM (${query}) AS wrong`)
      if (row.count > 0) faults.push(`${fault}: ${row.count}`)
    }
    return faults
  } finally {
    await sql.end()
  }
}

const QUERIES: Questions = {
  'levels that their movements do not add up to': `
    SELECT 1 FROM inventory.stock_levels l
      FULL JOIN (SELECT product_id, warehouse_id, sum(on_hand_change) AS on_hand, sum(reserved_change) AS reserved
                 FROM inventory.movements GROUP BY 1, 2) m USING (product_id, warehouse_id)
    WHERE l.on_hand IS DISTINCT FROM coalesce(m.on_hand, 0) OR l.reserved IS DISTINCT FROM coalesce(m.reserved, 0)`,
  'movements that do not follow from the one before': `
    SELECT 1 FROM (
      SELECT sequence, on_hand_after,
             row_number() OVER level AS place, sum(on_hand_change) OVER level AS on_hand
      FROM inventory.movements WINDOW level AS (PARTITION BY product_id, warehouse_id ORDER BY sequence)) m
    WHERE sequence <> place OR on_hand_after <> on_hand`,
  'levels whose number of movements is not their last number': `
    SELECT 1 FROM inventory.stock_levels l
    WHERE sequence <> (SELECT count(*) FROM inventory.movements m
                       WHERE m.product_id = l.product_id AND m.warehouse_id = l.warehouse_id)`,
  'levels below zero': 'SELECT 1 FROM inventory.stock_levels WHERE on_hand < 0 OR reserved < 0',
  'purchases without the movement that took them': `
    SELECT 1 FROM inventory.purchases p
    WHERE NOT EXISTS (SELECT 1 FROM inventory.movements m WHERE m.purchase_id = p.id AND m.kind = 'sale'
      AND m.product_id = p.product_id AND m.operation_id = p.operation_id AND m.on_hand_change = -p.quantity)`,
  'sale movements without their purchase': `
    SELECT 1 FROM inventory.movements m
    WHERE m.kind = 'sale' AND NOT EXISTS (SELECT 1 FROM inventory.purchases p WHERE p.id = m.purchase_id)`,
  'movements of operations that are not recorded': `
    SELECT 1 FROM inventory.movements m
    WHERE NOT EXISTS (SELECT 1 FROM inventory.operations o WHERE o.id = m.operation_id)`,
  'sales of which a part is missing, or doubled': `
    SELECT 1 FROM inventory.operations o
      LEFT JOIN (SELECT operation_id AS id, count(*) FROM inventory.purchases GROUP BY 1) p USING (id)
      LEFT JOIN (SELECT operation_id AS id, count(*) FROM inventory.movements GROUP BY 1) m USING (id)
    WHERE o.verdict NOT LIKE '{%' AND (
      cardinality(string_to_array(o.verdict, ',')) <> coalesce(p.count, 0) OR
      cardinality(string_to_array(o.verdict, ',')) <> coalesce(m.count, 0))`,
  'refusals that took effect': `
    SELECT 1 FROM inventory.operations o JOIN inventory.movements m ON m.operation_id = o.id
    WHERE o.verdict LIKE '{"ok":false%'`,
}

/** One figure by SQL. */
export async function figure(databaseUrl: string, query: string): Promise<number> {
  const sql = new SQL(databaseUrl, { max: 1 })
  try {
    const [row] = await sql.unsafe(`SELECT (${query})::float8 AS figure`)
    return row.figure
  } finally {
    await sql.end()
  }
}
