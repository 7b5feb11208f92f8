import { connectPostgres } from '@abasto/chassis/database/postgres'
import { type Committer, createCommitter, type Round } from '@abasto/inventory/application/committer'
import type { Stock } from '@abasto/inventory/application/ports'
import { postgresStock } from '@abasto/inventory/infrastructure/postgres'

/** The stock core without HTTP, wired as `abasto dev` wires it: one committer, a pool to read, a connection to write. */
export type Counter = Readonly<{
  commit: Committer['commit']
  /** What the rounds since the last call came to. */
  takeRounds: () => Rounds
  close: () => Promise<void>
}>

export type Rounds = Readonly<{ rounds: number; commands: number; lost: number; mostTries: number }>

/** More than any run can sell. */
export const OPENING_STOCK = 1_000_000_000

const NO_ROUNDS: Rounds = { rounds: 0, commands: 0, lost: 0, mostTries: 0 }

/** A counter on a PostgreSQL database that is there. */
export function connectCounter(url: string): Counter {
  const database = connectPostgres({ url })
  const writer = connectPostgres({ url, connections: 1 })
  return counterOn(postgresStock(database, writer), async () => {
    await database.close()
    await writer.close()
  })
}

/** A counter on any stock. */
export function counterOn(stock: Stock, letGo: () => Promise<void>): Counter {
  let tally = NO_ROUNDS
  const observe = ({ commands, lost, tries }: Round) => {
    const mostTries = Math.max(0, ...tries)
    tally = added(tally, { rounds: 1, commands, lost, mostTries })
  }
  const { commit, idle } = createCommitter(stock, { observe })
  return {
    commit,
    takeRounds: () => {
      const taken = tally
      tally = NO_ROUNDS
      return taken
    },
    close: async () => {
      await idle()
      await letGo()
    },
  }
}

/** What the rounds of two committers, or of one at two times, come to together. */
export const added = (some: Rounds, others: Rounds): Rounds => ({
  rounds: some.rounds + others.rounds,
  commands: some.commands + others.commands,
  lost: some.lost + others.lost,
  mostTries: Math.max(some.mostTries, others.mostTries),
})
