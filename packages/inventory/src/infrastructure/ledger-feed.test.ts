import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { Database } from '@abasto/chassis/database/database'
import { freshDatabase } from '@abasto/chassis/database/fresh-database'
import { migrate, readMigrations } from '@abasto/chassis/database/migrations'
import { connectPostgres } from '@abasto/chassis/database/postgres'
import { isThere, sqlStores } from '@abasto/chassis/database/stores-under-test'
import type { Uuid } from '@abasto/kernel'
import type { Place } from '../application/ports.ts'
import { before, cursorOf, placeOf } from '../application/stream-cursor.ts'
import { DEFAULT_WAREHOUSE } from '../domain/warehouse.ts'
import { ledgerFeed } from './ledger-feed.ts'

const migrations = readMigrations(join(import.meta.dir, '../../migrations'))

type Opened = Readonly<{ database: Database; close: () => Promise<void> }>

const [LAMP, CHAIR] = ['01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000002'] as const

function feedPromises(name: string, open: () => Promise<Opened>): void {
  describe(`the ledger of ${name}, followed`, () => {
    let opened: Opened
    beforeAll(async () => {
      opened = await open()
    }, 60_000)
    const shop = async () => {
      await opened.database.query('TRUNCATE inventory.movements, inventory.stock_levels, inventory.stream_epochs', [])
      return { database: opened.database, feed: ledgerFeed(opened.database) }
    }
    afterAll(() => opened?.close())

    test('what happened is read in one order, each thing once, however it is cut into parts', async () => {
      const { database, feed } = await shop()
      for (let sequence = 1; sequence <= 5; sequence++) {
        await moved(database, CHAIR, sequence, 1)
        await moved(database, LAMP, sequence, 2)
      }

      const whole = await feed.movements(before(0n), { limit: 100 })
      const parts = []
      for (let place: Place = before(0n); ; ) {
        const { movements } = await feed.movements(place, { limit: 3 })
        parts.push(...movements)
        if (movements.length < 3) break
        place = placeOf(movements.at(-1)!)
      }

      expect(whole.movements.map(({ movement }) => movement.productId)).toEqual(Array(5).fill([CHAIR, LAMP]).flat())
      expect(parts).toEqual([...whole.movements])
      const lamps = await feed.movements(before(0n), { filter: { productIds: [LAMP] }, limit: 100 })
      expect(lamps.movements.map(({ movement }) => movement.sequence)).toEqual([1, 2, 3, 4, 5])
    })

    test('the levels are shown as they were at the horizon, also when it is long gone', async () => {
      const { database, feed } = await shop()
      await moved(database, LAMP, 1, 10)
      const { horizon } = await feed.head()
      await moved(database, LAMP, 2, -3)
      await moved(database, CHAIR, 1, 4)

      const [lamp, chair] = await feed.levels(horizon, { limit: 10 })
      const { movements } = await feed.movements(before(horizon), { limit: 10 })

      expect(lamp).toMatchObject({ productId: LAMP, onHand: 10, sequence: 1 })
      expect(chair).toMatchObject({ productId: CHAIR, onHand: 0, sequence: 0 })
      expect(movements.map(({ movement }) => movement.onHandChange)).toEqual([-3, 4])
      const next = await feed.levels(horizon, { after: { productId: LAMP, warehouseId: DEFAULT_WAREHOUSE }, limit: 10 })
      expect(next.map(({ productId }) => productId)).toEqual([CHAIR])
    })

    test('a database keeps its name, and a restored one gets another', async () => {
      const { database, feed } = await shop()
      const { epoch } = await feed.head()

      expect((await ledgerFeed(database).head()).epoch).toBe(epoch)
      // What a dump brings back: the same rows, written by another transaction than the one that they name.
      const [row] = await database.query<{ identity: string; transaction_id: string }>(
        'SELECT identity, transaction_id::text AS transaction_id FROM inventory.stream_epochs',
        [],
      )
      await database.query('DELETE FROM inventory.stream_epochs', [])
      await database.query('INSERT INTO inventory.stream_epochs VALUES ($1::text, $2::text::uuid, $3::text::xid8)', [
        row!.identity,
        epoch,
        row!.transaction_id,
      ])

      const names = await Promise.all([feed.head(), ledgerFeed(database).head(), ledgerFeed(database).head()])
      expect(new Set(names.map((head) => head.epoch)).size).toBe(1)
      expect(names[0]!.epoch).not.toBe(epoch)
    })

    test('what was restored is part of the levels and never news', async () => {
      const { database, feed } = await shop()
      await moved(database, LAMP, 1, 10, '7')
      const { horizon } = await feed.head()
      await moved(database, LAMP, 2, 5, String(horizon + 3n))
      await moved(database, LAMP, 3, -1)

      const { movements } = await feed.movements(before(0n), { limit: 10 })

      expect(movements.map(({ movement }) => movement.sequence)).toEqual([3])
      expect(await feed.levels(horizon, { limit: 10 })).toMatchObject([{ onHand: 15, sequence: 2 }])
    })

    test('a place is known by what happened there, not by its numbers alone', async () => {
      const { database, feed } = await shop()
      await moved(database, LAMP, 1, 10)
      const { epoch } = await feed.head()
      const [fed] = (await feed.movements(before(0n), { limit: 1 })).movements
      const cursor = cursorOf(epoch, fed!)

      expect(await feed.knows(cursor)).toBe(true)
      expect(await feed.knows({ ...cursor, mark: cursor.mark ^ 1 })).toBe(false)
      expect(await feed.knows({ ...cursor, sequence: 2 })).toBe(false)
    })
  })
}

const databases = sqlStores({ name: 'inventory', migrations, everyWrite: 'inventory.operations' })
for (const { name, open } of databases.filter((store) => isThere('The stream of the ledger', store))) {
  feedPromises(name, open)
}

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('Copies of a PostgreSQL were not tested: TEST_POSTGRES_URL is not set.')
else {
  test('what a transaction that still runs may yet show keeps back what came after it, for as long as it runs', async () => {
    const { url, drop } = await freshDatabase(server)
    const database = connectPostgres({ url })
    await migrate(database, 'inventory', migrations)
    const feed = ledgerFeed(database)
    const foreign = new Bun.SQL(url, { max: 1 })
    await moved(database, LAMP, 1, 10)

    const held = Promise.withResolvers<void>()
    const isOpen = Promise.withResolvers<void>()
    const open = foreign.begin(async (transaction) => {
      await transaction`SELECT pg_current_xact_id()`
      isOpen.resolve()
      await held.promise
    })
    await isOpen.promise
    const id = await written(database, LAMP, 2, -1)
    await Bun.sleep(50)
    const during = await feed.movements(before(0n), { limit: 10 })
    const { horizon } = await feed.head()
    const levels = await feed.levels(horizon, { limit: 10 })
    held.resolve()
    await open
    await untilTold(database, id)
    const after = await feed.movements(before(0n), { limit: 10 })

    expect(during.movements).toHaveLength(1)
    expect(during.waitingSeconds).toBeGreaterThan(0.03)
    expect(levels).toMatchObject([{ onHand: 10, sequence: 1 }])
    expect(after.movements).toHaveLength(2)
    expect(after.waitingSeconds).toBe(0)
    await foreign.end()
    await database.close()
    await drop()
  }, 20_000)

  test('a copy of a database is another one', async () => {
    const { url, drop } = await freshDatabase(server)
    const database = connectPostgres({ url })
    await migrate(database, 'inventory', migrations)
    await moved(database, LAMP, 1, 10)
    const { epoch } = await ledgerFeed(database).head()
    await database.close()
    const copy = new URL(url)
    copy.pathname = `${copy.pathname}_copy`
    const owner = new Bun.SQL(server, { max: 1 })
    await owner.unsafe(`CREATE DATABASE ${copy.pathname.slice(1)} TEMPLATE ${new URL(url).pathname.slice(1)}`)

    const [again, copied] = [connectPostgres({ url }), connectPostgres({ url: copy.href })]

    expect((await ledgerFeed(again).head()).epoch).toBe(epoch)
    expect((await ledgerFeed(copied).head()).epoch).not.toBe(epoch)
    await Promise.all([again.close(), copied.close()])
    await owner.unsafe(`DROP DATABASE ${copy.pathname.slice(1)} WITH (FORCE)`)
    await owner.end()
    await drop()
  }, 30_000)
}

/**
 * Writes a movement and its level, and waits until it can be told of: whoever cleans up a database of the same cluster
 * may hold it back for a moment.
 */
async function moved(database: Database, product: Uuid, sequence: number, change: number, restored?: string) {
  const id = await written(database, product, sequence, change, restored)
  if (restored === undefined) await untilTold(database, id)
}

async function untilTold(database: Database, id: string): Promise<void> {
  const isTold = 'SELECT 1 AS told WHERE pg_snapshot_xmin(pg_current_snapshot()) > $1::text::xid8'
  while ((await database.query(isTold, [id])).length === 0) await Bun.sleep(5)
}

/**
 * Writes them as the service does, and says in which transaction; `restored` gives them the number of somebody else's.
 */
async function written(database: Database, product: Uuid, sequence: number, change: number, restored?: string) {
  const own = restored === undefined ? 'pg_current_xact_id()' : `'${restored}'::xid8`
  const [row] = await database.query<{ id: string }>(
    `WITH changed AS (
       UPDATE inventory.stock_levels
       SET on_hand = on_hand + $4::text::bigint, sequence = sequence + 1, version = version + 1
       WHERE product_id = $1::text::uuid AND warehouse_id = $2::text::uuid RETURNING on_hand
     ), opened AS (
       INSERT INTO inventory.stock_levels
         (product_id, warehouse_id, on_hand, reserved, short, sequence, version, updated_at)
       SELECT $1::text::uuid, $2::text::uuid, $4::text::bigint, 0, 0, 1, 1, now()
       WHERE NOT EXISTS (SELECT 1 FROM changed) RETURNING on_hand
     ), level AS (SELECT * FROM changed UNION ALL SELECT * FROM opened)
     INSERT INTO inventory.movements
       (product_id, warehouse_id, sequence, kind, on_hand_change, reserved_change, on_hand_after, reserved_after, actor,
        operation_id, transaction_id, created_at)
     SELECT $1::text::uuid, $2::text::uuid, $3::text::bigint, 'adjustment', $4::text::bigint, 0, on_hand, 0, 'test',
            gen_random_uuid(), ${own}, clock_timestamp() FROM level
     RETURNING transaction_id::text AS id`,
    [product, DEFAULT_WAREHOUSE, String(sequence), String(change)],
  )
  return row!.id
}
