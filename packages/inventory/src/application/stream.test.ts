import { afterEach, describe, expect, test } from 'bun:test'
import { noTelemetry } from '@abasto/chassis/telemetry/telemetry'
import type { Context, Uuid } from '@abasto/kernel'
import { DEFAULT_WAREHOUSE } from '../domain/warehouse.ts'
import { memoryStock } from '../infrastructure/memory.ts'
import { followedStock } from '../infrastructure/memory-feed.ts'
import { createCommitter } from './committer.ts'
import type { Feed } from './ports.ts'
import { createStockStream, type StockEvent, type StreamOptions, type Watch } from './stream.ts'
import { HistoryLost, readCursor, writeCursor } from './stream-cursor.ts'

const [LAMP, CHAIR] = ['01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000002'] as const

const streams: { stop: () => Promise<void> }[] = []
afterEach(async () => {
  for (const stream of streams.splice(0)) await stream.stop()
})

describe('whoever follows the stock', () => {
  test('is shown the levels first and then what happens to them', async () => {
    const { put, follow } = shop()
    await put(LAMP, 10)

    const reader = await follow()
    const shown = await reader.until('ready')
    await put(LAMP, -3)
    await put(CHAIR, 4)
    const told = await reader.take(2)

    expect(shown).toMatchObject([
      { type: 'snapshot' },
      { type: 'level', level: { productId: LAMP, onHand: 10, sequence: 1 } },
      { type: 'ready' },
    ])
    expect(told.map(brief)).toEqual([`${LAMP} 2: 7`, `${CHAIR} 1: 4`])
  })

  test('goes on where it was, and is told nothing twice', async () => {
    const { put, follow } = shop()
    await put(LAMP, 10)
    const first = await follow()
    const [ready] = (await first.until('ready')).slice(-1)
    await put(LAMP, 1)
    const [one] = await first.take(1)
    first.leave()
    await put(LAMP, 2)
    await put(LAMP, 3)

    const second = await follow({}, cursorIn(one!))
    const third = await follow({}, cursorIn(ready!))

    expect((await second.take(2)).map(brief)).toEqual([`${LAMP} 3: 13`, `${LAMP} 4: 16`])
    expect((await third.take(3)).map(brief)).toEqual([`${LAMP} 2: 11`, `${LAMP} 3: 13`, `${LAMP} 4: 16`])
  })

  test('is told nothing twice by a member that has taken over and knows of less for a moment', async () => {
    const { put, follow, takenOver } = shop()
    const reader = await follow()
    await reader.until('ready')
    const told: StockEvent[] = []
    for (let count = 0; count < 3; count++) {
      await put(LAMP, 1)
      told.push(...(await reader.take(1)))
    }
    takenOver.left = 3
    while (takenOver.left > 0) await Bun.sleep(5)
    await put(LAMP, 1)
    told.push(...(await reader.take(1)))

    expect(told.map(brief)).toEqual([1, 2, 3, 4].map((sequence) => `${LAMP} ${sequence}: ${sequence}`))
  })

  test('is told of the products and warehouses it asked for, and of no others', async () => {
    const { put, follow } = shop()
    await put(CHAIR, 1)
    const reader = await follow({ productIds: [LAMP] })

    expect((await reader.until('ready')).map(({ type }) => type)).toEqual(['snapshot', 'ready'])
    await put(CHAIR, 1)
    await put(LAMP, 5)
    expect((await reader.take(1)).map(brief)).toEqual([`${LAMP} 1: 5`])
    const elsewhere = await follow({ warehouseIds: [Bun.randomUUIDv7()] })
    expect((await elsewhere.until('ready')).map(({ type }) => type)).toEqual(['snapshot', 'ready'])
  })

  test('is told after a silence that the stream is alive, and how far it has come', async () => {
    const { put, follow } = shop({ silenceMs: 50 })
    await put(LAMP, 1)
    const reader = await follow({ productIds: [LAMP] })
    await reader.until('ready')
    await put(CHAIR, 7)

    const [silence] = await reader.take(1)

    expect(silence!.type).toBe('silence')
    await put(LAMP, 1)
    const again = await follow({ productIds: [LAMP] }, cursorIn(silence!))
    expect((await again.take(1)).map(brief)).toEqual([`${LAMP} 2: 2`])
  })

  test('and cannot keep up is cut off, while others are told everything', async () => {
    const { put, follow } = shop({ mostWaiting: 20 })
    await put(LAMP, 1)
    const [slow, quick] = [await follow(), await follow()]
    await Promise.all([slow.until('ready'), quick.until('ready')])
    const waiting = slow.take(1)
    await put(LAMP, 1)
    await waiting

    const told = quick.take(41)
    for (let count = 0; count < 40; count++) {
      await put(LAMP, 1)
      await Bun.sleep(1)
    }

    expect((await told).at(-1)).toMatchObject({ type: 'movement', fed: { movement: { sequence: 42 } } })
    expect(slow.over.aborted).toBe(true)
    expect(quick.over.aborted).toBe(false)
  })

  test('with a cursor of another database begins anew', async () => {
    const { put, follow } = shop()
    const other = shop()
    await other.put(LAMP, 3)
    const [ready] = (await (await other.follow()).until('ready')).slice(-1)
    await put(LAMP, 10)

    const reader = await follow({}, cursorIn(ready!))

    expect((await reader.until('ready'))[0]).toEqual({ type: 'snapshot' })
  })

  test('with a cursor of a past that is no longer there begins anew', async () => {
    const epoch = Bun.randomUUIDv7()
    const [before, after] = [shop({}, epoch), shop({}, epoch)]
    for (const { put } of [before, after]) await put(LAMP, 10)
    const lost = await before.follow()
    await lost.until('ready')
    await before.put(LAMP, 1)
    const [moved] = await lost.take(1)
    await after.put(LAMP, 1)

    expect((await (await after.follow({}, cursorIn(moved!))).take(1))[0]).toEqual({ type: 'snapshot' })
    expect((await (await before.follow({}, cursorIn(moved!))).take(0)).map(brief)).toEqual([])
  })

  test('is sent away when what came next is no longer kept, and begins anew when it comes again', async () => {
    const { put, follow, kept } = shop()
    await put(LAMP, 1)
    const reader = await follow()
    await reader.until('ready')
    await put(LAMP, 1)
    const [moved] = await reader.take(1)

    kept.isLost = true
    expect(await reader.take(1)).toEqual([])
    expect(reader.over.aborted).toBe(true)
    const again = await follow({}, cursorIn(moved!))

    expect((await again.take(2)).map(({ type }) => type)).toEqual(['snapshot', 'level'])
  })

  test('with something that is no cursor is refused', async () => {
    const { watch, put, follow } = shop()
    await put(LAMP, 1)
    const [ready] = (await (await follow()).until('ready')).slice(-1)
    const cursor = cursorIn(ready!)

    for (const after of ['', 'nonsense', `${cursor}A`, `${cursor.slice(0, -1)}*`, '_'.repeat(91)]) {
      expect(await watch({}, after)).toMatchObject({ ok: false, error: { kind: 'invalid', code: 'invalid_cursor' } })
    }
    expect(writeCursor(readCursor(cursor)!)).toBe(cursor)
  })

  test('may name 100 products and not 101', async () => {
    const { watch } = shop()
    const productIds = Array.from({ length: 101 }, () => Bun.randomUUIDv7())

    expect(await watch({ productIds })).toMatchObject({ ok: false, error: { code: 'invalid_value' } })
    expect(await watch({ productIds: productIds.slice(1) })).toMatchObject({ ok: true })
  })

  test('is let go when the process is about to stop, and is not let in again', async () => {
    const { stream, follow, watch } = shop()
    const reader = await follow()
    await reader.until('ready')

    const rest = reader.take(1)
    stream.drain()

    expect(await rest).toEqual([])
    expect(reader.over.aborted).toBe(true)
    expect(await watch({})).toMatchObject({ ok: false, error: { kind: 'unavailable' } })
  })

  test('does not notice that the ledger could not be read for a while', async () => {
    const { put, follow, breakdowns } = shop()
    await put(LAMP, 1)
    const reader = await follow()
    await reader.until('ready')

    const told = reader.take(1)
    await Bun.sleep(20)
    breakdowns.left = 3
    await put(LAMP, 1)

    expect((await told).map(brief)).toEqual([`${LAMP} 2: 2`])
    expect(breakdowns.left).toBe(0)
  })
})

test('nobody looks at the ledger while nobody follows it', async () => {
  const { put, follow, looks } = shop()
  const reader = await follow()
  await reader.until('ready')
  await put(LAMP, 1)
  await reader.take(1)
  reader.leave()
  await Bun.sleep(30)

  const before = looks.count
  await Bun.sleep(60)

  expect(before).toBeGreaterThan(0)
  expect(looks.count).toBe(before)
})

type Options = Partial<Pick<StreamOptions, 'silenceMs' | 'mostWaiting'>>

/** A shop in memory, and how to change and follow its stock. */
function shop(options: Options = {}, epoch?: Uuid) {
  const { stock, feed } = followedStock(memoryStock(), epoch)
  const breakdowns = { left: 0 }
  const looks = { count: 0 }
  /** How many looks are answered by a member that knows of nothing yet. */
  const takenOver = { left: 0 }
  const kept = { isLost: false }
  const shaky: Feed = {
    ...feed,
    knows: async (place) => !kept.isLost && (await feed.knows(place)),
    movements: async (...asked) => {
      looks.count++
      if (kept.isLost) throw new HistoryLost('what came next is no longer kept')
      if (breakdowns.left > 0) throw new Error(`the database does not answer, ${breakdowns.left--} times more`)
      const found = await feed.movements(...asked)
      if (takenOver.left === 0 || asked[1].until) return found
      takenOver.left--
      return { ...found, horizon: 1n, movements: [] }
    },
  }
  const log = { warn: () => {} }
  const stream = createStockStream({ feed: shaky, log, metrics: noTelemetry.metrics, everyMs: 5, ...options })
  streams.push(stream)
  const { commit } = createCommitter(stream.noticing(stock))

  const put = async (productId: Uuid, quantity: number): Promise<void> => {
    const name = { operationId: Bun.randomUUIDv7(), fingerprint: 'f'.repeat(32), actor: 'test' }
    const level = { productId, warehouseId: DEFAULT_WAREHOUSE, shown: 'level', ...name } as const
    const isThere = (await stock.level(level)) !== undefined
    const verdict = await commit(
      isThere
        ? { type: 'adjust', ...level, quantityDelta: quantity, reason: 'correction' }
        : { type: 'open', ...level, quantity },
      Date.now() + 5_000,
    )
    if (!verdict.ok) throw new Error(verdict.error.message)
  }
  const watch = (filter: Parameters<typeof stream.watch>[1]['filter'], after?: string) =>
    stream.watch(someone(), { filter, after })
  const follow = async (filter: Parameters<typeof stream.watch>[1]['filter'] = {}, after?: string) => {
    const watching = await watch(filter, after)
    if (!watching.ok) throw new Error(watching.error.message)
    return readerOf(watching.value)
  }
  return { stream, put, watch, follow, breakdowns, looks, takenOver, kept }
}

/** A reader that takes events one by one. */
function readerOf({ events, over, leave }: Watch) {
  const held: StockEvent[] = []
  const more = async (): Promise<boolean> => {
    const { value, done } = await events.next()
    if (!done) held.push(...value)
    return !done
  }
  const take = async (count: number): Promise<StockEvent[]> => {
    while (held.length < count) if (!(await more())) break
    return held.splice(0, count)
  }
  const until = async (type: StockEvent['type']): Promise<StockEvent[]> => {
    for (let at = -1; at < 0; ) {
      at = held.findIndex((event) => event.type === type)
      if (at >= 0) return held.splice(0, at + 1)
      if (!(await more())) throw new Error(`the stream ended before ${type}`)
    }
    return []
  }
  return { take, until, over, leave }
}

const someone = (): Context => ({
  requestId: 'test',
  caller: { id: 'test', permissions: ['*'] },
  deadlineMs: Date.now() + 5_000,
  operationId: '',
  fingerprint: '',
})

function brief(event: StockEvent): string {
  if (event.type !== 'movement') return event.type
  const { productId, sequence, onHandAfter } = event.fed.movement
  return `${productId} ${sequence}: ${onHandAfter}`
}

function cursorIn(event: StockEvent): string {
  if (!('cursor' in event) || event.cursor === undefined) throw new Error(`there is no cursor in ${event.type}`)
  return event.cursor
}
