import { freshMongo } from '../../packages/chassis/src/database/fresh-mongo.ts'
import { report, totalOf } from '../../packages/cli/src/verify/findings.ts'
import { verifyMongo } from '../../packages/cli/src/verify/mongodb/verify.ts'
import type { Collections } from '../../packages/inventory/src/infrastructure/mongodb/documents.ts'
import { CUTS, openProxy } from '../network/tcp-proxy.ts'
import { endLostTransactions, withDatabase } from '../stock/mongo-database.ts'
import { dealer, WORST } from './dealer.ts'
import { audited, type Rows, torn } from './mongodb-audit.ts'
import type { Books, Cable, Cuts, SharedStore } from './shared-store.ts'

export const mongodb: SharedStore = {
  name: 'MongoDB',
  needs: 'TEST_MONGODB_URL',
  isUsual: false,
  fresh: freshMongo,
  // The catalogue keeps to its own embedded database.
  settings: (url) => ({ INVENTORY_DATABASE_URL: url }),
  misfits: async () => [],
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
      return [...(await atOnce(url, audited)), ...(totalOf(findings) === 0 ? [] : report(findings))]
    },
    torn: () => atOnce(url, torn),
  }
}

/** Reads as everything was at one moment: customers may have left, and a sweeper still ends what has expired. */
const atOnce = <T>(url: string, ask: (rows: Rows) => Promise<T>): Promise<T> =>
  withDatabase(url, async (db) => {
    const session = db.client.startSession({ snapshot: true })
    let before: Promise<unknown> = Promise.resolve()
    // The first that is read says which moment it is, and a session does one thing at a time.
    const rows: Rows = <Name extends keyof Collections>(name: Name) => {
      const found = before.then(() => db.collection(name).find({}, { session }).toArray())
      before = found
      return found as unknown as Promise<readonly Collections[Name][]>
    }
    try {
      return await ask(rows)
    } finally {
      await session.endSession()
    }
  })

/** A proxy that knows of each message whether it is a commit, and cuts so many of these; and of the questions. */
async function openCable(url: string, cuts: Cuts): Promise<Cable> {
  const deal = dealer(cuts, CUTS)
  const proxy = await openProxy(portIn(url), {
    fate: (asked) => {
      if (asked.includes('commitTransaction')) return deal(true)
      return asked.includes('find') ? deal(false) : 'pass'
    },
  })
  return {
    // The server names its own address to whoever asks a replica set, and that would lead past the cable.
    url: directTo(proxy.port, url),
    worst: () => proxy.cuts[WORST],
    figures: () => ({ 'connections cut': proxy.cuts }),
    close: proxy.close,
  }
}

const portIn = (url: string): number => Number(/:(\d+)/.exec(url.replace(/^mongodb:/, ''))![1])

const directTo = (port: number, url: string): string =>
  `mongodb://127.0.0.1:${port}/${/^mongodb:\/\/[^/]+\/([^?]*)/.exec(url)![1]}?directConnection=true`
