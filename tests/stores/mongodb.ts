import { freshMongo } from '../../packages/chassis/src/database/fresh-mongo.ts'
import { report, totalOf } from '../../packages/cli/src/verify/findings.ts'
import { verifyMongo } from '../../packages/cli/src/verify/mongodb/verify.ts'
import type { Collections } from '../../packages/inventory/src/infrastructure/mongodb/documents.ts'
import { openProxy } from '../network/tcp-proxy.ts'
import { endLostTransactions, withDatabase } from '../stock/mongo-database.ts'
import { audited, torn } from './mongodb-audit.ts'
import type { Books, Cable, Cuts, SharedStore } from './shared-store.ts'

export const mongodb: SharedStore = {
  name: 'MongoDB',
  needs: 'TEST_MONGODB_URL',
  isUsual: false,
  fresh: freshMongo,
  // The catalogue keeps to its own embedded database.
  settings: (url) => ({ INVENTORY_DATABASE_URL: url }),
  openCable,
  books: booksIn,
  clearUp: endLostTransactions,
}

function booksIn(url: string): Books {
  const rows = <Name extends keyof Collections>(name: Name): Promise<readonly Collections[Name][]> =>
    withDatabase(url, async (db) => {
      const found = db.collection(name).find({}, { readConcern: { level: 'majority' } })
      return (await found.toArray()) as unknown as Collections[Name][]
    })
  return {
    purchases: async () => (await rows('purchases')).map(({ _id: id, quantity }) => ({ id, quantity })),
    levels: async () => (await rows('stock_levels')).map((level) => ({ id: level.product_id, onHand: level.on_hand })),
    reservations: async () => (await rows('reservations')).map(({ _id: id, status }) => ({ id, status })),
    movements: async () =>
      (await rows('movements')).map(({ operation_id, reservation_id, product_id, kind, sequence }) => ({
        operation: operation_id,
        reservation: reservation_id,
        product: product_id,
        kind,
        sequence,
      })),
    held: async () =>
      (await rows('holds')).length + (await rows('stock_levels')).reduce((units, { reserved }) => units + reserved, 0),
    faults: async () => {
      const findings = await verifyMongo(url)
      return [...(await audited(rows)), ...(totalOf(findings) === 0 ? [] : report(findings))]
    },
    torn: () => torn(rows),
  }
}

/** A connection is cut about so often, in milliseconds, where one of a hundred writes is to be. */
const PAUSE_MS = 3_000

/**
 * A proxy that knows nothing of the protocol: it cuts connections at random moments, whatever they carry, and by turns
 * in place of the next answer that the server gives, which may be that to a commit. How many of a thousand writes that
 * befalls it cannot know, so the cuts come by the clock, the more often the more are wanted.
 */
async function openCable(url: string, { writes }: Cuts): Promise<Cable> {
  const proxy = await openProxy(portIn(url))
  const cuts = { 'at any moment': 0, 'when it was done, before the answer': 0 }
  const pauseMs = (PAUSE_MS * 10) / writes
  const closed = new AbortController()
  const cutting = (async () => {
    for (let turn = 0; ; turn++) {
      await Bun.sleep(pauseMs * 2 * Math.random())
      if (closed.signal.aborted) return
      const kind = turn % 2 === 0 ? 'when it was done, before the answer' : 'at any moment'
      const cut = proxy.cutOne({ isAtAnswer: turn % 2 === 0 }).then((isCut) => {
        if (isCut) cuts[kind]++
      })
      // One that happens to be quiet keeps no other from being cut.
      await Promise.race([cut, Bun.sleep(pauseMs)])
    }
  })()
  return {
    // The server names its own address to whoever asks a replica set, and that would lead past the cable.
    url: directTo(proxy.port, url),
    worst: () => cuts['when it was done, before the answer'],
    figures: () => ({ 'connections cut': cuts }),
    close: async () => {
      closed.abort()
      await proxy.close()
      await cutting
    },
  }
}

const portIn = (url: string): number => Number(/:(\d+)/.exec(url.replace(/^mongodb:/, ''))![1])

const directTo = (port: number, url: string): string =>
  `mongodb://127.0.0.1:${port}/${/^mongodb:\/\/[^/]+\/([^?]*)/.exec(url)![1]}?directConnection=true`
