import { expect, test } from 'bun:test'
import type { Uuid } from '@abasto/kernel'
import { coalesce } from './coalesce.ts'

test('what is asked for in one turn is one call, each id once', async () => {
  const { find, calls } = counter()

  const found = await Promise.all(['a', 'b', 'a'].map(find))

  expect(found).toEqual(['A', 'B', 'A'])
  expect(calls).toEqual([['a', 'b']])
})

test('what is asked for later is another call', async () => {
  const { find, calls } = counter()

  await find('a', 1)
  await find('a', 1)

  expect(calls).toEqual([['a'], ['a']])
})

test('no call carries more than a hundred ids', async () => {
  const { find, calls } = counter()
  const ids = Array.from({ length: 250 }, (_, index) => `id${index}`)

  const found = await Promise.all(ids.map(find))

  expect(found).toEqual(ids.map((id) => id.toUpperCase()))
  expect(calls.map(({ length }) => length)).toEqual([100, 100, 50])
})

test('what does not exist is undefined for those who asked for it, and harms nobody else', async () => {
  const { find } = counter({ missing: ['b'] })

  expect(await Promise.all(['a', 'b', 'c'].map(find))).toEqual(['A', undefined, 'C'])
})

test('a call that fails fails those who share it, and nobody after them', async () => {
  const { find } = counter({ failures: 1 })

  const first = await Promise.allSettled(['a', 'b'].map(find))

  expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await find('a', 1)).toBe('A')
})

test('a call is told who asks, each once, and no call is made for more than a hundred', async () => {
  const { find, asked } = counter()
  const askers = Array.from({ length: 150 }, (_, index) => index)

  await Promise.all(askers.flatMap((asker) => [find('a', asker), find('b', asker)]))

  expect(asked.map((askers) => [...askers])).toEqual([askers.slice(0, 100), askers.slice(100)])
})

test('only those of one group share a call', async () => {
  const { find, calls, asked } = counter({ groupOf: (asker) => (asker % 2 === 0 ? 'even' : 'odd') })

  await Promise.all([1, 2, 3, 4].map((asker) => find(`id${asker}`, asker)))

  expect(calls).toEqual([
    ['id1', 'id3'],
    ['id2', 'id4'],
  ])
  expect(asked).toEqual([
    [1, 3],
    [2, 4],
  ])
})

test('calls that hang do not hold the next ones back for long', async () => {
  let hanging = 2
  const find = coalesce<string, number>(async (ids) => {
    if (hanging-- > 0) await new Promise(() => {})
    return new Map(ids.map((id) => [id, id.toUpperCase()]))
  })
  find('a', 1)
  await Bun.sleep(1)
  find('b', 2)
  await Bun.sleep(1)

  expect(await find('c', 3)).toBe('C')
})

type Behaviour = { missing?: string[]; failures?: number; groupOf?: (asker: number) => string }

function counter({ missing = [], failures = 0, groupOf = () => '' }: Behaviour = {}) {
  const calls: (readonly Uuid[])[] = []
  const asked: (readonly number[])[] = []
  const find = coalesce<string, number>(
    async (ids, askers) => {
      calls.push(ids)
      asked.push(askers)
      if (calls.length <= failures) throw new Error('no answer')
      return new Map(ids.filter((id) => !missing.includes(id)).map((id) => [id, id.toUpperCase()]))
    },
    { groupOf },
  )
  return { find, calls, asked }
}
