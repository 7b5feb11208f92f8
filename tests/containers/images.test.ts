import { afterAll, expect, test } from 'bun:test'
import { chmodSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../running-shop.ts'
import { composeServices } from './compose-file.ts'
import { type Container, start } from './container.ts'
import { ignoring, stagesOf } from './dockerfile.ts'
import { build, type Image, type Yard } from './image.ts'

// No engine is needed: what each target copies is copied into an empty folder, what it runs is run there, and what it
// starts is started there, as a user to whom nothing belongs but the data.
const context = join(import.meta.dir, '../..')
const textOf = (path: string) => readFileSync(join(context, path), 'utf8')
const { folder, remove } = temporaryFolder()
chmodSync(folder, 0o755)
const yard: Yard = {
  folder,
  context,
  ignored: ignoring(textOf('.dockerignore')),
  stages: stagesOf(textOf('Dockerfile')),
  built: new Map(),
}
const running: Container[] = []
afterAll(() => {
  for (const container of running) container.kill()
  remove()
}, 60_000)

const PATIENCE_MS = 120_000
const API_KEY = 'the-key-of-a-shop-in-a-test'
const FREE_PORTS = {
  GATEWAY_PORT: '0',
  PRODUCTS_PORT: '0',
  INVENTORY_PORT: '0',
  PRODUCTS_GRPC_PORT: '0',
  INVENTORY_GRPC_PORT: '0',
}
const SETTINGS = { ...FREE_PORTS, ABASTO_API_KEY: API_KEY, LOG_LEVEL: 'warn' }

test('the images stand on the Bun that the project is pinned to, by its full version', () => {
  const { packageManager } = JSON.parse(textOf('package.json')) as { packageManager: string }
  const names = new Set(yard.stages.map(({ name }) => name))
  const foreign = yard.stages.map(({ from }) => from).filter((from) => !names.has(from))

  expect(foreign).toEqual([`oven/${packageManager.replace('@', ':')}-slim`])
})

test(
  'the images of products and inventory are enough to sell a lamp, and stop when they are told to',
  async () => {
    const products = await started('products')
    const inventory = await started('inventory', { PRODUCTS_GRPC_URL: products.grpc })

    const lamp = await post(products, 'products', { sku: 'LAMP-1', name: 'Lamp', price: '2.50', currency: 'EUR' })
    const stock = await post(inventory, 'inventory', { quantity: 10 }, lamp.data.id)
    const sale = await post(inventory, 'purchases', { quantity: 3 }, lamp.data.id)
    const codes = [await inventory.stop(), await products.stop()]

    expect(stock.data.attributes).toMatchObject({ available: 10 })
    expect(sale.data.attributes).toMatchObject({ total: '7.50' })
    expect(codes).toEqual([0, 0])
    expect([await products.check(), await inventory.check()]).toEqual([1, 1])
  },
  PATIENCE_MS,
)

test(
  'the image of the whole shop sells one too, in one process',
  async () => {
    const shop = await started('shop')

    const lamp = await post(shop, 'products', { sku: 'LAMP-1', name: 'Lamp', price: '2.50', currency: 'EUR' })
    await post(shop, 'inventory', { quantity: 10 }, lamp.data.id)
    const sale = await post(shop, 'purchases', { quantity: 4 }, lamp.data.id)

    expect(sale.data.attributes).toMatchObject({ total: '10.00' })
    expect(await shop.stop()).toBe(0)

    // What docker-compose.yml runs in that image beside the services.
    const abasto = composeServices().abasto!.entrypoint!
    const verified = await shop.run([...abasto, 'verify'])
    expect(verified.said).toMatch(/^The ledger equals the balances: .*\nchecked 2 movements/)
    expect(verified.code).toBe(0)
  },
  PATIENCE_MS,
)

test('an image holds what its service runs, and no tests, compilers or services of others', () => {
  const [products, inventory] = [contentsOf(build(yard, 'products')), contentsOf(build(yard, 'inventory'))]

  expect(products.files.filter((path) => /\.test\.ts$|^packages\/(inventory|cli)\/src/.test(path))).toEqual([])
  expect(products.files).toContain('packages/products/migrations/0001_products.sql')
  expect(inventory.files).toContain('packages/inventory/src/main.ts')
  expect(inventory.files).not.toContain('packages/products/migrations/0001_products.sql')
  for (const { packages } of [products, inventory]) {
    expect(packages.filter((name) => /^(typescript|@typescript|bun-types|@biomejs|playwright)/.test(name))).toEqual([])
    expect(packages.length).toBeGreaterThan(20)
  }
})

test('every image names its ports, its health check and its signal, and leaves root behind', () => {
  for (const [name, ports] of [
    ['products', [8001, 50051]],
    ['inventory', [8002, 50052]],
    ['shop', [8080, 8001, 8002, 50051, 50052]],
  ] as const) {
    const { user, volumes, stopSignal, healthCheck, ...image } = build(yard, name)
    expect({ user, volumes, stopSignal }).toEqual({ user: 'bun', volumes: ['/app/data'], stopSignal: 'SIGTERM' })
    expect(image.ports).toEqual([...ports])
    expect(healthCheck.at(-1)).toBe(String(ports[0]))
  }
})

test('nothing that is secret, built or installed here is sent to the engine', () => {
  const { ignored } = yard

  const kept = ['.env', '.git/config', '.abasto/api-key', 'node_modules/x/y.js', 'packages/kernel/node_modules/x/y.js']
  expect(kept.filter((path) => !ignored(path))).toEqual([])
  expect(ignored('packages/products/src/products.ts')).toBe(false)
  expect(ignored('packages/products/src/domain/product.test.ts')).toBe(true)
})

async function started(target: string, settings: Readonly<Record<string, string>> = {}): Promise<Container> {
  const container = await start(build(yard, target), { ...SETTINGS, ...settings })
  running.push(container)
  await container.healthy()
  return container
}

async function post({ url }: Container, type: string, attributes: object, product?: string) {
  const relationships = product ? { relationships: { product: { data: { type: 'products', id: product } } } } : {}
  const response = await fetch(`${url}/api/v1/${type}`, {
    method: 'POST',
    headers: { 'X-API-Key': API_KEY, 'Content-Type': 'application/vnd.api+json' },
    body: JSON.stringify({ data: { type, attributes, ...relationships } }),
  })
  // biome-ignore lint/suspicious/noExplicitAny: the test looks into the document and says what it expects to find.
  const document = (await response.json()) as any
  if (response.status !== 201) throw new Error(`${type}: ${response.status} ${JSON.stringify(document)}`)
  return document
}

/** The files of the project in an image, and the names of the packages that it installed. */
function contentsOf({ folder, workdir }: Image): { files: string[]; packages: string[] } {
  const root = join(folder, workdir)
  const files = ['packages', 'proto', 'sdk', 'deploy'].flatMap((name) => filesIn(root, name))
  return { files, packages: readdirSync(join(root, 'node_modules/.bun')) }
}

const filesIn = (root: string, path: string): string[] =>
  readdirSync(join(root, path), { withFileTypes: true }).flatMap((entry) => {
    const inner = `${path}/${entry.name}`
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesIn(root, inner)
    return [inner]
  })
