import { afterEach, expect, test } from 'bun:test'
import { adjustment, line, sale } from '../domain/examples.ts'
import { memoryStock } from '../infrastructure/memory.ts'
import type { Committer } from './committer.ts'
import { type Trouble, troubledShop, until, writeDirectly } from './troubled-shop.ts'

const [LAMP, CHAIR] = ['lamp', 'chair'] as const
const LATER = Date.now() + 600_000

const running: Committer[] = []
afterEach(async () => {
  for (const committer of running.splice(0)) await committer.idle()
})

test('a repeated operation is looked up and answered as before, and takes no second effect', async () => {
  const { commit, onHand, reads } = await shop({ lamp: 10 })
  const bought = sale([line(LAMP, 4)])
  const first = await commit(bought, LATER)
  reads.splice(0)

  const again = await commit(bought, LATER)
  const refused = await commit({ ...bought, fingerprint: '0'.repeat(32) }, LATER)

  expect(again).toEqual({ ...first, replayed: true })
  expect(refused).toMatchObject({ error: { code: 'idempotency_key_reused' } })
  expect(reads.flat()).toContain(bought.operationId)
  expect(await onHand(LAMP)).toBe(6)
})

test('a repeated operation is answered as before even where it would not be allowed now', async () => {
  const { commit, stock } = await shop({ lamp: 0 })
  const received = adjustment(LAMP, 10)
  const first = await commit(received, LATER)
  await writeDirectly(stock, adjustment(LAMP, Number.MAX_SAFE_INTEGER - 10))
  await commit(adjustment(LAMP, 1), LATER)

  expect(await commit(received, LATER)).toEqual({ ...first, replayed: true })
})

test('what was done once is answered as done, though it would be out of range by now', async () => {
  const { commit, onHand } = await shop({ lamp: Number.MAX_SAFE_INTEGER - 5 })
  const receipt = adjustment(LAMP, 5, { reason: 'receipt' })
  const first = await commit(receipt, LATER)

  const again = await commit(receipt, LATER)

  expect(first.ok).toBe(true)
  expect(again).toEqual({ ...first, replayed: true })
  expect(await onHand(LAMP)).toBe(Number.MAX_SAFE_INTEGER)
})

test('earlier operations are not looked for until one was met, and then they are', async () => {
  const { commit, reads } = await shop({ lamp: 100 })
  const bought = sale([line(LAMP, 1)])
  await commit(bought, LATER)
  expect(reads.flat()).toEqual([])

  await commit(bought, LATER)
  const next = sale([line(LAMP, 1)])
  await commit(next, LATER)

  expect(reads.flat()).toContain(next.operationId)
})

test('what is sent again while it is being written is answered as done, though it would be out of range then', async () => {
  const gate = Promise.withResolvers<void>()
  const { commit, writes } = await shop(
    { lamp: Number.MAX_SAFE_INTEGER - 5, chair: 100 },
    { beforeWrite: () => gate.promise },
  )
  const receipt = adjustment(LAMP, 5, { reason: 'receipt' })
  const first = commit(receipt, LATER)
  await until(() => writes.length === 1)

  // Enough to be decided beside the one that is on its way.
  const others = Array.from({ length: 20 }, () => commit(sale([line(CHAIR, 1)]), LATER))
  const again = commit(receipt, LATER)
  await Bun.sleep(5)
  gate.resolve()

  expect(await again).toEqual({ ...(await first), replayed: true })
  expect((await Promise.all(others)).every(({ ok }) => ok)).toBe(true)
})

async function shop(quantities: Readonly<Record<string, number>>, trouble?: Trouble) {
  const opened = await troubledShop(memoryStock(), quantities, trouble)
  running.push(opened.committer)
  return opened
}
