import { join } from 'node:path'
import { migrate, readMigrations } from '@abasto/chassis/database/migrations'
import { connectPostgres } from '@abasto/chassis/database/postgres'
import { type Committer, createCommitter, type Round } from '@abasto/inventory/application/committer'
import { DEFAULT_WAREHOUSE } from '@abasto/inventory/domain/warehouse'
import { postgresStock } from '@abasto/inventory/infrastructure/postgres'
import type { Uuid } from '@abasto/kernel'
import { analyze, createDatabase, type Scene } from './scene.ts'

/** The stock core without HTTP, wired as `abasto dev` wires it: one committer, a pool to read, a connection to write. */
export type Counter = Readonly<{
  url: string
  commit: Committer['commit']
  /** The first of them is the hot one; the others are sold at random. */
  products: readonly Uuid[]
  /** What the rounds since the last call came to. */
  takeRounds: () => Readonly<{ rounds: number; commands: number; lost: number; mostTries: number }>
  close: () => Promise<void>
}>

/** More than any run can sell. */
export const OPENING_STOCK = 1_000_000_000

const NO_ROUNDS = { rounds: 0, commands: 0, lost: 0, mostTries: 0 }

export async function openCounter(scene: Scene): Promise<Counter> {
  const url = await createDatabase(scene, 'counter')
  const database = connectPostgres({ url })
  const writer = connectPostgres({ url, connections: 1 })
  await migrate(database, 'inventory', readMigrations(join(import.meta.dir, '../packages/inventory/migrations')))

  let tally = NO_ROUNDS
  const observe = ({ commands, lost, tries }: Round) => {
    tally = {
      rounds: tally.rounds + 1,
      commands: tally.commands + commands,
      lost: tally.lost + lost,
      mostTries: Math.max(tally.mostTries, ...tries),
    }
  }
  const { commit, idle } = createCommitter(postgresStock(database, writer), { observe })
  const products = Array.from({ length: scene.products + 1 }, () => Bun.randomUUIDv7())
  await Promise.all(products.map((productId) => opened(commit, productId)))
  await analyze(url)
  return {
    url,
    commit,
    products,
    takeRounds: () => {
      const taken = tally
      tally = NO_ROUNDS
      return taken
    },
    close: async () => {
      await idle()
      await database.close()
      await writer.close()
    },
  }
}

const opening = {
  type: 'open',
  shown: 'inventory',
  siblings: [],
  warehouseId: DEFAULT_WAREHOUSE,
  quantity: OPENING_STOCK,
} as const

async function opened(commit: Committer['commit'], productId: Uuid): Promise<void> {
  const name = { operationId: crypto.randomUUID(), fingerprint: '0'.repeat(32), actor: 'owner' }
  const verdict = await commit({ ...opening, productId, ...name }, Date.now() + 60_000)
  if (!verdict.ok) throw new Error(`The stock was not opened: ${verdict.error.message}`)
}
