import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { freshDatabase } from '../database/fresh-database.ts'
import { connectPostgres } from '../database/postgres.ts'
import { noTelemetry } from '../telemetry/telemetry.ts'
import { CannotOpenStore, openStore, postgresStore } from './store.ts'

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('How many connections a process holds was not tested: TEST_POSTGRES_URL is not set.')
else {
  test('a PostgreSQL that cannot be used is refused in a sentence that says why', async () => {
    const { url, drop } = await freshDatabase(server)
    const schema = { name: 'inventory', migrations: join(import.meta.dir, '../../../inventory/migrations') }
    const settings = { connections: 3, data: '', setting: 'INVENTORY_DATABASE_URL', telemetry: noTelemetry }
    const faults = {
      'default_transaction_read_only=on': 'read-only transaction',
      'statement_timout=5000': 'unrecognized configuration parameter "statement_timout"',
      'statement_timeout=soon': 'invalid value for parameter "statement_timeout": "soon"',
    }

    for (const [query, said] of Object.entries(faults)) {
      const opening = openStore(schema, { ...settings, url: `${url}?${query}` })
      await expect(opening).rejects.toThrow(CannotOpenStore)
      await expect(opening).rejects.toThrow(said)
    }
    await drop()
  }, 30_000)

  test('a role that may hold fewer connections than a process takes is refused, unless a pooler shares them', async () => {
    const { url, drop } = await freshDatabase(server)
    const schema = { name: 'inventory', migrations: join(import.meta.dir, '../../../inventory/migrations') }
    const settings = { connections: 3, data: '', setting: 'INVENTORY_DATABASE_URL', telemetry: noTelemetry }
    const owner = connectPostgres({ url, connections: 1 })
    const role = `few_${Bun.randomUUIDv7().replaceAll('-', '')}`
    await owner.query(`CREATE ROLE ${role} LOGIN PASSWORD 'few' CONNECTION LIMIT 2`, [])
    await owner.query(`GRANT CREATE ON DATABASE ${new URL(url).pathname.slice(1)} TO ${role}`, [])
    const address = Object.assign(new URL(url), { username: role, password: 'few' }).href

    await expect(openStore(schema, { ...settings, url: address })).rejects.toThrow(CannotOpenStore)
    await expect(openStore(schema, { ...settings, url: address })).rejects.toThrow(
      'INVENTORY_DATABASE_URL leads to a PostgreSQL that allows 2 connections, and one process takes at least 3: raise ' +
        'the CONNECTION LIMIT of the role or of the database.',
    )
    await (await openStore(schema, { ...settings, url: `${address}?pgbouncer=true` })).close()
    await owner.query(`ALTER ROLE ${role} CONNECTION LIMIT 3`, [])
    await (await openStore(schema, { ...settings, url: address })).close()

    await owner.query(`DROP OWNED BY ${role}`, [])
    await owner.query(`DROP ROLE ${role}`, [])
    await owner.close()
    await drop()
  }, 30_000)

  test('a process holds as many connections as it was given, however much it asks at once', async () => {
    const { url, drop } = await freshDatabase(server)
    const store = postgresStore('shop', { url, connections: 5 })
    const observer = connectPostgres({ url, name: 'observer', connections: 1 })

    const asking = Promise.all([
      ...Array.from({ length: 40 }, () => store.database.query('SELECT pg_sleep(0.05)', [])),
      ...Array.from({ length: 10 }, () => store.writer.query('SELECT pg_sleep(0.05)', [])),
      store.isUp(),
    ])
    let most = 0
    let isOver = false
    const done = asking.then(() => {
      isOver = true
    })
    while (!isOver) {
      const [row] = await observer.query<{ count: number }>(
        "SELECT count(*) AS count FROM pg_stat_activity WHERE application_name LIKE 'abasto-shop%'",
        [],
      )
      most = Math.max(most, row!.count)
      await Bun.sleep(20)
    }

    await done
    expect(most).toBe(5)
    await store.close()
    await observer.close()
    await drop()
  }, 30_000)
}
