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

  await find('a')
  await find('a')

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
  expect(await find('a')).toBe('A')
})

function counter({ missing = [], failures = 0 }: { missing?: string[]; failures?: number } = {}) {
  const calls: (readonly Uuid[])[] = []
  const find = coalesce(async (ids) => {
    calls.push(ids)
    if (calls.length <= failures) throw new Error('no answer')
    return new Map(ids.filter((id) => !missing.includes(id)).map((id) => [id, id.toUpperCase()]))
  })
  return { find, calls }
}
