import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Abasto } from '@abasto/sdk'
import { OPENING_STOCK } from './counter.ts'
import type { Tally } from './ledger-check.ts'
import { analyze, createDatabase, type Scene } from './scene.ts'
import { type ShopProcess, startShopProcess } from './shop-process.ts'

/** A shop on PostgreSQL with products to buy. */
export type PurchasingShop = ShopProcess &
  Readonly<{
    databaseUrl: string
    products: number
    /** Files with one product's id a line: the hot one, and those that are bought at random. */
    ids: Readonly<Record<'hot' | 'random', string>>
    sold: Tally
  }>

const AT_A_TIME = 64

export async function openPurchasingShop(scene: Scene): Promise<PurchasingShop> {
  const databaseUrl = await createDatabase(scene, 'shop')
  const shop = await startShopProcess(scene, 'purchases', databaseUrl)
  const [hot, ...others] = await stock(shop, scene.products + 1)
  await analyze(databaseUrl)
  const ids = { hot: join(scene.folder, 'hot.ids'), random: join(scene.folder, 'random.ids') }
  writeFileSync(ids.hot, `${hot}\n`)
  writeFileSync(ids.random, `${others.join('\n')}\n`)
  return { ...shop, databaseUrl, products: scene.products + 1, ids, sold: { answered: 0, inFlight: 0 } }
}

/** Adds products with stock, as any client would. */
async function stock({ url, apiKey }: ShopProcess, count: number): Promise<string[]> {
  const abasto = new Abasto({ baseUrl: url, apiKey })
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
