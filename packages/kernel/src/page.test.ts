import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { cursorRefusal, mapPage, readPage } from './page.ts'

test('walking a list in either direction meets every item once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(30), fc.integer({ min: 1, max: 7 }), async (length, size) => {
      const list = Array.from({ length }, (_, index) => 2 * index)
      const read = (request: { after?: string; before?: string }) => readPage({ size, ...request }, from(list))

      const forwards: number[] = []
      for (let page = await read({}); ; page = await read({ after: String(forwards.at(-1)) })) {
        forwards.push(...page.items)
        if (!page.hasNext) break
      }
      const backwards: number[] = []
      for (let before = 2 * length; ; before = backwards[0]!) {
        const page = await read({ before: String(before) })
        backwards.unshift(...page.items)
        if (!page.hasPrevious) break
      }

      expect(forwards).toEqual(list)
      expect(backwards).toEqual(list)
    }),
  )
})

test('a page may begin where an item was that is gone', async () => {
  const page = await readPage({ size: 2, after: '3' }, from([0, 2, 4, 6, 8]))

  expect(page).toEqual({ items: [4, 6], hasPrevious: true, hasNext: true })
})

test('a cursor that is no position of the list is refused, and where it stands is said', () => {
  const id = '01a1fe15-59f3-77c4-9d86-5b3184e71422'

  expect(cursorRefusal({ size: 5 })).toBeUndefined()
  expect(cursorRefusal({ size: 5, after: id, before: id })).toBeUndefined()
  expect(cursorRefusal({ size: 5, after: id.toUpperCase() })).toMatchObject({ at: ['page', 'after'] })
  expect(cursorRefusal({ size: 5, before: "' OR 1=1" })).toMatchObject({ at: ['page', 'before'], kind: 'invalid' })
})

test('a page of other things is still that page', () => {
  const page = { items: [1, 2], hasPrevious: true, hasNext: false }

  expect(mapPage(page, String)).toEqual({ items: ['1', '2'], hasPrevious: true, hasNext: false })
})

const from =
  (list: readonly number[]) =>
  async (direction: 'forward' | 'backward', position: string | undefined, limit: number): Promise<number[]> => {
    const at = position === undefined ? -1 : Number(position)
    if (direction === 'forward') return list.filter((item) => item > at).slice(0, limit)
    return list
      .filter((item) => item < at)
      .reverse()
      .slice(0, limit)
  }
