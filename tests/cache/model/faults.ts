import type { Change } from '../../planted/fault.ts'

/** A wrong version of the cache, as changes of the text of `packages/products/src`. */
export type Fault = Readonly<{
  title: string
  changes: readonly Change[]
  /** A seed shortly before one that shows it, where that takes thousands of others. */
  seed?: number
  /** It is in a script, which only a real Redis runs. */
  needsRedis?: true
}>

const cache = 'infrastructure/cache.ts'
const redis = 'infrastructure/redis.ts'
const scripts = 'infrastructure/redis-scripts.ts'
const deliverer = 'infrastructure/deliverer.ts'
const catalogue = 'application/catalogue.ts'
const flights = 'application/flights.ts'

const BURY = "await run(buryScript, 'news', id, String(TTL_MS))"
const FILL = "await run(fillScript, 'read', id, lease, text, String(TTL_MS))"

export const FAULTS: readonly Fault[] = [
  {
    title: 'A fill looks at nothing: whatever is there is written over.',
    seed: 300,
    changes: [
      {
        file: redis,
        from: FILL,
        to: "await line.ask(['SET', keyOf(id), text, 'PX', String(TTL_MS)], 'read', keyOf(id))",
      },
    ],
  },
  {
    title: 'A deletion leaves no tombstone.',
    changes: [{ file: redis, from: BURY, to: "await line.ask(['DEL', keyOf(id)], 'news', keyOf(id))" }],
  },
  {
    title: 'A tombstone stays for ever.',
    changes: [{ file: redis, from: BURY, to: "await line.ask(['SET', keyOf(id), '-'], 'news', keyOf(id))" }],
  },
  {
    title: 'A deletion is told as if it were a change.',
    changes: [{ file: redis, from: 'isDeleted\n        ? ', to: 'isDeleted && version < 0\n        ? ' }],
  },
  {
    title: 'The cache is told the version before the one that was written.',
    changes: [{ file: redis, from: 'String(version))', to: 'String(version - 1))' }],
  },
  {
    title: 'All leases are the same.',
    seed: 180,
    changes: [{ file: redis, from: '`?$' + '{crypto.randomUUID()}`', to: "'?lease'" }],
  },
  {
    title: 'A row is removed before Redis has it.',
    seed: 3_835,
    changes: [{ file: deliverer, from: 'overdue.filter((_, index) => heard[index])', to: 'overdue' }],
  },
  {
    title: 'The deliverer never delivers.',
    changes: [
      {
        file: deliverer,
        from: 'if (cache) looking.push(everySoOften(LOOK_MS, () => deliverOverdue(cache)))',
        to: 'if (!cache) looking.push(everySoOften(LOOK_MS, () => deliverOverdue(cache!)))',
      },
    ],
  },
  {
    title: 'What the cache did not hear counts as told.',
    seed: 105,
    changes: [{ file: cache, from: 'if (isHeard) deliverer', to: 'if (isHeard || !isHeard) deliverer' }],
  },
  {
    title: 'What Redis did not answer counts as heard.',
    seed: 105,
    changes: [
      {
        file: redis,
        from: 'reason: answer.reason })\n      return answer.ok\n',
        to: 'reason: answer.reason })\n      return true\n',
      },
    ],
  },
  {
    title: 'A write is answered before the cache has heard of it.',
    changes: [
      {
        file: catalogue,
        from: 'await ports.cache.outdate({ id, version, isDeleted: false })',
        to: 'void ports.cache.outdate({ id, version, isDeleted: false })',
      },
    ],
  },
  {
    title: 'A write that is sent again tells nobody.',
    seed: 275,
    changes: [
      {
        file: catalogue,
        from: "if (event === 'product.updated') await",
        to: "if (event === 'product.updated' && !result.replayed) await",
      },
    ],
  },
  {
    title: 'The database is read before the lease is taken.',
    seed: 125,
    changes: [
      {
        file: catalogue,
        from: 'const lease = await cache.lease(id)\n    if (lease.known) return lease.known\n    const [product] = await catalogue.find([id], trace)',
        to: 'const [product] = await catalogue.find([id], trace)\n    const lease = await cache.lease(id)\n    if (lease.known) return lease.known',
      },
    ],
  },
  {
    title: 'A reader joins a read that has begun.',
    seed: 5_050,
    changes: [
      { file: flights, from: '    boarding.delete(id)\n', to: '' },
      { file: flights, from: 'flying.delete(id)\n', to: 'flying.delete(id)\n      boarding.delete(id)\n' },
    ],
  },
  {
    title: 'The script that fills does not look for its lease.',
    seed: 305,
    changes: [{ file: scripts, from: '~= ARGV[1] then return 0 end', to: "== '-' then return 0 end" }],
    needsRedis: true,
  },
  {
    title: 'The script that outdates leaves leases where they are.',
    seed: 305,
    changes: [{ file: scripts, from: 'if version and version', to: 'if not version or version' }],
    needsRedis: true,
  },
  {
    title: 'The script that outdates takes the same version for a newer one than it is told of.',
    changes: [{ file: scripts, from: 'version >= tonumber(ARGV[1])', to: 'version + 1 >= tonumber(ARGV[1])' }],
    needsRedis: true,
  },
  {
    title: 'The script that outdates takes tombstones away.',
    changes: [{ file: scripts, from: "if not known or known == '-' then", to: 'if not known then' }],
    needsRedis: true,
  },
  {
    title: 'The script that fills sets no end.',
    changes: [{ file: scripts, from: "ARGV[2], 'PX', ARGV[3])\nreturn 1", to: 'ARGV[2])\nreturn 1' }],
    needsRedis: true,
  },
]
