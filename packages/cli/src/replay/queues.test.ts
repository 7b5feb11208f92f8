import { expect, test } from 'bun:test'
import { sendInOrder } from './queues.ts'

test('sends each queue in order, one at a time, and never more than allowed at once', async () => {
  const queueOf = Int32Array.from({ length: 2000 }, (_, i) => (i * i) % 37)
  const sent: number[] = []
  const busy = new Set<number>()
  let most = 0

  await sendInOrder({
    count: queueOf.length,
    queueOf,
    width: 8,
    send: async (command) => {
      const queue = queueOf[command] as number
      expect(busy.has(queue)).toBe(false)
      busy.add(queue)
      most = Math.max(most, busy.size)
      for (let turns = (command * 7) % 5; turns > 0; turns--) await Promise.resolve()
      sent.push(command)
      busy.delete(queue)
    },
  })

  expect(most).toBe(8)
  expect([...sent].sort((a, b) => a - b)).toEqual(Array.from(queueOf.keys()))
  for (const queue of new Set(queueOf)) {
    const answered = sent.filter((command) => queueOf[command] === queue)
    expect(answered).toEqual([...answered].sort((a, b) => a - b))
  }
})

test('the earliest line that may be sent goes first', async () => {
  const sent: number[] = []

  await sendInOrder({
    count: 6,
    queueOf: Int32Array.of(0, 0, 1, 0, 1, 2),
    width: 1,
    send: async (command) => {
      sent.push(command)
    },
  })

  expect(sent).toEqual([0, 1, 2, 3, 4, 5])
})

test('after a failure nothing more is sent, and what is under way is waited for', async () => {
  const begun: number[] = []
  let answered = 0
  const run = sendInOrder({
    count: 100,
    queueOf: Int32Array.from({ length: 100 }, (_, i) => i),
    width: 4,
    send: async (command) => {
      begun.push(command)
      await Promise.resolve()
      if (command === 2) throw new Error('no stock room')
      await Promise.resolve()
      await Promise.resolve()
      answered++
    },
  })

  await expect(run).rejects.toThrow('no stock room')
  expect(begun.length).toBeLessThan(10)
  expect(answered).toBe(begun.length - 1)
})

test('a signal ends it, and without commands there is nothing to wait for', async () => {
  const stop = new AbortController()
  const sent: number[] = []

  await sendInOrder({
    count: 50,
    queueOf: new Int32Array(50),
    width: 4,
    signal: stop.signal,
    send: async (command) => {
      sent.push(command)
      if (command === 9) stop.abort()
    },
  })
  await sendInOrder({ count: 0, queueOf: new Int32Array(0), width: 4, send: () => Promise.reject() })

  expect(sent.length).toBe(10)
})
