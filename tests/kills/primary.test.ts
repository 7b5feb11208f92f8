import { afterEach, describe, expect, test } from 'bun:test'
import { startPatroni } from '../../scripts/patroni-cluster.ts'
import { found, isFull } from '../stock/size.ts'
import { expectNothingLost } from './afterwards.ts'
import { letIn, nothingTold } from './customers.ts'
import { buildTown } from './town.ts'
import { isOwnReplay, watched } from './watched.ts'

/** How often the primary is killed. */
const KILLS = 8

// A cluster takes as long to come up as all other suites of killing together: it belongs to `bun run prove`.
if (isFull) {
  const cleaning: (() => unknown)[] = []
  afterEach(async () => {
    for (const step of cleaning.splice(0).reverse()) await step()
  }, 60_000)

  describe('the primary of a PostgreSQL of two servers is killed under sales and reservations', () => {
    test('nothing that was acknowledged is lost or doubled, and before long the shop writes again', async () => {
      const cluster = await startPatroni()
      cleaning.push(cluster.stop)
      const town = await buildTown(cluster.url, 6)
      cleaning.push(town.close)
      const branches = await Promise.all([town.open(), town.open()])
      const told = nothingTold(town.products)
      const writes = watched()
      const leave = letIn(
        async (customer, attempt) => {
          const { http, grpc } = branches[(customer + attempt) % 2]!
          return writes.watch(customer % 3 === 0 ? grpc : http)
        },
        told,
        24,
      )

      const awayMs: number[] = []
      for (let kill = 0; kill < KILLS; kill++) {
        await cluster.synchronous()
        await Bun.sleep(1_000 + Math.random() * 2_000)
        const primary = await cluster.primary()
        await cluster.kill(primary)
        awayMs.push(await writes.again())
        cluster.restart(primary)
        expect(await cluster.primary()).not.toBe(primary)
      }
      await leave()

      found('the primary of a PostgreSQL of two servers is killed', {
        kills: KILLS,
        answers: told.answers,
        'writes sent again': told.sentAgain,
        'of these had taken effect': told.hadTakenEffect,
        'sent again by the service itself, and had taken effect': told.wrong.filter(isOwnReplay).length,
        'nothing was written for (ms)': awayMs.map(Math.round),
        'slowest answer (ms)': Math.round(told.slowestMs),
      })
      await expectNothingLost(town, told, branches, awayMs)
    }, 900_000)
  })
} else console.log('The primary of a PostgreSQL is killed where the proof runs in full.')
