import type { Uuid } from '@abasto/kernel'
import { type Command, levelsOf } from '../domain/command.ts'
import { decide } from '../domain/decide.ts'
import { opening } from '../domain/examples.ts'
import type { Decision } from '../domain/state.ts'
import { createCommitter, type Round } from './committer.ts'
import type { Stock, Written } from './ports.ts'

export type Trouble = Readonly<{
  writesApart?: true
  beforeRead?: (count: number) => unknown
  beforeWrite?: (count: number, decisions: readonly Decision[]) => unknown
  afterWrite?: (count: number) => unknown
  now?: () => number
}>

/** A committer on an empty store into which this much is put, and on which this goes wrong; for tests. */
export async function troubledShop(stock: Stock, quantities: Readonly<Record<Uuid, number>>, trouble: Trouble = {}) {
  for (const [productId, quantity] of Object.entries(quantities))
    await writeDirectly(stock, opening(productId, quantity))

  /** The operation ids that each read asked for, and the decisions that each write carried. */
  const reads: (readonly Uuid[])[] = []
  const writes: (readonly Decision[])[] = []
  const rounds: Round[] = []
  const troubled: Stock = {
    ...stock,
    ...(trouble.writesApart && { writesApart: true }),
    read: async (wanted) => {
      reads.push(wanted.operations ?? [])
      await trouble.beforeRead?.(reads.length)
      return stock.read(wanted)
    },
    write: async (decisions) => {
      const count = writes.push(decisions)
      // A turn of the event loop, so that a decision that loses for ever ends with the time of its test.
      await new Promise(setImmediate)
      await trouble.beforeWrite?.(count, decisions)
      const written = await stock.write(decisions)
      await trouble.afterWrite?.(count)
      return written
    },
  }
  const options = { observe: (round: Round) => rounds.push(round), ...(trouble.now ? { now: trouble.now } : {}) }
  const committer = createCommitter(troubled, options)
  return {
    committer,
    commit: committer.commit,
    stock,
    reads,
    writes,
    rounds,
    onHand: async (productId: Uuid) => (await stock.inventory(productId))!.onHand,
    movements: async (productId: Uuid) =>
      (await stock.movements({ productIds: [productId] }, { size: 100 })).items.length,
  }
}

/** What another process would write, at once. */
export async function writeDirectly(stock: Stock, command: Command): Promise<Written> {
  return stock.write([decide(await stock.read({ levels: levelsOf(command, new Map()) }), [command])])
}

export const commandsIn = (decisions: readonly Decision[]): number =>
  decisions.reduce((sum, { verdicts }) => sum + verdicts.length, 0)

export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await Bun.sleep(1)
}
