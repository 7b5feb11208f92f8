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

const onMongo = (name: string, needs: string): Store => ({
  name,
  needs,
  refusal: 'Document failed validation',
  open: () => inMongo(process.env[needs]!),
})

const TRIO = 'TEST_MONGODB_TRIO_URL'

const databases = sqlStores({ name: 'inventory', migrations, everyWrite: 'inventory.operations' })

/** Every store that keeps the promises. Another one is another line. */
const STORES: readonly Store[] = [
  { name: 'plain memory', open: inMemory },
  ...databases.map(inSql),
  onMongo('MongoDB', 'TEST_MONGODB_URL'),
  onMongo('MongoDB of three nodes', TRIO),
]

// Three nodes take as long to come up as all of this: `bun run prove` starts them.
const here = STORES.filter((store) => store.needs !== TRIO || process.env[TRIO])
if (here.length < STORES.length) console.log('The stock in a MongoDB of three nodes is a part of the proof alone.')

for (const { name, refusal, open } of here.filter((store) => isThere('The stock', store))) {
  stockPromises(name, open)
  heldPromises(name, open)
  if (refusal) lastLineOfDefence(name, refusal, open)
}
