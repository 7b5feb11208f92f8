import { expect, test } from 'bun:test'
import { once } from 'node:events'
import { connect } from 'node:net'
import { CannotListen, listen } from './listen.ts'

const app = (answer: () => Promise<Response>) => ({ fetch: answer })
const anywhere = { host: '127.0.0.1', port: 0 }

test('a port that is taken is named in one sentence', async () => {
  const first = listen(
    app(async () => new Response()),
    anywhere,
  )

  const second = () =>
    listen(
      app(async () => new Response()),
      { host: '127.0.0.1', port: first.port },
    )

  expect(second).toThrow(CannotListen)
  expect(second).toThrow(`127.0.0.1:${first.port}`)
  await first.stop()
})

test('stopping lets what runs finish, and takes nothing new', async () => {
  const gate = Promise.withResolvers<void>()
  const arrived = Promise.withResolvers<void>()
  const listener = listen(
    app(async () => {
      arrived.resolve()
      await gate.promise
      return new Response('sold')
    }),
    anywhere,
  )

  const running = fetch(listener.url)
  await arrived.promise
  const stopped = listener.stop()
  gate.resolve()
  const answer = await running

  expect([answer.status, await answer.text(), answer.headers.get('connection')]).toEqual([200, 'sold', 'close'])
  await stopped
  expect(fetch(listener.url)).rejects.toThrow()
})

test('stopping waits for whoever reads a large answer slowly', async () => {
  const size = 8_000_000
  const listener = listen(
    app(async () => new Response('x'.repeat(size))),
    anywhere,
  )
  const client = connect(listener.port, '127.0.0.1')
  let read = 0
  client.on('data', (bytes) => {
    read += bytes.length
  })
  client.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n')
  await once(client, 'data')
  client.pause()

  const stopped = listener.stop()
  await Bun.sleep(100)
  client.resume()
  await Promise.all([stopped, once(client, 'close')])

  expect(read).toBeGreaterThan(size)
}, 30_000)

test('draining asks clients to come on a new connection, and answers them all the same', async () => {
  const listener = listen(
    app(async () => new Response('sold')),
    anywhere,
  )
  const before = await fetch(listener.url)
  listener.drain()
  const after = [await fetch(listener.url), await fetch(listener.url)]

  expect([before.headers.get('connection'), await before.text()]).not.toContain('close')
  for (const answer of after) expect([answer.headers.get('connection'), await answer.text()]).toEqual(['close', 'sold'])
  await listener.stop()
})

test('stopping does not wait for clients that only keep their connection', async () => {
  const listener = listen(
    app(async () => new Response('sold')),
    anywhere,
  )
  await (await fetch(listener.url)).text()

  await listener.stop()

  expect(fetch(listener.url)).rejects.toThrow()
})
