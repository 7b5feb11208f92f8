import { expect, test } from 'bun:test'
import type { Uuid } from '@abasto/kernel'
import { flights } from './flights.ts'

test('a crowd that asks in one turn costs one read', async () => {
  const { ask, reads, answer } = shelf()

  const crowd = Array.from({ length: 200 }, () => ask('lamp'))
  await turn()
  answer('a lamp')

  expect(new Set(await Promise.all(crowd))).toEqual(new Set(['a lamp']))
  expect(reads()).toBe(1)
})

test('whoever asks after a read has begun is not told what that one finds', async () => {
  const { ask, reads, answer } = shelf()
  const early = ask('lamp')
  await turn()
  const late = [ask('lamp'), ask('lamp')]
  await turn()
  expect(reads()).toBe(1)

  answer('as it was')
  expect(await early).toBe('as it was')
  await turn()
  answer('as it is')

  expect(await Promise.all(late)).toEqual(['as it is', 'as it is'])
  expect(reads()).toBe(2)
})

test('different products do not wait for each other', async () => {
  const { ask, reads, answer } = shelf()

  const both = [ask('lamp'), ask('chair')]
  await turn()
  expect(reads()).toBe(2)
  answer('lamp')
  answer('chair')

  expect(await Promise.all(both)).toEqual(['lamp', 'chair'])
})

test('a read that fails fails for those who shared it, and for nobody after them', async () => {
  const { ask, fail, answer } = shelf()
  const [one, other] = [ask('lamp').catch(String), ask('lamp').catch(String)]
  await turn()
  const next = ask('lamp')
  fail('the database is away')

  expect(await Promise.all([one, other])).toEqual(['the database is away', 'the database is away'])
  await turn()
  answer('a lamp')
  expect(await next).toBe('a lamp')
})

test('a read that hangs is passed by the next', async () => {
  const { ask, answer, reads } = shelf()
  const hanging = ask('lamp')
  await turn()
  const next = ask('lamp')
  while (reads() < 2) await Bun.sleep(10)

  answer('late', 0)
  answer('a lamp', 0)

  expect(await Promise.all([hanging, next])).toEqual(['late', 'a lamp'])
})

const turn = () => Bun.sleep(5)

/** A shelf that is looked at when the test says so: the longest waiting look first. */
function shelf() {
  const looks: PromiseWithResolvers<string>[] = []
  let count = 0
  const ask = flights<string>((_: Uuid) => {
    count++
    const look = Promise.withResolvers<string>()
    looks.push(look)
    return look.promise
  })
  return {
    ask,
    reads: () => count,
    answer: (text: string, index = 0) => looks.splice(index, 1)[0]!.resolve(text),
    fail: (text: string) => looks.splice(0, 1)[0]!.reject(text),
  }
}
