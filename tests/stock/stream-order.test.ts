import { expect, test } from 'bun:test'
import { SQL } from 'bun'
import { freshDatabase } from '../../packages/chassis/src/database/fresh-database.ts'
import { connectPostgres } from '../../packages/chassis/src/database/postgres.ts'
import type { Decision } from '../../packages/inventory/src/domain/state.ts'
import type { StockLevel } from '../../packages/inventory/src/domain/stock-level.ts'
import { DEFAULT_WAREHOUSE } from '../../packages/inventory/src/domain/warehouse.ts'
import { postgresStock } from '../../packages/inventory/src/infrastructure/postgres.ts'
import { until } from '../processes/until.ts'
import { context, migrateInventory, openSeller } from './seller.ts'

/*
 * The stream is in the order of transactions, and a level's movements are in that of their sequence, so along a level
 * the one must follow the other. A writer takes its number when it locks its first level and may then wait for another
 * one. Whoever writes that meanwhile has the higher number and the lower sequence, if the waiting writer then finds
 * exactly what it reckoned with.
 */
const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('The order of the ledger was not tested: TEST_POSTGRES_URL is not set.')
else
  test('a write that waited for a level does not pass for older than the one that it waited for', async () => {
    const { url, drop } = await freshDatabase(server)
    await migrateInventory(url)
    const seller = openSeller(url)
    const [waiting, quick] = [1, 2].map(() => connectPostgres({ url, connections: 1 }))
    const [first, between, last] = Array.from({ length: 3 }, () => Bun.randomUUIDv7()).sort()
    for (const productId of [first!, between!, last!])
      await seller.inventory.openInventory(context(), { productId, quantity: 10 })
    const levels = new Map<string, StockLevel>()
    for (const productId of [first!, between!, last!]) {
      levels.set(productId, (await seller.stock.level({ productId, warehouseId: DEFAULT_WAREHOUSE }))!)
    }
    const holder = new SQL(url, { max: 1 })
    const locked = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const holding = holder.begin(async (transaction) => {
      await transaction`SELECT 1 FROM inventory.stock_levels WHERE product_id = ${between!} FOR UPDATE`
      locked.resolve()
      await release.promise
    })
    await locked.promise

    // Reckons with a write of the last level that has not happened yet, and waits for the level between.
    const once = sale(levels.get(last!)!)
    const twice = sale(once.read[0]!.after!)
    const slow = postgresStock(waiting!, waiting!).write([
      sale(levels.get(first!)!),
      sale(levels.get(between!)!),
      twice,
    ])
    await until(async () => {
      const rows = await quick!.query('SELECT 1 FROM pg_locks WHERE NOT granted', [])
      return rows.length > 0
    })
    await postgresStock(quick!, quick!).write([once])
    release.resolve()
    await holding
    const { lost } = await slow

    const rows = await quick!.query<{ sequence: number; transaction_id: string }>(
      `SELECT sequence, transaction_id::text AS transaction_id FROM inventory.movements
       WHERE product_id = $1::text::uuid ORDER BY sequence`,
      [last!],
    )
    const transactions = rows.map(({ transaction_id }) => Number(transaction_id))
    expect([...lost]).toEqual([2])
    expect(transactions).toEqual(transactions.toSorted((one, other) => one - other))
    await Promise.all([seller.close(), waiting!.close(), quick!.close(), holder.end()])
    await drop()
  }, 30_000)

/** One unit less, as it is decided. */
function sale(before: StockLevel): Decision {
  const { productId, warehouseId } = before
  const now = new Date().toISOString()
  const operationId = Bun.randomUUIDv7()
  const after = {
    ...before,
    onHand: before.onHand - 1,
    sequence: before.sequence + 1,
    version: before.version + 1,
    updatedAt: now,
  }
  const verdict = { ok: true, value: { type: 'level', level: after } } as const
  return {
    at: now,
    read: [{ key: { productId, warehouseId }, before, after }],
    reservations: [],
    warehouses: [],
    holds: { placed: [], extended: [], ended: [] },
    movements: [
      {
        productId,
        warehouseId,
        sequence: after.sequence,
        kind: 'adjustment',
        onHandChange: -1,
        reservedChange: 0,
        onHandAfter: after.onHand,
        reservedAfter: after.reserved,
        reason: 'correction',
        actor: 'test',
        purchaseId: null,
        reservationId: null,
        operationId,
        createdAt: now,
      },
    ],
    purchases: [],
    operations: [{ id: operationId, fingerprint: 'f'.repeat(32), verdict }],
    verdicts: [verdict],
  }
}
