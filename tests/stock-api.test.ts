import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RunningShop, runShop, temporaryFolder } from './running-shop.ts'
import { root } from './tidy/project.ts'

const { folder, remove } = temporaryFolder()
let shop: RunningShop
let product: string

beforeAll(async () => {
  shop = await runShop(folder)
  const attributes = { sku: 'LAMP-1', name: 'Desk lamp', price: '12.50', currency: 'EUR' }
  product = await created('/products', { type: 'products', attributes })
  const relationships = { product: { data: { type: 'products', id: product } } }
  await created('/inventory', { type: 'inventory', attributes: { quantity: 0 }, relationships })
}, 60_000)
afterAll(async () => {
  await shop?.stop()
  remove()
})

test('the blocks of the page about stock do what the page says', async () => {
  const [level, damaged, counted, bulk, moved, held, owed, taken, given, movements, past] = await runBlocks()

  expect(level.data).toMatchObject({ attributes: { onHand: 40, reorderPoint: 10, backorderLimit: 5 } })
  expect([damaged, counted].map(({ data }) => data.attributes.onHand)).toEqual([38, 37])
  expect(bulk.data.attributes.verdicts).toMatchObject([
    { stockLevel: { onHand: 40 } },
    { error: { code: 'quantity_mismatch', source: { pointer: '/data/attributes/lines/1/expectedOnHand' } } },
  ])
  expect(moved.data.attributes.lines).toMatchObject([{ quantity: 10 }])
  expect(held.data).toMatchObject({ attributes: { status: 'held', reference: 'cart-4711' } })
  expect(owed.data).toMatchObject([{ attributes: { quantity: 33, owed: 3 } }])
  expect(statusesOf(taken)).toEqual(['committed', 'held'])
  expect(statusesOf(given)).toEqual(['committed', 'released'])
  expect(movements.data.map(({ attributes }: Movement) => [attributes.kind, attributes.onHandChange])).toEqual([
    ['transfer_in', 10],
    ['commit', -4],
  ])
  const moment = movements.data[1].attributes.createdAt
  expect(past.data.attributes).toEqual({ onHand: 6, reserved: 0, available: 6, sequence: 3, updatedAt: moment })
}, 60_000)

type Movement = { attributes: { kind: string; onHandChange: number } }

// biome-ignore lint/suspicious/noExplicitAny: documents of several kinds follow each other.
type Json = any

const statusesOf = ({ data }: Json) => data.attributes.lines.map(({ status }: { status: string }) => status)

async function created(path: string, data: object): Promise<string> {
  const { status, document } = await shop.send({
    method: 'POST',
    path: `/api/v1${path}`,
    body: JSON.stringify({ data }),
  })
  expect(status).toBe(201)
  return document.data.id
}

/** Runs all blocks of the page in one shell; the documents that were answered, in their order. */
async function runBlocks(): Promise<Json[]> {
  const page = readFileSync(join(root, 'docs/stock-api.md'), 'utf8')
  const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block)
  const script = blocks
    .join('\n')
    .replace('http://localhost:8080', shop.urls.inventory)
    .replace(/^PRODUCT=\S+/m, `PRODUCT=${product}`)
    .replaceAll('.abasto/', `${folder}/`)
  const child = Bun.spawn(['sh', '-ec', script], { cwd: root, stdout: 'pipe', stderr: 'pipe' })
  const [out, problems] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  expect([await child.exited, problems]).toEqual([0, ''])
  return out
    .replaceAll('}{', '}\n{')
    .split('\n')
    .map((line) => JSON.parse(line))
}
