import { join } from 'node:path'
import { readMigrations } from '@abasto/chassis/database/migrations'
import { isThere, sqlStores } from '@abasto/chassis/database/stores-under-test'
import { memoryCatalogue } from './memory.ts'
import { postgresCatalogue } from './postgres.ts'
import { cataloguePromises } from './promises.ts'

const migrations = readMigrations(join(import.meta.dir, '../../migrations'))

cataloguePromises('plain memory', async () => {
  const catalogue = memoryCatalogue()
  return { catalogue, another: () => catalogue, close: async () => {} }
})

const databases = sqlStores({ name: 'products', migrations, everyWrite: 'products.operations' })
for (const { name, open } of databases.filter((store) => isThere('The catalogue', store))) {
  cataloguePromises(name, async () => {
    const { connect, close } = await open()
    return { catalogue: postgresCatalogue(connect(3)), another: () => postgresCatalogue(connect(3)), close }
  })
}
