import { expect, test } from 'bun:test'
import { createLog, type Level } from './log.ts'

function writtenTo(level?: Level) {
  const writes: string[] = []
  const log = createLog({ service: 'shop', write: (lines) => writes.push(lines), ...(level ? { level } : {}) })
  const lines = () => {
    log.flush()
    return writes.join('').split('\n').slice(0, -1)
  }
  return { log, lines, writes }
}

test('a line is one JSON object, with its members in the order that readers know', () => {
  const { log, lines } = writtenTo()

  log.info('purchase.completed', { quantity: 2, total: '25.00', replayed: false, nothing: undefined }, 'till-1')

  const [line = ''] = lines()
  const { timestamp, ...rest } = JSON.parse(line)
  expect(new Date(timestamp).toISOString()).toBe(timestamp)
  expect(Object.keys(JSON.parse(line)).slice(0, 5)).toEqual(['timestamp', 'level', 'service', 'request_id', 'message'])
  expect(rest).toEqual({
    level: 'info',
    service: 'shop',
    request_id: 'till-1',
    message: 'purchase.completed',
    quantity: 2,
    total: '25.00',
    replayed: false,
  })
})

test('whatever a caller sends stays on its line', () => {
  const { log, lines } = writtenTo()
  const nasty = 'a"\n\u2028\\{}\ud800é'

  log.info(nasty, { [nasty]: nasty, list: [1, nasty] }, nasty)

  expect(lines()).toHaveLength(1)
  expect(JSON.parse(lines()[0] ?? '')).toMatchObject({
    message: nasty,
    request_id: nasty,
    [nasty]: nasty,
    list: [1, nasty],
  })
})

test('no field can keep a line from being written', () => {
  const { log, lines } = writtenTo()
  const circle: Record<string, unknown> = {}
  circle.self = circle

  log.error('broken', { circle, big: 10n, nan: Number.NaN, error: new TypeError('no') })

  expect(JSON.parse(lines()[0] ?? '')).toMatchObject({
    level: 'error',
    request_id: null,
    big: '10',
    nan: null,
    error: { name: 'TypeError', message: 'no' },
  })
})

test('lines are written together, at the end of the turn', async () => {
  const { log, writes } = writtenTo()

  for (let index = 0; index < 100; index++) log.info('line', { index })

  expect(writes).toHaveLength(0)
  await new Promise((resolve) => setImmediate(resolve))
  expect(writes).toHaveLength(1)
  expect(writes[0]?.split('\n')).toHaveLength(101)
})

test('what is below the level is not written', () => {
  const { log, lines } = writtenTo('warn')

  log.debug('a')
  log.info('b')
  log.warn('c')
  log.named('till').error('d')

  expect(
    lines()
      .map((line) => JSON.parse(line))
      .map(({ service, message }) => `${service} ${message}`),
  ).toEqual(['shop c', 'till d'])
})

test('a process that ends has written every line', async () => {
  const script = `
    import { createLog } from ${JSON.stringify(`${import.meta.dir}/log.ts`)}
    const log = createLog({ service: 'shop' })
    for (let index = 0; index < 20_000; index++) log.info('line', { index })
    process.exit(0)
  `
  const child = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe', cwd: import.meta.dir })

  const lines = (await new Response(child.stdout).text()).trimEnd().split('\n')

  expect(await child.exited).toBe(0)
  expect(lines).toHaveLength(20_000)
  expect(JSON.parse(lines.at(-1) ?? '').index).toBe(19_999)
})
