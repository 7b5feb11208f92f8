import { Abasto } from '@abasto/sdk'
import { quantile } from './contestant.ts'
import { createDatabase } from './databases.ts'
import type { Scene } from './scene.ts'
import { type ServiceProcess, startServiceProcess } from './service-process.ts'

/** Two replicas of the products service on one database, and the products that are read from them. */
export type ReplicaPair = Readonly<{ services: readonly ServiceProcess[]; ids: readonly string[] }>

/** How long reads took. */
export type Latencies = Readonly<{ p50Ms: number; p99Ms: number }>

/** How many products are read, at random: so many that a reader is seldom alone before one, and often not the first. */
const PRODUCTS = 100

/** How often requests go out, in milliseconds. They do not wait for each other: a slow answer makes no room. */
const TICK_MS = 4

/** Starts both; `redisUrls` are where each finds Redis, and none of them leave it without a cache. */
export async function openPair(scene: Scene, name: string, redisUrls: readonly string[]): Promise<ReplicaPair> {
  const database = await createDatabase(scene, name)
  const apiKey = `bench-${Bun.randomUUIDv7()}`
  const open = (replica: number) => {
    const redisUrl = redisUrls[replica]
    return startServiceProcess(scene, `${name}-${replica}`, 'products', {
      ABASTO_API_KEY: apiKey,
      PRODUCTS_DATABASE_URL: database,
      ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
    })
  }
  const services = [await open(0), await open(1)]
  const { products } = new Abasto({ baseUrl: services[0]!.url, apiKey })
  const ids: string[] = []
  for (let count = 0; count < PRODUCTS; count++) {
    ids.push((await products.create({ sku: `LAMP-${count}`, name: 'Desk lamp', price: '12.50', currency: 'EUR' })).id)
  }
  return { services, ids }
}

/** Sends so many requests a second, whatever becomes of those before. One that fails ends the run. */
export async function readAtPace(
  { services, ids }: ReplicaPair,
  { seconds, readsPerSecond }: Readonly<{ seconds: number; readsPerSecond: number }>,
): Promise<Latencies> {
  const latencies: number[] = []
  const under = new Set<Promise<void>>()
  let sent = 0
  const beganMs = performance.now()
  let failure: Error | undefined

  async function request(service: ServiceProcess, id: string, isWrite: boolean): Promise<void> {
    const sentMs = performance.now()
    const response = await fetch(`${service.url}/api/v1/products/${id}`, {
      headers: { 'X-API-Key': service.apiKey, 'Content-Type': 'application/vnd.api+json' },
      ...(isWrite ? { method: 'PATCH', body: change(id) } : {}),
    })
    const text = await response.text()
    if (response.status !== 200) throw new Error(`${isWrite ? 'A write' : 'A read'} got ${response.status}: ${text}`)
    if (!isWrite) latencies.push(performance.now() - sentMs)
  }

  while (performance.now() - beganMs < seconds * 1_000 && !failure) {
    const dueCount = ((performance.now() - beganMs) / 1_000) * readsPerSecond
    for (; sent < dueCount; sent++) {
      const id = ids[Math.floor(Math.random() * ids.length)]!
      const isWrite = sent % 20 === 0
      const asked = request(services[sent % services.length]!, id, isWrite).catch((error) => {
        failure ??= error
      })
      under.add(asked)
      void asked.then(() => under.delete(asked))
    }
    await Bun.sleep(TICK_MS)
  }
  await Promise.all(under)
  if (failure) throw failure
  const sorted = Float64Array.from(latencies).sort()
  return { p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) }
}

function change(id: string): string {
  return JSON.stringify({ data: { type: 'products', id, attributes: { name: `Lamp ${Math.random()}` } } })
}
