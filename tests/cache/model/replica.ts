import { deleteProduct, productReader, updateProduct } from '../../../packages/products/src/application/catalogue.ts'
import type { Catalogue, Ports } from '../../../packages/products/src/application/ports.ts'
import { cacheOver } from '../../../packages/products/src/infrastructure/cache.ts'
import type { Outbox } from '../../../packages/products/src/infrastructure/outbox.ts'
import { redisCache } from '../../../packages/products/src/infrastructure/redis.ts'
import type { Answer, RedisLine } from '../../../packages/products/src/infrastructure/redis-line.ts'
import { GONE } from '../traffic.ts'
import type { WorldDatabase } from './database.ts'
import type { Network } from './network.ts'
import { parsed } from './rule.ts'

/** A process of the products service: all of its code that has to do with the cache, every wait of it a step. */
export type Replica = {
  readonly number: number
  readonly hasRedis: boolean
  isAlive: boolean
  /** It has no connection to Redis. */
  isCut: boolean
  /** How often something went wrong between it and Redis that a write may have met with. */
  troubles: number
  /** The version that it shows, `GONE` where it shows none. */
  readonly version: (id: string) => Promise<number>
  /** The version that a write makes; undefined where it was refused. */
  readonly write: (id: string, what: 'change' | 'delete', operation: string) => Promise<number | undefined>
}

export type Setting = Readonly<{
  network: Network
  database: WorldDatabase
  /** Has Redis carry something out. */
  redis: (command: readonly string[]) => Answer | Promise<Answer>
}>

/** Long enough for any world, short enough that one whose process was killed is soon forgotten, in milliseconds. */
const DEADLINE_MS = 5_000

export function startReplica(number: number, hasRedis: boolean, { network, database, redis }: Setting): Replica {
  const away: Answer = { ok: false, reason: 'away' }
  const line: RedisLine = {
    ask: (command, kind) => {
      if (replica.isCut) return Promise.resolve(away)
      const { name, verb } = parsed(command)
      const otherwise = (reason: 'timeout' | 'away'): Answer => ({ ok: false, reason })
      return network.ask({
        by: number,
        to: 'Redis',
        what: name ?? verb,
        isNews: kind === 'news',
        effect: () => redis(command),
        otherwise,
      })
    },
    state: () => 'closed',
    close: async () => {},
  }

  const statement = <T>(what: string, effect: () => Promise<T>): Promise<T> =>
    network.ask({ by: number, to: 'database', what, effect })
  const { catalogue, outbox } = database
  const asked: Catalogue = {
    ...catalogue,
    write: (...change) => statement('commit', () => catalogue.write(...change)),
    find: (ids) => statement('find', () => catalogue.find(ids)),
  }
  const askedOutbox: Outbox = {
    overdue: (...which) => statement('what is overdue', () => outbox.overdue(...which)),
    remove: (told) => statement('remove what was told', () => outbox.remove(told)),
    removeMoot: () => statement('remove what is moot', outbox.removeMoot),
  }
  const wait = (what: string) => network.ask({ by: number, to: 'clock', what, effect: () => {} })

  const { cache } = cacheOver({
    redis: hasRedis ? redisCache(line) : undefined,
    outbox: askedOutbox,
    isEmbedded: false,
    pauses: { pause: () => wait('pause'), end: () => {} },
  })
  const ports: Ports = { catalogue: asked, cache, newId: () => '', announce: () => {} }
  const read = productReader(ports, { boarding: () => wait('boarding'), patience: () => wait('patience') })

  const replica: Replica = {
    number,
    hasRedis,
    isAlive: true,
    isCut: false,
    troubles: 0,
    version: async (id) => {
      const shown = await read(context(''), id)
      if (shown.ok) return shown.value.version
      if (shown.error.code === 'product_not_found') return GONE
      throw new Error(shown.error.message)
    },
    write: async (id, what, operation) => {
      if (what === 'delete') return (await deleteProduct(ports, context(operation), { id })).ok ? GONE : undefined
      const changed = await updateProduct(ports, context(operation), { id, changes: { name: operation } })
      return changed.ok ? changed.value.version : undefined
    },
  }
  return replica
}

const context = (operationId: string) => ({
  requestId: 'model',
  caller: { id: 'model', permissions: ['*'] },
  deadlineMs: Date.now() + DEADLINE_MS,
  operationId,
  fingerprint: operationId,
})
