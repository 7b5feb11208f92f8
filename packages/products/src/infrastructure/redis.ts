import { breakerFigure } from '@abasto/chassis/circuit-breaker'
import { noTelemetry, type Telemetry } from '@abasto/chassis/telemetry/telemetry'
import type { Uuid } from '@abasto/kernel'
import type { Cache, Known, WrittenVersion } from '../application/ports.ts'
import type { Product } from '../domain/product.ts'
import type { Answer, Kind, RedisLine } from './redis-line.ts'
import { buryScript, fillScript, leaseScript, outdateScript, type Script } from './redis-scripts.ts'

/** A cache that all replicas of the service share. Away or hung it costs time, never an answer. */
export type RedisCache = Cache & Readonly<{ isUp: () => Promise<boolean>; close: () => Promise<void> }>

/** How long a product is remembered, and a lease holds, in milliseconds. */
const TTL_MS = 300_000
const LEASE_MS = 10_000

/** How many products this process keeps parsed. */
const PARSED = 10_000

export function redisCache(line: RedisLine, telemetry: Telemetry = noTelemetry): RedisCache {
  const count = measured(telemetry, line)
  const productIn = parser()

  async function run({ digest, source }: Script, kind: Kind, id: Uuid, ...values: string[]): Promise<Answer> {
    const key = keyOf(id)
    const answer = await line.ask(['EVALSHA', digest, '1', key, ...values], kind, key)
    if (answer.ok || !answer.message?.startsWith('NOSCRIPT')) return answer
    return line.ask(['EVAL', source, '1', key, ...values], kind, key)
  }

  function knownIn(id: Uuid, text: unknown): Known | undefined {
    if (typeof text !== 'string' || text.startsWith('?')) return undefined
    return text === '-' ? 'deleted' : productIn(id, text)
  }

  return {
    get: async (id) => {
      const key = keyOf(id)
      const answer = await line.ask(['GET', key], 'read', key)
      const known = answer.ok ? knownIn(id, answer.value) : undefined
      count.read({ result: answer.ok ? (known ? 'hit' : 'miss') : answer.reason })
      return known
    },

    lease: async (id) => {
      const answer = await run(leaseScript, 'read', id, `?${crypto.randomUUID()}`, String(LEASE_MS))
      if (!answer.ok) {
        count.failure({ command: 'lease', reason: answer.reason })
        return { fill: async () => {} }
      }
      const known = knownIn(id, answer.value)
      if (known) return { known }
      const lease = String(answer.value)
      const fill = async (product: Product) => {
        const text = `${product.version} ${JSON.stringify(product)}`
        const filled = await run(fillScript, 'read', id, lease, text, String(TTL_MS))
        if (!filled.ok) count.failure({ command: 'fill', reason: filled.reason })
      }
      return { fill }
    },

    outdate: async ({ id, version, isDeleted }: WrittenVersion) => {
      const answer = isDeleted
        ? await run(buryScript, 'news', id, String(TTL_MS))
        : await run(outdateScript, 'news', id, String(version))
      if (!answer.ok) count.failure({ command: 'outdate', reason: answer.reason })
      return answer.ok
    },

    isUp: async () => (await line.ask(['PING'], 'probe')).ok,
    close: line.close,
  }
}

// While a new version of the service comes in, both read what the other has filled in: where a product gets another
// shape, its key gets another prefix. In a cluster the braces alone say which server a key lies on, so whatever else is
// remembered of a product one day lies beside it.
const keyOf = (id: Uuid): string => `products:{${id}}`

/**
 * Parses what the cache holds. What it holds still is the same value as before, and need not be looked at again. What
 * nobody of ours can have put there counts as a lease: whoever reads next puts the product in its place.
 */
function parser(): (id: Uuid, text: string) => Product | undefined {
  const parsed = new Map<Uuid, Readonly<{ text: string; product: Product }>>()
  return (id, text) => {
    const before = parsed.get(id)
    if (before?.text === text) return before.product
    const product = parsedProduct(text)
    if (product?.id !== id) return undefined
    parsed.delete(id)
    parsed.set(id, { text, product })
    if (parsed.size > PARSED) parsed.delete(parsed.keys().next().value!)
    return product
  }
}

function parsedProduct(text: string): Product | undefined {
  try {
    return JSON.parse(text.slice(text.indexOf(' ') + 1))
  } catch {
    return undefined
  }
}

function measured({ metrics }: Telemetry, line: Pick<RedisLine, 'state'>) {
  metrics.gauge('abasto_products_cache_breaker_state', 'Reading from the cache: 0 closed, 1 half open, 2 open.', () =>
    breakerFigure(line.state('read')),
  )
  metrics.gauge(
    'abasto_products_cache_news_breaker_state',
    'Telling the cache of writes: 0 closed, 1 half open, 2 open.',
    () => breakerFigure(line.state('news')),
  )
  return {
    read: metrics.counter(
      'abasto_products_cache_reads_total',
      'Reads from the cache: hit, miss, or why there was no answer (timeout, away, resting, error).',
      ['result'],
    ),
    failure: metrics.counter(
      'abasto_products_cache_failures_total',
      'Other commands to the cache that failed: lease, fill, outdate.',
      ['command', 'reason'],
    ),
  }
}
