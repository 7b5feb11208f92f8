import { startRedis } from '../scripts/redis-server.ts'
import { openProxy, type TcpProxy } from '../tests/network/tcp-proxy.ts'
import { median } from './contestant.ts'
import { atEnd } from './processes.ts'
import { type Latencies, openPair, readAtPace } from './replica-pair.ts'
import type { Scene } from './scene.ts'

/** How long a sample takes, how often each is taken, and how many reads a second there are of each pair of replicas. */
export type OutageOptions = Readonly<{ seconds: number; rounds: number; readsPerSecond: number }>

/** What readers noticed of one thing that happens to Redis, beside readers without it: medians. */
export type Outage = Readonly<{
  title: string
  cached: Latencies
  bare: Latencies
  /** By how much the p99 with Redis lay above the one without, in the same moment. */
  beyondMs: number
}>

/** By how much Redis may make the slowest of a hundred reads slower than if it were not there. */
export const LIMIT_MS = 5

/** How long it takes at the most until a replica has found Redis again, and told it what it missed. */
const RECOVERY_MS = 1_500

const WARM_UP_SECONDS = 3

/**
 * Has products read from two replicas through Redis and from two without it, at the same moment and at the same pace,
 * while Redis is well, slow, hangs, or is killed: each goes wrong after a quarter of its sample. A request that fails
 * ends it.
 */
export async function sampleOutages(scene: Scene, options: OutageOptions): Promise<readonly Outage[]> {
  const { seconds, rounds, readsPerSecond } = options
  let redis = await startRedis()
  atEnd(() => void redis.stop())
  const proxies = [await openProxy(redis.port), await openProxy(redis.port)]
  const bare = await openPair(scene, 'bare', [])
  const urls = proxies.map(({ port }) => `redis://127.0.0.1:${port}`)
  const cached = await openPair(scene, 'cached', urls)
  const every = (change: (proxy: TcpProxy) => void) => async () => proxies.forEach(change)
  const kill = () => redis.stop()
  const revive = async () => {
    redis = await startRedis({ port: redis.port })
  }

  const nothing = async () => {}
  const mend = every((proxy) => proxy.pass())
  const faults = [
    { title: 'is well', fault: nothing, mend: nothing },
    { title: 'is 2 ms slower', fault: every((proxy) => proxy.slow(1)), mend },
    { title: 'is 40 ms slower', fault: every((proxy) => proxy.slow(20)), mend },
    { title: 'hangs', fault: every((proxy) => proxy.hang()), mend },
    { title: 'is killed', fault: kill, mend: revive },
  ]

  const samples = faults.map(({ title }) => ({ title, cached: [] as Latencies[], bare: [] as Latencies[] }))
  await both(Math.min(WARM_UP_SECONDS, seconds))
  for (let round = 1; round <= rounds; round++) {
    for (const [place, { title, fault, mend }] of faults.entries()) {
      const begins = setTimeout(() => void fault(), (seconds * 1_000) / 4)
      const [ours, rival] = await both(seconds)
      clearTimeout(begins)
      await mend()
      await Bun.sleep(RECOVERY_MS)
      samples[place]!.cached.push(ours)
      samples[place]!.bare.push(rival)
      const [oursMs, rivalMs] = [ours, rival].map(({ p99Ms }) => p99Ms.toFixed(1))
      console.error(`Round ${round} of ${rounds}: Redis ${title}, p99 ${oursMs} ms, without Redis ${rivalMs} ms`)
    }
  }
  await Promise.all([redis.stop(), ...proxies.map((proxy) => proxy.close())])
  return samples.map(({ title, cached, bare }) => ({
    title,
    cached: medianOf(cached),
    bare: medianOf(bare),
    beyondMs: median(cached.map(({ p99Ms }, round) => p99Ms - bare[round]!.p99Ms)),
  }))

  function both(forSeconds: number): Promise<[Latencies, Latencies]> {
    const pace = { seconds: forSeconds, readsPerSecond }
    return Promise.all([readAtPace(cached, pace), readAtPace(bare, pace)])
  }
}

const medianOf = (each: readonly Latencies[]): Latencies => ({
  p50Ms: median(each.map(({ p50Ms }) => p50Ms)),
  p99Ms: median(each.map(({ p99Ms }) => p99Ms)),
})
