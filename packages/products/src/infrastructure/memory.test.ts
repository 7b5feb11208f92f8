import { expect, test } from 'bun:test'
import { cachePromises, filled, product } from './cache-promises.ts'
import { memoryCache } from './memory.ts'

cachePromises('this process', async () => {
  const cache = memoryCache()
  return { cache, another: cache, close: async () => {} }
})

test('a product that was filled in is there until its time is up', async () => {
  const clock = { nowMs: 0 }
  const cache = memoryCache({ ttlMs: 100, now: () => clock.nowMs })
  const lamp = product(1)
  await filled(cache, lamp)

  clock.nowMs = 99
  expect(await cache.get(lamp.id)).toEqual(lamp)
  clock.nowMs = 100
  expect(await cache.get(lamp.id)).toBeUndefined()
})

test('when it is full, what was put longest ago gives way', async () => {
  const cache = memoryCache({ capacity: 2 })
  const [lamp, chair, table] = [product(1), product(1), product(1)]
  for (const each of [lamp, chair, table]) await filled(cache, each)

  expect(await Promise.all([lamp, chair, table].map(({ id }) => cache.get(id)))).toEqual([undefined, chair, table])
})
