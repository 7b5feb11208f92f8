import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { askPostgres } from '../../packages/cli/src/verify/databases.ts'
import { totalOf, verify } from '../../packages/cli/src/verify/findings.ts'
import { letIn, nothingTold } from '../kills/customers.ts'
import { type Branch, buildTown, disagreements, type Town } from '../kills/town.ts'
import { refusedCommand } from '../processes/command.ts'
import { until } from '../processes/until.ts'
import { temporaryFolder } from '../running-shop.ts'
import { size } from '../stock/size.ts'

const [server, pooler] = [process.env.TEST_POSTGRES_URL, process.env.TEST_PGBOUNCER_URL]
if (!server || !pooler) console.log('A shop behind pgbouncer was not tested: TEST_PGBOUNCER_URL is not set.')
else
  describe('a shop whose services reach PostgreSQL through pgbouncer in transaction mode', () => {
    let town: Town
    let branches: readonly Branch[]
    beforeAll(async () => {
      town = await buildTown(pooler, 4)
      branches = await Promise.all([town.open(), town.open()])
    }, 60_000)
    afterAll(() => town?.close(), 60_000)

    test('sells, holds, ends and gives back as any other', async () => {
      const told = nothingTold(town.products)

      const leave = letIn(async (customer) => branches[customer % 2]![customer % 3 ? 'http' : 'grpc'], told, 12)
      await Bun.sleep(size({ usual: 700, full: 10_000 }))
      await until(async () => told.purchases.size > 10 && 'commit ok' in told.answers)
      await leave()

      expect(told.wrong).toEqual([])
      expect(await disagreements(directly(town.url), told)).toEqual([])
      for (const { log } of branches) expect(log()).toBe('')
    }, 60_000)

    test('is verified through it too', async () => {
      expect(totalOf(await verify(askPostgres(town.url)))).toBe(0)
    }, 30_000)

    test('says what is missing where its address does not speak of the pooler', async () => {
      const { folder, remove } = temporaryFolder()
      const url = town.url.replace('?pgbouncer=true', '')

      const { code, said } = await refusedCommand('products', { ABASTO_DATA: folder, PRODUCTS_DATABASE_URL: url })

      expect(code).toBe(1)
      expect(said).toContain('PRODUCTS_DATABASE_URL')
      expect(said).toContain('add ?pgbouncer=true')
      remove()
    }, 30_000)

    /** The same database, past the pooler: whoever audits uses settings of a session. */
    const directly = (url: string): string => {
      const direct = new URL(server)
      direct.pathname = new URL(url).pathname
      return direct.href
    }
  })
