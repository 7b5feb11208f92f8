import { afterEach, describe, expect, test } from 'bun:test'
import { SQL } from 'bun'
import type { Uuid } from '../../packages/kernel/src/kernel.ts'
import { until } from '../processes/until.ts'
import { temporaryFolder } from '../running-shop.ts'
import { postgres, postgresInPartitions } from '../stores/postgres.ts'
import type { SharedStore } from '../stores/shared-store.ts'
import { audit } from './audit.ts'
import { context, each, openSeller } from './seller.ts'
import { API_KEY, type Replica, startReplicas, startService, stocked } from './service.ts'
import { found, isFull, size } from './size.ts'
import { followStock, hangingReader, type Known, type StreamReader } from './stream-reader.ts'

const cleaning: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleaning.splice(0).reverse()) await step()
}, 60_000)

/** Follows a shop until the end of the test. */
function reader(url: () => string, options: { query?: string; after?: string | undefined } = {}): StreamReader {
  const following = followStock({ url, apiKey: API_KEY, ...options })
  cleaning.push(following.stop)
  return following
}

/** Sells, receives, reserves and commits on several products until it is told to stop. */
function trade(shops: readonly Replica[], products: readonly Uuid[], callers: number) {
  let isOver = false
  let writes = 0
  const one = async (caller: number): Promise<void> => {
    for (let turn = caller; !isOver; turn++) {
      const shop = shops[turn % shops.length]!
      const product = products[Math.floor(Math.random() * products.length)]!
      const lines = [product, products[turn % products.length]!].map((productId) => ({ productId, quantity: 1 }))
      const answered =
        turn % 5 === 0
          ? shop.post('/reservations', { lines, ttlSeconds: 1 + (turn % 3) })
          : shop.post('/purchases', { quantity: 1 }, { product })
      const { status } = await answered.catch(() => ({ status: 0 }))
      if (status === 201) writes++
    }
  }
  const trading = Promise.all(Array.from({ length: callers }, (_, caller) => one(caller)))
  const stop = async () => {
    isOver = true
    await trading
    return writes
  }
  cleaning.push(stop)
  return { stop, writes: () => writes }
}

const server = process.env.TEST_POSTGRES_URL
if (server) for (const store of [postgres, postgresInPartitions]) followedOn(store, server)
else console.log('The stock stream on PostgreSQL was not tested: TEST_POSTGRES_URL is not set.')

function followedOn(store: SharedStore, server: string): void {
  const city = async () => {
    const { url, drop } = await store.fresh(server)
    cleaning.push(drop)
    const { folder, remove } = temporaryFolder()
    cleaning.push(remove)
    const open = async (count: number, databaseUrl = url): Promise<readonly Replica[]> => {
      const shops = await startReplicas(count, {
        ABASTO_DATA: folder,
        ABASTO_API_KEY: API_KEY,
        LOG_LEVEL: 'error',
        ...store.settings(databaseUrl),
      })
      cleaning.push(...shops.map((shop) => () => shop.end('SIGKILL')))
      return shops
    }
    return { url, open }
  }

  /** The levels as the database has them, by SQL that shares nothing with the service. */
  const levelsIn = async (url: string): Promise<Map<string, Known>> => {
    const sql = new SQL(url, { max: 1 })
    const rows = await sql`SELECT product_id || '.' || warehouse_id AS id, sequence::float8 AS sequence,
      on_hand::float8 AS "onHand", reserved::float8 AS reserved FROM inventory.stock_levels WHERE sequence > 0`
    await sql.end()
    return new Map(rows.map(({ id, ...known }: { id: string } & Known) => [id, known]))
  }

  /**
   * Waits until what the readers were told comes to what the database holds, and returns what each was told by then: what
   * expires afterwards is told to one before another.
   */
  const settle = async (url: string, readers: readonly StreamReader[]): Promise<readonly (readonly string[])[]> => {
    let orders: readonly (readonly string[])[] = []
    await until(async () => {
      const levels = await levelsIn(url)
      orders = readers.map(({ order }) => [...order])
      return readers.every(({ levels: told }) => same(told, levels))
    })
    for (const { faults } of readers) expect(faults.slice(0, 5)).toEqual([])
    expect(await audit(url)).toEqual([])
    expect(await store.misfits(url)).toEqual([])
    return orders
  }

  describe(`the stock, followed on ${store.name}`, () => {
    test('folds to the levels under writers of two processes, however often the line is cut', async () => {
      const reconnects = size({ usual: 24, full: 200 })
      const { url, open } = await city()
      const shops = await open(2)
      const products = await Promise.all(shops.flatMap((shop) => [stocked(shop, 100_000), stocked(shop, 100_000)]))
      const readers = [0, 1, 0, 1].map((at) => reader(() => shops[at]!.urls.inventory))
      const trading = trade(shops, products, 12)
      await until(async () => readers.every(({ isReady }) => isReady()))
      const steady = reader(() => shops[0]!.urls.inventory)

      for (let cut = 0; cut < reconnects; cut++) {
        await Bun.sleep(60 * Math.random())
        readers[cut % readers.length]!.cut()
      }
      await until(async () => steady.counts.movements > reconnects)
      const writes = await trading.stop()
      const orders = await settle(url, [...readers, steady])

      // One order for all: whoever came later was told the end of what the others were told.
      const [longest] = orders.toSorted((one, other) => other.length - one.length)
      for (const order of orders) {
        expect(order).toEqual(longest!.slice(longest!.length - order.length))
        expect(new Set(order).size).toBe(order.length)
      }
      for (const { counts } of [...readers, steady]) expect(counts.snapshots).toBe(1)
      found(`following the stock while its line is cut, ${store.name}`, {
        writes,
        cuts: reconnects,
        connections: readers.reduce((sum, { counts }) => sum + counts.connections, 0),
        'movements told': readers.reduce((sum, { counts }) => sum + counts.movements, 0),
        'missed, doubled or out of order': 0,
      })
    }, 240_000)

    // At every change the part in which their order counts most, and where the proof is full all of it.
    if (!isFull && !store.isUsual) return

    test('is late while a foreign transaction is open, and misses nothing', async () => {
      const openMs = size({ usual: 1_000, full: 10_000 })
      const { url, open } = await city()
      const [shop] = (await open(1)) as [Replica]
      const products = [await stocked(shop, 100_000), await stocked(shop, 100_000)]
      const before = reader(() => shop.urls.inventory)
      await until(async () => before.isReady())
      // Somebody else's, in another database of the same cluster.
      const foreign = new SQL(server, { max: 1 })
      cleaning.push(() => foreign.end())
      const trading = trade([shop], products, 6)
      const { promise: closed, resolve: close } = Promise.withResolvers<void>()
      const isOpen = Promise.withResolvers<void>()
      const transaction = foreign.begin(async (open) => {
        await open`SELECT pg_current_xact_id()`
        isOpen.resolve()
        await closed
      })
      await isOpen.promise
      await until(async () => (await silentFor(before, 1_500)) || false)
      const toldBefore = before.counts.movements
      const writesBefore = trading.writes()

      const during = reader(() => shop.urls.inventory)
      await until(async () => during.isReady())
      await Bun.sleep(openMs)
      const [toldDuring, writesDuring, lag] = [before.counts.movements, trading.writes(), await lagOf(shop)]
      close()
      await transaction
      await trading.stop()
      await settle(url, [before, during])

      expect(toldDuring).toBe(toldBefore)
      expect(writesDuring).toBeGreaterThan(writesBefore)
      expect(lag).toBeGreaterThan(openMs / 1_000)
      expect(before.order.slice(-during.order.length)).toEqual([...during.order])
      await until(async () => (await lagOf(shop)) === 0)
      found(`a foreign transaction that was left open, ${store.name}`, {
        'open for at least, ms': openMs,
        'writes meanwhile': writesDuring - writesBefore,
        'movements told meanwhile': toldDuring - toldBefore,
        'lag shown, s': lag,
        'missed or doubled': 0,
      })
    }, 120_000)

    test('goes on after the violent end of the server, as if nothing had been', async () => {
      const kills = size({ usual: 1, full: 10 })
      const { url, open } = await city()
      let [shop] = (await open(1)) as [Replica]
      const products = [await stocked(shop, 100_000)]
      const following = reader(() => shop.urls.inventory)
      await until(async () => following.isReady())

      for (let kill = 0; kill < kills; kill++) {
        const trading = trade([shop], products, 4)
        await Bun.sleep(200 + 200 * Math.random())
        await shop.end('SIGKILL')
        await trading.stop()
        ;[shop] = (await open(1)) as [Replica]
        await shop.post('/purchases', { quantity: 1 }, { product: products[0]! })
      }
      await settle(url, [following])

      expect(following.counts.snapshots).toBe(1)
      found(`servers killed while their stock was followed, ${store.name}`, {
        kills,
        'movements told': following.counts.movements,
        'missed or doubled': 0,
      })
    }, 180_000)

    test('does not wait for a reader that does not read', async () => {
      const sales = size({ usual: 20_000, full: 100_000 })
      const { url, open } = await city()
      const [shop] = (await open(1)) as [Replica]
      const products = await Promise.all(Array.from({ length: 8 }, () => stocked(shop, 1_000_000)))
      const quick = reader(() => shop.urls.inventory)
      cleaning.push(await hangingReader(shop.urls.inventory, API_KEY))
      await until(async () => (await metricOf(shop, 'abasto_stock_stream_readers')) === 2)
      const seller = openSeller(url)
      cleaning.push(seller.close)

      await each(sales, 256, async (index) => {
        const line = { productId: products[index % products.length]!, quantity: 1 }
        const sold = await seller.inventory.sell(context(), { lines: [line] })
        if (!sold.ok) throw new Error(sold.error.message)
      })
      await settle(url, [quick])

      await until(async () => (await metricOf(shop, 'abasto_stock_stream_slow_readers_total')) === 1)
      expect(await metricOf(shop, 'abasto_stock_stream_readers')).toBe(1)
      expect(quick.counts).toMatchObject({ snapshots: 1, connections: 1 })
      found(`a reader that does not read, ${store.name}`, {
        'sales meanwhile': sales,
        'readers cut off': 1,
        'others held up': 0,
      })
    }, 240_000)

    test('tells of what was asked for only', async () => {
      const { open } = await city()
      const [shop] = (await open(1)) as [Replica]
      const [lamp, chair] = [await stocked(shop, 10), await stocked(shop, 10)]
      const lamps = reader(() => shop.urls.inventory, { query: `?filter[product]=${lamp}` })
      const nowhere = reader(() => shop.urls.inventory, { query: `?filter[warehouse]=${Bun.randomUUIDv7()}` })
      await until(async () => lamps.isReady() && nowhere.isReady())

      await shop.post('/purchases', { quantity: 1 }, { product: chair })
      await shop.post('/purchases', { quantity: 2 }, { product: lamp })
      await until(async () => lamps.counts.movements > 0)

      expect([...lamps.levels.values()]).toEqual([{ sequence: 2, onHand: 8, reserved: 0 }])
      expect(lamps.counts.movements).toBe(1)
      expect([nowhere.levels.size, nowhere.counts.movements]).toEqual([0, 0])
    }, 60_000)

    test('begins anew in a copy of the database, and refuses what is no id of the stream', async () => {
      const { url, open } = await city()
      const [shop] = (await open(1)) as [Replica]
      const product = await stocked(shop, 10)
      const first = reader(() => shop.urls.inventory)
      await until(async () => first.isReady())
      await shop.post('/purchases', { quantity: 1 }, { product })
      await until(async () => first.counts.movements === 1)
      await first.stop()
      const refused = reader(() => shop.urls.inventory, { after: 'nonsense' })
      await until(async () => refused.faults.length > 0)
      await shop.end('SIGTERM')
      const copy = new URL(url)
      copy.pathname = `${copy.pathname}_copy`
      const owner = new SQL(server, { max: 1 })
      await owner.unsafe(`CREATE DATABASE ${copy.pathname.slice(1)} TEMPLATE ${new URL(url).pathname.slice(1)}`)
      cleaning.push(async () => {
        await owner.unsafe(`DROP DATABASE ${copy.pathname.slice(1)} WITH (FORCE)`)
        await owner.end()
      })

      const [copied] = (await open(1, copy.href)) as [Replica]
      const second = reader(() => copied.urls.inventory, { after: first.lastId() })
      await until(async () => second.isReady())

      expect(refused.faults[0]).toContain('invalid_cursor')
      expect(second.counts).toMatchObject({ snapshots: 1, movements: 0 })
      expect([...second.levels.values()]).toEqual([{ sequence: 2, onHand: 9, reserved: 0 }])
    }, 60_000)
  })
}

describe('the stock, followed on the embedded database', () => {
  test('folds to the levels, however often the line is cut and after the violent end of the server', async () => {
    const reconnects = size({ usual: 20, full: 200 })
    const { folder, remove } = temporaryFolder()
    cleaning.push(remove)
    const start = async () => {
      const started = await startService({ ABASTO_DATA: folder, ABASTO_API_KEY: API_KEY, LOG_LEVEL: 'error' })
      cleaning.push(() => started.end('SIGKILL'))
      return started
    }
    let shop = await start()
    const products = [await stocked(shop, 100_000), await stocked(shop, 100_000)]
    const following = reader(() => shop.urls.inventory)
    await until(async () => following.isReady())

    for (let round = 0; round < 2; round++) {
      const trading = trade([shop], products, 4)
      for (let cut = 0; cut < reconnects / 2; cut++) {
        await Bun.sleep(40 * Math.random())
        following.cut()
      }
      await until(async () => trading.writes() > 20)
      if (round === 0) {
        await shop.end('SIGKILL')
        await trading.stop()
        shop = await start()
      } else await trading.stop()
    }
    await until(async () => same(following.levels, await levelsOf(shop, products)))

    expect(following.faults.slice(0, 5)).toEqual([])
    expect(new Set(following.order).size).toBe(following.order.length)
    expect(following.counts.snapshots).toBe(1)
    expect(following.counts.movements).toBeGreaterThan(20)
    found('following the stock of the embedded database', {
      cuts: reconnects,
      kills: 1,
      'movements told': following.counts.movements,
      'missed or doubled': 0,
    })
  }, 180_000)
})

const same = (told: ReadonlyMap<string, Known>, levels: ReadonlyMap<string, Known>): boolean =>
  levels.size > 0 &&
  [...levels].every(([id, { sequence, onHand, reserved }]) => {
    const known = told.get(id)
    return known?.sequence === sequence && known.onHand === onHand && known.reserved === reserved
  })

/** The levels as the API shows them. */
async function levelsOf(shop: Replica, products: readonly Uuid[]): Promise<Map<string, Known>> {
  const { document } = await shop.get(`/stock-levels?filter[product]=${products.join()}`)
  return new Map(
    document.data.map(({ id, attributes }: { id: string; attributes: Known }) => [
      id,
      { sequence: attributes.sequence, onHand: attributes.onHand, reserved: attributes.reserved },
    ]),
  )
}

async function silentFor({ counts }: StreamReader, ms: number): Promise<boolean> {
  const { movements } = counts
  await Bun.sleep(ms)
  return counts.movements === movements
}

async function metricOf({ urls }: Replica, name: string): Promise<number> {
  const page = await (await fetch(`${urls.inventory}/metrics`, { headers: { 'X-API-Key': API_KEY } })).text()
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(page)?.[1] ?? Number.NaN)
}

const lagOf = (shop: Replica): Promise<number> => metricOf(shop, 'abasto_stock_stream_lag_seconds')
