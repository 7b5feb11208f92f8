import { DEFAULT_WAREHOUSE } from '@abasto/inventory/domain/warehouse'
import { ask, sampleOf } from './callers.ts'
import { sale } from './commands.ts'
import type { Contestant } from './contestant.ts'
import { connectCounter, OPENING_STOCK } from './counter.ts'
import { analyze, copyDatabase, dropDatabase, onDatabase } from './databases.ts'
import { checkLedger, newTally, type Tally } from './ledger-check.ts'
import type { Scene } from './scene.ts'
import { openCounter } from './stocked-counter.ts'

/** Over how many products what was sold before is spread; one of them is the hot one. */
const PRODUCTS = 100

/** Long enough for every caller to buy once. */
const MOMENT_SECONDS = 0.01

type Copy = Readonly<{ name: string; url: string; tally: Tally }>

/**
 * Purchases of one hot product at the adapter, where the ledger begins with so many movements. Every load has a copy of
 * the database to itself, because a short ledger does not stay short, and connections of its own, through which each
 * caller buys once before the time counts.
 */
export async function openLedger(scene: Scene, name: string, movements: number): Promise<Contestant> {
  const template = await openCounter(scene, name, PRODUCTS)
  const hot = template.products[0]!
  const sold = movements - PRODUCTS
  await template.close()
  await fill(template.url, sold)
  await analyze(template.url)

  let made = 0
  const copies: Copy[] = []
  const used: Copy[] = []
  const makeCopy = async () => {
    const copy = `${name}_${++made}`
    const tally = newTally()
    tally.purchases.answered = sold
    copies.push({ name: copy, url: await copyDatabase(scene, name, copy), tally })
  }
  const letGo = async () => {
    for (const { name, url, tally } of used.splice(0)) {
      await checkLedger(name, url, { products: PRODUCTS, tally })
      await dropDatabase(scene, name)
    }
  }
  return {
    prepare: async () => {
      await letGo()
      // One to warm up on, one for the sample.
      while (copies.length < 2) await makeCopy()
    },
    sample: async (seconds) => {
      const copy = copies.shift()!
      used.push(copy)
      const counter = connectCounter(copy.url)
      const first = await ask(counter, () => sale(hot), { seconds: MOMENT_SECONDS })
      counter.takeRounds()
      const answered = await ask(counter, () => sale(hot), { seconds })
      const sample = sampleOf(answered, counter.takeRounds())
      await counter.close()
      copy.tally.purchases.answered += first.latencies.length + answered.latencies.length
      return { ...sample, notes: { 'movements at first': movements, ...sample.notes } }
    },
    close: letGo,
  }
}

/**
 * Sells so many units by SQL, each product in turn, as if it had been done one by one: purchases under ids that rise,
 * operations under ids that do not.
 */
async function fill(url: string, sales: number): Promise<void> {
  await onDatabase(url, (database) => database.query(selling, [String(sales)], { timeoutMs: 600_000 }))
}

const selling = `
WITH products AS (
  SELECT product_id, row_number() OVER (ORDER BY product_id) - 1 AS place, count(*) OVER () AS products
  FROM inventory.stock_levels
), sold AS MATERIALIZED (
  SELECT p.product_id, n / p.products + 1 AS sale, gen_random_uuid() AS operation_id,
         (lpad(to_hex(extract(epoch FROM now())::bigint * 1000 - ($1::text::bigint - n) / 64), 12, '0')
          || '7' || lpad(to_hex(n % 64 * 64), 3, '0') || '8' || substr(md5(n::text), 1, 15))::uuid AS purchase_id
  FROM generate_series(0, $1::text::bigint - 1) AS n JOIN products p ON p.place = n % p.products
  ORDER BY n
), moved AS (
  INSERT INTO inventory.movements
    (product_id, warehouse_id, sequence, kind, on_hand_change, reserved_change, on_hand_after, reserved_after, actor,
     purchase_id, operation_id, created_at)
  SELECT product_id, '${DEFAULT_WAREHOUSE}', sale + 1, 'sale', -1, 0, ${OPENING_STOCK} - sale, 0, 'owner', purchase_id,
         operation_id, date_trunc('milliseconds', now())
  FROM sold
), bought AS (
  INSERT INTO inventory.purchases
    (id, product_id, warehouse_id, quantity, unit_price_minor, total_minor, currency, operation_id, created_at)
  SELECT purchase_id, product_id, '${DEFAULT_WAREHOUSE}', 1, 1250, 1250, 'EUR', operation_id,
         date_trunc('milliseconds', now())
  FROM sold
), recorded AS (
  INSERT INTO inventory.operations (id, fingerprint, verdict, created_at)
  SELECT operation_id, '0123456789abcdef0123456789abcdef', purchase_id::text, date_trunc('milliseconds', now())
  FROM sold
)
UPDATE inventory.stock_levels l
SET on_hand = l.on_hand - s.sales, sequence = l.sequence + s.sales, version = l.version + s.sales,
    updated_at = date_trunc('milliseconds', now())
FROM (SELECT product_id, count(*) AS sales FROM sold GROUP BY product_id) AS s
WHERE l.product_id = s.product_id`
