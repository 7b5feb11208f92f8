import { afterEach, describe, expect, test } from 'bun:test'
import { found, size } from '../stock/size.ts'
import { newDatabase, openReplica, until } from './replica.ts'
import { GONE } from './traffic.ts'

const server = process.env.TEST_POSTGRES_URL
const redisUrl = process.env.TEST_REDIS_URL
if (!server || !redisUrl)
  console.log('The end of a process that was writing was not tested: TEST_POSTGRES_URL or TEST_REDIS_URL is not set.')
else {
  const cleaning: (() => unknown)[] = []
  afterEach(async () => {
    for (const step of cleaning.splice(0).reverse()) await step()
  }, 60_000)

  describe('a process that is killed between its commit and telling the cache', () => {
    test.each([
      { what: 'rename', after: 2 },
      { what: 'delete', after: GONE },
    ])(
      'after a $what the others read the old product for about a second at most',
      async ({ what, after }) => {
        const { url: postgresUrl, drop } = await newDatabase(server)
        cleaning.push(drop)
        const replica = await openReplica({ postgresUrl, redisUrl, isPatient: true })
        cleaning.push(replica.stop)
        const times: number[] = []

        for (let round = 0; round < size({ usual: 2, full: 25 }); round++) {
          const id = await replica.add()
          expect(await replica.version(id)).toBe(1)
          const killed = oneWrite(postgresUrl, redisUrl, id, what)
          await until(async () => (await committedVersion(id)) > 1, 'the commit', 30_000)
          const committedMs = performance.now()

          // It is killed after the commit and before anybody hears: at first the old product is still read.
          expect(await replica.version(id)).toBe(1)
          await until(async () => (await replica.version(id)) === after, 'the new version')
          times.push(Math.round(performance.now() - committedMs))
          expect(await killed).toBe('SIGKILL')
        }

        found(`a process is killed between a ${what} and telling the cache`, {
          times: times.length,
          'stale for (ms)': Math.max(...times),
        })
        expect(Math.max(...times)).toBeLessThan(3_000)

        async function committedVersion(id: string): Promise<number> {
          const rows = await replica.database.query<{ version: number }>(
            'SELECT version FROM products.products WHERE id = $1::text::uuid',
            [id],
          )
          return rows[0]!.version
        }
      },
      200_000,
    )
  })
}

async function oneWrite(...args: string[]): Promise<unknown> {
  const child = Bun.spawn([process.execPath, `${import.meta.dir}/one-write.ts`, ...args], {
    env: { ...process.env, ABASTO_FAILPOINT: 'after-commit-before-delivery' },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  await child.exited
  return child.signalCode
}
