import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { freshMongo } from '@abasto/chassis/database/fresh-mongo'
import { connectMongo, type Mongo } from '@abasto/chassis/database/mongo'
import type { Page, PageRequest } from '@abasto/kernel'
import type { CommandStartedEvent, Db, Document } from 'mongodb'
import { movementPosition } from '../../application/movements.ts'
import type { StockQueries } from '../../application/ports.ts'
import { backorderPosition } from '../../application/reservations.ts'
import { keyOf } from '../../domain/command.ts'
import { later } from '../../domain/reservation.ts'
import { DEFAULT_WAREHOUSE } from '../../domain/warehouse.ts'
import { memoryStock } from '../memory.ts'
import { aLife, fill, type Life } from './lived.ts'
import { mongoQueries } from './queries.ts'

const server = process.env.TEST_MONGODB_URL

if (!server) console.log('What MongoDB is asked was not tested: TEST_MONGODB_URL is not set.')
else describe('what MongoDB is asked', () => onMongo(server))

function onMongo(url: string) {
  const { url: address, drop } = freshMongo(url)
  let mongo: Mongo
  let life: Life
  let asked: StockQueries
  let expected: StockQueries
  beforeAll(async () => {
    mongo = connectMongo({ url: watched(address) })
    life = aLife()
    await fill(mongo.db, life)
    asked = mongoQueries(mongo)
    expected = await remembered(life)
  }, 60_000)
  afterAll(async () => {
    await mongo?.close()
    await drop()
  })

  const productIds = () => [...new Set([...life.shelf.levels.values()].map(({ productId }) => productId))].sort()
  const warehouseIds = () => [...life.shelf.warehouses.keys()].sort()

  test('the life that is asked about has some of everything', async () => {
    const count = async (list: Promise<Page<unknown>>) => (await list).items.length
    const all = { size: 10_000 }

    expect(await count(expected.backorders({}, all))).toBeGreaterThan(5)
    for (const state of ['out', 'reorder', 'short'] as const) {
      expect(await count(expected.levels({ states: [state] }, all))).toBeGreaterThan(0)
    }
    for (const status of ['held', 'committed', 'released', 'expired'] as const) {
      expect(await count(expected.reservations({ statuses: [status] }, all))).toBeGreaterThan(0)
    }
    expect((await expected.expired(1_000)).length).toBeGreaterThan(1)
    expect(new Set(life.shelf.movements.map(({ kind }) => kind)).size).toBe(10)
  })

  /** Walks both stores forwards and then backwards, and expects the same page at each step. */
  async function expectSamePages<T>(
    list: (lists: StockQueries, page: PageRequest) => Promise<Page<T>>,
    positionOf: (item: T) => string,
    size = 4,
  ): Promise<T[]> {
    const both = async (page: PageRequest) => {
      const [found, wanted] = await Promise.all([list(asked, page), list(expected, page)])
      expect(found).toEqual(wanted)
      return wanted
    }
    const items: T[] = []
    let page = await both({ size })
    for (;;) {
      items.push(...page.items)
      if (!page.hasNext) break
      page = await both({ size, after: positionOf(items.at(-1)!) })
    }
    let first = items.at(-1)
    while (first) {
      const before = await both({ size, before: positionOf(first) })
      first = before.hasPrevious ? before.items[0] : undefined
    }
    return items
  }

  async function expectSame<In, Out>(wanted: readonly In[], find: (lists: StockQueries, one: In) => Promise<Out>) {
    const both = await Promise.all([asked, expected].map((lists) => Promise.all(wanted.map((one) => find(lists, one)))))
    expect(both[0]).toEqual(both[1]!)
  }

  test('the levels, by product, warehouse and state, what is past its time left out', async () => {
    const [one, other] = [productIds()[1]!, productIds()[5]!]
    const [here, there] = warehouseIds() as [string, string]
    const walk = (filter: Parameters<StockQueries['levels']>[0]) =>
      expectSamePages((lists, page) => lists.levels(filter, page), keyOf)

    expect((await walk({})).length).toBeGreaterThan(20)
    await walk({ productIds: [other, one] })
    await walk({ warehouseIds: [there] })
    await walk({ warehouseIds: [there, here], productIds: productIds().slice(2, 9) })
    await walk({ states: ['out'] })
    await walk({ states: ['short'] })
    await walk({ states: ['reorder', 'short'], warehouseIds: [DEFAULT_WAREHOUSE] })
    expect(await walk({ states: [] })).toEqual([])
    expect(await walk({ productIds: [Bun.randomUUIDv7()] })).toEqual([])
  })

  test('each level and each inventory by itself', async () => {
    const ids = [...productIds(), Bun.randomUUIDv7()]
    await expectSame([...life.shelf.levels.values()], (lists, key) => lists.level(key))
    await expectSame(ids, (lists, id) => lists.inventory(id))
    await expectSame(ids, (lists, id) => lists.levelsOf(id))
    expect(await asked.level({ productId: Bun.randomUUIDv7(), warehouseId: DEFAULT_WAREHOUSE })).toBeUndefined()
  })

  test('the inventories, however many warehouses each of them is in', async () => {
    const walk = (size: number) =>
      expectSamePages(
        (lists, page) => lists.inventories(page),
        ({ productId }) => productId,
        size,
      )

    expect((await walk(1)).length).toBe(14)
    await walk(5)
    await walk(100)
  })

  test('the movements, by product, warehouse, kind and period', async () => {
    const moments = life.shelf.movements.map(({ createdAt }) => createdAt)
    const [from, until] = [moments[Math.floor(moments.length / 3)]!, moments[Math.floor(moments.length / 2)]!]
    const walk = (filter: Parameters<StockQueries['movements']>[0], size = 24) =>
      expectSamePages((lists, page) => lists.movements(filter, page), movementPosition, size)

    expect((await walk({}, 60)).length).toBeGreaterThan(500)
    await walk({ productIds: [productIds()[0]!] })
    await walk({ productIds: productIds().slice(3, 6), warehouseIds: warehouseIds().slice(0, 2) })
    await walk({ kinds: ['return', 'expiry'] })
    expect((await walk({ from, until })).length).toBeGreaterThan(20)
    await walk({ from: until, kinds: ['sale'], warehouseIds: [DEFAULT_WAREHOUSE] })
    expect(await walk({ from: until, until: from })).toEqual([])
  })

  test('what each level was at any moment, and that it was nothing before its first movement', async () => {
    const moments = life.shelf.movements.filter((_, index) => index % 90 === 0).map(({ createdAt }) => createdAt)
    for (const moment of [...moments, later(moments[0]!, -1), later(moments.at(-1)!, 1_000)]) {
      await expectSame([...life.shelf.levels.values()], (lists, key) => lists.levelAt(key, moment))
    }
    expect(await asked.levelAt({ productId: Bun.randomUUIDv7(), warehouseId: DEFAULT_WAREHOUSE }, moments[0]!)).toBe(
      undefined,
    )
  })

  test('the purchases and the warehouses', async () => {
    const purchases = await expectSamePages(
      (lists, page) => lists.purchases(page),
      ({ id }) => id,
    )
    await expectSame(purchases.slice(0, 20), (lists, { id }) => lists.purchase(id))
    expect(purchases.length).toBeGreaterThan(20)
    await expectSamePages(
      (lists, page) => lists.warehouses(page),
      ({ id }) => id,
      1,
    )
    const ids = [...warehouseIds(), Bun.randomUUIDv7()]
    await expectSame(ids, (lists, id) => lists.warehouse(id))
    await expectSame(ids, (lists, id) => lists.holdsStock(id))
  })

  test('the reservations as they are now, without tombstones', async () => {
    const walk = (filter: Parameters<StockQueries['reservations']>[0]) =>
      expectSamePages(
        (lists, page) => lists.reservations(filter, page),
        ({ id }) => id,
        16,
      )

    expect((await walk({})).length).toBeGreaterThan(50)
    for (const status of ['held', 'committed', 'released', 'expired'] as const) await walk({ statuses: [status] })
    await walk({ statuses: ['held', 'committed'], references: ['cart 1'] })
    await walk({ references: ['cart "2", {é}', 'cart 1', 'none'] })
    expect(await walk({ statuses: [] })).toEqual([])
    const ids = [...life.shelf.reservations.keys()]
    await expectSame(ids, (lists, id) => lists.reservation(id))
    expect(ids.length).toBeGreaterThan((await expected.reservations({}, { size: 10_000 })).items.length)
  })

  test('what is past its time, the oldest first', async () => {
    const momentOf = (id: string) => life.shelf.reservations.get(id)!.expiresAt
    const [found, wanted] = [await asked.expired(1_000), await expected.expired(1_000)]

    expect(found.map(momentOf)).toEqual(wanted.map(momentOf))
    expect(found.toSorted()).toEqual(wanted.toSorted())
    expect(await asked.expired(1)).toHaveLength(1)
  })

  test('what is owed, the oldest first', async () => {
    const walk = (filter: Parameters<StockQueries['backorders']>[0]) =>
      expectSamePages((lists, page) => lists.backorders(filter, page), backorderPosition)
    const owed = await walk({})

    await walk({ productIds: [owed[0]!.productId, owed.at(-1)!.productId] })
    await walk({ warehouseIds: [owed[0]!.warehouseId] })
  })

  test('no list looks at all of a collection, and the last page looks at no more than the first', async () => {
    const sent: CommandStartedEvent[] = []
    const note = (event: CommandStartedEvent) => void (event.commandName === 'aggregate' && sent.push(event))
    mongo.db.client.on('commandStarted', note)
    const size = { size: 3 }
    const lists = {
      inventories: (page: PageRequest) => asked.inventories(page),
      levels: (page: PageRequest) => asked.levels({}, page),
      levelsOfTwo: (page: PageRequest) => asked.levels({ productIds: productIds().slice(3, 5) }, page),
      levelsOfOneWarehouse: (page: PageRequest) => asked.levels({ warehouseIds: [warehouseIds()[1]!] }, page),
      levelsThatAreOut: (page: PageRequest) => asked.levels({ states: ['out', 'short', 'reorder'] }, page),
      movements: (page: PageRequest) => asked.movements({}, page),
      movementsOfTwo: (page: PageRequest) => asked.movements({ productIds: productIds().slice(3, 5) }, page),
      purchases: (page: PageRequest) => asked.purchases(page),
      reservations: (page: PageRequest) => asked.reservations({}, page),
      reservationsHeld: (page: PageRequest) => asked.reservations({ statuses: ['held'] }, page),
      reservationsOfOne: (page: PageRequest) => asked.reservations({ references: ['cart 1'] }, page),
      backorders: (page: PageRequest) => asked.backorders({}, page),
      movementsByHand: (page: PageRequest) => asked.movements({ kinds: ['return', 'transfer_in'] }, page),
      movementsWithin: (page: PageRequest) =>
        asked.movements({ from: life.shelf.movements.at(-9)!.createdAt, kinds: ['sale'] }, page),
    }
    const level = [...life.shelf.levels.values()][0]!
    const lookUps = {
      inventory: () => asked.inventory(level.productId),
      levelsOf: () => asked.levelsOf(level.productId),
      level: () => asked.level(level),
      levelAt: () => asked.levelAt(level, life.shelf.movements[40]!.createdAt),
      purchase: () => asked.purchase(life.shelf.purchases[0]!.id),
      reservation: () => asked.reservation([...life.shelf.reservations.keys()][0]!),
      expired: () => asked.expired(2),
      holdsStock: () => asked.holdsStock(DEFAULT_WAREHOUSE),
    }
    const middle = { product: productIds()[9]!, warehouse: warehouseIds()[0]! }
    const positions: Record<string, string> = {
      inventories: middle.product,
      levels: `${middle.product}.${middle.warehouse}`,
      levelsThatAreOut: `${middle.product}.${middle.warehouse}`,
      levelsOfOneWarehouse: `${middle.product}.${middle.warehouse}`,
      movements: `${middle.product}.${middle.warehouse}.3`,
      purchases: life.shelf.purchases.at(-5)!.id,
      reservations: [...life.shelf.reservations.keys()].at(-5)!,
      reservationsHeld: [...life.shelf.reservations.keys()].at(-5)!,
    }
    // Those that look at more than they show to know what to show, and the one that stops in the middle of its answer.
    const choosy = [
      'inventories',
      'levelsThatAreOut',
      'backorders',
      'movementsByHand',
      'movementsWithin',
      'reservations',
      'reservationsHeld',
    ]

    for (const [name, list] of [...Object.entries(lists), ...Object.entries(lookUps)]) {
      const places: PageRequest[] = [size]
      const place = positions[name]
      if (place) places.push({ ...size, after: place }, { ...size, before: place })
      for (const page of places) {
        sent.length = 0
        await list(page)
        expect(sent.length).toBeGreaterThan(0)
        for (const { command } of sent) {
          const { scans, looked } = await plan(mongo.db, command)
          expect({ name, page, scans }).toEqual({ name, page, scans: 0 })
          const most = name in lists && !choosy.includes(name) ? 16 : 120
          expect({ name, page, isFew: looked <= most, looked }).toMatchObject({ name, page, isFew: true })
        }
      }
    }
    mongo.db.client.off('commandStarted', note)
  }, 30_000)
}

/** The same address, of a client that tells what it sends. */
const watched = (address: string) => `${address}${address.includes('?') ? '&' : '?'}monitorCommands=true`

/** Plays a life into memory, which thinks that it is now. */
async function remembered({ decisions, shelf }: Life): Promise<StockQueries> {
  let now: string | undefined = shelf.warehouses.get(DEFAULT_WAREHOUSE)!.createdAt
  const stock = memoryStock({ now: () => now ?? new Date().toISOString() })
  for (const decision of decisions) {
    now = decision.at
    expect((await stock.write([decision])).lost.size).toBe(0)
  }
  now = undefined
  return stock
}

/** How often the server looks through a whole collection for a command, and at how many documents it looks at all. */
async function plan(db: Db, command: Document): Promise<Readonly<{ scans: number; looked: number }>> {
  const { aggregate, pipeline, cursor } = command
  const told = await db.command({ explain: { aggregate, pipeline, cursor }, verbosity: 'executionStats' })
  const found = [...everything(told)]
  const winning = found.flatMap(([name, value]) => (name === 'executionStats' ? [...everything(value)] : []))
  const stages = winning.filter(([name, value]) => name === 'stage' && value === 'COLLSCAN')
  const joins = found.filter(([name, value]) => name === 'collectionScans' && Number(value) > 0)
  const looked = winning.filter(([name]) => name === 'totalDocsExamined')
  expect(looked.length).toBeGreaterThan(0)
  return { scans: stages.length + joins.length, looked: Math.max(...looked.map(([, value]) => Number(value))) }
}

function* everything(value: unknown): Generator<[string, unknown]> {
  if (value === null || typeof value !== 'object') return
  for (const [name, inner] of Object.entries(value)) {
    yield [name, inner]
    yield* everything(inner)
  }
}
