import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { SQL } from 'bun'
import type { Database } from '../../packages/chassis/src/database/database.ts'
import { freshDatabase } from '../../packages/chassis/src/database/fresh-database.ts'
import { connectPostgres } from '../../packages/chassis/src/database/postgres.ts'
import type { Stock } from '../../packages/inventory/src/application/ports.ts'
import {
  adjustment,
  commitment,
  levelOf,
  line,
  lineHeld,
  opening,
  reservation,
  sale,
} from '../../packages/inventory/src/domain/examples.ts'
import type { RecordedOperation } from '../../packages/inventory/src/domain/state.ts'
import { DEFAULT_WAREHOUSE } from '../../packages/inventory/src/domain/warehouse.ts'
import { decided, effect, newId, stocked, takesEffect } from '../../packages/inventory/src/infrastructure/deciding.ts'
import { postgresStock } from '../../packages/inventory/src/infrastructure/postgres.ts'
import type { Uuid } from '../../packages/kernel/src/kernel.ts'
import { audit } from '../stock/audit.ts'
import { migrateInventory } from '../stock/seller.ts'

/**
 * Races that are arranged, not hoped for: somebody else's transaction holds a row, the write runs until it has to wait
 * for that row, and only then the other commits. What a wrong statement does then, it does every time.
 */
const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('Arranged races were not tested: TEST_POSTGRES_URL is not set.')
else {
  describe('while somebody else is in the middle of it', () => {
    let fresh: Awaited<ReturnType<typeof freshDatabase>>
    const pools: Database[] = []
    let stock: Stock
    let other: Stock

    beforeAll(async () => {
      fresh = await freshDatabase(server)
      await migrateInventory(fresh.url)
      // Whoever waits in a circle must be seen doing so: once the server breaks it, the statement is sent again and succeeds.
      const url = `${fresh.url}?deadlock_timeout=60000`
      const connect = () => {
        const pool = connectPostgres({ url, connections: 1 })
        pools.push(pool)
        return pool
      }
      stock = postgresStock(connect(), connect())
      other = postgresStock(connect(), connect())
    }, 60_000)

    afterAll(async () => {
      await Promise.all(pools.map((pool) => pool.close()))
      await fresh.drop()
    }, 60_000)

    /** Changes rows in a transaction, starts `work`, and commits once that waits for one of the rows. */
    async function meanwhile<T>(
      change: string,
      ids: readonly Uuid[],
      work: () => Promise<T>,
      { forMs = 0, waiting = 1 } = {},
    ): Promise<T> {
      const theirs = new SQL(fresh.url, { max: 1 })
      try {
        let ours: Promise<T> | undefined
        await theirs.begin(async (transaction) => {
          await transaction.unsafe(change, [...ids])
          ours = work()
          await untilWaiting(waiting)
          await Bun.sleep(forMs)
        })
        return await ours!
      } finally {
        await theirs.end()
      }
    }

    async function untilWaiting(count: number): Promise<void> {
      const watch = new SQL(fresh.url, { max: 1 })
      try {
        for (let looks = 0; looks < 2_000; looks++) {
          const [row] = await watch`
            SELECT count(*)::int AS waiting FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'`
          if (row.waiting >= count) return
          await Bun.sleep(2)
        }
        throw new Error('nobody came to wait')
      } finally {
        await watch.end()
      }
    }

    const someoneTakes = `
      WITH taken AS (
        UPDATE inventory.stock_levels SET on_hand = on_hand - 1, version = version + 1, sequence = sequence + 1
        WHERE product_id = $1 RETURNING *
      ), recorded AS (
        INSERT INTO inventory.operations (id, fingerprint, verdict, created_at) SELECT $2, $2, '{}', now()
      )
      INSERT INTO inventory.movements (product_id, warehouse_id, sequence, kind, on_hand_change, reserved_change,
                                       on_hand_after, reserved_after, reason, actor, operation_id, created_at)
      SELECT product_id, warehouse_id, sequence, 'adjustment', -1, 0, on_hand, reserved, 'loss', 'other', $2, now()
      FROM taken`

    test('a sale of two products that finds one changed leaves the other as it was', async () => {
      const [lamp, chair] = await inOrder(stock)
      const bought = await decided(stock, sale([line(lamp, 2), line(chair, 2)]))

      const { lost } = await meanwhile(someoneTakes, [chair, newId()], () => stock.write([bought]))

      expect([...lost]).toEqual([0])
      expect(await stock.inventory(lamp)).toMatchObject({ onHand: 5 })
      expect(await stock.inventory(chair)).toMatchObject({ onHand: 4 })
      expect(await audit(fresh.url)).toEqual([])
    })

    test('a cart of two products that finds one changed holds neither', async () => {
      const [lamp, chair] = await inOrder(stock)
      const cart = reservation([lineHeld(lamp, 2), lineHeld(chair, 2)])
      const held = await decided(stock, cart)

      const { lost } = await meanwhile(someoneTakes, [chair, newId()], () => stock.write([held]))

      expect([...lost]).toEqual([0])
      expect(await stock.inventory(lamp)).toMatchObject({ onHand: 5, reserved: 0 })
      expect(await stock.reservation(cart.reservationId)).toBeUndefined()
    })

    test('a cart is not taken that somebody else has changed while the write waited for it', async () => {
      const [lamp] = await inOrder(stock)
      const cart = reservation([lineHeld(lamp, 2)])
      await effect(stock, cart)
      const taken = await decided(stock, commitment(cart.reservationId))
      const touched = 'UPDATE inventory.reservations SET version = version + 1 WHERE id = $1'

      const { lost } = await meanwhile(touched, [cart.reservationId], () => stock.write([taken]))

      expect([...lost]).toEqual([0])
      expect(await stock.level(levelOf(lamp))).toMatchObject({ onHand: 5, reserved: 2 })
    })

    test('a cart that expires while its commit waits is not taken', async () => {
      const [lamp] = await inOrder(stock)
      const cart = reservation([lineHeld(lamp, 2)], { ttlSeconds: 1 })
      await effect(stock, cart)
      const taken = await decided(stock, commitment(cart.reservationId))
      expect(taken.verdicts[0]!.ok).toBe(true)
      const touched = 'UPDATE inventory.stock_levels SET version = version WHERE product_id = $1'

      const { lost } = await meanwhile(touched, [lamp], () => stock.write([taken]), { forMs: 1_100 })

      expect([...lost]).toEqual([0])
      expect(await stock.level(levelOf(lamp))).toMatchObject({ onHand: 5, reserved: 0 })
    })

    test('two who want the same products in opposite order never wait for each other in a circle', async () => {
      const [first, middle, last] = (await Promise.all([1, 2, 3].map(() => stocked(stock, 5)))).toSorted() as Trio
      const wanted = [
        [first, middle, last],
        [last, middle, first],
      ].map((products) => sale(products.map((product) => line(product, 1))))
      const [one, two] = await Promise.all(wanted.map((command) => decided(stock, command)))
      const touched = 'UPDATE inventory.stock_levels SET version = version WHERE product_id = $1'

      // Both have got as far as they can when the row in the middle is let go.
      const written = await meanwhile(
        touched,
        [middle],
        () => Promise.allSettled([stock.write([one!]), other.write([two!])]),
        { waiting: 2 },
      )

      const losses = written.map((each) => (each.status === 'fulfilled' ? each.value.lost.size : String(each.reason)))
      expect(losses.toSorted()).toEqual([0, 1])
      expect(await audit(fresh.url)).toEqual([])
    })

    test('a product is not opened, not even with nothing, that somebody else is opening', async () => {
      const lamp = newId()
      const opened = await decided(stock, opening(lamp, 0))
      const theirs = `
        INSERT INTO inventory.stock_levels (product_id, warehouse_id, on_hand, reserved, short, sequence, version, updated_at)
        VALUES ($1, '${DEFAULT_WAREHOUSE}', 0, 0, 0, 0, 1, now())`

      const isDone = await meanwhile(theirs, [lamp], () => takesEffect(stock, opened))

      expect(isDone).toBe(false)
      const [{ id }] = opened.operations as [RecordedOperation]
      expect((await stock.read({ operations: [id] })).operations.size).toBe(0)
    })

    test('of two who end the same operation one does, and what the other would have done is not there', async () => {
      const [lamp, chair] = await inOrder(stock)
      const operationId = newId()
      const [one, two] = await Promise.all([
        decided(stock, adjustment(lamp, 1, { operationId })),
        decided(other, adjustment(chair, 1, { operationId })),
      ])

      const written = await Promise.allSettled([stock.write([one!]), other.write([two!])])

      expect(written.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
      const totals = await Promise.all([lamp, chair].map((product) => stock.inventory(product)))
      expect(totals.map((each) => each!.onHand).toSorted()).toEqual([5, 6])
    })
  })
}

type Trio = [Uuid, Uuid, Uuid]

/** Two products with five units each, in the order of their keys. */
async function inOrder(stock: Stock): Promise<[Uuid, Uuid]> {
  const [one, two] = [await stocked(stock, 5), await stocked(stock, 5)]
  return one < two ? [one, two] : [two, one]
}
