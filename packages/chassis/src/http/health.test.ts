import { afterAll, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { createHealth } from './health.ts'
import { openShop } from './toy-shop.ts'

const closing: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const close of closing) await close()
})

test('what can be done without does not keep work away, and is told of all the same', async () => {
  const health = createHealth({
    database: { isUp: async () => true, isNeeded: true },
    redis: { isUp: async () => false, isNeeded: false },
  })

  expect(await health.isReady()).toBe(true)
  expect(await health.look()).toEqual({ database: 'up', redis: 'down' })
})

test('what is slow and not needed does not delay the answer whether work can be done', async () => {
  const health = createHealth({
    database: { isUp: async () => true, isNeeded: true },
    redis: { isUp: () => Bun.sleep(1_500).then(() => true), isNeeded: false },
  })
  const started = performance.now()

  expect(await health.isReady()).toBe(true)
  expect(performance.now() - started).toBeLessThan(1_000)
})

test('what says nothing counts as down after two seconds, and is up again when it speaks', async () => {
  let hangs = true
  const isUp = () => (hangs ? new Promise<boolean>(() => {}) : Promise.resolve(true))
  const health = createHealth({ database: { isUp, isNeeded: true } })
  const started = performance.now()

  expect(await health.isReady()).toBe(false)
  expect(performance.now() - started).toBeLessThan(4_000)

  hangs = false
  await Bun.sleep(300)
  expect(await health.isReady()).toBe(true)
}, 10_000)

test('however many ask at a time, what the process depends on is asked once', async () => {
  let asked = 0
  const isUp = async () => {
    asked++
    await Bun.sleep(20)
    return true
  }
  const health = createHealth({ database: { isUp, isNeeded: true } })

  const answers = await Promise.all(Array.from({ length: 50 }, () => health.isReady()))

  expect(answers).toEqual(Array.from({ length: 50 }, () => true))
  expect(asked).toBe(1)
})

test('a process that is about to stop says so at once, and what is asked already is not told otherwise', async () => {
  const gate = Promise.withResolvers<boolean>()
  const health = createHealth({ database: { isUp: () => gate.promise, isNeeded: true } })
  const shop = openShop({ health })
  closing.push(shop.close)

  const asked = health.isReady()
  health.drain()
  gate.resolve(true)
  const ready = await fetch(`${shop.url}/health/ready`)
  const all = await fetch(`${shop.url}/health`)
  const live = await fetch(`${shop.url}/health/live`)

  expect(await asked).toBe(false)
  expect([ready.status, await ready.json()]).toEqual([503, { status: 'draining' }])
  expect([all.status, await all.json()]).toEqual([503, { status: 'draining', dependencies: { database: 'up' } }])
  expect(live.status).toBe(200)
})

test('a probe of HTTP/1.0, which names no host, is answered', async () => {
  const shop = openShop({})
  closing.push(shop.close)
  const socket = connect(Number(new URL(shop.url).port), new URL(shop.url).hostname)
  socket.write('GET /health/ready HTTP/1.0\r\n\r\n')

  const answer = await new Promise((resolve, reject) => {
    socket.once('data', (bytes) => resolve(String(bytes)))
    socket.once('error', reject)
  })
  socket.destroy()

  expect(answer).toStartWith('HTTP/1.1 200')
})
