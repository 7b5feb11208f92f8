import type { Log } from '@abasto/chassis/log'
import type { Telemetry } from '@abasto/chassis/telemetry/telemetry'
import { sayingWhy } from './application/books.ts'
import { createCommitter } from './application/committer.ts'
import { sweepExpired } from './application/expiry.ts'
import type { Commit, Stock } from './application/ports.ts'
import { createStockStream, type StockStream } from './application/stream.ts'
import type { StockStore } from './stock-store.ts'

/** The stock of a process, from its store up: written in batches, followed, and swept of what has expired. */
export type StockCore = Readonly<{
  stock: Stock
  commit: Commit
  /** Stopped on its own, before whatever its readers are connected to. */
  stream: StockStream
  /** Resolves when nothing is waiting to be written any more. */
  close: () => Promise<void>
}>

export function openStockCore(
  { stock: stored, feed }: Pick<StockStore, 'stock' | 'feed'>,
  { log, telemetry: { metrics } }: Readonly<{ log: Log; telemetry: Telemetry }>,
): StockCore {
  const stream = createStockStream({ feed, log, metrics })
  const stock = stream.noticing(stored)
  const { commit: written, idle } = createCommitter(stock, { metrics })
  const commit: Commit = (...command) => sayingWhy(() => written(...command))
  const sweeper = sweepExpired({ stock, commit, log })
  const close = async () => {
    await sweeper.stop()
    await idle()
  }
  return { stock, commit, stream, close }
}
