import { afterEach, expect, test } from 'bun:test'
import { connect, createServer, type Socket } from 'node:net'
import { openProxy, type TcpProxy } from './tcp-proxy.ts'

const cleaning: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleaning.splice(0).reverse()) await step()
})

test('it hands on what is said, both ways', async () => {
  const { call } = await cable()
  const line = await call()

  expect(await line.ask('one')).toBe('one')
  expect(await line.ask('x'.repeat(300_000))).toHaveLength(300_000)
})

test('hung, it takes connections and says nothing; passing again, it hands on what it held back', async () => {
  const { proxy, call } = await cable()
  const before = await call()
  expect(await before.ask('hello')).toBe('hello')
  proxy.hang()

  const during = await call()
  const answers = Promise.all([before.ask('old'), during.ask('new')])
  expect(await Promise.race([answers, Bun.sleep(100).then(() => 'silence')])).toBe('silence')
  expect(proxy.connections()).toBe(2)
  proxy.pass()

  expect(await answers).toEqual(['old', 'new'])
})

test('cut, it breaks what there is and every new connection, until it passes again', async () => {
  const { proxy, call } = await cable()
  const line = await call()
  proxy.cut()

  await line.closed
  await (await call()).closed
  expect(proxy.connections()).toBe(0)
  proxy.pass()
  expect(await (await call()).ask('again')).toBe('again')
})

test('one connection is cut at once, or in place of the next answer, and the others stay', async () => {
  const { proxy, call } = await cable()
  const one = await call()
  expect(await one.ask('hello')).toBe('hello')

  const cut = proxy.cutOne({ isAtAnswer: true })
  const answer = Promise.race([one.ask('and then?'), one.closed.then(() => 'nothing')])
  expect([await answer, await cut]).toEqual(['nothing', true])

  const lines = [await call(), await call()]
  expect(await Promise.all(lines.map(({ ask }) => ask('hello')))).toEqual(['hello', 'hello'])
  expect(await proxy.cutOne({ isAtAnswer: false })).toBe(true)
  await Promise.race(lines.map(({ closed }) => closed))
  expect(proxy.connections()).toBe(1)
})

test('slow, each piece comes later, both ways', async () => {
  const { proxy, call } = await cable()
  const line = await call()
  proxy.slow(50)
  const begun = performance.now()

  expect(await line.ask('slowly')).toBe('slowly')

  expect(performance.now() - begun).toBeGreaterThan(90)
})

/** A proxy before a server that says everything again. */
async function cable() {
  const echo = createServer((socket) => {
    socket.on('error', () => {})
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
  const proxy: TcpProxy = await openProxy((echo.address() as { port: number }).port)
  cleaning.push(() => echo.close(), proxy.close)
  return { proxy, call: () => callOn(proxy.port) }
}

async function callOn(port: number) {
  const socket: Socket = connect({ port, host: '127.0.0.1' })
  cleaning.push(() => socket.destroy())
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('error', () => {})
  await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), closed])
  const ask = (text: string) =>
    new Promise<string>((resolve) => {
      let heard = ''
      const listen = (chunk: Buffer) => {
        heard += chunk.toString()
        if (heard.length < text.length) return
        socket.off('data', listen)
        resolve(heard)
      }
      socket.on('data', listen)
      socket.write(text)
    })
  return { ask, closed }
}
