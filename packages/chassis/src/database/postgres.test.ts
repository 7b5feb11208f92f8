import { expect, test } from 'bun:test'
import { Contention, OutcomeUnknown } from './database.ts'
import { freshDatabase } from './fresh-database.ts'
import { patiently } from './patience.ts'
import { connectPostgres } from './postgres.ts'

test('a server that is not there is an unknown outcome, not a bug', async () => {
  const database = connectPostgres({ url: 'postgres://nobody@127.0.0.1:1/nothing' })

  await expect(database.query('SELECT 1', [], { timeoutMs: 2_000 })).rejects.toBeInstanceOf(OutcomeUnknown)
  await database.close()
})

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('The driver of PostgreSQL was not tested: TEST_POSTGRES_URL is not set.')
else {
  test('numbers, moments and JSON come back as the services use them', async () => {
    const database = connectPostgres({ url: server })

    const [row] = await database.query<Record<string, unknown>>(
      `SELECT 9007199254740991::bigint AS count, '2026-01-31 10:30:00.123456+01'::timestamptz AS moment,
              '{"a":[1]}'::jsonb AS json, NULL::bigint AS nothing`,
      [],
    )

    expect(row).toEqual({
      count: Number.MAX_SAFE_INTEGER,
      moment: '2026-01-31T09:30:00.123Z',
      json: { a: [1] },
      nothing: null,
    })
    await database.close()
  })

  test('a statement that hangs is given up at its deadline, and the next one is answered', async () => {
    const database = connectPostgres({ url: server, connections: 1 })

    await expect(database.query('SELECT pg_sleep(5)', [], { timeoutMs: 100 })).rejects.toBeInstanceOf(OutcomeUnknown)
    expect(await database.query('SELECT 1 AS one', [])).toEqual([{ one: 1 }])
    await database.close()
  }, 20_000)

  test('a killed backend is an unknown outcome, and the next statement is answered', async () => {
    const { url, drop } = await freshDatabase(server)
    const [database, killer] = [connectPostgres({ url, connections: 1, name: 'victim' }), connectPostgres({ url })]
    const running = database.query('SELECT pg_sleep(5)', [])
    const outcome = running.then(
      () => 'answered',
      (error) => error,
    )

    for (let hits = 0; hits === 0; await Bun.sleep(10)) {
      const killed = await killer.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim' AND state = 'active'",
        [],
      )
      hits = killed.length
    }

    expect(await outcome).toBeInstanceOf(OutcomeUnknown)
    // The driver may hand the next one to the same dead connection; asked again, it is answered.
    const next = await patiently(Date.now() + 10_000, () => database.query('SELECT 1 AS one', []))
    expect(next).toEqual({ ok: true, value: [{ one: 1 }] })
    await Promise.all([database.close(), killer.close()])
    await drop()
  }, 20_000)

  test('a backend that is killed in the middle of an answer leaves no trace in the next one', async () => {
    const { url, drop } = await freshDatabase(server)
    const [database, killer] = [connectPostgres({ url, connections: 1, name: 'victim' }), connectPostgres({ url })]
    // Rows too wide to wait in the server: the first ones have arrived when the backend dies.
    const wide = "SELECT i, repeat('x', 10000) AS x, pg_sleep(0.01) FROM generate_series(1, 300) AS i"
    const outcome = database.query(wide, []).catch((error: unknown) => error)
    await Bun.sleep(500)

    await killer.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'", [])

    expect(await outcome).toBeInstanceOf(OutcomeUnknown)
    const next = await patiently(Date.now() + 10_000, () => database.query('SELECT 1 AS one', []))
    expect(next).toEqual({ ok: true, value: [{ one: 1 }] })
    await Promise.all([database.close(), killer.close()])
    await drop()
  }, 20_000)

  test('a unique violation is contention and names the constraint', async () => {
    const { url, drop } = await freshDatabase(server)
    const database = connectPostgres({ url })
    await database.script('CREATE TABLE lamp (id integer PRIMARY KEY); INSERT INTO lamp VALUES (1)')

    const failure = await database.query('INSERT INTO lamp VALUES ($1)', [1]).catch((error) => error)

    expect(failure).toBeInstanceOf(Contention)
    expect(failure).toMatchObject({ sqlState: '23505', constraint: 'lamp_pkey' })
    await database.close()
    await drop()
  }, 20_000)
}
