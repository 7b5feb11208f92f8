// Walks in a process of its own: `bun tests/cache/model/explorer.ts INTERLEAVINGS SEED` prints what came of it. With the
// seed of a walk that broke a promise, and 1, it shows the way there.
import { explore } from './explore.ts'
import { modelRedis } from './redis-server.ts'

const [interleavings = 1, seed = 1] = process.argv.slice(2).map(Number)
console.log(JSON.stringify(await explore({ interleavings, seed, redis: modelRedis }), null, 1))
process.exit(0)
