import { afterAll, expect, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../scripts/free-port.ts'
import { postgresPrograms, startPostgres } from '../../scripts/postgres-server.ts'
import { startRedis } from '../../scripts/redis-server.ts'
import { startCommand } from '../processes/command.ts'
import { temporaryFolder } from '../running-shop.ts'
import { API_KEY, replicaOf, stocked } from '../stock/service.ts'
import { composeServices, filledIn, root } from './compose-file.ts'

// What docker-compose.yml puts together, put together here: the same settings, the same files of PostgreSQL and
// HAProxy, and only the names of the network replaced by addresses of this machine.
const lacking = ['TEST_POSTGRES_URL', 'TEST_REDIS_URL'].filter((name) => !process.env[name])
if (lacking.length > 0) console.log(`docker-compose.yml put together was not tested: ${lacking.join(', ')} is not set.`)
else if (!Bun.which('haproxy')) console.log('docker-compose.yml put together was not tested: haproxy is not installed.')
else {
  const cleaning: (() => unknown)[] = []
  afterAll(async () => {
    for (const step of cleaning.splice(0).reverse()) await step()
  }, 60_000)

  test('the shop of docker-compose.yml sells a lamp at its one address', async () => {
    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()])
    cleaning.push(postgres.stop, redis.stop)
    makeDatabases(postgres.port)
    const addresses = { 'postgres:5432': `127.0.0.1:${postgres.port}`, 'redis:6379': `127.0.0.1:${redis.port}` }
    const products = await startCommand('products', settingsOf('products', addresses))
    cleaning.push(() => products.end('SIGTERM'))
    const grpc = `localhost:${products.grpc!.split(':').at(-1)}`
    const inventory = await startCommand('inventory', settingsOf('inventory', { ...addresses, 'products:50051': grpc }))
    cleaning.push(() => inventory.end('SIGTERM'))
    const front = await startFront({ 'products:8001': products.url, 'inventory:8002': inventory.url })
    const shop = replicaOf({
      urls: { products: front.shop, inventory: front.shop },
      apiKey: API_KEY,
      end: async () => 0,
    })

    const lamp = await stocked(shop, 10)
    const sale = await shop.post('/purchases', { quantity: 4 }, { product: lamp })
    const health = (await (await fetch(`${front.inventory}/health`)).json()) as { dependencies: object }
    const statuses = await Promise.all(
      [`${front.shop}/docs`, `${front.products}/docs`, `${front.inventory}/docs`, `${front.products}/metrics`].map(
        async (url) => (await fetch(url)).status,
      ),
    )

    expect([sale.status, sale.document.data.attributes.total]).toEqual([201, '10.00'])
    expect(health.dependencies).toEqual({ 'inventory-database': 'up', products: 'up' })
    expect(statuses).toEqual([404, 200, 200, 404])
  }, 120_000)

  /** Runs the file that the image of PostgreSQL would run when it starts on an empty volume. */
  function makeDatabases(port: number): void {
    const psql = Bun.which('psql') ?? join(postgresPrograms(), 'psql')
    const file = join(root, 'deploy/compose/databases.sql')
    const address = ['-h', '127.0.0.1', '-p', `${port}`, '-U', 'postgres']
    const { exitCode, stderr } = Bun.spawnSync([psql, ...address, '-v', 'ON_ERROR_STOP=1', '-f', file], {
      env: { PATH: process.env.PATH ?? '', POSTGRES_PASSWORD: 'secret' },
    })
    if (exitCode !== 0) throw new Error(`databases.sql: ${stderr}`)
  }

  function settingsOf(service: string, addresses: Readonly<Record<string, string>>): Record<string, string> {
    const values = { ABASTO_API_KEY: API_KEY, POSTGRES_PASSWORD: 'secret', LOG_LEVEL: 'warn', DRAIN_MS: '0' }
    const told = Object.entries(composeServices()[service]!.environment!)
    return Object.fromEntries(told.map(([name, text]) => [name, replaced(filledIn(text, values), addresses)]))
  }

  /** HAProxy with the file of the project, but for its ports and for the engine's DNS, which does not exist here. */
  async function startFront(urls: Readonly<Record<string, string>>) {
    const [shop, products, inventory] = [await freePort(), await freePort(), await freePort()]
    const { folder, remove } = temporaryFolder()
    cleaning.push(remove)
    const hosts = Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, new URL(url).host]))
    const text = readFileSync(join(root, 'deploy/compose/haproxy.cfg'), 'utf8')
    const here = replaced(text, {
      ...hosts,
      'bind :8080': `bind 127.0.0.1:${shop}`,
      'bind :8001': `bind 127.0.0.1:${products}`,
      'bind :8002': `bind 127.0.0.1:${inventory}`,
      ' init-addr none resolvers engine': '',
    })
    const file = join(folder, 'haproxy.cfg')
    writeFileSync(file, here)
    const child = Bun.spawn(['haproxy', '-q', '-db', '-f', file], { stdio: ['ignore', 'ignore', 'inherit'] })
    cleaning.push(() => child.kill('SIGKILL'))
    const at = (port: number) => `http://127.0.0.1:${port}`
    for (const port of [products, inventory]) await open(`${at(port)}/health/ready`)
    return { shop: at(shop), products: at(products), inventory: at(inventory) }
  }

  async function open(url: string): Promise<void> {
    const deadline = performance.now() + 30_000
    while (!(await fetch(url).catch(() => undefined))?.ok) {
      if (performance.now() > deadline) throw new Error(`${url} did not open.`)
      await Bun.sleep(100)
    }
  }
}

/** The text with each of these put in the place of what it stands for. */
function replaced(text: string, replacements: Readonly<Record<string, string>>): string {
  const found = Object.entries(replacements).filter(([old]) => text.includes(old))
  return found.reduce((now, [old, replacement]) => now.replaceAll(old, replacement), text)
}
