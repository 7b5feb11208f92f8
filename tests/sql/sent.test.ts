import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SQL } from 'bun'
import type { Database } from '../../packages/chassis/src/database/database.ts'
import { freshDatabase } from '../../packages/chassis/src/database/fresh-database.ts'
import { migrate, readMigrations } from '../../packages/chassis/src/database/migrations.ts'
import { connectPostgres } from '../../packages/chassis/src/database/postgres.ts'
import { postgresStock } from '../../packages/inventory/src/infrastructure/postgres.ts'
import { stockPromises } from '../../packages/inventory/src/infrastructure/promises.ts'
import { heldPromises } from '../../packages/inventory/src/infrastructure/promises-held.ts'
import { postgresCatalogue } from '../../packages/products/src/infrastructure/postgres.ts'
import { cataloguePromises } from '../../packages/products/src/infrastructure/promises.ts'
import type { PostgresServer } from '../../scripts/postgres-server.ts'
import { startPostgres } from '../../scripts/postgres-server.ts'
import { letIn, nothingTold } from '../kills/customers.ts'
import { buildTown } from '../kills/town.ts'
import { found } from '../stock/size.ts'
import { faultsOf, plain, RULES } from './forbidden.ts'

if (!process.env.TEST_POSTGRES_URL) {
  console.log('What the services send to a database was not tested: TEST_POSTGRES_URL is not set.')
} else {
  let server: PostgresServer
  beforeAll(async () => {
    // The server writes down every statement, and who sent it.
    server = await startPostgres({
      log_statement: 'all',
      log_parameter_max_length: '0',
      logging_collector: 'on',
      log_destination: 'jsonlog',
      log_filename: 'sent',
    })
  }, 60_000)
  afterAll(() => server?.stop())

  // The suites of the promises, so that nothing which an adapter can send is left out.
  const openOf = (service: 'inventory' | 'products') => async () => {
    const { url, drop } = await freshDatabase(server.url)
    const pools: Database[] = []
    const connect = (connections: number) => {
      const pool = connectPostgres({ url, connections, name: `abasto-${service}-promises` })
      pools.push(pool)
      return pool
    }
    const migrations = join(import.meta.dir, `../../packages/${service}/migrations`)
    await migrate(connect(1), service, readMigrations(migrations))
    const close = async () => {
      await Promise.all(pools.map((pool) => pool.close()))
      await drop()
    }
    return { connect, close }
  }
  const openStock = async () => {
    const { connect, close } = await openOf('inventory')()
    const another = () => postgresStock(connect(3), connect(1))
    return { stock: another(), another, close }
  }
  stockPromises('a PostgreSQL that writes everything down', openStock)
  heldPromises('a PostgreSQL that writes everything down', openStock)
  cataloguePromises('a PostgreSQL that writes everything down', async () => {
    const { connect, close } = await openOf('products')()
    return { catalogue: postgresCatalogue(connect(3)), another: () => postgresCatalogue(connect(3)), close }
  })

  describe('whatever a service sends to its database', () => {
    beforeAll(async () => {
      // And the services themselves, for what else they do: start, look after themselves, sweep, follow.
      const town = await buildTown(server.url, 3)
      const branch = await town.open()
      const leaving = new AbortController()
      const headers = { 'X-API-Key': branch.process.apiKey }
      const events = await fetch(`${branch.process.url}/api/v1/stock-events`, { headers, signal: leaving.signal })
      expect(events.status).toBe(200)
      const leave = letIn(async (customer) => (customer % 2 ? branch.http : branch.grpc), nothingTold(town.products), 8)
      await Bun.sleep(700)
      await leave()
      expect((await fetch(`${branch.process.url}/health`)).status).toBe(200)
      leaving.abort()
      await town.close()
    }, 60_000)

    test('is nothing that a pooler, a partition or a lost connection would make wrong', async () => {
      const sent = sentBy(server)
      const volatile = await volatileFunctions(server.url)

      const faults = sent.flatMap((statement) =>
        faultsOf(statement, volatile).map((fault) => `${fault}: ${plain(statement).slice(0, 300)}`),
      )

      expect(faults).toEqual([])
      // All of these are among what was looked at, or the log was not read as it should be.
      for (const known of [
        /for update of l/,
        /insert into inventory.movements/,
        /from inventory.holds/,
        /insert into inventory.stream_epochs/,
        /m.transaction_id < \(select horizon/,
        /insert into products.cache_outbox/,
        /delete from products.cache_outbox/,
        /create table inventory.stock_levels/,
        /schema_migration_lease/,
        /^select 1$/,
      ]) {
        expect(sent.some((statement) => known.test(plain(statement)))).toBe(true)
      }
      found('statements of the services that were read', { different: sent.length, rules: RULES.length })
    })
  })

  test.each([
    ['BEGIN', 'a transaction of several messages'],
    ['UPDATE lamp SET lit = true; COMMIT', 'a transaction of several messages'],
    ['SELECT pg_advisory_xact_lock(1)', 'an advisory lock'],
    ['SELECT pg_try_advisory_lock(1)', 'an advisory lock'],
    ['LISTEN stock', 'LISTEN and NOTIFY'],
    ["SELECT pg_notify('stock', 'x')", 'LISTEN and NOTIFY'],
    ['SET search_path = shop', 'a setting or a statement that belongs to a session'],
    ['CREATE TEMP TABLE lamp (id uuid)', 'a setting or a statement that belongs to a session'],
    ['CREATE TABLE lamp (id bigserial PRIMARY KEY)', 'a number from a sequence'],
    ['CREATE TABLE lamp (id bigint GENERATED ALWAYS AS IDENTITY)', 'a number from a sequence'],
    ["INSERT INTO lamp SELECT nextval('lamps')", 'a number from a sequence'],
    ['CREATE CONSTRAINT TRIGGER t AFTER INSERT ON lamp EXECUTE FUNCTION f()', 'a trigger'],
    ['INSERT INTO lamp VALUES ($1) ON CONFLICT  (id) DO  NOTHING', 'ON CONFLICT DO NOTHING'],
    ['UPDATE lamp SET lit_at = clock_timestamp() WHERE id = $1', 'a volatile function in an UPDATE'],
    ['WITH a AS (UPDATE lamp l SET id = gen_random_uuid()) SELECT 1', 'a volatile function in an UPDATE'],
    ['UPDATE lamp SET lit = true WHERE random() < 0.5', 'a volatile function in an UPDATE'],
    ['INSERT INTO lamp VALUES (1) ON CONFLICT (id) DO UPDATE SET x = random()', 'a volatile function in an UPDATE'],
    ['UPDATE inventory.movements SET on_hand_after = 0', 'a change of what the ledger says'],
    ['WITH gone AS (DELETE FROM inventory.movements m) SELECT 1', 'a change of what the ledger says'],
    ['TRUNCATE inventory.movements', 'a change of what the ledger says'],
  ])('a statement is refused: %s', async (statement, forbidden) => {
    expect(faultsOf(statement, await volatileFunctions(server.url))).toEqual([forbidden])
  })

  test.each([
    "SELECT 'BEGIN; LISTEN x; it''s nextval(1)' -- CREATE TRIGGER",
    'UPDATE lamp SET lit_at = (SELECT now FROM given), seen_at = now() WHERE id = $1',
    'WITH a AS (UPDATE lamp SET lit = true) SELECT clock_timestamp()',
    'REVOKE UPDATE, DELETE, TRUNCATE ON inventory.movements FROM CURRENT_USER',
    'INSERT INTO inventory.movements SELECT gen_random_uuid()',
    'SET LOCAL lock_timeout = 1; CREATE TABLE lamp (id uuid)',
  ])('a statement is allowed: %s', async (statement) => {
    expect(faultsOf(statement, await volatileFunctions(server.url))).toEqual([])
  })
}

/** The different statements that the services sent; those of the tests themselves are sent under other names. */
function sentBy({ folder }: PostgresServer): string[] {
  const lines = readFileSync(join(folder, 'data/log/sent.json'), 'utf8').split('\n').filter(Boolean)
  const statements = lines
    .map((line) => JSON.parse(line) as { application_name?: string; message?: string })
    .filter(({ application_name }) => application_name?.startsWith('abasto-'))
    .flatMap(({ message = '' }) => /^(?:statement|execute [^:]+): ([\s\S]*)$/.exec(message)?.[1] ?? [])
  return [...new Set(statements.map((statement) => statement.replace(/\n-- \d+$/, '')))]
}

/** The functions of which the server itself says that they are volatile, whatever they are given. */
async function volatileFunctions(url: string): Promise<ReadonlySet<string>> {
  const sql = new SQL(url, { max: 1 })
  const rows: { name: string }[] = await sql`
    SELECT proname::text AS name FROM pg_proc GROUP BY proname HAVING bool_and(provolatile = 'v')`
  await sql.close()
  return new Set(rows.map(({ name }) => name))
}
