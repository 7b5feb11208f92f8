// A process that writes once: `bun tests/cache/one-write.ts POSTGRES_URL REDIS_URL PRODUCT_ID delete|rename`. With
// ABASTO_FAILPOINT set it does not live to tell.
import { asked, openReplica, value } from './replica.ts'

const [postgresUrl = '', redisUrl = '', id = '', what] = process.argv.slice(2)
const { products, stop } = await openReplica({ postgresUrl, redisUrl })
if (what === 'delete') value(await products.deleteProduct(asked(), { id }))
else value(await products.updateProduct(asked(), { id, changes: { name: 'Big lamp' } }))
await stop()
