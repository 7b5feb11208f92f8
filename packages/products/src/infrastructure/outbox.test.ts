import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { Database } from '@abasto/chassis/database/database'
import { freshDatabase } from '@abasto/chassis/database/fresh-database'
import { freshEmbedded } from '@abasto/chassis/database/fresh-embedded'
import { migrate, readMigrations } from '@abasto/chassis/database/migrations'
import { connectPostgres } from '@abasto/chassis/database/postgres'
import type { Context } from '@abasto/kernel'
import { createProducts } from '../products.ts'
import { noCache } from './memory.ts'
import { type OverdueVersion, outboxIn } from './outbox.ts'
import { postgresCatalogue } from './postgres.ts'

type Opened = Readonly<{ database: Database; close: () => Promise<void> }>

/** What the outbox promises in every database, together with the statement that fills it. */
function outboxPromises(name: string, open: () => Promise<Opened>): void {
  describe(`the outbox in ${name}`, () => {
    let database: Database
    let close: () => Promise<void>
    beforeAll(async () => {
      const opened = await open()
      database = opened.database
      close = opened.close
      await migrate(database, 'products', readMigrations(join(import.meta.dir, '../../migrations')))
    }, 60_000)
    afterAll(() => close(), 60_000)

    const shop = () =>
      createProducts({
        catalogue: postgresCatalogue(database),
        cache: noCache,
        newId: () => Bun.randomUUIDv7(),
        announce: () => {},
      })
    const lamp = async () => {
      const sku = Bun.randomUUIDv7()
      const created = await shop().createProduct(asked(), { sku, name: 'Lamp', price: '1', currency: 'EUR' })
      if (!created.ok) throw new Error(created.error.message)
      return created.value
    }
    const rename = (id: string, name: string) => shop().updateProduct(asked(), { id, changes: { name } })
    const rowsOf = (id: string) =>
      database.query<{ version: number; is_deleted: boolean }>(
        'SELECT version, is_deleted FROM products.cache_outbox WHERE product_id = $1::text::uuid ORDER BY version',
        [id],
      )
    const letPass = (id: string, time: string) =>
      database.query(
        `UPDATE products.cache_outbox SET written_at = written_at - $2::text::interval
         WHERE product_id = $1::text::uuid`,
        [id, time],
      )
    const overdue = async (id: string) => (await outboxIn(database).overdue(1_000)).filter((row) => row.id === id)

    test('each change of a product leaves word of its version, and a new product none', async () => {
      const { id } = await lamp()
      expect(await rowsOf(id)).toEqual([])

      await rename(id, 'Big lamp')
      await shop().deleteProduct(asked(), { id })

      expect(await rowsOf(id)).toEqual([
        { version: 2, is_deleted: false },
        { version: 3, is_deleted: true },
      ])
    })

    test('a change that was refused, or lost its race, leaves nothing', async () => {
      const product = await lamp()
      await shop().updateProduct(asked(), { id: product.id, changes: { name: 'X' }, expectedVersion: 7 })
      await rename(product.id, 'First')
      const late = { type: 'update', before: product, after: { ...product, name: 'Late', version: 2 } } as const
      const operation = { id: Bun.randomUUIDv7(), fingerprint: 'f', verdict: { ok: true, value: null } } as const

      expect(await postgresCatalogue(database).write([late], operation, new Date().toISOString())).toBe(false)

      expect(await rowsOf(product.id)).toEqual([{ version: 2, is_deleted: false }])
    })

    test('what waits is overdue after a second', async () => {
      const { id } = await lamp()
      await rename(id, 'Big lamp')
      expect(await overdue(id)).toEqual([])

      await letPass(id, '1 second')

      expect(await overdue(id)).toMatchObject([{ id, version: 2, isDeleted: false }])
    })

    test('what is overdue stands in a line, the oldest first, and can be read on from any place in it', async () => {
      const outbox = outboxIn(database)
      const lamps = await Promise.all(Array.from({ length: 5 }, lamp))
      for (const { id } of lamps) await rename(id, 'Big lamp')
      // The third and the fourth were written at the same moment, to the last digit that a database knows.
      const ages = ['9', '8', '7.123457', '7.123457', '6']
      const ids = lamps.map(({ id }) => id).toSorted()
      await database.query(
        `UPDATE products.cache_outbox o SET written_at = now() - interval '5 minutes' - a.age::interval
         FROM unnest($1::text::uuid[], $2::text::text[]) AS a (id, age) WHERE o.product_id = a.id`,
        [`{${ids.join()}}`, `{${ages.join()}}`],
      )

      const line = []
      for (let last: OverdueVersion | undefined; ; ) {
        const some = await outbox.overdue(1, last)
        line.push(...some)
        last = some.at(-1)
        if (!last) break
        // Whether it is still there itself makes no difference.
        if (last.id === ids[2]) await outbox.remove([last])
      }

      expect(line.map(({ id }) => id).filter((id) => ids.includes(id))).toEqual(ids)
      expect(new Set(line.map(({ id }) => id)).size).toBe(line.length)
    })

    test('what was told goes, with what it supersedes, and nothing else', async () => {
      const [one, other] = [await lamp(), await lamp()]
      for (const name of ['a', 'b', 'c']) await rename(one.id, name)
      await rename(other.id, 'a')

      await outboxIn(database).remove([{ id: one.id, version: 3, isDeleted: false }])

      expect(await rowsOf(one.id)).toEqual([{ version: 4, is_deleted: false }])
      expect(await rowsOf(other.id)).toHaveLength(1)
    })

    test('many who remove the same rows at the same time do not disturb each other', async () => {
      const { id } = await lamp()
      for (let count = 0; count < 10; count++) await rename(id, `Lamp ${count}`)
      const told = Array.from({ length: 10 }, (_, index) => ({ id, version: 11 - index, isDeleted: false }))

      await Promise.all(told.map((_, index) => outboxIn(database).remove(told.slice(index))))

      // Who comes second leaves to the first what that one removes, so one more look may be needed.
      await outboxIn(database).remove(told)
      expect(await rowsOf(id)).toEqual([])
    })

    test('what nobody was told for ten minutes goes: no cache remembers for so long', async () => {
      const [old, young] = [await lamp(), await lamp()]
      for (const { id } of [old, young]) await rename(id, 'Big lamp')
      await letPass(old.id, '601 seconds')
      await letPass(young.id, '590 seconds')

      expect(await outboxIn(database).removeMoot()).toBe(1)

      expect([await rowsOf(old.id), await rowsOf(young.id)]).toEqual([[], [{ version: 2, is_deleted: false }]])
      expect(await outboxIn(database).removeMoot()).toBe(0)
    })
  })
}

outboxPromises('the embedded database', async () => {
  const database = await freshEmbedded()
  return { database, close: database.close }
})

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('The outbox in PostgreSQL was not tested: TEST_POSTGRES_URL is not set.')
else
  outboxPromises('PostgreSQL', async () => {
    const { url, drop } = await freshDatabase(server)
    const database = connectPostgres({ url, connections: 5 })
    const close = async () => {
      await database.close()
      await drop()
    }
    return { database, close }
  })

const asked = (): Context => ({
  requestId: 'test',
  caller: { id: 'tester', permissions: ['*'] },
  deadlineMs: Date.now() + 30_000,
  operationId: Bun.randomUUIDv7(),
  fingerprint: 'f'.repeat(32),
})
