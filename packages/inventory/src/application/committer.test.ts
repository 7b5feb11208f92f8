import { afterEach, expect, test } from 'bun:test'
import { Contention, OutcomeUnknown } from '@abasto/chassis/database/database'
import { adjustment, line, opening, sale } from '../domain/examples.ts'
import { memoryStock } from '../infrastructure/memory.ts'
import type { Committer } from './committer.ts'
import { commandsIn, type Trouble, troubledShop, until, writeDirectly } from './troubled-shop.ts'

const [LAMP, CHAIR, TABLE] = ['lamp', 'chair', 'table'] as const
const LATER = Date.now() + 600_000

const running: Committer[] = []
afterEach(async () => {
  for (const committer of running.splice(0)) await committer.idle()
})

test('commands that arrive together are written together', async () => {
  const { commit, writes } = await shop({ lamp: 10 })

  await Promise.all([1, 2, 3].map((quantity) => commit(sale([line(LAMP, quantity)]), LATER)))

  expect(writes.map(commandsIn)).toEqual([3])
})

test('commands that arrive while a write is in flight go with the next one', async () => {
  const gate = Promise.withResolvers<void>()
  const { commit, writes } = await shop(
    { lamp: 10 },
    { beforeWrite: (count) => (count === 1 ? gate.promise : undefined) },
  )
  const first = commit(sale([line(LAMP, 1)]), LATER)
  await until(() => writes.length === 1)

  const rest = [2, 3].map((quantity) => commit(sale([line(LAMP, quantity)]), LATER))
  await Bun.sleep(5)
  gate.resolve()

  expect((await Promise.all([first, ...rest])).map(({ ok }) => ok)).toEqual([true, true, true])
  expect(writes.map(commandsIn)).toEqual([1, 2])
})

test('no write carries more than 128 commands, and everyone is answered', async () => {
  const { commit, writes, onHand } = await shop({ lamp: 1_000 })

  const verdicts = await Promise.all(Array.from({ length: 300 }, () => commit(sale([line(LAMP, 1)]), LATER)))

  expect(verdicts.every(({ ok }) => ok)).toBe(true)
  expect(Math.max(...writes.map(commandsIn))).toBeLessThanOrEqual(128)
  expect(await onHand(LAMP)).toBe(700)
})

test('where writes wait for each other, what shares nothing with the one on its way goes first', async () => {
  const gate = Promise.withResolvers<void>()
  const { commit, writes } = await shop(
    { lamp: 100, chair: 100 },
    { writesApart: true, beforeWrite: (count) => (count === 1 ? gate.promise : undefined) },
  )
  const first = commit(sale([line(LAMP, 1)]), LATER)
  await until(() => writes.length === 1)

  const products = Array.from({ length: 30 }, (_, index) => (index % 3 === 0 ? LAMP : CHAIR))
  const others = products.map((product) => commit(sale([line(product, 1)]), LATER))
  await until(() => writes.length === 2)
  gate.resolve()

  expect((await Promise.all([first, ...others])).every(({ ok }) => ok)).toBe(true)
  expect(writes.map(commandsIn)).toEqual([1, 20, 10])
})

test('what was decided on a write that then lost is decided again', async () => {
  const { commit, stock, onHand } = await shop(
    { lamp: 1_000 },
    {
      // Two full writes are on their way when another process takes nearly everything.
      beforeWrite: (count) => (count === 1 ? writeDirectly(stock, adjustment(LAMP, -900)) : undefined),
    },
  )

  const verdicts = await Promise.all(Array.from({ length: 256 }, () => commit(sale([line(LAMP, 1)]), LATER)))

  expect(verdicts.filter(({ ok }) => ok)).toHaveLength(100)
  expect(await onHand(LAMP)).toBe(0)
})

test('what lost its race is tried again while its neighbours are answered', async () => {
  const { commit, stock, rounds } = await shop(
    { lamp: 10, chair: 10 },
    { beforeWrite: (count) => (count === 1 ? writeDirectly(stock, adjustment(LAMP, -8)) : undefined) },
  )
  const answered: string[] = []
  const note = (name: string) => () => answered.push(name)

  await Promise.all([
    commit(sale([line(LAMP, 1)]), LATER).then(note(LAMP)),
    commit(sale([line(CHAIR, 1)]), LATER).then(note(CHAIR)),
  ])

  expect(answered).toEqual([CHAIR, LAMP])
  expect(rounds.map(({ commands, lost }) => [commands, lost])).toEqual([
    [2, 1],
    [1, 0],
  ])
})

test('an opening that lost together with a sale is not taken for done', async () => {
  const { commit, stock, onHand } = await shop(
    { lamp: 10 },
    { beforeWrite: (count) => (count === 1 ? writeDirectly(stock, adjustment(LAMP, -1)) : undefined) },
  )

  const verdicts = await Promise.all([
    commit(opening(TABLE, 3), LATER),
    commit(sale([line(TABLE, 1), line(LAMP, 1)]), LATER),
  ])

  expect(verdicts.map(({ ok }) => ok)).toEqual([true, true])
  expect([await onHand(TABLE), await onHand(LAMP)]).toEqual([2, 8])
})

test('a sale that lost its last unit to another process is refused, not written', async () => {
  const { commit, stock, onHand } = await shop(
    { lamp: 1 },
    { beforeWrite: (count) => (count === 1 ? writeDirectly(stock, sale([line(LAMP, 1)])) : undefined) },
  )

  expect(await commit(sale([line(LAMP, 1)]), LATER)).toMatchObject({ error: { code: 'insufficient_stock' } })
  expect(await onHand(LAMP)).toBe(0)
})

for (const [when, effect] of [
  ['although it took effect', 'afterWrite'],
  ['before it took effect', 'beforeWrite'],
] as const) {
  test(`when a connection is lost ${when}, the same operation is sent again and takes effect once`, async () => {
    const lose = (count: number) => {
      if (count === 1) throw new OutcomeUnknown('the connection was lost')
    }
    const { commit, onHand, movements } = await shop({ lamp: 10 }, { [effect]: lose })
    const bought = sale([line(LAMP, 3)])

    const verdict = await commit(bought, LATER)

    expect(verdict).toMatchObject({ ok: true, value: { purchases: [{ id: bought.lines[0]!.purchaseId }] } })
    expect(verdict.replayed ?? false).toBe(false)
    expect(await onHand(LAMP)).toBe(7)
    expect(await movements(LAMP)).toBe(2)
  })
}

test('what another send of an operation has bought is answered as bought before, though a connection was lost', async () => {
  const { commit, stock, onHand } = await shop(
    { lamp: 10 },
    {
      beforeWrite: (count) => {
        if (count === 1) throw new OutcomeUnknown('the connection was lost')
      },
    },
  )
  const bought = sale([line(LAMP, 3)])
  const elsewhere = { ...bought, lines: [{ ...bought.lines[0]!, purchaseId: 'made elsewhere' }] }
  await writeDirectly(stock, elsewhere)

  expect(await commit(bought, LATER)).toMatchObject({
    value: { purchases: [{ id: 'made elsewhere' }] },
    replayed: true,
  })
  expect(await onHand(LAMP)).toBe(7)
})

test('when a read fails without an answer, it is read again', async () => {
  const { commit } = await shop(
    { lamp: 10 },
    {
      beforeRead: (count) => {
        if (count <= 2) throw new OutcomeUnknown('the connection was lost')
      },
    },
  )

  expect((await commit(sale([line(LAMP, 1)]), LATER)).ok).toBe(true)
})

test('nobody waits past their deadline, not even for a write that hangs', async () => {
  const gate = Promise.withResolvers<void>()
  const clock = { nowMs: 0 }
  const { commit, onHand } = await shop({ lamp: 10 }, { beforeWrite: () => gate.promise, now: () => clock.nowMs })
  const [impatient, patient] = [commit(sale([line(LAMP, 1)]), 1_000), commit(sale([line(LAMP, 2)]), 9_000)]
  const late = commit(sale([line(LAMP, 4)]), 500)

  clock.nowMs = 2_000

  expect(await impatient).toMatchObject({ error: { kind: 'unavailable' } })
  expect(await late).toMatchObject({ error: { kind: 'unavailable' } })
  gate.resolve()
  expect((await patient).ok).toBe(true)
  // What was on its way when its caller gave up may take effect; what was not yet sent must not.
  expect([3, 7]).toContain(10 - (await onHand(LAMP)))
})

test('nobody waits past their deadline for a read that hangs, and what was not sent takes no effect', async () => {
  const gate = Promise.withResolvers<void>()
  const clock = { nowMs: 0 }
  const { commit, writes } = await shop(
    { lamp: 10 },
    { beforeRead: (count) => (count === 1 ? gate.promise : undefined), now: () => clock.nowMs },
  )
  const first = commit(sale([line(LAMP, 1)]), 1_000)
  await Bun.sleep(1)
  const queued = commit(sale([line(LAMP, 2)]), 1_000)

  clock.nowMs = 1_000

  expect(await first).toMatchObject({ error: { kind: 'unavailable' } })
  expect(await queued).toMatchObject({ error: { kind: 'unavailable' } })
  gate.resolve()
  expect((await commit(sale([line(LAMP, 4)]), 2_000)).ok).toBe(true)
  const sent = writes.flatMap((decisions) => decisions.flatMap(({ purchases }) => purchases))
  expect(sent.some(({ quantity }) => quantity === 2)).toBe(false)
})

test('one command that no write can carry fails alone', async () => {
  const poisonous = sale([line(CHAIR, 1)])
  const { commit, onHand } = await shop(
    { lamp: 10, chair: 10, table: 10 },
    {
      beforeWrite: (_, decisions) => {
        const isIn = decisions.some(({ operations }) => operations.some(({ id }) => id === poisonous.operationId))
        if (isIn) throw new Error('a value that no column can hold')
      },
    },
  )

  const results = await Promise.allSettled([
    commit(sale([line(LAMP, 1)]), LATER),
    commit(poisonous, LATER),
    commit(sale([line(TABLE, 1)]), LATER),
  ])

  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect([await onHand(LAMP), await onHand(CHAIR), await onHand(TABLE)]).toEqual([9, 10, 9])
})

test('levels are remembered from one write to the next, and forgotten after a lost race', async () => {
  const { commit, stock, reads } = await shop(
    { lamp: 10 },
    { beforeWrite: (count) => (count === 2 ? writeDirectly(stock, adjustment(LAMP, 1)) : undefined) },
  )
  const buy = () => commit(sale([line(LAMP, 1)]), LATER)

  await buy()
  const [afterFirst, afterLost] = [await buy().then(() => reads.length), await buy().then(() => reads.length)]

  // The second sale lost, was told the level at most by one more read, and the third looks before it decides.
  expect(afterFirst).toBeLessThanOrEqual(2)
  expect(afterLost).toBe(afterFirst + 1)
})

test('contention is tried again until it ends', async () => {
  const { commit, onHand } = await shop(
    { lamp: 10 },
    {
      beforeWrite: (count) => {
        if (count <= 5) throw new Contention('40001', undefined, undefined)
      },
    },
  )

  expect((await commit(sale([line(LAMP, 1)]), LATER)).ok).toBe(true)
  expect(await onHand(LAMP)).toBe(9)
})

test('it is idle once everything that was asked is written', async () => {
  const { commit, committer, onHand } = await shop({ lamp: 10 })
  const answers = [commit(sale([line(LAMP, 1)]), LATER), commit(sale([line(LAMP, 2)]), LATER)]

  await committer.idle()

  expect(await onHand(LAMP)).toBe(7)
  await Promise.all(answers)
})

async function shop(quantities: Readonly<Record<string, number>>, trouble?: Trouble) {
  const opened = await troubledShop(memoryStock(), quantities, trouble)
  running.push(opened.committer)
  return opened
}
