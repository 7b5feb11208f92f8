import type { Database } from '@abasto/chassis/database/database'
import type { Log } from '@abasto/chassis/log'
import { passing } from '@abasto/chassis/process/failpoint'
import type { Telemetry } from '@abasto/chassis/telemetry/telemetry'
import type { Cache } from '../application/ports.ts'
import { type Deliverer, startDeliverer } from './deliverer.ts'
import { memoryCache, noCache } from './memory.ts'
import { type Outbox, outboxIn } from './outbox.ts'
import type { Pauses } from './pauses.ts'
import { type RedisCache, redisCache } from './redis.ts'
import { openRedis } from './redis-cluster.ts'
import type { Patience } from './redis-line.ts'

/** The cache of a process, and whatever works for it in the background. */
export type OpenedCache = Readonly<{
  cache: Cache
  /** Whether it answers, where it is a server of its own. The service can do without, only slower. */
  isUp?: () => Promise<boolean>
  /** To be called when no request runs any more, and before the database is closed. */
  stop: () => Promise<void>
}>

/**
 * Chooses the cache of a process: Redis where its address is set; else one inside the process, if it is the only one
 * that writes to its database; else none. Writes leave word in the outbox whichever it is, because another replica may
 * have a Redis: so every process looks after the outbox too.
 */
export function openCache({
  redisUrl,
  database,
  isEmbedded,
  telemetry,
  log,
  patience,
}: Readonly<{
  /** Several addresses with commas between them are servers of one Redis Cluster. */
  redisUrl?: string | undefined
  /** The products database, migrated. */
  database: Database
  isEmbedded: boolean
  telemetry?: Telemetry | undefined
  log?: Log | undefined
  patience?: Patience | undefined
}>): OpenedCache {
  const redis = redisUrl ? redisCache(openRedis({ url: redisUrl, log, patience }), telemetry) : undefined
  return cacheOver({ redis, outbox: outboxIn(database), isEmbedded, telemetry, log })
}

/** The same over what is already open. `pauses` says how the deliverer waits, for whoever wants to arrange that. */
export function cacheOver({
  redis,
  outbox,
  isEmbedded,
  telemetry,
  log,
  pauses,
}: Readonly<{
  redis: RedisCache | undefined
  outbox: Outbox
  isEmbedded: boolean
  telemetry?: Telemetry | undefined
  log?: Log | undefined
  pauses?: Pauses | undefined
}>): OpenedCache {
  const deliverer = startDeliverer({ outbox, cache: redis, telemetry, log, pauses })
  if (!redis) return { cache: isEmbedded ? memoryCache() : noCache, stop: deliverer.stop }
  const stop = async () => {
    await deliverer.stop()
    await redis.close()
  }
  return { cache: delivering(redis, deliverer), isUp: redis.isUp, stop }
}

/** A cache whose writers tell it themselves, before their write is answered; what it did not hear is delivered later. */
function delivering(cache: Cache, deliverer: Deliverer): Cache {
  return {
    ...cache,
    outdate: async (written) => {
      passing('after-commit-before-delivery')
      const isHeard = await cache.outdate(written)
      if (isHeard) deliverer.told(written)
      else deliverer.missed(written)
      return isHeard
    },
  }
}
