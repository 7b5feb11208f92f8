import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Database } from '../packages/chassis/src/database/database.ts'
import { openEmbedded } from '../packages/chassis/src/database/embedded.ts'
import { freshDatabase } from '../packages/chassis/src/database/fresh-database.ts'
import { connectPostgres } from '../packages/chassis/src/database/postgres.ts'
import { contract } from '../packages/contract/src/contract.ts'
import { isWrite } from '../packages/contract/src/operation.ts'
import { type Books, readBooks } from './bad-input/books.ts'
import { type BadInput, NOBODY, type Stocked } from './bad-input/case.ts'
import { badDocuments } from './bad-input/documents.ts'
import { badRequests } from './bad-input/requests.ts'
import { embeddedFolders } from './processes/shop.ts'
import { type Answer, type RunningShop, runShop, temporaryFolder } from './running-shop.ts'

/** How a test opens a shop and, while the shop is closed, its books. */
type Premises = Readonly<{
  open: () => Promise<RunningShop>
  databases: () => Promise<Database[]>
  leave: () => unknown
}>

badInput('the embedded database', async () => {
  const { folder, remove } = temporaryFolder()
  return {
    open: () => runShop(folder),
    databases: () => Promise.all(embeddedFolders(folder).map((each) => openEmbedded(each))),
    leave: remove,
  }
})

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('Bad input on PostgreSQL was not tested: TEST_POSTGRES_URL is not set.')
else {
  badInput('PostgreSQL', async () => {
    const { folder, remove } = temporaryFolder()
    const { url, drop } = await freshDatabase(server)
    const open = () => runShop(folder, { products: url, inventory: url })
    return { open, databases: async () => [connectPostgres({ url })], leave: () => drop().then(remove) }
  })
}

/** Every write and every parameter of the contract, bent in every way: a clear refusal each, and nothing half done. */
function badInput(where: string, enter: () => Promise<Premises>): void {
  describe(`on ${where}`, () => {
    let premises: Premises
    let shop: RunningShop
    let stocked: Stocked
    let before: Books
    let decided = 0

    beforeAll(async () => {
      premises = await enter()
      const shopToStock = await premises.open()
      stocked = await stock(shopToStock)
      await shopToStock.stop()
      before = await booksOf(premises)
      shop = await premises.open()
    }, 120_000)
    afterAll(() => premises?.leave())

    test.each(contract.operations)(
      '$id refuses whatever is bad, and says where',
      async (operation) => {
        const cases = [...badDocuments(contract, operation, stocked), ...badRequests(contract, operation, stocked)]
        const faults: string[] = []
        for (const bad of cases) {
          const answer = await shop.send(bad.sending)
          faults.push(...faultsOf(bad, answer).map((fault) => `${bad.what}: ${fault}`))
          if (bad.isDecided && answer.status !== 422) decided++
        }

        expect(faults).toEqual([])
        expect(cases.length).toBeGreaterThan(isWrite(operation) ? 40 : 25)
      },
      60_000,
    )

    test('afterwards the books say what they said before', async () => {
      await shop.stop()
      const after = await booksOf(premises)

      const operations = Object.keys(before).filter((table) => table.endsWith('.operations'))
      const kept = operations.reduce((sum, table) => sum + after[table]!.rows - before[table]!.rows, 0)
      expect(without(after, operations)).toEqual(without(before, operations))
      // The one thing that is written is the verdict on a write that there was no stock or no SKU for, so that it can
      // be repeated.
      expect([kept, operations.length]).toEqual([decided, 2])
      expect(decided).toBeGreaterThan(2)
    }, 60_000)
  })
}

function faultsOf({ sending, statuses, at }: BadInput, { status, headers, document }: Answer): string[] {
  const told = `${status} ${JSON.stringify(document?.errors ?? document)}`
  const errors = document?.errors
  if (!statuses.includes(status)) return [`expected ${statuses.join(' or ')}, got ${told}`]
  if (!Array.isArray(errors) || errors.length === 0) return [`no error document: ${told}`]
  const faults = []
  for (const error of errors) {
    if (!(error.code in contract.failures)) faults.push(`the code ${error.code} is not in the contract`)
    if (!/^4[0-9][0-9]$/.test(error.status) || !error.title || !error.detail) faults.push(`not a whole error: ${told}`)
    const { pointer } = error.source ?? {}
    if (pointer !== undefined && !leadsSomewhere(sending.body, pointer))
      faults.push(`${pointer} leads nowhere: ${told}`)
  }
  const isThere = errors.some(({ source = {} }) => JSON.stringify(source) === JSON.stringify(at))
  if (!isThere) faults.push(`expected ${JSON.stringify(at)}, got ${told}`)
  if (!headers.get('x-request-id')) faults.push('no X-Request-ID')
  return faults
}

/** Whether a JSON Pointer names something in the document that was sent; what is no JSON has only its root. */
function leadsSomewhere(body: BadInput['sending']['body'], pointer: string): boolean {
  if (pointer === '') return true
  if (typeof body !== 'string') return false
  let here = JSON.parse(body)
  for (const name of pointer.slice(1).split('/')) {
    const key = name.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return false
    here = here[key]
  }
  return true
}

/** Puts something of everything into a shop. */
async function stock(shop: RunningShop): Promise<Stocked> {
  const post = async (path: string, type: string, attributes: object, productId?: string): Promise<string> => {
    const product = { data: { type: 'products', id: productId } }
    const data = { type, attributes, ...(productId ? { relationships: { product } } : {}) }
    const sending = { method: 'POST', path: `/api/v1/${path}`, body: JSON.stringify({ data }) }
    const { status, document } = await shop.send(sending)
    expect(status).toBe(201)
    return document.data.id
  }
  const lamp = { name: 'Desk lamp', price: '12.50', currency: 'EUR' }
  const products = await post('products', 'products', { ...lamp, sku: 'LAMP-A' })
  await post('inventory', 'inventory', { quantity: 100 }, products)
  const purchases = await post('purchases', 'purchases', { quantity: 1 }, products)
  const uncounted = await post('products', 'products', { ...lamp, sku: 'LAMP-B' })
  const warehouses = await post('warehouses', 'warehouses', { name: 'North' })
  const lines = [{ productId: products, quantity: 2 }]
  const reservations = await post('reservations', 'reservations', { lines })
  const [level] = (await shop.send({ method: 'GET', path: '/api/v1/stock-levels' })).document.data
  // An id that is released before it was reserved can never be, which is written down: once, and here.
  await shop.send({ method: 'POST', path: `/api/v1/reservations/${NOBODY}/release` })
  const ids = { products, inventory: products, purchases, movements: products, warehouses, reservations }
  return { ids: { ...ids, 'stock-levels': level.id }, uncounted, home: level.relationships.warehouse.data.id }
}

async function booksOf({ databases }: Premises): Promise<Books> {
  const open = await databases()
  const books = await Promise.all(open.map(readBooks)).finally(() => Promise.all(open.map(({ close }) => close())))
  return Object.assign({}, ...books)
}

const without = (books: Books, tables: readonly string[]): Books =>
  Object.fromEntries(Object.entries(books).filter(([name]) => !tables.includes(name)))
