// `bun bench/outages.ts`: what readers notice when Redis is slowed, hangs or is killed while they read from two replicas
// of products, beside two replicas without any cache, on the same PostgreSQL at the same moment: whatever else the machine
// does hits both.
import { parseArgs } from 'node:util'
import { Abasto } from '@abasto/sdk'
import { startRedis } from '../scripts/redis-server.ts'
import { openProxy, type TcpProxy } from '../tests/network/tcp-proxy.ts'
import { median, quantile } from './contestant.ts'
import { atEnd, endEverythingWithThisProcess } from './processes.ts'
import { createDatabase, openScene, type Scene } from './scene.ts'
import { type ServiceProcess, startServiceProcess } from './service-process.ts'

const usage = `Usage: bun bench/outages.ts [--seconds N] [--rounds N] [--reads N]

  --seconds N   how long a sample takes (4); what goes wrong begins after a quarter of it
  --rounds N    how often each is sampled (3); the median counts
  --reads N     how many reads a second, of each pair of replicas (300); a twentieth as many writes`

/** How many products are read, at random: so many that a reader is seldom alone before one, and often not the first. */
const PRODUCTS = 100

/** How often requests go out, in milliseconds. They do not wait for each other: a slow answer makes no room. */
const TICK_MS = 4

const WARM_UP_SECONDS = 3

/** By how much Redis may make the slowest of a hundred reads slower than if it were not there. */
const LIMIT_MS = 5

type Pair = Readonly<{ services: readonly ServiceProcess[]; ids: readonly string[] }>
type Sample = Readonly<{ p50Ms: number; p99Ms: number }>
type Both = Readonly<{ cached: Sample; bare: Sample }>

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    reads: { type: 'string', default: '300' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(usage)
  process.exit(0)
}
const [seconds, rounds, readsPerSecond] = [Number(values.seconds), Number(values.rounds), Number(values.reads)]
if (!(seconds > 0 && rounds > 0 && readsPerSecond > 0)) throw new Error(usage)

endEverythingWithThisProcess()
try {
  process.exit((await compare()) ? 0 : 1)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

/** Says whether the limit was kept. */
async function compare(): Promise<boolean> {
  const scene = await openScene({ products: PRODUCTS, movements: 0, profiles: undefined })
  let redis = await startRedis()
  atEnd(() => void redis.stop())
  const proxies = [await openProxy(redis.port), await openProxy(redis.port)]
  const bare = await openPair(scene, 'bare', [])
  const cached = await openPair(scene, 'cached', proxies)
  const every = (change: (proxy: TcpProxy) => void) => async () => proxies.forEach(change)
  const kill = () => redis.stop()
  const revive = async () => {
    redis = await startRedis({ port: redis.port })
  }

  const nothing = async () => {}
  const mend = every((proxy) => proxy.pass())
  const scenes = [
    { title: 'is well', fault: nothing, mend: nothing },
    { title: 'is 2 ms slower', fault: every((proxy) => proxy.slow(1)), mend },
    { title: 'is 40 ms slower', fault: every((proxy) => proxy.slow(20)), mend },
    { title: 'hangs', fault: every((proxy) => proxy.hang()), mend },
    { title: 'is killed', fault: kill, mend: revive },
  ]

  const samples = new Map<string, Both[]>(scenes.map(({ title }) => [title, []]))
  await both(WARM_UP_SECONDS)
  for (let round = 1; round <= rounds; round++) {
    for (const { title, fault, mend } of scenes) {
      const begins = setTimeout(() => void fault(), (seconds * 1_000) / 4)
      const sample = await both(seconds)
      clearTimeout(begins)
      await mend()
      // Whoever was away is found again, and what was missed is told.
      await Bun.sleep(1_500)
      samples.get(title)!.push(sample)
      const [ours, rival] = [sample.cached.p99Ms, sample.bare.p99Ms].map((ms) => ms.toFixed(1))
      console.error(`Round ${round} of ${rounds}: Redis ${title}, p99 ${ours} ms, without Redis ${rival} ms`)
    }
  }
  return print(samples)

  async function both(forSeconds: number): Promise<Both> {
    const [ours, rival] = await Promise.all([load(cached, forSeconds), load(bare, forSeconds)])
    return { cached: ours, bare: rival }
  }
}

function print(samples: ReadonlyMap<string, readonly Both[]>): boolean {
  console.log(`${readsPerSecond} reads/s of each pair of replicas, no request failed; medians of ${rounds}:\n`)
  console.log('| Redis | p50 ms | without Redis | p99 ms | without Redis | beyond |\n|---|---|---|---|---|---|')
  let isKept = true
  for (const [title, all] of samples) {
    const of = (figure: (sample: Both) => number) => median(all.map(figure))
    const beyond = of(({ cached, bare }) => cached.p99Ms - bare.p99Ms)
    isKept &&= beyond <= LIMIT_MS
    const p50s = [of(({ cached }) => cached.p50Ms), of(({ bare }) => bare.p50Ms)]
    const p99s = [of(({ cached }) => cached.p99Ms), of(({ bare }) => bare.p99Ms)]
    console.log(`| ${title} | ${[...p50s, ...p99s, beyond].map((ms) => ms.toFixed(1)).join(' | ')} |`)
  }
  console.log(`\nAt most ${LIMIT_MS} ms beyond: ${isKept ? 'yes' : 'no'}.`)
  return isKept
}

async function openPair(scene: Scene, name: string, proxies: readonly TcpProxy[]): Promise<Pair> {
  const database = await createDatabase(scene, name)
  const apiKey = `bench-${Bun.randomUUIDv7()}`
  const open = (replica: number) => {
    const proxy = proxies[replica]
    return startServiceProcess(scene, `${name}-${replica}`, 'products', {
      ABASTO_API_KEY: apiKey,
      PRODUCTS_DATABASE_URL: database,
      ...(proxy ? { REDIS_URL: `redis://127.0.0.1:${proxy.port}` } : {}),
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
async function load({ services, ids }: Pair, forSeconds: number): Promise<Sample> {
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

  while (performance.now() - beganMs < forSeconds * 1_000 && !failure) {
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
