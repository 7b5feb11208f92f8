import { createClient } from 'redis'
import { cachePromises } from './cache-promises.ts'
import { redisCache } from './redis.ts'

const url = process.env.TEST_REDIS_URL
if (!url) console.log('The cache in Redis was not tested: TEST_REDIS_URL is not set.')
else
  cachePromises('Redis', async () => {
    const [cache, another] = [redisCache({ url }), redisCache({ url })]
    const redis = await createClient({ url }).connect()
    while (!((await cache.isUp()) && (await another.isUp()))) await Bun.sleep(10)
    const close = async () => {
      await Promise.all([cache.close(), another.close()])
      redis.destroy()
    }
    return { cache, another, wipe: () => redis.flushAll(), close }
  })
