import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { keyOf, levelsOf } from './command.ts'
import { adjustment, line, sale } from './examples.ts'
import { groupsOf } from './groups.ts'

const [LAMP, CHAIR, TABLE, SOFA] = ['lamp', 'chair', 'table', 'sofa'] as const

test('commands that share no product go in groups of their own', () => {
  expect(grouped([[LAMP], [CHAIR], [LAMP]])).toEqual([[0, 2], [1]])
})

test('commands that are joined only by others go in one group', () => {
  expect(grouped([[LAMP], [TABLE], [SOFA], [LAMP, CHAIR], [CHAIR, TABLE]])).toEqual([[0, 1, 3, 4], [2]])
})

test('two sends of the same operation go in one group, whatever they ask for', () => {
  const operationId = Bun.randomUUIDv7()
  const batch = [adjustment(LAMP, 1, { operationId }), adjustment(CHAIR, 1), adjustment(TABLE, 1, { operationId })]

  const groups = groupsOf(
    batch.map((command) => ({ command })),
    new Map(),
  )

  expect(groups.map((group) => group.map(({ command }) => command.productId))).toEqual([[LAMP, TABLE], [CHAIR]])
})

test('whatever the batch: no two groups share a row, nothing is left out, and the order of arrival stays', () => {
  const products = fc.uniqueArray(fc.nat(12).map(String), { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(fc.array(products, { maxLength: 20 }), (batch) => {
      const entries = batch.map((names, index) => ({ index, command: saleOf(names) }))

      const groups = groupsOf(entries, new Map())

      const rows = groups.map((group) => [
        ...new Set(group.flatMap(({ command }) => levelsOf(command, new Map()).map(keyOf))),
      ])
      expect(new Set(rows.flat()).size).toBe(rows.flat().length)
      const indexes = groups.map((group) => group.map(({ index }) => index))
      expect(indexes.flat().toSorted((a, b) => a - b)).toEqual(entries.map(({ index }) => index))
      for (const own of indexes) expect(own).toEqual(own.toSorted((a, b) => a - b))
      // No group is larger than it must be: each but the first of a group shares a row with one before or after it.
      for (const group of groups)
        expect(isJoined(group.map(({ command }) => levelsOf(command, new Map()).map(keyOf)))).toBe(true)
    }),
    { numRuns: 300 },
  )
})

const saleOf = (names: readonly string[]) => sale(names.map((name) => line(name, 1)))

const grouped = (batch: readonly (readonly string[])[]) =>
  groupsOf(
    batch.map((names, index) => ({ index, command: saleOf(names) })),
    new Map(),
  ).map((group) => group.map(({ index }) => index))

/** Whether all sets are reachable from the first through rows that they share. */
function isJoined(sets: readonly (readonly string[])[]): boolean {
  const reached = new Set(sets[0])
  let left = sets.slice(1)
  for (;;) {
    const next = left.filter((set) => set.some((row) => reached.has(row)))
    if (next.length === 0) return left.length === 0
    for (const row of next.flat()) reached.add(row)
    left = left.filter((set) => !next.includes(set))
  }
}
