import { afterAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { refusedCommand } from '../processes/command.ts'
import { furnish, temporaryFolder } from '../running-shop.ts'
import { type Service, startService, stocked } from './service.ts'
import { found } from './size.ts'

// One shop in one folder, from its first start to the last: each test goes on where the one before it ended.
const { folder, remove } = temporaryFolder()
const settings = { ABASTO_DATA: folder, LOG_LEVEL: 'error' }
let shop: Service
afterAll(async () => {
  await shop?.end('SIGKILL')
  remove()
}, 30_000)

const PATIENCE_MS = 60_000

test(
  'one command opens the shop, and the first product is created',
  async () => {
    const started = performance.now()
    shop = await startService(settings)
    const created = await shop.post('/products', { sku: 'FIRST', name: 'First', price: '1.00', currency: 'EUR' })

    expect(created.status).toBe(201)
    found('from the command to the first 201, embedded, a new folder', { seconds: secondsSince(started) })
  },
  PATIENCE_MS,
)

test(
  'the line it prints creates a product when pasted, and pasted twice it is still one',
  async () => {
    const first = await paste(shop.welcome)
    const second = await paste(shop.welcome)

    expect(first).toContain('201 Created')
    expect(second).toContain('201 Created')
    expect(first).not.toMatch(/idempotency-replayed/i)
    expect(second).toMatch(/idempotency-replayed: true/i)
    expect(second.split('\r\n\r\n').at(-1)).toBe(first.split('\r\n\r\n').at(-1)!)
  },
  PATIENCE_MS,
)

test(
  'a second start on the same folder is told in one sentence who has it and what to do',
  async () => {
    const { code, said } = await refusedCommand('dev', settings)

    expect(code).toBe(1)
    expect(said).toMatch(/^The folder .+ is in use by .+\. Stop that one first, .+ ABASTO_DATA\.$/)
  },
  PATIENCE_MS,
)

test(
  'a port that is taken is told in one sentence that names its setting',
  async () => {
    const other = temporaryFolder()
    await furnish([join(other.folder, 'database')])
    const taken = new URL(shop.url).port
    const { code, said } = await refusedCommand('dev', {
      ABASTO_DATA: other.folder,
      LOG_LEVEL: 'error',
      GATEWAY_PORT: taken,
    })
    other.remove()

    expect(code).toBe(1)
    expect(said).toMatch(/^Cannot listen on .+ GATEWAY_PORT\.$/)
  },
  PATIENCE_MS,
)

test(
  'a setting that cannot be used is told in one sentence that names it',
  async () => {
    const wrong = [
      ['INVENTORY_PORT', 'eighty'],
      ['LOG_LEVEL', 'loud'],
      ['PRODUCTS_DATABASE_URL', 'mysql://localhost/shop'],
      ['ABASTO_API_KEY', 'short'],
    ] as const
    const refused = await Promise.all(
      wrong.map(([name, value]) => refusedCommand('dev', { ...settings, [name]: value })),
    )

    for (const [index, { code, said }] of refused.entries()) {
      expect(code).toBe(1)
      expect(said).toMatch(new RegExp(`^${wrong[index]![0]} .+\\.$`))
    }
  },
  PATIENCE_MS,
)

test(
  'Ctrl-C ends it cleanly, and the next start has everything',
  async () => {
    const product = await stocked(shop, 10)
    const sales = Array.from({ length: 5 }, (_, index) =>
      shop.post('/purchases', { quantity: 1 }, { key: `before ${index}`, product }),
    )
    const answers = await Promise.all(sales)

    expect(await shop.end('SIGINT')).toBe(0)
    const started = performance.now()
    shop = await startService(settings)
    const left = await shop.get(`/inventory/${product}`)

    found('from the command to the first answer, embedded, a later start', { seconds: secondsSince(started) })
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201])
    expect(left.document.data.attributes).toMatchObject({ quantity: 5 })
  },
  PATIENCE_MS,
)

test(
  'after kill -9 the next start just works, and a key that was used before is remembered',
  async () => {
    const product = await stocked(shop, 10)
    const bought = await shop.post('/purchases', { quantity: 4 }, { key: 'the one', product })
    await shop.end('SIGKILL')

    const before = shop
    shop = await startService(settings)
    const again = await shop.post('/purchases', { quantity: 4 }, { key: 'the one', product })

    expect([bought.status, again.status, again.isReplay]).toEqual([201, 201, true])
    expect(again.text.replaceAll(shop.url, '')).toBe(bought.text.replaceAll(before.url, ''))
    expect((await shop.get(`/inventory/${product}`)).document.data.attributes).toMatchObject({ quantity: 6 })
    expect(await shop.end('SIGTERM')).toBe(0)
  },
  PATIENCE_MS,
)

const secondsSince = (started: number) => Number(((performance.now() - started) / 1_000).toFixed(1))

/** Runs the command that was printed as a shell would, or, where there is no curl, sends what it says. */
async function paste(welcome: string): Promise<string> {
  const command = /^ {2}curl [\s\S]+?\n(?=\n)/m.exec(welcome)![0]
  if (Bun.which('curl')) {
    const shell = Bun.spawn(['sh', '-c', command], { stdio: ['ignore', 'pipe', 'ignore'] })
    return new Response(shell.stdout).text()
  }
  const [, url] = /curl -i (\S+)/.exec(command)!
  const headers = [...command.matchAll(/-H '([^:]+): ([^']+)'/g)].map(([, name, value]) => [name!, value!] as const)
  const [, body] = /-d '([^']+)'/.exec(command)!
  const response = await fetch(url!, { method: 'POST', headers: Object.fromEntries(headers), body: body! })
  const fields = [...response.headers].map(([name, value]) => `${name}: ${value}`)
  const status = `HTTP/1.1 ${response.status} ${response.status === 201 ? 'Created' : ''}`
  return `${[status, ...fields].join('\r\n')}\r\n\r\n${await response.text()}`
}
