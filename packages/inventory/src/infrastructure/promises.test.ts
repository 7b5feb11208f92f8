import { join } from 'node:path'
import { readMigrations } from '@abasto/chassis/database/migrations'
import { isThere, type SqlStore, sqlStores } from '@abasto/chassis/database/stores-under-test'
import { lastLineOfDefence } from './last-line-of-defence.ts'
import { memoryStock } from './memory.ts'
import { inMongo } from './mongodb/store-under-test.ts'
import { postgresStock } from './postgres.ts'
import { type OpenStock, stockPromises } from './promises.ts'
import { heldPromises } from './promises-held.ts'

const migrations = readMigrations(join(import.meta.dir, '../../migrations'))

/**
 * A store of the stock. `needs` is the setting that says where its server is; without it the store is passed over.
 * `refusal` is how it says that it will not keep what the rule can never have decided.
 */
type Store = Readonly<{ name: string; needs?: string; refusal?: string; open: () => Promise<OpenStock> }>

const inMemory = async (): Promise<OpenStock> => {
  const stock = memoryStock()
  return { stock, another: () => stock, close: async () => {} }
}

const inSql = ({ name, needs, open }: SqlStore): Store => ({
  name,
  refusal: 'check constraint',
  ...(needs === undefined ? {} : { needs }),
  open: async () => {
    const { connect, close } = await open()
    const another = () => postgresStock(connect(3), connect(1))
    return { stock: another(), another, close }
  },
})

const databases = sqlStores({ name: 'inventory', migrations, everyWrite: 'inventory.operations' })

/** Every store that keeps the promises. Another one is another line. */
const STORES: readonly Store[] = [
  { name: 'plain memory', open: inMemory },
  ...databases.map(inSql),
  {
    name: 'MongoDB',
    needs: 'TEST_MONGODB_URL',
    refusal: 'Document failed validation',
    open: () => inMongo(process.env.TEST_MONGODB_URL!),
  },
]

for (const { name, refusal, open } of STORES.filter((store) => isThere('The stock', store))) {
  stockPromises(name, open)
  heldPromises(name, open)
  if (refusal) lastLineOfDefence(name, refusal, open)
}
