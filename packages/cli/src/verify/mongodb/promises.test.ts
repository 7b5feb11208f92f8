import { expect, test } from 'bun:test'
import { notebook } from './books.ts'
import type { Moments } from './moments.ts'
import { checkPromises } from './promises.ts'

test('many reservations are read in parts, and so are few with very many lines', async () => {
  expect(await partsRead({ reservations: 40, holds: 0, movements: 80 })).toBe(4)
  expect(await partsRead({ reservations: 4, holds: 0, movements: 80 })).toBe(4)
  expect(await partsRead({ reservations: 4, holds: 40, movements: 40 })).toBe(4)
  expect(await partsRead({ reservations: 4, holds: 4, movements: 4 })).toBe(1)
})

/** In how many parts reservations are read, where ten pairs of documents are one. */
async function partsRead({ movements, ...counts }: Readonly<Record<'reservations' | 'holds' | 'movements', number>>) {
  let parts = 0
  const moments = {
    partSize: 10,
    count: async (name: keyof typeof counts) => counts[name],
    clock: async () => new Date(),
    scan: async (name: string) => {
      if (name === 'reservations') parts++
    },
  } as unknown as Moments
  await checkPromises({ moments, note: notebook().note }, movements)
  return parts
}
