import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Uuid } from '@abasto/kernel'
import { Abasto, type AbastoOptions } from '@abasto/sdk'
import { OPENING_STOCK } from './counter.ts'
import { analyze, createDatabase } from './databases.ts'
import { newTally, type Tally } from './ledger-check.ts'
import type { Scene } from './scene.ts'
import { type ServiceProcess, startServiceProcess } from './service-process.ts'

/** A shop on PostgreSQL with products in stock. */
export type StockedShop = Readonly<{
  name: string
  /** Who takes what is written. */
  seller: ServiceProcess
  /** All processes of the shop, the seller among them. */
  services: readonly ServiceProcess[]
  databaseUrl: string
  products: number
  /** The hot one. */
  product: Uuid
  /** Files with one product's id a line: the hot one, and those that are bought at random. */
  ids: Readonly<Record<'hot' | 'random', string>>
  tally: Tally
}>

const AT_A_TIME = 64

const ONE_KEY = { ABASTO_API_KEY: `bench-${Bun.randomUUIDv7()}` }

/** The whole shop in one process, with a hot product and so many others. */
export async function openStockedShop(scene: Scene, name: string, others: number): Promise<StockedShop> {
  const url = await createDatabase(scene, name)
  const databases = { PRODUCTS_DATABASE_URL: url, INVENTORY_DATABASE_URL: url }
  const shop = await startServiceProcess(scene, name, 'dev', databases)
  return filled(scene, { name, seller: shop, services: [shop], databaseUrl: url }, others, shop.url)
}

/** Products and inventory in processes of their own, which speak gRPC. */
export async function openSplitShop(scene: Scene): Promise<StockedShop> {
  const url = await createDatabase(scene, 'split')
  const products = await startServiceProcess(scene, 'split-products', 'products', {
    ...ONE_KEY,
    PRODUCTS_DATABASE_URL: url,
  })
  const inventory = await startServiceProcess(scene, 'split-inventory', 'inventory', {
    ...ONE_KEY,
    INVENTORY_DATABASE_URL: url,
    PRODUCTS_GRPC_URL: products.grpc!,
  })
  const shop = { name: 'split', seller: inventory, services: [inventory, products], databaseUrl: url }
  return filled(scene, shop, scene.products, { products: products.url, inventory: inventory.url })
}

async function filled(
  scene: Scene,
  shop: Pick<StockedShop, 'name' | 'seller' | 'services' | 'databaseUrl'>,
  count: number,
  baseUrl: NonNullable<AbastoOptions['baseUrl']>,
): Promise<StockedShop> {
  const abasto = new Abasto({ baseUrl, apiKey: shop.seller.apiKey })
  const [hot, ...others] = await stock(abasto, count + 1)
  await analyze(shop.databaseUrl)
  const file = (name: string, lines: readonly string[]) => {
    const path = join(scene.folder, `${shop.name}-${name}.ids`)
    writeFileSync(path, `${lines.join('\n')}\n`)
    return path
  }
  const ids = { hot: file('hot', [hot!]), random: file('random', others) }
  return { ...shop, product: hot as Uuid, products: count + 1, ids, tally: newTally() }
}

/** Adds products with stock, as any client would. */
async function stock(abasto: Abasto, count: number): Promise<string[]> {
  const ids: string[] = []
  let next = 0
  const addAgainAndAgain = async () => {
    while (next < count) {
      const sku = `BENCH-${next++}`
      const { id } = await abasto.products.create({ sku, name: 'Desk lamp', price: '12.50', currency: 'EUR' })
      await abasto.inventory.create({ productId: id, quantity: OPENING_STOCK })
      ids.push(id)
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, addAgainAndAgain))
  return ids
}
