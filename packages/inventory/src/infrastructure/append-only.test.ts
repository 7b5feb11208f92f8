import { afterAll, beforeAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { Database } from '@abasto/chassis/database/database'
import { freshDatabase } from '@abasto/chassis/database/fresh-database'
import { migrate, readMigrations } from '@abasto/chassis/database/migrations'
import { connectPostgres } from '@abasto/chassis/database/postgres'
import { adjustment, opening } from '../domain/examples.ts'
import { effect, newId } from './deciding.ts'
import { postgresStock } from './postgres.ts'

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('A ledger that cannot be changed was not tested: TEST_POSTGRES_URL is not set.')
else {
  /** The service as it should run: under a role that owns its schema and is no superuser. */
  const role = `keeper_${crypto.randomUUID().slice(0, 8)}`
  let service: Database
  let owner: Database
  let drop: () => Promise<void>

  beforeAll(async () => {
    const fresh = await freshDatabase(server)
    drop = fresh.drop
    owner = connectPostgres({ url: fresh.url, connections: 1 })
    const name = new URL(fresh.url).pathname.slice(1)
    await owner.query(`CREATE ROLE ${role} LOGIN PASSWORD 'keeper'`, [])
    await owner.query(`GRANT CREATE ON DATABASE "${name}" TO ${role}`, [])
    const url = new URL(fresh.url)
    url.username = role
    url.password = 'keeper'
    service = connectPostgres({ url: url.href, connections: 1 })
    await migrate(service, 'inventory', readMigrations(join(import.meta.dir, '../../migrations')))
  }, 60_000)

  afterAll(async () => {
    await service.close()
    await owner.query(`DROP OWNED BY ${role} CASCADE`, [])
    await owner.query(`DROP ROLE ${role}`, [])
    await owner.close()
    await drop()
  })

  test('the service adds to its ledger, and the database lets it change nothing of what is there', async () => {
    const stock = postgresStock(service)
    const lamp = newId()
    await effect(stock, opening(lamp, 5))
    await effect(stock, adjustment(lamp, 2))

    const forbidden = [
      'UPDATE inventory.movements SET on_hand_change = 0',
      'DELETE FROM inventory.movements',
      'TRUNCATE inventory.movements',
    ]
    for (const statement of forbidden) {
      await expect(service.query(statement, [])).rejects.toThrow('permission denied for table movements')
    }
    expect((await stock.movements({ productIds: [lamp] }, { size: 5 })).items).toHaveLength(2)
  })
}
