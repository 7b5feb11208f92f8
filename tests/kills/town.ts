import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Uuid } from '../../packages/kernel/src/kernel.ts'
import { type Settings, type Started, startCommand } from '../processes/command.ts'
import { until } from '../processes/until.ts'
import { temporaryFolder } from '../running-shop.ts'
import { replicaOf, stocked } from '../stock/service.ts'
import { booksAt, type SharedStore, storeAt } from '../stores/shared-store.ts'
import { OPENING, type Told } from './customers.ts'
import { type Till, tillOverGrpc, tillOverHttp } from './till.ts'

/** One inventory process, and its tills. */
export type Branch = Readonly<{ process: Started; http: Till; grpc: Till; log: () => string }>

/** A products service and a database, on which inventory services are started and killed. */
export type Town = Readonly<{
  url: string
  products: readonly Uuid[]
  /** Starts an inventory process, with these settings beside the usual ones. */
  open: (settings?: Settings) => Promise<Branch>
  close: () => Promise<void>
}>

/** Builds it on a new database of a server: of the store that its address leads to, unless another is meant. */
export async function buildTown(
  server: string,
  productCount: number,
  store: SharedStore = storeAt(server),
): Promise<Town> {
  const { url, drop } = await store.fresh(server)
  const { folder, remove } = temporaryFolder()
  const settings = {
    ABASTO_DATA: folder,
    ABASTO_API_KEY: 'the-key-of-a-shop-in-a-test',
    LOG_LEVEL: 'warn',
    ...store.settings(url),
  }
  const catalogue = await startCommand('products', settings)
  const branches: Branch[] = []
  let logs = 0

  const open = async (more: Settings = {}): Promise<Branch> => {
    const file = join(folder, `inventory-${++logs}.log`)
    const process = await startCommand(
      'inventory',
      {
        ...settings,
        PRODUCTS_GRPC_URL: catalogue.grpc ?? '',
        ...more,
      },
      file,
    )
    const branch = {
      process,
      http: tillOverHttp(process),
      grpc: tillOverGrpc(process),
      log: () => readFileSync(file, 'utf8'),
    }
    branches.push(branch)
    return branch
  }

  const first = await open()
  const shop = replicaOf({
    urls: { products: catalogue.url, inventory: first.process.url },
    apiKey: first.process.apiKey,
    end: first.process.end,
  })
  const products = await Promise.all(Array.from({ length: productCount }, () => stocked(shop, OPENING)))
  await first.process.end('SIGTERM')

  return {
    url,
    products,
    open,
    close: async () => {
      for (const { http, grpc, process } of branches) {
        http.close()
        grpc.close()
        await process.end('SIGKILL')
      }
      await catalogue.end('SIGKILL')
      remove()
      await store.clearUp(url)
      await drop()
    },
  }
}

/** What the books do not say as customers were told, or say wrongly; to be asked while nobody writes. */
export async function disagreements(url: string, told: Told): Promise<readonly string[]> {
  const books = booksAt(url)
  const [purchases, levels, reservations] = [await books.purchases(), await books.levels(), await books.reservations()]

  const known = new Set(purchases.map(({ id }) => id))
  const statuses = new Map(reservations.map(({ id, status }) => [id, status]))
  const mayBe = {
    held: ['held', 'expired'],
    released: ['released'],
    committed: ['committed'],
    expired: ['held', 'expired'],
  }
  const unlike = [...told.reservations].filter(([id, status]) => {
    return !mayBe[status as keyof typeof mayBe].includes(statuses.get(id) ?? 'lost')
  })
  const heardOf = reservations.filter(({ id }) => told.reservations.has(id))
  return [
    ...[...told.purchases].filter((id) => !known.has(id)).map((id) => `the purchase ${id} was lost`),
    ...purchases.filter(({ id }) => !told.purchases.has(id)).map(({ id }) => `nobody made the purchase ${id}`),
    ...levels
      .filter(({ id, onHand }) => told.onHand.get(id) !== onHand)
      .map(({ id, onHand }) => `${onHand} are on hand of ${id}, not ${told.onHand.get(id)}`),
    ...unlike.map(([id, status]) => `the reservation ${id} was ${status}, and is ${statuses.get(id) ?? 'lost'}`),
    ...(reservations.length - heardOf.length > told.unheard ? ['more is held than anybody asked for'] : []),
    ...reservations
      .filter(({ id, status }) => !told.reservations.has(id) && !['held', 'expired'].includes(status))
      .map(({ id, status }) => `nobody asked for the reservation ${id} to be ${status}`),
    ...(await books.faults()),
  ]
}

/** Waits until nothing is held any more: what was confirmed to nobody must expire as well. */
export async function untilNothingIsHeld(url: string): Promise<void> {
  const books = booksAt(url)
  await until(async () => (await books.reservations()).every(({ status }) => status !== 'held'))
  const held = await books.held()
  if (held !== 0) throw new Error(`${held} holds and units were leaked`)
}
