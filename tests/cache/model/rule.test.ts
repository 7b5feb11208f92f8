import { afterAll, describe, expect, test } from 'bun:test'
import { createClient } from '../../../packages/products/node_modules/redis'
import { found, size } from '../../stock/size.ts'
import { RULES, type RuleName, SCRIPTS } from './rule.ts'
import { randomFrom } from './walk.ts'

const redisUrl = process.env.TEST_REDIS_URL
if (!redisUrl) console.log('The rules of the scripts of the cache were not tested: TEST_REDIS_URL is not set.')
else {
  const client = createClient({ url: redisUrl, RESP: 2 })
  afterAll(() => client.destroy())

  describe('the rule of a script', () => {
    test('is what the script does, whatever is there', async () => {
      await client.connect()
      const seed = Date.now() % 1_000_000
      const random = randomFrom(seed)
      const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!
      const rounds = size({ usual: 3_000, full: 100_000 })
      const changed = new Map<string, number>()

      for (let round = 0; round < rounds; round++) {
        const key = `rule:{${seed}-${round}}`
        const name = pick(Object.keys(RULES) as RuleName[])
        const before = pick(BEFORE)
        const values = pick(VALUES[name])
        if (before !== undefined) await client.set(key, before, { expiration: { type: 'PX', value: 50_000 } })
        const { source } = SCRIPTS[name]

        const [reply, text, leftMs] = await Promise.all([
          client.eval(source, { keys: [key], arguments: [...values] }),
          client.get(key),
          client.pTTL(key),
        ])
        await client.del(key)

        const held = before === undefined ? undefined : { text: before, expiresMs: 50_000 }
        const wanted = RULES[name](held, values, 0)
        const what = `seed ${seed}: ${name} ${values.join(' ')} where ${before ?? 'nothing'} was`
        expect([what, reply, text]).toEqual([what, wanted.reply, wanted.after?.text ?? null])
        // It ends when the rule says, give or take how long this took.
        if (wanted.after)
          expect([what, Math.ceil(Number(leftMs) / 10_000)]).toEqual([what, wanted.after.expiresMs / 10_000])
        if (wanted.after?.text !== before) changed.set(name, (changed.get(name) ?? 0) + 1)
      }

      found('scripts against their rules on a real Redis', {
        rounds,
        seed,
        'that changed something': Object.fromEntries(changed),
      })
      expect(changed.size).toBe(Object.keys(RULES).length)
    }, 120_000)
  })
}

const BEFORE = [
  undefined,
  '-',
  '?one',
  '?two',
  '1 {}',
  '2 {"a":1}',
  '10 {}',
  '9007199254740991 {}',
  '',
  'nonsense',
  '007 x',
]

const VALUES: Readonly<Record<RuleName, readonly (readonly string[])[]>> = {
  lease: [
    ['?one', '10000'],
    ['?three', '10000'],
  ],
  fill: [
    ['?one', '2 {}', '300000'],
    ['?two', '10 {}', '300000'],
    ['-', '3 {}', '300000'],
  ],
  outdate: [['1'], ['2'], ['7'], ['10'], ['11'], ['9007199254740991']],
  bury: [['300000']],
}
