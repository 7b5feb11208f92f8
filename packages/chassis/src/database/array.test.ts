import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { plainArray, textArray } from './array.ts'
import { freshEmbedded } from './fresh-embedded.ts'

test('numbers and ids are written as they are', () => {
  expect(plainArray([])).toBe('{}')
  expect(plainArray([1, null, -2, 'a-b', true, 2 ** 53 - 1])).toBe('{1,NULL,-2,a-b,true,9007199254740991}')
})

test('a database reads back whatever text was written', async () => {
  const database = await freshEmbedded()
  // NUL is the one character that no text of a database may hold; the edge refuses it.
  const text = fc.string({ unit: 'binary' }).map((own) => own.replaceAll('\0', ''))
  const words = fc.oneof(text, fc.constantFrom('NULL', 'null', '', '"', '\\', '{}', ',', ' a '), fc.constant(null))
  await fc.assert(
    fc.asyncProperty(fc.array(words, { maxLength: 6 }), async (column) => {
      const rows = await database.query<{ word: string | null }>(
        'SELECT word FROM unnest($1::text::text[]) WITH ORDINALITY AS w (word, place) ORDER BY place',
        [textArray(column)],
      )
      expect(rows.map(({ word }) => word)).toEqual(column)
    }),
    { numRuns: 60 },
  )
  await database.close()
}, 90_000)
