import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Cache, Known } from '../application/ports.ts'
import type { Product } from '../domain/product.ts'

/** A cache under test; `another` is what a second process would hold of it, `wipe` makes it forget everything. */
export type OpenCache = Readonly<{
  cache: Cache
  another: Cache
  wipe?: () => Promise<unknown>
  close: () => Promise<void>
}>

/** What every cache promises, whatever it is made of. */
export function cachePromises(name: string, open: () => Promise<OpenCache>): void {
  describe(`the cache in ${name}`, () => {
    let opened: OpenCache
    let cache: Cache
    let another: Cache
    beforeAll(async () => {
      opened = await open()
      cache = opened.cache
      another = opened.another
    }, 60_000)
    afterAll(() => opened.close(), 60_000)

    test('what was filled in is what everybody reads, to the last character', async () => {
      const lamp = { ...product(3), name: `"'\\{}, é 灯 \u{1f4a1}`, images: ['https://a/b?c=1&d="2"'], description: '' }
      expect(await cache.get(lamp.id)).toBeUndefined()

      await filled(cache, lamp)

      expect(await cache.get(lamp.id)).toEqual(lamp)
      expect(await another.get(lamp.id)).toEqual(lamp)
      expect((await another.lease(lamp.id)).known).toEqual(lamp)
    })

    test('a lease is no product', async () => {
      const { id } = product(1)
      await cache.lease(id)

      expect(await cache.get(id)).toBeUndefined()
      expect((await another.lease(id)).known).toBeUndefined()
    })

    test('once a version was written, the one before is never read again', async () => {
      const lamp = product(1)
      await filled(cache, lamp)

      await another.outdate({ id: lamp.id, version: 2, isDeleted: false })

      expect(await cache.get(lamp.id)).toBeUndefined()
    })

    test('a slow reader cannot bring an old product back', async () => {
      const lamp = product(1)
      const slow = await leased(cache, lamp)
      await another.outdate({ id: lamp.id, version: 2, isDeleted: false })
      const quick = await leased(another, lamp)

      await slow.fill(lamp)
      expect(await cache.get(lamp.id)).toBeUndefined()
      await quick.fill({ ...lamp, version: 2 })
      await slow.fill(lamp)

      expect(await cache.get(lamp.id)).toEqual({ ...lamp, version: 2 })
    })

    test('nor one that was deleted, and a deleted product is known to be', async () => {
      const lamp = product(1)
      const slow = await leased(cache, lamp)
      await another.outdate({ id: lamp.id, version: 2, isDeleted: true })
      await slow.fill(lamp)
      await another.outdate({ id: lamp.id, version: 2, isDeleted: false })

      expect(await cache.get(lamp.id)).toBe('deleted')
      expect((await cache.lease(lamp.id)).known).toBe('deleted' satisfies Known)
    })

    test('news that comes late, or twice, takes nothing away that is newer', async () => {
      const lamp = product(3)
      await filled(cache, lamp)

      for (const version of [2, 3]) await another.outdate({ id: lamp.id, version, isDeleted: false })

      expect(await cache.get(lamp.id)).toEqual(lamp)
    })

    test('many who come at the same time may all have a lease, and the first fills', async () => {
      const lamp = product(1)
      const leases = await Promise.all([leased(cache, lamp), leased(another, lamp), leased(cache, lamp)])

      for (const { fill } of leases) await fill(lamp)

      expect(await another.get(lamp.id)).toEqual(lamp)
    })

    test('a reader from before everything was forgotten fills nothing in, whoever came after', async () => {
      const lamp = product(1)
      const slow = await leased(cache, lamp)
      if (opened.wipe) await opened.wipe()
      else await cache.outdate({ id: lamp.id, version: 2, isDeleted: false })

      await slow.fill(lamp)
      expect(await cache.get(lamp.id)).toBeUndefined()
      await leased(another, lamp)
      await slow.fill(lamp)

      expect(await cache.get(lamp.id)).toBeUndefined()
    })
  })
}

/** A product that no other test knows. */
export const product = (version: number): Product => ({
  id: Bun.randomUUIDv7(),
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

export async function leased(cache: Cache, { id }: Product) {
  const { fill } = await cache.lease(id)
  if (!fill) throw new Error(`there is something known of ${id} already`)
  return { fill }
}

export async function filled(cache: Cache, product: Product): Promise<void> {
  const { fill } = await leased(cache, product)
  await fill(product)
}
