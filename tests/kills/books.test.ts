import { afterAll, beforeAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { Database } from '../../packages/chassis/src/database/database.ts'
import { openEmbedded } from '../../packages/chassis/src/database/embedded.ts'
import { migrate, readMigrations } from '../../packages/chassis/src/database/migrations.ts'
import { context } from '../stock/seller.ts'
import { CHAIR, inventoryOn, LAMP } from '../stock/verify-history.ts'
import { QUESTIONS } from './books.ts'

// Books in which something was committed, released, has expired and is held. What is planted in them is taken back.
let books: Database
beforeAll(async () => {
  books = await openEmbedded()
  await migrate(books, 'inventory', readMigrations(join(import.meta.dir, '../../packages/inventory/migrations')))
  await promiseSomething(books)
}, 60_000)
afterAll(() => books.close())

test('books in which all of that has happened have no fault', async () => {
  expect(await faultsFound()).toEqual([])
})

const ONE_HOLD =
  '(product_id, warehouse_id, reservation_id) = (SELECT product_id, warehouse_id, reservation_id FROM inventory.holds LIMIT 1)'
const ONE_HELD = 'id = (SELECT reservation_id FROM inventory.holds LIMIT 1)'
const ONE_MOVEMENT = (kind: string) =>
  `ctid = (SELECT ctid FROM inventory.movements WHERE kind = '${kind}' AND reservation_id IS NOT NULL LIMIT 1)`

const PLANTED: Readonly<Record<keyof typeof QUESTIONS, string>> = {
  'levels whose holds do not add up to what they have reserved': `
    UPDATE inventory.holds SET quantity = quantity + 1 WHERE ${ONE_HOLD}`,
  'levels of which a hold expires sooner than they say': `
    UPDATE inventory.stock_levels SET next_expiry_at = NULL`,
  'levels that promise more than they may': `
    ALTER TABLE inventory.stock_levels DROP CONSTRAINT stock_levels_check;
    UPDATE inventory.stock_levels SET on_hand = 0, short = 0, backorder_limit = 0 WHERE reserved > 0`,
  'movements whose sum of promises is not the one before and the change': `
    UPDATE inventory.movements SET reserved_after = reserved_after + 1 WHERE ${ONE_MOVEMENT('reservation')}`,
  'holds of reservations that are not held, or end at another time': `
    UPDATE inventory.reservations SET status = 'released' WHERE ${ONE_HELD}`,
  'holds that no held line asks for, or another quantity': `
    UPDATE inventory.reservations
    SET lines = (SELECT jsonb_agg(l || '{"status": "committed"}') FROM jsonb_array_elements(lines) l) WHERE ${ONE_HELD}`,
  'held lines without a hold, though their time is not up': `DELETE FROM inventory.holds WHERE ${ONE_HOLD}`,
  'reservations of which the ledger knows something else': `
    UPDATE inventory.movements SET kind = 'release' WHERE ${ONE_MOVEMENT('commit')}`,
  'movements of promises that are of no reservation, or of another kind': `
    UPDATE inventory.movements SET reservation_id = NULL WHERE ${ONE_MOVEMENT('expiry')}`,
  'operations that took effect twice on one level of one reservation': `
    INSERT INTO inventory.movements
    SELECT (jsonb_populate_record(m, jsonb_build_object('sequence', 1000000))).* FROM inventory.movements m
    WHERE ${ONE_MOVEMENT('release')}`,
  'tombstones that something moved for': `
    UPDATE inventory.reservations SET lines = '[]' WHERE status = 'committed'`,
}

test.each(Object.entries(PLANTED))('%s are found', async (question, planted) => {
  expect(await faultsFound(planted)).toContain(question)
})

/** What is found wrong with the books after something was planted in them. */
async function faultsFound(planted?: string): Promise<readonly string[]> {
  await books.query('BEGIN', [])
  try {
    for (const statement of planted?.split(';') ?? []) await books.query(statement, [])
    const faults: string[] = []
    for (const [question, query] of Object.entries(QUESTIONS)) {
      if ((await books.query(query, [])).length > 0) faults.push(question)
    }
    return faults
  } finally {
    await books.query('ROLLBACK', [])
  }
}

async function promiseSomething(database: Database): Promise<void> {
  const { inventory, idle } = inventoryOn(database)
  const lines = [LAMP, CHAIR].map((productId) => ({ productId, quantity: 2 }))
  const reserve = async (ttlSeconds: number) => {
    const held = await inventory.reserveStock(context(), { lines, ttlSeconds })
    if (!held.ok) throw new Error(held.error.message)
    return held.value
  }
  for (const productId of [LAMP, CHAIR]) await inventory.openInventory(context(), { productId, quantity: 10 })
  await inventory.commitReservation(context(), { id: (await reserve(60)).id })
  await inventory.releaseReservation(context(), { id: (await reserve(60)).id })
  await inventory.commitReservation(context(), { id: (await reserve(60)).id, lines: [{ productId: LAMP }] })
  const { expiresAt } = await reserve(1)
  await Bun.sleep(Math.max(0, Date.parse(expiresAt) - Date.now()) + 5)
  await inventory.sell(context(), { lines })
  await idle()
}
