import { Abasto } from '@abasto/sdk'
import { createDatabase } from './databases.ts'
import type { Scene } from './scene.ts'
import { type ServiceProcess, startServiceProcess } from './service-process.ts'

/** A process that products are read from, and one product that is there. */
export type ReadingShop = Readonly<{
  service: ServiceProcess
  path: string
  headers: Readonly<Record<string, string>>
  answer: Answer
}>

/** What reading the product answers, for the rival to repeat. */
export type Answer = Readonly<{ path: string; body: string; headers: Readonly<Record<string, string>> }>

/** The whole shop on the embedded database, where products are read from the in-process cache. */
export const openReadingShop = async (scene: Scene): Promise<ReadingShop> =>
  withOneProduct(await startServiceProcess(scene, 'reads', 'dev', {}))

/** The products service on PostgreSQL, where they are read through Redis. */
export async function openRedisShop(scene: Scene): Promise<ReadingShop> {
  const url = await createDatabase(scene, 'reads')
  const settings = { PRODUCTS_DATABASE_URL: url, REDIS_URL: (await scene.redis()).url }
  return withOneProduct(await startServiceProcess(scene, 'redis-reads', 'products', settings))
}

async function withOneProduct(service: ServiceProcess): Promise<ReadingShop> {
  const { url, apiKey } = service
  const { id } = await new Abasto({ baseUrl: url, apiKey }).products.create({
    sku: 'LAMP-1',
    name: 'Desk lamp',
    description: 'Brass, with a green shade.',
    price: '12.50',
    currency: 'EUR',
  })
  const path = `/api/v1/products/${id}`
  const headers = { 'X-API-Key': apiKey, Accept: 'application/vnd.api+json' }
  return { service, path, headers, answer: await answerOf(url, path, headers) }
}

/** An answer without the two headers that any server adds by itself. */
export async function answerOf(url: string, path: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const response = await fetch(url + path, { headers })
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}`)
  const own = [...response.headers].filter(([name]) => name !== 'date' && name !== 'content-length')
  return { path, body: await response.text(), headers: Object.fromEntries(own) }
}
