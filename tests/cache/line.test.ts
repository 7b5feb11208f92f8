import { afterEach, describe, expect, test } from 'bun:test'
import { openLine } from '../../packages/products/src/infrastructure/redis-line.ts'
import { openProxy } from '../network/tcp-proxy.ts'
import { until } from './replica.ts'

const redisUrl = process.env.TEST_REDIS_URL
if (!redisUrl) console.log('The line to Redis was not tested: TEST_REDIS_URL is not set.')
else {
  const cleaning: (() => unknown)[] = []
  afterEach(async () => {
    for (const step of cleaning.splice(0).reverse()) await step()
  }, 60_000)

  const connect = async (read = 50) => {
    const proxy = await openProxy(Number(new URL(redisUrl).port))
    const line = openLine({ url: `redis://127.0.0.1:${proxy.port}`, patience: { read } })
    cleaning.push(proxy.close, line.close)
    await until(isUp(line), 'the line to be up')
    return { proxy, line, ask: () => line.ask(['GET', 'nothing'], 'read') }
  }

  describe('a line to Redis', () => {
    test('answers what is asked, and says what Redis refuses', async () => {
      const { line, ask } = await connect(5_000)

      expect(await ask()).toEqual({ ok: true, value: null })
      expect(await line.ask(['NONSENSE'], 'read')).toMatchObject({ ok: false, reason: 'error' })
    })

    test('hung, it gives up each command within its budget, and soon asks no more', async () => {
      const { proxy, line, ask } = await connect()
      proxy.hang()
      const begun = performance.now()

      const first = await Promise.all(Array.from({ length: 5 }, ask))
      expect(performance.now() - begun).toBeLessThan(2_000)
      expect(new Set(first.map((answer) => (answer.ok ? 'answered' : answer.reason)))).toEqual(new Set(['timeout']))
      expect(line.state('read')).toBe('open')
      expect(await ask()).toMatchObject({ ok: false, reason: 'resting' })
    })

    test('hung for longer, it drops the connection and finds a new one when the peer speaks again', async () => {
      const { proxy, line, ask } = await connect()
      proxy.hang()
      await ask()

      await until(async () => reasonOf(await ask()) === 'away', 'the connection to be given up')
      proxy.pass()
      await until(isUp(line), 'the line to be up again')

      expect(line.state('read')).toBe('closed')
    })

    test('cut, it fails at once, and comes back by itself', async () => {
      const { proxy, line, ask } = await connect()
      proxy.cut()
      await until(async () => reasonOf(await ask()) === 'away', 'the line to notice')
      expect(line.state('news')).toBe('open')
      expect((await line.ask(['PING'], 'probe')).ok).toBe(false)

      proxy.pass()

      await until(isUp(line), 'the line to be up again')
    })

    test('an answer that came while this process was busy is no late answer', async () => {
      const line = openLine({ url: redisUrl })
      cleaning.push(line.close)
      await until(isUp(line), 'the line to be up')
      const answers = []
      for (let count = 0; count < 20; count++) {
        const asked = line.ask(['GET', 'nothing'], 'read')
        // The command is on its way after this turn; then nothing is looked at for longer than its budget.
        setImmediate(() => Bun.sleepSync(30))
        answers.push(reasonOf(await asked))
      }

      expect(answers.filter((reason) => reason === 'answered').length).toBeGreaterThan(15)
    })

    test('closed, it asks nothing and holds nothing', async () => {
      const { proxy, line, ask } = await connect()
      await line.close()

      expect(await ask()).toMatchObject({ ok: false, reason: 'away' })
      await until(() => proxy.connections() === 0, 'the connection to be closed')
    })
  })
}

const reasonOf = (answer: Awaited<ReturnType<ReturnType<typeof openLine>['ask']>>) =>
  answer.ok ? 'answered' : answer.reason

const isUp = (line: ReturnType<typeof openLine>) => async () => (await line.ask(['PING'], 'probe')).ok
