/**
 * What is done to a key at one go. Each script touches one key, so that the keys may lie on any node of a cluster.
 *
 * The value of a key is one of
 * - `7 {"id":…}`: the product at version 7,
 * - `-`: the product was deleted,
 * - `?4f1c…`: a lease; nothing is known, and whoever holds it may fill it in,
 * or there is none.
 */
export type Script = Readonly<{ source: string; digest: string }>

const script = (source: string): Script => ({
  source,
  digest: new Bun.CryptoHasher('sha1').update(source).digest('hex'),
})

/** Returns what is there; where nothing is, leaves the lease ARGV[1] for ARGV[2] milliseconds and returns that. */
export const leaseScript = script(`
local known = redis.call('GET', KEYS[1])
if known then return known end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]`)

/** Puts ARGV[2] in the place of the lease ARGV[1], for ARGV[3] milliseconds, if that lease is still there. */
export const fillScript = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`)

/** Forgets what is older than version ARGV[1], leases included. */
export const outdateScript = script(`
local known = redis.call('GET', KEYS[1])
if not known or known == '-' then return 0 end
local version = tonumber(string.match(known, '^%d+'))
if version and version >= tonumber(ARGV[1]) then return 0 end
redis.call('DEL', KEYS[1])
return 1`)

/** Leaves a tombstone for ARGV[1] milliseconds; where there is no room for it, at least nothing else is left. */
export const buryScript = script(`
redis.call('DEL', KEYS[1])
redis.pcall('SET', KEYS[1], '-', 'PX', ARGV[1])
return 1`)
