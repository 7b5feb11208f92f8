import { afterEach, expect, test } from 'bun:test'
import { connect, createServer, type Socket } from 'node:net'
import { until } from '../processes/until.ts'
import { CUTS, openProxy, type ProxyOptions, type TcpProxy } from './tcp-proxy.ts'

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

test('a connection is cut before what is asked is heard, once it is, or in place of its answer; the others stay', async () => {
  const { proxy, call, heard } = await cable((asked) => CUTS.find((cut) => asked.includes(cut)) ?? 'pass')
  const other = await call()
  for (const cut of CUTS) {
    const one = await call()
    expect(await one.ask('hello')).toBe('hello')
    expect(await Promise.race([one.ask(cut), one.closed.then(() => 'nothing')])).toBe('nothing')
    expect(proxy.cuts[cut]).toBe(1)
  }
  await until(async () => heard().includes(CUTS[1]!) && heard().includes(CUTS[2]!))
  expect(heard()).not.toContain(CUTS[0]!)
  expect(await other.ask('still there?')).toBe('still there?')
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
async function cable(fate?: ProxyOptions['fate']) {
  let heard = ''
  const echo = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      heard += chunk
    })
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
  const proxy: TcpProxy = await openProxy((echo.address() as { port: number }).port, fate ? { fate } : {})
  cleaning.push(() => echo.close(), proxy.close)
  return { proxy, call: () => callOn(proxy.port), heard: () => heard }
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
