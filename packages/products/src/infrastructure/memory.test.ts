import { expect, test } from 'bun:test'
import type { Product } from '../domain/product.ts'
import { memoryCache } from './memory.ts'

test('a product that was put is there until its time is up', async () => {
  const clock = { nowMs: 0 }
  const cache = memoryCache({ ttlMs: 100, now: () => clock.nowMs })
  await cache.put(lamp(1))

  expect(await cache.get('lamp')).toEqual(lamp(1))
  clock.nowMs = 100
  expect(await cache.get('lamp')).toBeUndefined()
})

test('a slow reader cannot bring an old product back', async () => {
  const cache = memoryCache()
  await cache.put(lamp(2))
  await cache.put(lamp(1))

  expect(await cache.get('lamp')).toEqual(lamp(2))
})

test('a slow reader cannot bring a deleted product back', async () => {
  const cache = memoryCache()
  await cache.put(lamp(2))
  await cache.remove(lamp(2))
  await cache.put(lamp(2))

  expect(await cache.get('lamp')).toBeUndefined()
})

test('when it is full, what was put longest ago gives way', async () => {
  const cache = memoryCache({ capacity: 2 })
  for (const id of ['a', 'b', 'c']) await cache.put({ ...lamp(1), id })

  expect(await Promise.all(['a', 'b', 'c'].map(cache.get))).toEqual([
    undefined,
    { ...lamp(1), id: 'b' },
    { ...lamp(1), id: 'c' },
  ])
})

const lamp = (version: number): Product => ({
  id: 'lamp',
  sku: 'LAMP-1',
  name: 'Desk lamp',
  description: '',
  price: { minor: 1250, currency: 'EUR' },
  images: [],
  active: true,
  version,
  createdAt: '2026-01-31T09:30:00.000Z',
  updatedAt: '2026-01-31T09:30:00.000Z',
})
