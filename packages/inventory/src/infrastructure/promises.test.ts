import { join } from 'node:path'
import type { Database } from '@abasto/chassis/database/database'
import { openEmbedded } from '@abasto/chassis/database/embedded'
import { freshDatabase } from '@abasto/chassis/database/fresh-database'
import { migrate, readMigrations } from '@abasto/chassis/database/migrations'
import { connectPostgres } from '@abasto/chassis/database/postgres'
import { lastLineOfDefence } from './last-line-of-defence.ts'
import { memoryStock } from './memory.ts'
import { postgresStock } from './postgres.ts'
import { type OpenStock, stockPromises } from './promises.ts'
import { heldPromises } from './promises-held.ts'

const migrations = readMigrations(join(import.meta.dir, '../../migrations'))

function everyPromise(name: string, open: () => Promise<OpenStock>): void {
  stockPromises(name, open)
  heldPromises(name, open)
}

everyPromise('plain memory', async () => {
  const stock = memoryStock()
  return { stock, another: () => stock, close: async () => {} }
})

const embedded = async (): Promise<Database> => {
  const database = await openEmbedded()
  await migrate(database, 'inventory', migrations)
  return database
}

everyPromise('the embedded database', async () => {
  const database = await embedded()
  const stock = postgresStock(database)
  return { stock, another: () => postgresStock(database), close: database.close }
})

lastLineOfDefence('the embedded database', embedded)

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('The stock in PostgreSQL was not tested: TEST_POSTGRES_URL is not set.')
else {
  everyPromise('PostgreSQL', async () => {
    const { url, drop } = await freshDatabase(server)
    const pools: Database[] = []
    const connect = (connections: number) => {
      const pool = connectPostgres({ url, connections })
      pools.push(pool)
      return pool
    }
    const another = () => postgresStock(connect(3), connect(1))
    const database = connect(1)
    await migrate(database, 'inventory', migrations)
    const close = async () => {
      await Promise.all(pools.map((pool) => pool.close()))
      await drop()
    }
    return { stock: another(), another, close }
  })

  lastLineOfDefence('PostgreSQL', async () => {
    const { url, drop } = await freshDatabase(server)
    const database = connectPostgres({ url, connections: 1 })
    await migrate(database, 'inventory', migrations)
    return { ...database, close: () => database.close().then(drop) }
  })
}
