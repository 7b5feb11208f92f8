import { afterEach, beforeEach, expect, jest, test } from 'bun:test'
import { Abasto } from './abasto.ts'

// Nobody waits here: the clock is moved by hand.
beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

test('who takes three seconds over each of twenty levels comes to the end of the snapshot, over one line', async () => {
  const { abasto, asked } = shopThatTells([SNAPSHOT, LEVEL.repeat(20), READY])
  const told: string[] = []

  for await (const { type } of abasto.stock.watch()) {
    told.push(type)
    if (type === 'level') jest.advanceTimersByTime(3_000)
    if (type === 'ready' || asked() > 1) break
  }

  expect(told).toEqual(['snapshot', ...Array(20).fill('level'), 'ready'])
  expect(asked()).toBe(1)
})

test('who takes a minute over one event is still told of the next, over the same line', async () => {
  const { abasto, asked } = shopThatTells([SNAPSHOT, READY])
  const events = abasto.stock.watch()

  await events.next()
  jest.advanceTimersByTime(60_000)
  const next = await events.next()

  expect(next.value).toMatchObject({ type: 'ready', cursor: 'c1' })
  expect(asked()).toBe(1)
})

test('a line on which nothing comes for 45 seconds is given up for another, also after a minute over an event', async () => {
  const { abasto, asked } = shopThatTells([SNAPSHOT], [SNAPSHOT, READY])
  const events = abasto.stock.watch()

  await events.next()
  jest.advanceTimersByTime(60_000)
  const next = events.next()
  await settle()
  jest.advanceTimersByTime(44_999)
  await settle()
  const before = asked()
  jest.advanceTimersByTime(1)
  await settle()
  jest.advanceTimersByTime(1_000)

  expect((await next).value).toEqual({ type: 'snapshot' })
  expect([before, asked()]).toEqual([1, 2])
})

test('a server that asks for more time than a timer has is left alone for as long as one has', async () => {
  const { abasto, asked } = shopThatTells([SNAPSHOT, CUT])
  const controller = new AbortController()
  const events = abasto.stock.watch({ signal: controller.signal })

  await events.next()
  const next = events.next()
  for (let minute = 0; minute < 10; minute++) {
    await settle()
    jest.advanceTimersByTime(60_000)
  }
  const before = asked()
  controller.abort()

  await expect(next).rejects.toMatchObject({ code: 'aborted' })
  expect(before).toBe(2)
})

const SNAPSHOT = 'event: snapshot\ndata: {}\n\n'
const LEVEL = 'event: level\ndata: {"stockLevelId":"lamp.attic","onHand":1}\n\n'
const READY = 'event: ready\nid: c1\ndata: {}\n\n'
const CUT = 'the line is cut'

/** A shop that says so much on each line, and then nothing; it has no more lines than these for the next 35 days. */
function shopThatTells(...lines: string[][]) {
  let asked = 0
  const fetch = async (_url: string, { signal }: RequestInit) => {
    const parts = lines[asked++]
    if (!parts) return new Response('', { status: 503, headers: { 'Retry-After': '3000000' } })
    return new Response(bodyOf([...parts], signal!), { headers: { 'Content-Type': 'text/event-stream' } })
  }
  return { abasto: new Abasto({ apiKey: 'a-key', fetch }), asked: () => asked }
}

function bodyOf(parts: string[], signal: AbortSignal): ReadableStream<Uint8Array> {
  let isOver = false
  return new ReadableStream({
    start: (controller) =>
      signal.addEventListener('abort', () => {
        if (!isOver) controller.error(signal.reason)
        isOver = true
      }),
    pull: (controller) => {
      const part = parts.shift()
      if (part === CUT) {
        isOver = true
        controller.close()
      } else if (part !== undefined) controller.enqueue(new TextEncoder().encode(part))
    },
    cancel: () => {
      isOver = true
    },
  })
}

/** Lets everything happen that waits for no timer. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await Promise.resolve()
}
