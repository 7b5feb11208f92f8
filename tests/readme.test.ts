import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isSplit } from './processes/shop.ts'
import { type RunningShop, runShop, temporaryFolder } from './running-shop.ts'
import { root } from './tidy/project.ts'

const { folder, remove } = temporaryFolder()
let shop: RunningShop

beforeAll(async () => {
  shop = await runShop(folder)
}, 60_000)
afterAll(async () => {
  await shop?.stop()
  remove()
})

test('the five lines of curl sell two lamps, and pasted twice they still sell two', async () => {
  const lines = await run(['sh', '-c', blockOf('sh', '/purchases')])
  const again = await run(['sh', '-c', blockOf('sh', '/purchases')])

  const [stock, sale, inventory, movements] = documentsIn(lines)
  expect(stock.data.attributes.quantity).toBe(100)
  expect(sale.data.attributes).toMatchObject({ quantity: 2, unitPrice: '12.50', total: '25.00', currency: 'EUR' })
  expect([inventory.data.attributes.quantity, inventory.included[0].attributes.sku]).toEqual([98, 'LAMP-1'])
  expect(movements.data.map((movement: Movement) => movement.attributes.onHandChange)).toEqual([100, -2])
  expect(again).toBe(lines)
}, 60_000)

test('the ten lines with the SDK sell two lamps', async () => {
  const code = blockOf('ts', 'purchases.create')
  const printed = await run([process.execPath, '-e', code])

  expect(printed.trim().split('\n')).toEqual(['2 sold for 98.00 EUR', 'receipt 100', 'sale -2'])
  expect(code.trim().split('\n').length).toBeLessThanOrEqual(10)
}, 60_000)

test('the settings that are read are those of docs/running.md and of .env.example, and the README knows no others', () => {
  const settings = new Set(
    READING_SETTINGS.flatMap((path) =>
      [...textOf(path).matchAll(/(?:'|environment\.)([A-Z]+_[A-Z_]+)\b/g)].map((found) => found[1]!),
    ),
  )
  for (const constant of ['LOG_LEVELS']) settings.delete(constant)
  // Read by the exporter of traces itself: packages/chassis/src/telemetry/process-telemetry.test.ts.
  settings.add('OTEL_EXPORTER_OTLP_HEADERS')
  const rowsOf = (path: string) => [...textOf(path).matchAll(/^\| `([A-Z_]+)` \|/gm)].map((found) => found[1]!)
  const inExample = [...textOf('.env.example').matchAll(/^#([A-Z_]+)=/gm)].map((found) => found[1]!)

  expect(rowsOf('docs/running.md').toSorted()).toEqual([...settings].toSorted())
  expect(inExample.toSorted()).toEqual([...settings].toSorted())
  expect(rowsOf('README.md').filter((name) => !settings.has(name))).toEqual([])
  expect(settings.size).toBeGreaterThan(15)
})

/** Where settings are read. */
const READING_SETTINGS = [
  'packages/chassis/src/config.ts',
  'packages/chassis/src/process/settings.ts',
  'packages/cli/src/dev/settings.ts',
  'packages/products/src/main.ts',
  'packages/inventory/src/main.ts',
]

test('every command that the documents name exists', () => {
  const { scripts } = JSON.parse(textOf('package.json'))
  const named = ['README.md', 'CONTRIBUTING.md', 'docs/architecture.md'].flatMap((path) =>
    [...textOf(path).matchAll(/\bbun run ([a-z]+)/g)].map((found) => found[1]!),
  )

  expect(named.filter((name) => !(name in scripts))).toEqual([])
  expect(named.length).toBeGreaterThan(5)
})

type Movement = { attributes: { onHandChange: number } }

const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')

/** A block of the README that says something certain, with the address and the folder of this test's shop. */
function blockOf(language: string, saying: string): string {
  const blocks = [...textOf('README.md').matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)]
  const block = blocks.find(([, name, text]) => name === language && text?.includes(saying))
  if (!block) throw new Error(`README.md has no block of ${language} that says ${saying}`)
  const { products, inventory } = shop.urls
  return block[2]!
    .replaceAll("'http://localhost:8080'", JSON.stringify(isSplit ? shop.urls : products))
    .replaceAll('$API/products', `${products}/api/v1/products`)
    .replaceAll('http://localhost:8080', inventory)
    .replaceAll('.abasto/', `${folder}/`)
}

// biome-ignore lint/suspicious/noExplicitAny: documents of several kinds follow each other.
const documentsIn = (text: string): any[] =>
  text
    .replaceAll('}{', '}\n{')
    .split('\n')
    .map((line) => JSON.parse(line))

async function run(command: string[]): Promise<string> {
  const child = Bun.spawn(command, { cwd: root, stdout: 'pipe', stderr: 'pipe' })
  const [out, problems, status] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  expect([status, problems]).toEqual([0, ''])
  return out
}
