import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { freshMongo } from '../../packages/chassis/src/database/fresh-mongo.ts'
import { connectMongo, inDatabase, type Mongo } from '../../packages/chassis/src/database/mongo.ts'
import type { Findings } from '../../packages/cli/src/verify/findings.ts'
import { type VerifyOptions, verifyMongo } from '../../packages/cli/src/verify/mongodb/verify.ts'
import { DOCUMENT_FAULTS, FAULTS, type Fault, sentence } from '../../packages/cli/src/verify/wording.ts'
import { runVerify } from '../../packages/cli/src/verify.ts'
import { INDEXES } from '../../packages/inventory/src/infrastructure/mongodb/indexes.ts'
import { prepareMongo } from '../../packages/inventory/src/infrastructure/mongodb/schema.ts'
import { mongoStock } from '../../packages/inventory/src/infrastructure/mongodb/stock.ts'
import { isFull } from './size.ts'
import { asked, BENCH, CHAIR, inventoryOver, LAMP, letTooManyExpire, liveThroughMost } from './verify-history.ts'
import { plantings } from './verify-planted.ts'
import { DOUBLED, ofLedger, ofLevels } from './verify-tampered-ledger.ts'
import { ofPromises } from './verify-tampered-promises.ts'
import { ofOperations, ofSales } from './verify-tampered-sales.ts'
import { DEFAULT, plant, shelvesOf, tampering } from './verify-tampering.ts'

const server = process.env.TEST_MONGODB_URL

/** As if all of it had been there for long: sums are compared, and what differs is gathered, in parts. */
const LONG_AGO: VerifyOptions = { settledMs: -3_600_000, slicing: { part: 10 } }

/** A few documents at a time, and each time at another moment. */
const IN_MANY_SLICES: VerifyOptions = { settledMs: 0, slicing: { ms: 0, batch: 50, stretch: 40 } }
const everyTampering = [...ofLedger, ...ofLevels, ...ofSales, ...ofOperations, ...ofPromises]

test('every difference that can be found is planted once at least, and all that is planted in SQL is planted', () => {
  const planted = new Set(everyTampering.flatMap(({ finds }) => finds))
  const never = Object.keys({ ...FAULTS, ...DOCUMENT_FAULTS }).filter((fault) => !planted.has(fault as Fault))
  const known = new Set(everyTampering.map(({ what }) => what))

  expect(never).toEqual([])
  expect(plantings.map(({ what }) => what).filter((what) => !known.has(what))).toEqual([])
})

if (!server) console.log('Verifying MongoDB was not tested: TEST_MONGODB_URL is not set.')
else describe('in MongoDB', () => onMongo(server))

function onMongo(serverUrl: string) {
  const { url, drop } = freshMongo(serverUrl)
  let mongo: Mongo
  let shelves: Awaited<ReturnType<typeof shelvesOf>>
  let unreachable: ReturnType<typeof verifying>
  beforeAll(async () => {
    // It is given up after some seconds; meanwhile the shop lives.
    unreachable = verifying(['--database', 'mongodb://auditor:secret@127.0.0.1:1/shop'])
    mongo = connectMongo({ url })
    await prepareMongo(mongo.db)
    await liveThroughMost(inventoryOver(mongoStock(mongo)))
    shelves = await shelvesOf(mongo.db)
  }, 60_000)
  afterAll(async () => {
    await mongo?.close()
    await drop()
  })

  test('whatever a shop lived through, its ledger equals its balances', async () => {
    const findings = await verifyMongo(url, IN_MANY_SLICES)

    expect(findings.differences.map(sentence)).toEqual([])
    for (const [name, rows] of [
      ['movements', shelves.movements],
      ['levels', shelves.stock_levels],
      ['purchases', shelves.purchases],
      ['reservations', shelves.reservations],
      ['operations', shelves.operations],
    ] as const) {
      expect({ name, count: findings.lookedAt[name] }).toEqual({ name, count: rows.size })
    }
  }, 20_000)

  test.each(everyTampering.map((each, index) => [each.what, each, index] as const))(
    'it shows when %s',
    async (what, { by, finds }, index) => {
      const books = tampering(shelves)
      by(books)
      const movements = mongo.db.collection('movements')
      if (what === DOUBLED) await movements.dropIndex('by_level')
      const restore = await plant(mongo.db, shelves, books)
      try {
        // As it is read by itself, and in the other ways: by turns, and in full in each of them.
        const ways = isFull ? [LONG_AGO, IN_MANY_SLICES] : [[LONG_AGO, IN_MANY_SLICES][index % 2]!]
        const all = await Promise.all([{}, ...ways].map((way) => verifyMongo(url, way)))
        const [{ counts, differences }, ...others] = all as [Findings, ...Findings[]]

        expect(Object.keys(counts)).toEqual(expect.arrayContaining([...finds]))
        for (const other of others) expect(other.counts).toEqual(counts)
        for (const each of differences) expect(sentence(each)).toMatch(/^[A-Z].+: .+: expected .+, found .+\.$/)
      } finally {
        await restore()
        if (what === DOUBLED) await movements.createIndexes(INDEXES.movements)
      }
    },
    20_000,
  )

  test('the command takes the address, typed or as it is set, and ends as it does for the other stores', async () => {
    const clean = await verifying([], { INVENTORY_DATABASE_URL: url })
    const books = tampering(shelves)
    books.change('stock_levels', books.level(), { on_hand: books.level().on_hand + 2 })
    const restore = await plant(mongo.db, shelves, books)
    const wrong = await verifying(['--database', url, '--json'])
    await restore()

    expect([clean.code, clean.complained]).toEqual([0, ''])
    expect(clean.said).toMatch(
      /^The ledger equals the balances: 5 levels, [\d,]+ purchases, .+\nchecked [\d,]+ movements/,
    )
    const { isClean, counts, differences } = JSON.parse(wrong.said)
    expect([wrong.code, isClean, counts.level_on_hand]).toEqual([1, false, 1])
    expect(differences[0]).toMatchObject({ productId: LAMP, warehouse: 'default', fault: 'level_on_hand' })
  }, 20_000)

  test('nothing there, or nobody, is told without the password', async () => {
    const empty = await verifying(['--database', inDatabase(serverUrl, 'nothing_is_here')])
    const nobody = await unreachable

    expect([empty.code, nobody.code]).toEqual([2, 2])
    expect(empty.complained).toMatch(/^There is no inventory at .+\/nothing_is_here\.$/)
    expect(nobody.complained).toMatch(
      /^The inventory at 127\.0\.0\.1:1\/shop cannot be checked: the database did not answer.*\.$/,
    )
    expect(nobody.complained).not.toContain('secret')
  }, 20_000)

  test('whatever writers are doing, and however much expires, a check finds no difference', async () => {
    const shop = inventoryOver(mongoStock(mongo))
    const { inventory, idle } = shop
    const cellar = [...shelves.warehouses.values()].find(({ name }) => name === 'Cellar')!._id
    let isOver = false
    let done = 0
    const busy = Array.from({ length: 8 }, async (_, who) => {
      for (let turn = who; !isOver; turn++) {
        const lines = [{ productId: LAMP, quantity: 1 + (turn % 3) }]
        if (turn % 4 === 0) {
          await inventory.adjustStock(asked(), { productId: LAMP, quantityDelta: 9, reason: 'receipt' })
        } else if (turn % 4 === 1) await inventory.sell(asked(), { lines: [...lines, ...lines] })
        else if (turn % 8 === 2) {
          const [from, to] = turn % 16 === 2 ? [DEFAULT, cellar] : [cellar, DEFAULT]
          const moved = [LAMP, CHAIR].map((productId) => ({ productId, from, to, quantity: 1 }))
          await inventory.transferStock(asked(), { lines: moved })
        } else {
          const held = await inventory.reserveStock(asked(), { lines, ttlSeconds: 1 + (turn % 2) })
          if (held.ok && turn % 3 === 0) await inventory.commitReservation(asked(), { id: held.value.id })
          if (held.ok && turn % 3 === 1) await inventory.releaseReservation(asked(), { id: held.value.id })
        }
        done++
      }
    })

    const [found, seen]: [string[], number[]] = [[], []]
    // Until there was something to be wrong about, however slow the machine.
    const ways = [{}, LONG_AGO, IN_MANY_SLICES]
    while (seen.length < 6 || done < 60) {
      const { differences, lookedAt } = await verifyMongo(url, ways[seen.length % ways.length])
      found.push(...differences.map(sentence))
      seen.push(lookedAt.movements)
    }
    await letTooManyExpire(shop)
    isOver = true
    await Promise.all(busy)
    await idle()
    const last = await verifyMongo(url)
    found.push(...last.differences.map(sentence))

    expect(last.lookedAt.movements).toBeGreaterThan(1_000)
    expect(found).toEqual([])
    expect(new Set(seen).size).toBeGreaterThan(2)
    // Those answers may leave out what was past its time, and nothing besides.
    const operations = mongo.db.collection('operations')
    const less = { $replaceOne: { input: '$verdict', find: '"reserved":3', replacement: '"reserved":2' } }
    const answers = { verdict: { $regex: `"type":"level".*"productId":"${BENCH}"` } }
    await operations.updateMany(answers, [{ $set: { verdict: less } }], { bypassDocumentValidation: true })
    expect((await verifyMongo(url)).counts).toEqual({ operation_answer: 2 })
  }, 60_000)
}

/** What the command answered to what was typed. */
async function verifying(args: string[], environment: Record<string, string> = {}) {
  const [said, complained]: [string[], string[]] = [[], []]
  const output = { say: (text: string) => said.push(text), complain: (text: string) => complained.push(text) }
  const code = await runVerify(args, output, { ABASTO_DATA: '/nowhere', ...environment })
  return { code, said: said.join('\n'), complained: complained.join('\n') }
}
