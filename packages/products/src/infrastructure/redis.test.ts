import { createClient } from 'redis'
import { cachePromises } from './cache-promises.ts'
import { redisCache } from './redis.ts'
import { openLine } from './redis-line.ts'

const url = process.env.TEST_REDIS_URL
if (!url) console.log('The cache in Redis was not tested: TEST_REDIS_URL is not set.')
else
  cachePromises('Redis', async () => {
    const open = () => redisCache(openLine({ url, patience: { read: 1_000 } }))
    const [cache, another] = [open(), open()]
    const redis = await createClient({ url }).connect()
    while (!((await cache.isUp()) && (await another.isUp()))) await Bun.sleep(10)
    const close = async () => {
      await Promise.all([cache.close(), another.close()])
      redis.destroy()
    }
    const wipe = async () => redis.del(await redis.keys('products:{*'))
    return { cache, another, wipe, close }
  })
