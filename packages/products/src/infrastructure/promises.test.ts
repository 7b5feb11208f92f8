import { join } from 'node:path'
import type { Database } from '@abasto/chassis/database/database'
import { openEmbedded } from '@abasto/chassis/database/embedded'
import { freshDatabase } from '@abasto/chassis/database/fresh-database'
import { migrate, readMigrations } from '@abasto/chassis/database/migrations'
import { connectPostgres } from '@abasto/chassis/database/postgres'
import { memoryCatalogue } from './memory.ts'
import { postgresCatalogue } from './postgres.ts'
import { cataloguePromises } from './promises.ts'

const migrations = readMigrations(join(import.meta.dir, '../../migrations'))

cataloguePromises('plain memory', async () => {
  const catalogue = memoryCatalogue()
  return { catalogue, another: () => catalogue, close: async () => {} }
})

cataloguePromises('the embedded database', async () => {
  const database = await openEmbedded()
  await migrate(database, 'products', migrations)
  const catalogue = postgresCatalogue(database)
  return { catalogue, another: () => postgresCatalogue(database), close: database.close }
})

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('The catalogue in PostgreSQL was not tested: TEST_POSTGRES_URL is not set.')
else
  cataloguePromises('PostgreSQL', async () => {
    const { url, drop } = await freshDatabase(server)
    const pools: Database[] = []
    const connect = () => {
      const pool = connectPostgres({ url, connections: 3 })
      pools.push(pool)
      return pool
    }
    await migrate(connect(), 'products', migrations)
    const close = async () => {
      await Promise.all(pools.map((pool) => pool.close()))
      await drop()
    }
    return { catalogue: postgresCatalogue(pools[0]!), another: () => postgresCatalogue(connect()), close }
  })
