import { afterEach, describe, expect, test } from 'bun:test'
import { freshMongo } from '../../packages/chassis/src/database/fresh-mongo.ts'
import { inDatabase } from '../../packages/chassis/src/database/mongo.ts'
import type { Uuid } from '../../packages/kernel/src/kernel.ts'
import { startMongo } from '../../scripts/mongo-server.ts'
import { until } from '../processes/until.ts'
import { copied, endLostTransactions, levelsIn, same, withDatabase } from './mongo-database.ts'
import { type MongoShop, type MongoShopOptions, openMongoShop, startMongoShop } from './mongo-shop.ts'
import { context, each } from './seller.ts'
import { API_KEY, type Replica } from './service.ts'
import { found, size } from './size.ts'
import { startForgetfulMongo } from './small-oplog.ts'
import { followStock, hangingReader, type StreamReader } from './stream-reader.ts'

const server = process.env.TEST_MONGODB_URL
if (!server) console.log('The stock stream on MongoDB was not tested: TEST_MONGODB_URL is not set.')
else describe('the stock, followed on MongoDB', () => onMongo(server))

function onMongo(serverUrl: string) {
  const cleaning: (() => unknown)[] = []
  afterEach(async () => {
    for (const step of cleaning.splice(0).reverse()) await step()
  }, 60_000)

  const city = (): string => {
    const { url, drop } = freshMongo(serverUrl)
    cleaning.push(drop)
    return url
  }

  async function open(url: string, options: MongoShopOptions = {}): Promise<MongoShop> {
    const shop = await openMongoShop(url, options)
    cleaning.push(shop.stop)
    return shop
  }

  /** Follows a shop until the end of the test. */
  function reader(url: () => string, options: { query?: string; after?: string | undefined } = {}): StreamReader {
    const following = followStock({ url, apiKey: API_KEY, ...options })
    cleaning.push(following.stop)
    return following
  }

  /** Does one thing after the other, with some of two lines among them, until it is told to stop. */
  function trading(
    act: (lines: readonly [Line, Line], turn: number) => Promise<boolean>,
    products: readonly Uuid[],
    callers: number,
  ) {
    let isOver = false
    let writes = 0
    const one = async (caller: number): Promise<void> => {
      for (let turn = caller; !isOver; turn++) {
        const product = products[Math.floor(Math.random() * products.length)]!
        const [first, second] = [product, products[turn % products.length]!]
        const isDone = await act([line(first), line(second)], turn).catch(() => false)
        if (isDone) writes++
        else await Bun.sleep(10)
      }
    }
    const all = Promise.all(Array.from({ length: callers }, (_, caller) => one(caller)))
    const stop = async () => {
      isOver = true
      await all
      return writes
    }
    cleaning.push(stop)
    return { stop, writes: () => writes }
  }

  /** Sells and reserves; some reservations expire meanwhile. */
  const trade = ({ inventory }: MongoShop, products: readonly Uuid[], callers: number) =>
    trading(
      async (lines, turn) => {
        const deadline = context(Date.now() + 2_000)
        const done =
          turn % 5 === 0
            ? inventory.reserveStock(deadline, { lines, ttlSeconds: 1 + (turn % 3) })
            : inventory.sell(deadline, { lines: lines.slice(0, 1) })
        return (await done).ok
      },
      products,
      callers,
    )

  /** The same over HTTP. */
  const tradeOver = (shop: () => Replica, products: readonly Uuid[], callers: number) =>
    trading(
      async (lines, turn) => {
        const done =
          turn % 5 === 0
            ? shop().post('/reservations', { lines, ttlSeconds: 1 + (turn % 3) })
            : shop().post('/purchases', { quantity: 1 }, { product: lines[0].productId })
        return (await done).status === 201
      },
      products,
      callers,
    )

  test('folds to the levels under writers of two processes, however often the line is cut', async () => {
    const reconnects = size({ usual: 24, full: 200 })
    const url = city()
    const start = async (): Promise<Replica> => {
      const started = await startMongoShop(url)
      cleaning.push(() => started.end('SIGKILL'))
      return started
    }
    const shops = await Promise.all([start(), start()])
    const { stocked } = await open(url)
    const products = await Promise.all([100_000, 100_000, 100_000, 100_000].map(stocked))
    const readers = [0, 1, 0, 1].map((at) => reader(() => shops[at]!.urls.inventory))
    const traders = [0, 1].map((at) => tradeOver(() => shops[at]!, products, 6))
    await until(async () => readers.every(({ isReady }) => isReady()))
    const steady = reader(() => shops[0]!.urls.inventory)

    for (let cut = 0; cut < reconnects; cut++) {
      await Bun.sleep(60 * Math.random())
      readers[cut % readers.length]!.cut()
      if (cut === reconnects >> 1) {
        await shops[1]!.end('SIGKILL')
        shops[1] = await start()
        await endLostTransactions(url)
      }
    }
    await until(async () => steady.counts.movements > reconnects)
    const writes = await Promise.all(traders.map(({ stop }) => stop()))
    await settle(url, [...readers, steady])

    expectOneOrder([...readers, steady])
    for (const { counts } of [...readers, steady]) expect(counts.snapshots).toBe(1)
    found('following the stock on MongoDB while its line is cut', {
      writes: writes.reduce((sum, count) => sum + count),
      cuts: reconnects,
      'processes killed': 1,
      connections: readers.reduce((sum, { counts }) => sum + counts.connections, 0),
      'movements told': readers.reduce((sum, { counts }) => sum + counts.movements, 0),
      'missed, doubled or out of order': 0,
    })
  }, 240_000)

  // One node that comes again, and in the full run three of which another takes over.
  for (const nodes of ([1, 3] as const).slice(0, size({ usual: 1, full: 2 }))) {
    test(`goes on after the violent end of the server, ${nodes} of them, and of the service`, async () => {
      const kills = size({ usual: 1, full: 10 })
      const mongo = await startMongo({ nodes, electionTimeoutMs: 1_000 })
      cleaning.push(mongo.stop)
      const url = inDatabase(mongo.url, 'followed')
      let shop = await open(url)
      const products = [await shop.stocked(100_000), await shop.stocked(100_000)]
      const [cut, steady] = [reader(() => shop.url), reader(() => shop.url)]
      await until(async () => cut.isReady() && steady.isReady())

      for (let kill = 0; kill < kills; kill++) {
        const sales = trade(shop, products, 4)
        await Bun.sleep(200 + 200 * Math.random())
        const primary = await mongo.primary()
        await mongo.kill(primary)
        cut.cut()
        await Bun.sleep(200)
        await mongo.restart(primary)
        const before = sales.writes()
        await until(async () => sales.writes() > before)
        await sales.stop()
        const old = shop
        shop = await open(url)
        await old.stop()
      }
      await settle(url, [cut, steady])

      expectOneOrder([cut, steady])
      expect([cut.counts.snapshots, steady.counts.snapshots]).toEqual([1, 1])
      found(`primaries of MongoDB killed while the stock was followed, nodes: ${nodes}`, {
        kills,
        connections: cut.counts.connections + steady.counts.connections,
        'movements told': cut.counts.movements + steady.counts.movements,
        'missed or doubled': 0,
      })
    }, 240_000)
  }

  for (const nodes of ([3] as const).slice(0, size({ usual: 0, full: 1 }))) {
    test('is late while only one node has it, and misses nothing', async () => {
      const mongo = await startMongo({ nodes })
      cleaning.push(mongo.stop)
      const url = inDatabase(mongo.url, 'followed')
      const shop = await open(url)
      const product = await shop.stocked(100)
      const following = reader(() => shop.url)
      await until(async () => following.isReady())
      const primary = await mongo.primary()
      const others = [0, 1, 2].filter((node) => node !== primary)

      for (const node of others) await mongo.kill(node)
      const selling = sold(shop, product)
      let lag = 0
      await until(async () => {
        lag = await shop.metric('abasto_stock_stream_lag_seconds')
        return lag > 1
      })
      const told = following.counts.movements
      for (const node of others) await mongo.restart(node)
      await selling
      await settle(url, [following])

      expect(told).toBe(0)
      expect(following.counts).toMatchObject({ snapshots: 1, movements: 1 })
      await until(async () => (await shop.metric('abasto_stock_stream_lag_seconds')) === 0)
      found('a majority of MongoDB that was missing', { 'lag shown, s': lag, 'movements told meanwhile': told })
    }, 120_000)
  }

  test('begins anew where the server has forgotten what came next', async () => {
    const mongo = await startForgetfulMongo()
    cleaning.push(mongo.stop)
    const url = inDatabase(mongo.url, 'followed')
    const shop = await open(url)
    const product = await shop.stocked(100)
    const [quiet, gone] = [reader(() => shop.url), reader(() => shop.url)]
    await until(async () => quiet.isReady() && gone.isReady())
    const ready = gone.lastId()!
    await sold(shop, product)
    await until(async () => gone.counts.movements === 1)
    await gone.stop()
    await mongo.forget()

    const [afterReady, afterMovement] = [ready, gone.lastId()].map((after) => reader(() => shop.url, { after }))
    await until(async () => afterReady!.isReady() && afterMovement!.isReady())
    await sold(shop, product)
    await settle(url, [quiet, afterReady!, afterMovement!])

    expect(afterReady!.counts).toMatchObject({ snapshots: 1, movements: 1 })
    expect(afterMovement!.counts).toMatchObject({ snapshots: 1, movements: 1 })
    // Whoever was there the whole time has come further than what was forgotten.
    expect(quiet.counts).toMatchObject({ snapshots: 1, movements: 2, connections: 1 })
  }, 60_000)

  test('does not wait for a reader that does not read', async () => {
    const sales = size({ usual: 120, full: 2_000 })
    // In the small run there is less to be told, so it is longer, and less of it may wait.
    const mostWaiting = size({ usual: 1_500, full: 5_000 })
    const caller = { id: 'a'.repeat(size({ usual: 8_000, full: 10 })), permissions: ['*'] }
    const url = city()
    const [shop, other] = [await open(url, { mostWaiting }), await open(url)]
    const products = await Promise.all(Array.from({ length: 50 }, () => shop.stocked(1_000_000)))
    const quick = reader(() => shop.url)
    cleaning.push(await hangingReader(shop.url, API_KEY))
    await until(async () => (await shop.metric('abasto_stock_stream_readers')) === 2)

    await each(sales, 32, async () => {
      const lines = products.map(line)
      const bought = await other.inventory.sell({ ...context(), caller }, { lines })
      if (!bought.ok) throw new Error(bought.error.message)
    })
    await settle(url, [quick])

    await until(async () => (await shop.metric('abasto_stock_stream_slow_readers_total')) === 1)
    expect(await shop.metric('abasto_stock_stream_readers')).toBe(1)
    expect(await shop.metric('abasto_stock_stream_lag_seconds')).toBeLessThan(1)
    expect(quick.counts).toMatchObject({ snapshots: 1, connections: 1, movements: sales * products.length })
    found('a reader of MongoDB that does not read', {
      'movements meanwhile': sales * products.length,
      'readers cut off': 1,
      'others held up': 0,
    })
  }, 240_000)

  test('tells of what was asked for only, and begins anew in a copy of the database', async () => {
    const url = city()
    const shop = await open(url)
    const [lampId, chairId] = [await shop.stocked(10), await shop.stocked(10)]
    const lamps = reader(() => shop.url, { query: `?filter[product]=${lampId}` })
    const nowhere = reader(() => shop.url, { query: `?filter[warehouse]=${Bun.randomUUIDv7()}` })
    await until(async () => lamps.isReady() && nowhere.isReady())

    await sold(shop, chairId)
    await sold(shop, lampId)
    await until(async () => lamps.counts.movements > 0)
    const copy = await copied(url)
    cleaning.push(() => withDatabase(copy, (db) => db.dropDatabase()))
    const elsewhere = await open(copy)
    const second = reader(() => elsewhere.url, { after: lamps.lastId() })
    const refused = reader(() => shop.url, { after: 'nonsense' })
    await until(async () => second.isReady() && refused.faults.length > 0)

    expect([...lamps.levels.values()]).toEqual([{ sequence: 2, onHand: 9, reserved: 0 }])
    expect(lamps.counts.movements).toBe(1)
    expect([nowhere.levels.size, nowhere.counts.movements]).toEqual([0, 0])
    expect(second.counts).toMatchObject({ snapshots: 1, movements: 0 })
    expect(second.levels.size).toBe(2)
    expect(refused.faults[0]).toContain('invalid_cursor')
  }, 60_000)
}

type Line = Readonly<{ productId: Uuid; quantity: number }>

const line = (productId: Uuid): Line => ({ productId, quantity: 1 })

async function sold({ inventory }: MongoShop, productId: Uuid): Promise<void> {
  const bought = await inventory.sell(context(), { lines: [line(productId)] })
  if (!bought.ok) throw new Error(bought.error.message)
}

/** One order for all: whoever came later was told the end of what the others were told. */
function expectOneOrder(readers: readonly StreamReader[]): void {
  const [longest] = readers.toSorted((one, other) => other.order.length - one.order.length)
  for (const { order } of readers) {
    expect(order).toEqual(longest!.order.slice(longest!.order.length - order.length))
    expect(new Set(order).size).toBe(order.length)
  }
}

/** Waits until what the readers were told comes to what the database holds, and that to what its movements add up to. */
async function settle(url: string, readers: readonly StreamReader[]): Promise<void> {
  await until(async () => {
    const [levels, sums] = await Promise.all([levelsIn(url, 'stock_levels'), levelsIn(url, 'movements')])
    return [sums, ...readers.map(({ levels: told }) => told)].every((known) => same(known, levels))
  })
  for (const { faults } of readers) expect(faults.slice(0, 5)).toEqual([])
}
