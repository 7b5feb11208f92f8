import { expect, test } from 'bun:test'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { createClient } from '../../../packages/products/node_modules/redis'
import { found, size } from '../../stock/size.ts'
import { type Explored, explore } from './explore.ts'
import { realRedis } from './redis-server.ts'

const redisUrl = process.env.TEST_REDIS_URL

/** Where the walks begin: other ones on every run, and these again where it is said. */
const SEED = Number(process.env.ABASTO_SEED ?? Date.now() % 1_000_000_000)

test('in any order of events nobody is shown what was outdated, beyond what is allowed', async () => {
  const interleavings = size({ usual: 1_500, full: 1_000_000 })
  const lanes = size({ usual: 1, full: cpus().length })
  const started = performance.now()

  const each = Math.ceil(interleavings / lanes)
  const explored = await Promise.all(Array.from({ length: lanes }, (_, lane) => explorer(each, SEED + lane * each)))

  report('the cache in a model of Redis', explored, started)
  for (const { broken } of explored) expect(broken).toBeUndefined()
  expect(sum(explored, 'reads')).toBeGreaterThan(interleavings)
}, 3_600_000)

if (!redisUrl)
  console.log('The cache in any order of events on a real Redis was not tested: TEST_REDIS_URL is not set.')
else
  test('nor on a real Redis, whose scripts do what their rules say', async () => {
    const client = await createClient({ url: redisUrl, RESP: 2 }).connect()
    const interleavings = size({ usual: 200, full: 10_000 })
    const started = performance.now()

    const explored = await explore({ interleavings, seed: SEED, redis: () => realRedis(client), abreast: 32 })
    client.destroy()

    report('the cache in a real Redis', [explored], started)
    expect(explored.broken).toBeUndefined()
    expect(explored.counts.fills).toBeGreaterThan(interleavings / 2)
  }, 600_000)

async function explorer(interleavings: number, seed: number): Promise<Explored> {
  const command = [process.execPath, join(import.meta.dir, 'explorer.ts'), String(interleavings), String(seed)]
  const child = Bun.spawn(command, { stdio: ['ignore', 'pipe', 'inherit'] })
  const said = await new Response(child.stdout).text()
  if ((await child.exited) !== 0) throw new Error(`The explorer ended with ${child.exitCode}: ${said}`)
  return JSON.parse(said)
}

const sum = (explored: readonly Explored[], what: string): number =>
  explored.reduce((total, { counts }) => total + (counts[what] ?? 0), 0)

function report(what: string, explored: readonly Explored[], started: number): void {
  const names = Object.keys(explored[0]?.counts ?? {})
  found(what, {
    interleavings: explored.reduce((total, { interleavings }) => total + interleavings, 0),
    seed: SEED,
    ...Object.fromEntries(names.map((name) => [name, sum(explored, name)])),
    'promises broken': explored.flatMap(({ broken }) => (broken ? [JSON.stringify(broken)] : [])).length,
    seconds: Math.round((performance.now() - started) / 1_000),
  })
}
