import { Abasto } from '@abasto/sdk'
import type { Scene } from './scene.ts'
import { type ShopProcess, startShopProcess } from './shop-process.ts'

/** A shop on the embedded database, where products are read from the in-process cache. */
export type ReadingShop = ShopProcess &
  Readonly<{ path: string; headers: Readonly<Record<string, string>>; answer: Answer }>

/** What reading the product answers, for the rival to repeat. */
export type Answer = Readonly<{ path: string; body: string; headers: Readonly<Record<string, string>> }>

export async function openReadingShop(scene: Scene): Promise<ReadingShop> {
  const shop = await startShopProcess(scene, 'reads')
  const { id } = await new Abasto({ baseUrl: shop.url, apiKey: shop.apiKey }).products.create({
    sku: 'LAMP-1',
    name: 'Desk lamp',
    description: 'Brass, with a green shade.',
    price: '12.50',
    currency: 'EUR',
  })
  const path = `/api/v1/products/${id}`
  const headers = { 'X-API-Key': shop.apiKey, Accept: 'application/vnd.api+json' }
  return { ...shop, path, headers, answer: await answerOf(shop.url, path, headers) }
}

/** An answer without the two headers that any server adds by itself. */
export async function answerOf(url: string, path: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const response = await fetch(url + path, { headers })
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}`)
  const own = [...response.headers].filter(([name]) => name !== 'date' && name !== 'content-length')
  return { path, body: await response.text(), headers: Object.fromEntries(own) }
}
