import { afterAll, describe, expect, test } from 'bun:test'
import { SQL } from 'bun'
import { OutcomeUnknown } from '../../packages/chassis/src/database/database.ts'
import { freshDatabase } from '../../packages/chassis/src/database/fresh-database.ts'
import { connectPostgres } from '../../packages/chassis/src/database/postgres.ts'
import { CUTS, type Fate, openPostgresProxy } from './postgres-proxy.ts'

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('Cut connections to PostgreSQL were not tested: TEST_POSTGRES_URL is not set.')
else {
  const cleaning: (() => Promise<unknown>)[] = []
  afterAll(async () => {
    for (const clean of cleaning.reverse()) await clean()
  }, 60_000)

  /** A database with a table in it, reached through a proxy that does what the test says. */
  const cable = async () => {
    const { url, drop } = await freshDatabase(server)
    cleaning.push(drop)
    const direct = new SQL(url, { max: 1 })
    await direct`CREATE TABLE notes (text text)`
    const fates: Fate[] = []
    const proxy = await openPostgresProxy(Number(new URL(url).port), {
      fate: (isWrite) => (isWrite ? (fates.shift() ?? 'pass') : 'pass'),
    })
    const through = new URL(url)
    through.port = String(proxy.port)
    const database = connectPostgres({ url: through.href, connections: 1 })
    cleaning.push(proxy.close, database.close, () => direct.end())
    const note = (text: string) => database.query('INSERT INTO notes VALUES ($1)', [text])
    /** What the table holds once nobody is at work there any more. */
    const notes = async () => {
      for (;;) {
        const [{ busy }] = await direct`SELECT count(*)::int AS busy FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active'`
        if (busy === 0) break
        await Bun.sleep(10)
      }
      return (await direct`SELECT text FROM notes ORDER BY text`).map((row: { text: string }) => row.text)
    }
    return { proxy, database, note, notes, fates }
  }

  describe('a connection to PostgreSQL', () => {
    test('carries everything until it is cut, and another one after', async () => {
      const { proxy, database, note, notes, fates } = await cable()
      fates.push('pass', 'cut when it was done, before the answer')

      await note('one')
      await expect(note('two')).rejects.toBeInstanceOf(OutcomeUnknown)
      await note('three')

      expect(await notes()).toEqual(['one', 'three', 'two'])
      expect(await database.query('SELECT 1 AS one', [])).toEqual([{ one: 1 }])
      expect(proxy.writes).toMatchObject({ pass: 2, 'cut when it was done, before the answer': 1 })
      expect(proxy.reads.pass).toBeGreaterThan(0)
    })

    test.each([
      ['cut before it was asked', []],
      ['cut while it was asked', []],
      ['cut when it was done, before the answer', ['it']],
      ['cut while it was answered', undefined],
      ['cut once it was asked', undefined],
    ] as const)('%s', async (fate, expected) => {
      const { proxy, note, notes, fates } = await cable()
      await note('before')
      fates.push(fate)

      await expect(note('it')).rejects.toBeInstanceOf(OutcomeUnknown)

      expect(proxy.writes[fate]).toBe(1)
      // Where nothing is expected, nobody can know: whoever asked must be able to ask again.
      const written = (await notes()).filter((text: string) => text === 'it')
      expect(expected ? [...expected] : written).toEqual(written)
      await note('after')
      expect(await notes()).toContain('after')
    })

    test('what failed is not counted as done', async () => {
      const { proxy, database, fates } = await cable()
      fates.push('cut when it was done, before the answer')

      await expect(database.query('INSERT INTO notes VALUES (1/$1::int)', [0])).rejects.toBeInstanceOf(OutcomeUnknown)

      expect(proxy.writes).toMatchObject({ 'cut when it was done, before the answer': 0, 'cut once it was asked': 1 })
    })

    test('every kind of cut is one of the five', () => {
      expect(new Set(CUTS).size).toBe(5)
    })
  })
}
