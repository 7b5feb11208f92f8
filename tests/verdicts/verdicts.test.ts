import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { createCommitter } from '../../packages/inventory/src/application/committer.ts'
import type { Stock } from '../../packages/inventory/src/application/ports.ts'
import { creation, deletion } from '../../packages/inventory/src/domain/examples.ts'
import { answerIn } from '../../packages/inventory/src/domain/plain-model.ts'
import { BEGINNING, type Step } from '../../packages/inventory/src/domain/played.ts'
import type { Verdict } from '../../packages/inventory/src/domain/state.ts'
import { steps, WAREHOUSES } from '../../packages/inventory/src/histories.ts'
import { found, isFull, size } from '../stock/size.ts'
import { picture } from './picture.ts'
import { embeddedStore, memoryStore, postgresStore, type Store } from './stores.ts'
import { type VirtualClock, virtualClock } from './virtual-clock.ts'

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('Verdicts of PostgreSQL were not tested: TEST_POSTGRES_URL is not set.')

describe('the same history', () => {
  let clock: VirtualClock
  const stores: Store[] = []
  const met: Record<string, number> = {}

  beforeAll(async () => {
    clock = virtualClock(BEGINNING)
    stores.push(memoryStore(clock), await embeddedStore(clock))
    if (server) stores.push(await postgresStore(clock, server))
    if (server && isFull) stores.push(await postgresStore(clock, server, { isPartitioned: true }))
  }, 60_000)

  afterAll(async () => {
    clock.release()
    for (const { close } of stores) await close()
  }, 60_000)

  test('comes to the same verdicts, and leaves the same shop behind, in every store', async () => {
    const histories = size({ usual: 30, full: 500 })
    let [played, commands] = [0, 0]

    await fc.assert(
      fc.asyncProperty(steps(size({ usual: 14, full: 25 }), 5), async (history) => {
        const [first, ...others] = await playedInAll(history)

        for (const other of others) {
          for (const [index, verdicts] of first!.verdicts.entries()) expect(other.verdicts[index]).toEqual(verdicts)
          for (const [question, answer] of Object.entries(first!.picture)) {
            expect({ [question]: other.picture[question] }).toEqual({ [question]: answer })
          }
        }
        played++
        for (const verdict of first!.verdicts.flat()) {
          const [told] = [answerIn(verdict)].flat() as [string]
          met[told] = (met[told] ?? 0) + 1
          commands++
        }
      }),
      // Where a fault was planted on purpose, that it is seen is enough.
      {
        numRuns: histories,
        endOnFailure: process.env.ABASTO_PLANTED !== undefined,
        // What was found once is looked at first.
        examples: [[[{ seconds: 0, commands: [creation(WAREHOUSES[1]!), deletion(WAREHOUSES[1]!)] }]]],
      },
    )

    expect(Object.keys(met).length).toBeGreaterThan(15)
    const names = stores.map(({ name }) => name)
    found('random histories of all commands', { histories: played, commands, stores: names, verdicts: met })
  }, 3_600_000)

  /** Plays a history in every store, each batch at the same moment. */
  async function playedInAll(history: readonly Step[]): Promise<readonly Played[]> {
    const moments: string[] = []
    const players = await Promise.all(stores.map(async (store) => player(await store.empty())))
    const databases = stores.flatMap((store) => store.databases)
    for (const step of history) {
      if (step.seconds > 0) await clock.advance(step.seconds, databases)
      moments.push(clock.now())
      await Promise.all(players.map((each) => each.play(step)))
    }
    return Promise.all(
      players.map(async ({ verdicts, stock }) => ({ verdicts, picture: await picture(stock, moments) })),
    )
  }
})

type Played = Readonly<{ verdicts: readonly (readonly Verdict[])[]; picture: Readonly<Record<string, unknown>> }>

/** Two processes on one stock: every third batch goes through the second, which does not know what the first has done. */
function player(stocks: readonly [Stock, Stock]) {
  const committers = stocks.map((stock) => createCommitter(stock))
  const verdicts: (readonly Verdict[])[] = []
  const play = async ({ commands }: Step) => {
    const { commit } = committers[verdicts.length % 3 === 2 ? 1 : 0]!
    verdicts.push(await Promise.all(commands.map((command) => commit(command, Date.now() + 60_000))))
  }
  return { play, verdicts, stock: stocks[0] }
}
