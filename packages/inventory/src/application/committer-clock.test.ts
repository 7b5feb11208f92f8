import { expect, test } from 'bun:test'
import { line, lineHeld, opening, reservation, sale } from '../domain/examples.ts'
import { memoryStock } from '../infrastructure/memory.ts'
import { createCommitter } from './committer.ts'
import type { Stock } from './ports.ts'

const LATER = Date.now() + 600_000

test('what has expired counts for nothing at once, though the database was slow to say what time it is', async () => {
  const stock = memoryStock()
  const slow: Stock = {
    ...stock,
    read: async (wanted) => {
      const state = await stock.read(wanted)
      await Bun.sleep(300)
      return state
    },
  }
  const { commit } = createCommitter(slow)
  await commit(opening('lamp', 1), LATER)

  const held = await commit(reservation([lineHeld('lamp', 1)], { ttlSeconds: 1 }), LATER)
  if (!held.ok || held.value.type !== 'reservation') throw new Error('it could not be held')
  await Bun.sleep(Date.parse(held.value.reservation.expiresAt) - Date.now() + 5)

  expect(await commit(sale([line('lamp', 1)]), LATER)).toMatchObject({ ok: true })
})
