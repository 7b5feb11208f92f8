import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Contention, type Database, OutcomeUnknown } from './database.ts'
import { type FreshDatabase, freshDatabase } from './fresh-database.ts'
import { losingBefore } from './losing-races.ts'
import { connectPostgres } from './postgres.ts'
import { sentAgain } from './sending-again.ts'

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('Timeouts and lost races of PostgreSQL were not tested: TEST_POSTGRES_URL is not set.')
else
  describe('a statement in PostgreSQL', () => {
    let fresh: FreshDatabase
    let database: Database
    beforeAll(async () => {
      fresh = await freshDatabase(server)
      database = connectPostgres({ url: fresh.url, connections: 4 })
      await database.script('CREATE TABLE lamp (id integer PRIMARY KEY, lit integer); INSERT INTO lamp VALUES (1, 0)')
    }, 60_000)
    afterAll(async () => {
      await database.close()
      await fresh.drop()
    }, 60_000)

    test('that waits for a lock is given up while it is known that it did nothing', async () => {
      const other = new Bun.SQL(fresh.url, { max: 1 })
      const [locked, leave] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const holding = other.begin(async (transaction) => {
        await transaction`SELECT * FROM lamp FOR UPDATE`
        locked.resolve()
        await leave.promise
      })
      await locked.promise

      const failure = await database.query('UPDATE lamp SET lit = 1', []).catch((error) => error)

      expect(failure).toBeInstanceOf(Contention)
      expect(failure).toMatchObject({ sqlState: '55P03' })
      leave.resolve()
      await holding
      await other.close()
      expect(await database.query('SELECT lit FROM lamp', [])).toEqual([{ lit: 0 }])
    }, 20_000)

    test('ends at the server too when nobody can be waiting for it any more, and an address may say when that is', async () => {
      const sooner = connectPostgres({ url: `${fresh.url}?statement_timeout=100`, connections: 1 })

      expect(await database.query('SHOW statement_timeout', [])).toEqual([{ statement_timeout: '30s' }])
      await expect(sooner.query('SELECT pg_sleep(2)', [])).rejects.toThrow('57014')
      await sooner.close()
    }, 20_000)

    test('that is one of a script is waited for as long as is asked for', async () => {
      const script = 'SELECT pg_sleep(2)'
      const one = connectPostgres({ url: fresh.url, connections: 1 })

      await expect(one.script(script, { timeoutMs: 300 })).rejects.toBeInstanceOf(OutcomeUnknown)
      await one.script(script, { timeoutMs: 10_000 })
      await one.close()
    }, 20_000)

    test('that loses a race of serializable transactions is sent again, and each takes effect once', async () => {
      const url = `${fresh.url}?default_transaction_isolation=serializable`
      const shops = [1, 2].map(() => connectPostgres({ url, connections: 4 }))
      let lost = 0

      await Promise.all(
        Array.from({ length: 80 }, (_, index) =>
          shops[index % 2]!.query('UPDATE lamp SET lit = lit + 1', [], { timeoutMs: 10_000 }),
        ),
      )
      // The same without being sent again: the races are real.
      const naive = new Bun.SQL(url, { max: 8 })
      const once = Array.from({ length: 80 }, () => naive`UPDATE lamp SET lit = lit + 1`.catch(() => lost++))
      await Promise.all(once)

      expect(await database.query('SELECT lit FROM lamp', [])).toEqual([{ lit: 160 - lost }])
      expect(lost).toBeGreaterThan(0)
      await Promise.all([...shops, naive].map((each) => each.close()))
    }, 30_000)

    test('that loses every race is given up before its caller has left', async () => {
      const hopeless = losingBefore(database, 1)
      const began = performance.now()

      const failure = await sentAgain(hopeless)
        .query('SELECT 1', [], { timeoutMs: 300 })
        .catch((error) => error)

      expect(failure).toBeInstanceOf(Contention)
      expect(performance.now() - began).toBeLessThan(1_000)
      expect(hopeless.lost()).toBeGreaterThan(2)
    })
  })
