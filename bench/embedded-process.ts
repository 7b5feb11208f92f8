// An embedded database in a process that sells from it, as often and for as long as it is told to: one hot product, or
// any of the others.
import { join } from 'node:path'
import { openEmbedded } from '@abasto/chassis/database/embedded'
import { noTelemetry } from '@abasto/chassis/telemetry/telemetry'
import { openStockStore, stockSchema } from '@abasto/inventory/stock-store'
import { callAgainAndAgain, sampleOf } from './callers.ts'
import { purchasesAt, type Spread, spreadOver } from './committer.ts'
import type { Contestant, Sample } from './contestant.ts'
import { counterOn, OPENING_STOCK } from './counter.ts'
import type { EmbeddedOrder, EmbeddedSeller } from './embedded.ts'
import { checkLedgerIn, newTally } from './ledger-check.ts'
import { stocked } from './stocked-counter.ts'
import { obey } from './worker.ts'

/** Sells one hot product, or any of so many others; and has what was sold compared with what is there. */
type Seller = Readonly<{ sell: Readonly<Record<Spread, Contestant['sample']>>; close: () => Promise<void> }>

const sellers: Record<EmbeddedSeller, (folder: string, others: number) => Promise<Seller>> = {
  adapter: openAdapter,
  textbook: openTextbook,
}

const [name, folder, others] = process.argv.slice(2) as [EmbeddedSeller, string, string]
const { sell, close } = await sellers[name](folder, Number(others))

obey<EmbeddedOrder, Sample | null>(async (order) => {
  if (order !== 'close') return sell[order.spread](order.seconds)
  await close()
  return null
})

/** The stock core on the store that a service opens when it is given no address. */
async function openAdapter(data: string, others: number): Promise<Seller> {
  const settings = { url: undefined, connections: 1, setting: 'none', telemetry: noTelemetry }
  const { stock, close: letGo } = await openStockStore({ ...settings, data })
  const counter = await stocked(counterOn(stock, letGo), others + 1)
  const { products, close } = counter
  const tally = newTally()
  const sales = (spread: Spread) => purchasesAt(counter, spreadOver(products, spread), tally.purchases)
  return {
    sell: { hot: sales('hot'), random: sales('random') },
    close: async () => {
      await close()
      // Opened anew: what counts is what the disk has.
      const database = await openEmbedded(join(data, stockSchema.name, 'database'))
      await checkLedgerIn(database, 'embedded', { products: products.length, tally })
      await database.close()
    },
  }
}

/**
 * The transaction of the textbook: change the row where there is enough, write the ledger, commit. It gets everything
 * that helps it: both statements in one message, which takes less than half the time of one message each; a ledger
 * without any index, no record of the operation. One caller sells, because the engine does one thing at a time and
 * others could only wait.
 */
async function openTextbook(folder: string, others: number): Promise<Seller> {
  const database = await openEmbedded(folder)
  await database.script(`
    CREATE TABLE stock (product int PRIMARY KEY, on_hand bigint NOT NULL);
    CREATE TABLE ledger (product int NOT NULL, change bigint NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
    INSERT INTO stock SELECT product, ${OPENING_STOCK} FROM generate_series(0, ${others}) AS product;`)
  let sold = 0
  const sales =
    (productOf: () => number): Contestant['sample'] =>
    async (seconds) => {
      const sellOne = () => {
        const product = productOf()
        return database.script(`
          UPDATE stock SET on_hand = on_hand - 1 WHERE product = ${product} AND on_hand >= 1;
          INSERT INTO ledger (product, change) VALUES (${product}, -1)`)
      }
      const answered = await callAgainAndAgain(sellOne, { seconds, callers: 1 })
      sold += answered.latencies.length
      return sampleOf(answered)
    }
  return {
    sell: { hot: sales(() => 0), random: sales(() => 1 + Math.floor(Math.random() * others)) },
    close: async () => {
      const [row] = await database.query<Record<'recorded' | 'gone', number>>(
        `SELECT (SELECT count(*) FROM ledger) AS recorded,
                (SELECT sum(${OPENING_STOCK} - on_hand)::bigint FROM stock) AS gone`,
        [],
      )
      await database.close()
      if (row!.gone !== sold || row!.recorded !== sold) {
        throw new Error(`embedded textbook: ${sold} were sold, and there are ${JSON.stringify(row)}`)
      }
    },
  }
}
