import { afterEach, describe, expect, test } from 'bun:test'
import { found, isFull, size } from '../stock/size.ts'
import { postgres, postgresInPartitions } from '../stores/postgres.ts'
import { expectCalm } from './afterwards.ts'
import { letIn, nothingTold } from './customers.ts'
import { killBackends } from './killer.ts'
import { buildTown, disagreements } from './town.ts'

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('Killing backends under reservations was not tested: TEST_POSTGRES_URL is not set.')
else {
  const cleaning: (() => unknown)[] = []
  afterEach(async () => {
    for (const step of cleaning.splice(0).reverse()) await step()
  }, 60_000)

  // At every change on the one kind of PostgreSQL, and where the proof is full on both.
  const stores = isFull ? [postgres, postgresInPartitions] : [postgres]
  describe.each(stores)('backends of $name are killed under sales and reservations', (store) => {
    test(
      'nothing is torn, doubled or leaked, and nobody waits past the deadline',
      async () => {
        const wanted = size({ usual: 15, full: 500 })
        const town = await buildTown(server, 6, store)
        cleaning.push(town.close)
        const branches = await Promise.all([town.open(), town.open()])
        const told = nothingTold(town.products)
        const killer = killBackends(town.url, wanted)
        cleaning.push(killer.stop)

        // What is not answered is sent to the other service: the same key takes effect once in both.
        const leave = letIn(
          async (customer, attempt) => {
            const { http, grpc } = branches[(customer + attempt) % 2]!
            return customer % 3 === 0 ? grpc : http
          },
          told,
          24,
        )
        while (!killer.isDone()) await Bun.sleep(50)
        await leave()
        const hits = await killer.stop()

        expect(hits).toBeGreaterThanOrEqual(wanted)
        expect(await disagreements(town.url, told)).toEqual([])
        expect(told.wrong).toEqual([])
        await expectCalm(town, told, branches)
        expect(await store.misfits(town.url)).toEqual([])
        found(`backends of ${store.name} are killed under sales and reservations`, {
          'kills with a statement in flight': hits,
          answers: told.answers,
          'writes sent again': told.sentAgain,
          'of these had taken effect': told.hadTakenEffect,
          'reservations nobody heard of': told.unheard,
          'slowest answer (ms)': Math.round(told.slowestMs),
        })
      },
      size({ usual: 120_000, full: 900_000 }),
    )
  })
}
