import { SQL } from 'bun'
import type { Uuid } from '../../packages/kernel/src/kernel.ts'
import { expiryOf, type Places } from '../linearizability/projection.ts'

/** Where the ledger says that each operation, the clock's included, took effect on each product: its movement's number. */
export async function placesIn(url: string): Promise<Places> {
  const sql = new SQL(url, { max: 1 })
  try {
    const rows: { key: string; product: Uuid; sequence: number }[] = await sql`
      SELECT CASE kind WHEN 'expiry' THEN ${expiryOf('')} || reservation_id ELSE operation_id::text END AS key,
             product_id AS product, min(sequence)::int AS sequence
      FROM inventory.movements GROUP BY 1, 2`
    const places = new Map(rows.map(({ key, product, sequence }) => [`${key} ${product}`, sequence]))
    return (key, product) => places.get(`${key} ${product}`)
  } finally {
    await sql.end()
  }
}
