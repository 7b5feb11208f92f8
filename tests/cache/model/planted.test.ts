import { describe, expect, test } from 'bun:test'
import { createClient } from '../../../packages/products/node_modules/redis'
import { found, size } from '../../stock/size.ts'
import { FAULTS } from './faults.ts'
import { plant } from './planted.ts'

const redisUrl = process.env.TEST_REDIS_URL
if (!redisUrl) console.log('Faults in the scripts of the cache were not tested: TEST_REDIS_URL is not set.')

const faults = FAULTS.filter(({ needsRedis }) => redisUrl || !needsRedis)

/** How many interleavings a fault has, to be caught. */
const CHANCES = size({ usual: 20_000, full: 100_000 })

describe('a wrong version of the cache', () => {
  test('is not seen where there is none', async () => {
    const { explore, modelRedis, remove } = await plant({ changes: [] })
    const { broken } = await explore({ interleavings: 200, seed: 1, redis: modelRedis })
    remove()
    expect(broken).toBeUndefined()
  })

  test('is caught by an interleaving, each', async () => {
    const caught: [string, string | undefined][] = []

    for (const fault of faults) {
      const model = await plant(fault)
      const client = fault.needsRedis ? await createClient({ url: redisUrl!, RESP: 2 }).connect() : undefined
      // What it does is judged by what people are shown, not by a look at the rule.
      const redis = client ? () => model.realRedis(client, { isCompared: false }) : model.modelRedis
      const { broken, interleavings } = await model.explore({
        interleavings: CHANCES,
        seed: size({ usual: fault.seed ?? 1, full: 1 }),
        redis,
      })
      client?.destroy()
      model.remove()
      caught.push([fault.title, broken && `${broken.fault}, after ${interleavings} interleavings`])
    }

    found('wrong versions of the cache, and what came of each', {
      planted: faults.length,
      caught: caught.filter(([, by]) => by !== undefined).length,
      ...Object.fromEntries(caught),
    })
    expect(caught.filter(([, by]) => by === undefined)).toEqual([])
  }, 600_000)
})
