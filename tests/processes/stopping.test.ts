import { afterAll, expect, test } from 'bun:test'
import { Agent, get } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { furnish, temporaryFolder } from '../running-shop.ts'
import { refusedCommand, type Settings, type Started, startCommand } from './command.ts'

const cleaning: (() => unknown)[] = []
afterAll(async () => {
  for (const step of cleaning.splice(0).reverse()) await step()
}, 30_000)

/** A products service in a folder of its own, so that no test has to wait for another. */
const start = async (settings: Settings = {}): Promise<Started & { folder: string }> => {
  const { folder, remove } = temporaryFolder()
  cleaning.push(remove)
  await furnish([join(folder, 'products/database')])
  const started = await startCommand('products', { ABASTO_DATA: folder, LOG_LEVEL: 'silent', ...settings })
  cleaning.push(() => started.end('SIGKILL'))
  return { ...started, folder }
}

const PATIENCE_MS = 120_000

test.concurrent(
  'a service that is told to stop says so at once, answers what still comes, and ends with 0',
  async () => {
    const service = await start({ DRAIN_MS: '2000' })
    const agent = new Agent({ keepAlive: true })
    const before = await answerOf(`${service.url}/health/ready`, agent)

    const ended = service.end('SIGTERM')
    await Bun.sleep(500)
    const ready = await answerOf(`${service.url}/health/ready`, agent)
    const work = await fetch(`${service.url}/api/v1/products`, { headers: { 'X-API-Key': service.apiKey } })
    const code = await ended
    agent.destroy()

    expect(before).toEqual({ status: 200, connection: 'keep-alive' })
    expect(ready).toEqual({ status: 503, connection: 'close' })
    expect(work.status).toBe(200)
    expect(code).toBe(0)
    expect(await isTaken(service)).toBe(false)
  },
  PATIENCE_MS,
)

test.concurrent(
  'one Ctrl-C that arrives twice is one, and a later second one ends the service at once',
  async () => {
    const service = await start({ DRAIN_MS: '60000' })
    process.kill(service.pid, 'SIGINT')
    process.kill(service.pid, 'SIGINT')
    await Bun.sleep(1_000)
    const status = (await fetch(`${service.url}/health/ready`)).status

    expect(status).toBe(503)
    expect(await service.end('SIGINT')).toBe(130)
  },
  PATIENCE_MS,
)

test(
  'what cannot be started is told in one sentence that names its setting',
  async () => {
    const { grpc, folder } = await start()
    const taken = grpc!.split(':')[1]!
    const [elsewhere, another] = [join(folder, 'elsewhere'), join(folder, 'another')]
    await furnish([join(elsewhere, 'products/database'), join(another, 'database')])
    const refusals: [Parameters<typeof refusedCommand>[0], Settings, RegExp][] = [
      ['products', { ABASTO_DATA: folder }, /^The folder .+ is in use by .+ ABASTO_DATA\.$/],
      ['products', { PRODUCTS_GRPC_PORT: taken, ABASTO_DATA: elsewhere }, /^Cannot listen on .+ PRODUCTS_GRPC_PORT\.$/],
      ['dev', { PRODUCTS_GRPC_PORT: taken, ABASTO_DATA: another }, /^Cannot listen on .+ PRODUCTS_GRPC_PORT\.$/],
      ['products', { PRODUCTS_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/shop' }, /^PRODUCTS_DATABASE_URL leads to /],
      ['products', { REDIS_URL: 'localhost:6379' }, /^REDIS_URL takes .+\.$/],
      ['products', { DRAIN_MS: 'soon' }, /^DRAIN_MS is "soon": .+\.$/],
      ['products', { GRPC_TLS_CA: 'ca.pem' }, /^GRPC_TLS_\w+ .+\.$/],
      ['inventory', { PRODUCTS_GRPC_URL: 'products' }, /^PRODUCTS_GRPC_URL is "products": .+\.$/],
      [
        'inventory',
        { PRODUCTS_GRPC_URL: 'localhost:50051', PRODUCTS_URL: 'http://localhost:8001' },
        /^PRODUCTS_URL and PRODUCTS_GRPC_URL are both set: .+\.$/,
      ],
    ]
    const refused = await Promise.all(refusals.map(([command, settings]) => refusedCommand(command, settings)))

    for (const [index, { code, said }] of refused.entries()) {
      const sentence = refusals[index]![2]
      expect(said).toMatch(sentence)
      expect(said.split('\n')).toHaveLength(1)
      expect(code).toBe(1)
    }
  },
  2 * PATIENCE_MS,
)

/** One request on a connection that is kept, as Node sends it. */
const answerOf = (url: string, agent: Agent) =>
  new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      response.resume()
      response.on('end', () =>
        resolve({ status: response.statusCode, connection: response.headers.connection ?? 'keep-alive' }),
      )
    }).on('error', reject)
  })

const isTaken = ({ url }: Started): Promise<boolean> =>
  new Promise((resolve) => {
    const { port, hostname } = new URL(url)
    const socket = connect(Number(port), hostname)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
