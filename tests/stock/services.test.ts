import { afterEach, describe, expect, test } from 'bun:test'
import { SQL } from 'bun'
import { freshDatabase } from '../../packages/chassis/src/database/fresh-database.ts'
import { killBackends } from '../kills/killer.ts'
import { temporaryFolder } from '../running-shop.ts'
import { audit, figure } from './audit.ts'
import { each } from './seller.ts'
import { API_KEY, nameless, type Replica, startReplicas, stocked } from './service.ts'
import { found, size } from './size.ts'

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('Two services on one PostgreSQL were not tested: TEST_POSTGRES_URL is not set.')
else {
  const cleaning: (() => unknown)[] = []
  afterEach(async () => {
    for (const step of cleaning.splice(0).reverse()) await step()
  }, 60_000)

  /** A database of this test's own, and how to start shops on it; all are ended with the test. */
  const city = async () => {
    const { url, drop } = await freshDatabase(server)
    cleaning.push(drop)
    const open = async (count: number): Promise<readonly Replica[]> => {
      const { folder, remove } = temporaryFolder()
      cleaning.push(remove)
      const services = await startReplicas(count, {
        ABASTO_DATA: folder,
        ABASTO_API_KEY: API_KEY,
        PRODUCTS_DATABASE_URL: url,
        INVENTORY_DATABASE_URL: url,
        LOG_LEVEL: 'error',
      })
      cleaning.push(...services.map((service) => () => service.end('SIGKILL')))
      return services
    }
    return { url, open }
  }

  describe('two services on one PostgreSQL', () => {
    test('2,000 customers buy one product of which there are 1,000: 1,000 succeed, 1,000 are told', async () => {
      const { url, open } = await city()
      const services = await open(2)
      const product = await stocked(services[0]!, 1_000)
      const answers: Record<string, number> = {}
      const started = performance.now()

      await each(2_000, 2_000, async (index) => {
        const { status, document } = await services[index % 2]!.post('/purchases', { quantity: 1 }, { product })
        const answer = status === 201 ? '201' : `${status} ${document.errors[0].code}`
        answers[answer] = (answers[answer] ?? 0) + 1
      })

      const seconds = (performance.now() - started) / 1_000
      expect(answers).toEqual({ '201': 1_000, '409 insufficient_stock': 1_000 })
      expect(await figure(url, 'SELECT sum(on_hand_change) FROM inventory.movements')).toBe(0)
      expect(await figure(url, 'SELECT sum(on_hand) FROM inventory.stock_levels')).toBe(0)
      expect(await figure(url, 'SELECT count(*) FROM inventory.purchases')).toBe(1_000)
      expect(await audit(url)).toEqual([])
      found('1,000 units, 2,000 customers, two services over HTTP', { ...answers, seconds: Number(seconds.toFixed(1)) })
    }, 120_000)

    test('a key that is sent to both at once takes effect once, and both give the same bytes', async () => {
      const { url, open } = await city()
      const [one, other] = (await open(2)) as [Replica, Replica]
      const product = await stocked(one, 1_000)

      const pairs = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          Promise.all(
            [one, other].map((s) => s.post('/purchases', { quantity: 2 }, { key: `sale ${index}`, product })),
          ),
        ),
      )

      for (const [first, second] of pairs) {
        expect(first!.status).toBe(201)
        expect(nameless(second!.text, other.urls)).toBe(nameless(first!.text, one.urls))
        expect([first!.isReplay, second!.isReplay].filter(Boolean)).toHaveLength(1)
      }
      expect(await figure(url, 'SELECT count(*) FROM inventory.purchases')).toBe(40)
      expect(await audit(url)).toEqual([])
    }, 120_000)

    test('a product that is created at both at once under one key is one, and both give the same bytes', async () => {
      const { url, open } = await city()
      const [one, other] = (await open(2)) as [Replica, Replica]

      const pairs = await Promise.all(
        Array.from({ length: 20 }, (_, index) => {
          const lamp = { sku: `LAMP-${index}`, name: 'Lamp', price: '2.50', currency: 'EUR' }
          return Promise.all([one, other].map((s) => s.post('/products', lamp, { key: `lamp ${index}` })))
        }),
      )

      for (const [first, second] of pairs) {
        expect(first!.status).toBe(201)
        expect(nameless(second!.text, other.urls)).toBe(nameless(first!.text, one.urls))
        expect([first!.isReplay, second!.isReplay].filter(Boolean)).toHaveLength(1)
      }
      expect(await figure(url, 'SELECT count(*) FROM products.products')).toBe(20)
    }, 120_000)

    test('a key survives the violent end of the service that took it', async () => {
      const { url, open } = await city()
      const [first] = (await open(1)) as [Replica]
      const product = await stocked(first, 10)
      const bought = await first.post('/purchases', { quantity: 3 }, { key: 'the one', product })
      const refused = await first.post('/purchases', { quantity: 99 }, { key: 'too many', product })
      await first.end('SIGKILL')

      const [second] = (await open(1)) as [Replica]
      const again = await second.post('/purchases', { quantity: 3 }, { key: 'the one', product })
      const refusedAgain = await second.post('/purchases', { quantity: 99 }, { key: 'too many', product })

      expect([bought.status, again.status, again.isReplay]).toEqual([201, 201, true])
      expect(nameless(again.text, second.urls)).toBe(nameless(bought.text, first.urls))
      expect([refused.status, refusedAgain.text]).toEqual([409, refused.text])
      expect(await figure(url, 'SELECT count(*) FROM inventory.purchases')).toBe(1)
    }, 120_000)
  })

  describe('backends are killed under purchases', () => {
    test(
      'no purchase is lost, doubled, or left unanswered past its deadline',
      async () => {
        const wanted = size({ usual: 15, full: 200 })
        const { url, open } = await city()
        const services = await open(2)
        const products = [await stocked(services[0]!, 1_000_000), await stocked(services[1]!, 1_000_000)]
        const killer = killBackends(url, wanted)
        cleaning.push(killer.stop)
        const acknowledged = new Map<string, string>()
        const answers: Record<string, number> = {}
        let [sent, slowestMs] = [0, 0]

        const customer = async () => {
          while (!killer.isDone()) {
            const key = `sale ${sent++}`
            const product = products[sent % 2]!
            // As the SDK does: the same key again until the outcome is known.
            for (let tries = 1; ; tries++) {
              const asked = performance.now()
              const { status, document } = await services[(sent + tries) % 2]!.post(
                '/purchases',
                { quantity: 1 },
                { key, product },
              )
              slowestMs = Math.max(slowestMs, performance.now() - asked)
              answers[status] = (answers[status] ?? 0) + 1
              if (status === 201) acknowledged.set(key, document.data.id)
              if (status !== 503) break
            }
          }
        }
        await Promise.all(Array.from({ length: 24 }, customer))

        const hits = await killer.stop()
        expect(hits).toBeGreaterThanOrEqual(wanted)
        expect(Object.keys(answers).filter((status) => status !== '201' && status !== '503')).toEqual([])
        expect(slowestMs).toBeLessThan(DEADLINE_MS + 1_000)
        expect(acknowledged.size).toBe(sent)
        const sql = new SQL(url, { max: 1 })
        const rows: { id: string }[] = await sql`SELECT id::text FROM inventory.purchases`
        await sql.end()
        expect(rows.map(({ id }) => id).toSorted()).toEqual([...acknowledged.values()].toSorted())
        expect(await audit(url)).toEqual([])
        found('purchases while backends are killed', {
          'kills with a statement in flight': hits,
          purchases: sent,
          answers,
          'slowest answer in ms': Math.round(slowestMs),
          lost: 0,
          doubled: 0,
        })
      },
      size({ usual: 120_000, full: 900_000 }),
    )
  })
}

/** How long a service lets a caller wait. */
const DEADLINE_MS = 10_000
