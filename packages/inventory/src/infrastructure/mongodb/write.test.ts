import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Contention } from '@abasto/chassis/database/database'
import { inDatabase } from '@abasto/chassis/database/mongo'
import { createCommitter } from '../../application/committer.ts'
import type { Stock } from '../../application/ports.ts'
import { keyOf } from '../../domain/command.ts'
import { decide } from '../../domain/decide.ts'
import { adjustment, levelOf, line, sale } from '../../domain/examples.ts'
import { decided, effect, inAMinute, ledger, stateFor, stocked, takesEffect } from '../deciding.ts'
import type { Collections } from './documents.ts'
import { inMongo, type MongoUnderTest } from './store-under-test.ts'

const server = process.env.TEST_MONGODB_URL
if (!server) console.log('How MongoDB is written to was not tested: TEST_MONGODB_URL is not set.')
else describe('what is written to MongoDB', () => onMongo(server))

function onMongo(url: string) {
  let opened: MongoUnderTest
  let stock: Stock
  beforeAll(async () => {
    opened = await inMongo(url)
    stock = opened.stock
  }, 60_000)
  afterAll(() => opened.close())

  const level = (productId: string) =>
    opened.mongo.db.collection<Collections['stock_levels']>('stock_levels').findOne({ _id: keyOf(levelOf(productId)) })

  test('two shops that sell one product sell exactly what is there, and the ledger says so', async () => {
    const lamp = await stocked(stock, 500)
    const shops = [createCommitter(stock), createCommitter(opened.another())]

    const verdicts = await Promise.all(
      Array.from({ length: 700 }, (_, index) => shops[index % 2]!.commit(sale([line(lamp, 1)]), inAMinute())),
    )

    expect(verdicts.filter(({ ok }) => ok)).toHaveLength(500)
    expect(await ledger(stock, lamp)).toMatchObject({ onHand: 0, sequence: 501 })
  }, 30_000)

  test('products that are only sold together stay equal, however many sell them', async () => {
    const products = await Promise.all(Array.from({ length: 4 }, () => stocked(stock, 60)))
    const shops = [stock, opened.another(), opened.another()].map((own) => createCommitter(own))
    const pairs = [products.slice(0, 2), products.slice(2)]

    const verdicts = await Promise.all(
      Array.from({ length: 240 }, (_, index) => {
        const [one, other] = index % 4 < 2 ? pairs[index % 2]! : pairs[index % 2]!.toReversed()
        return shops[index % 3]!.commit(sale([line(one!, 1), line(other!, 1)]), inAMinute())
      }),
    )

    expect(verdicts.filter(({ ok }) => ok)).toHaveLength(120)
    for (const product of products) expect(await ledger(stock, product)).toMatchObject({ onHand: 0, sequence: 61 })
  }, 30_000)

  test('a process that is killed in the middle of a write holds its product up for seconds, not for a minute', async () => {
    const lamp = await stocked(stock, 5)
    const gone = `
      import { connectMongo } from '@abasto/chassis/database/mongo'
      const { db, session } = connectMongo({ url: process.argv[1] })
      const open = session()
      open.startTransaction()
      await db.collection('stock_levels').updateOne({ _id: process.argv[2] }, { $inc: { version: 1 } }, { session: open })
      console.log('in the middle')
      await Bun.sleep(60_000)
    `
    const address = inDatabase(url, opened.mongo.db.databaseName)
    const child = Bun.spawn([process.execPath, '-e', gone, address, keyOf(levelOf(lamp))], {
      cwd: import.meta.dir,
      stdout: 'pipe',
    })
    await child.stdout.getReader().read()
    child.kill('SIGKILL')
    await child.exited

    const verdict = await createCommitter(stock).commit(sale([line(lamp, 1)]), inAMinute())

    expect(verdict.ok).toBe(true)
    expect(await ledger(stock, lamp)).toMatchObject({ onHand: 4, sequence: 2 })
  }, 60_000)

  test('what another process is busy with holds up nothing else of the batch', async () => {
    const products = await Promise.all(Array.from({ length: 5 }, () => stocked(stock, 5)))
    const decisions = await Promise.all(products.map((product) => decided(stock, sale([line(product, 1)]))))
    const session = opened.mongo.session()
    session.startTransaction()
    const busy = { _id: keyOf(levelOf(products[3]!)) }
    const levels = opened.mongo.db.collection<Collections['stock_levels']>('stock_levels')
    await levels.updateOne(busy, { $inc: { version: 1 } }, { session })

    const { lost } = await stock.write(decisions)

    expect([...lost]).toEqual([3])
    await session.abortTransaction()
    await session.endSession()
    expect(await takesEffect(stock, decisions[3]!)).toBe(true)
    for (const product of products) expect(await ledger(stock, product)).toMatchObject({ onHand: 4, sequence: 2 })
  }, 30_000)

  test('where another process is busy with all of it, nothing takes effect, and that is said', async () => {
    const lamp = await stocked(stock, 5)
    const decision = await decided(stock, sale([line(lamp, 1)]))
    const session = opened.mongo.session()
    session.startTransaction()
    const levels = opened.mongo.db.collection<Collections['stock_levels']>('stock_levels')
    await levels.updateOne({ _id: keyOf(levelOf(lamp)) }, { $inc: { version: 1 } }, { session })

    await expect(stock.write([decision])).rejects.toThrow(Contention)

    await session.abortTransaction()
    await session.endSession()
    expect(await ledger(stock, lamp)).toMatchObject({ onHand: 5, sequence: 1 })
  }, 30_000)

  test('of two that each saw what the other changes only one takes effect', async () => {
    const other = opened.another()
    for (let round = 0; round < 12; round++) {
      const [lamp, chair] = [await stocked(stock, 1), await stocked(stock, 0)]
      // Sells the lamp, and refuses both together for want of a chair; the other brings chairs, and refuses for want of lamps.
      const one = [sale([line(lamp, 1)]), sale([line(lamp, 1), line(chair, 1)])]
      const two = [adjustment(chair, 7), sale([line(lamp, 2), line(chair, 1)])]
      const decisions = [decide(await stateFor(stock, ...one), one), decide(await stateFor(other, ...two), two)]

      const effects = await Promise.all([takesEffect(stock, decisions[0]!), takesEffect(other, decisions[1]!)])

      expect(effects.filter(Boolean)).toHaveLength(1)
    }
  }, 30_000)

  test('an operation that is repeated undoes all that is written with it, wherever in the batch it stands', async () => {
    const products = await Promise.all(Array.from({ length: 3 }, () => stocked(stock, 5)))
    const bought = sale([line(products[0]!, 1)])
    await effect(stock, bought)
    const again = sale([line(products[2]!, 2)], { operationId: bought.operationId })
    const commands = [sale([line(products[1]!, 1)]), again]
    const decisions = await Promise.all(commands.map((command) => decided(stock, command)))

    await expect(stock.write(decisions)).rejects.toThrow(Contention)

    expect(await ledger(stock, products[1]!)).toMatchObject({ onHand: 5, sequence: 1 })
    expect(await ledger(stock, products[2]!)).toMatchObject({ onHand: 5, sequence: 1 })
  }, 30_000)

  test('writes of one shop to the same product go in the order in which they were asked for', async () => {
    const lamp = await stocked(stock, 100)
    let state = await stateFor(stock, adjustment(lamp, -1))
    const decisions = Array.from({ length: 10 }, () => {
      const decision = decide(state, [adjustment(lamp, -1)])
      // What this one will leave behind is what the next is decided on, before it is written.
      state = { ...state, levels: new Map([[keyOf(levelOf(lamp)), decision.read[0]!.after!]]) }
      return decision
    })

    const written = await Promise.all(decisions.map((decision) => stock.write([decision])))

    expect(written.flatMap(({ lost }) => [...lost])).toEqual([])
    expect(await ledger(stock, lamp)).toMatchObject({ onHand: 90, sequence: 11 })
  }, 30_000)

  test('a level is a document that people can read', async () => {
    const lamp = await stocked(stock, 7)

    expect(await level(lamp)).toEqual({
      _id: keyOf(levelOf(lamp)),
      product_id: lamp,
      warehouse_id: levelOf(lamp).warehouseId,
      on_hand: 7,
      reserved: 0,
      short: 0,
      backorder_limit: 0,
      incoming: 0,
      reorder_point: null,
      next_expiry_at: null,
      sequence: 1,
      version: 1,
      last_updated: expect.any(Date),
    })
  })
}
