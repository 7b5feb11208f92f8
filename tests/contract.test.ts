import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Type } from 'typebox'
import { createHttpApp } from '../packages/chassis/src/http/app.ts'
import type { Bindings, OperationRequest } from '../packages/chassis/src/http/binding.ts'
import { apiKeyAuthentication } from '../packages/chassis/src/identity.ts'
import { createLog } from '../packages/chassis/src/log.ts'
import { type Contract, contract } from '../packages/contract/src/contract.ts'
import { exampleId } from '../packages/contract/src/example-id.ts'
import { isWrite, type Operation } from '../packages/contract/src/operation.ts'
import type { Resource } from '../packages/contract/src/resource.ts'
import { printSdkTypes } from '../packages/contract/src/sdk-types.ts'
import { ok } from '../packages/kernel/src/kernel.ts'
import { type DocumentedOperation, operationsIn } from './openapi-document.ts'
import { type Answer, MEDIA_TYPE, type RunningShop, runShop, type Sending, temporaryFolder } from './running-shop.ts'

describe('one attribute added to a copy of the contract, and one shortened', () => {
  const before = apiOf(contract)
  const after = apiOf(withBrand(contract))

  test('the route hands the new attribute to the service, which it refused before', async () => {
    const branded = { ...lamp, brand: 'Lumen' }

    expect([(await before.create(branded)).status, before.received]).toEqual([400, []])
    expect((await after.create(branded)).status).toBe(201)
    expect(after.received.at(-1)?.attributes).toEqual(branded)
  })

  test('validation holds both against their new limits', async () => {
    const faults = async (api: typeof after, attributes: object) => {
      const { errors = [] } = (await (await api.create(attributes)).json()) as Errors
      return errors.map(({ status, source }) => `${status} ${source.pointer}`)
    }

    expect(await faults(after, { ...lamp, brand: 'x'.repeat(21) })).toEqual(['422 /data/attributes/brand'])
    expect(await faults(after, { ...lamp, name: 'x'.repeat(41) })).toEqual(['422 /data/attributes/name'])
    expect(await faults(before, { ...lamp, name: 'x'.repeat(41) })).toEqual([])
  })

  test('the OpenAPI document shows both', async () => {
    const [old, changed] = await Promise.all([before.document(), after.document()])
    const place = 'components.schemas.ProductCreate.properties.data.properties.attributes.properties'

    expect(changed).toHaveProperty(`${place}.brand.maxLength`, 20)
    expect(changed).toHaveProperty('components.schemas.Product.properties.attributes.properties.brand')
    expect(changed).toHaveProperty(`${place}.name.maxLength`, 40)
    expect(old).not.toHaveProperty(`${place}.brand`)
    expect(old).toHaveProperty(`${place}.name.maxLength`, 255)
  })

  test('a filter that is added is taken by the route, shown by the document and typed in the SDK', async () => {
    const filtered = withFilter(contract, 'sku')
    const api = apiOf(filtered)

    const [old, fits, misfits] = [await before.list('x'), await api.list('LAMP-1,LAMP-2'), await api.list('')]

    expect([old.status, fits.status, misfits.status]).toEqual([400, 200, 400])
    expect(api.received.map(({ filters }) => filters)).toEqual([{ sku: ['LAMP-1', 'LAMP-2'] }])
    expect(JSON.stringify(await api.document())).toContain('"filter[sku]"')
    expect(printSdkTypes(filtered)).toContain('    readonly sku?: readonly string[]\n')
  })

  test('the types of the SDK have it', () => {
    const added = linesOf(printSdkTypes(withBrand(contract))).filter(
      (line) => !linesOf(printSdkTypes(contract)).includes(line),
    )

    expect(added.filter((line) => !line.includes('/**'))).toEqual([
      '  readonly brand: string',
      '  readonly brand?: string',
      '  readonly brand?: string',
    ])
  })
})

describe('the OpenAPI document that the server hands out', () => {
  const { folder, remove } = temporaryFolder()
  let shop: RunningShop
  let operations: DocumentedOperation[]
  let real: Real
  /** Every write that was sent, and how it was answered. */
  const writes: { sending: Sending; answer: Answer }[] = []

  beforeAll(async () => {
    shop = await runShop(folder)
    const documents = [...new Set(Object.values(shop.urls))].map(async (url) =>
      (await fetch(`${url}/openapi.json`)).json(),
    )
    operations = (await Promise.all(documents)).flatMap((document) => operationsIn(document as object))
    real = await stockTheExamples(shop)
  }, 180_000)
  afterAll(async () => {
    await shop?.stop()
    remove()
  })

  test('every example in it is accepted, and every answer is as it says', async () => {
    const faults: string[] = []
    const sent: string[] = []
    for (const operation of inOrder(operations.filter(ends))) {
      for (const { method, path, body, headers } of sendingsOf(operation, real)) {
        if ('If-Match' in headers) headers['If-Match'] = await tagOf(shop, path)
        const sending = { method, path, headers, ...(body === undefined ? {} : { body }) }
        const answer = await shop.send(sending)
        if (method !== 'GET') writes.push({ sending, answer })
        const wrong = operation.faultsOf(answer.status, answer.document)
        if (answer.status >= 400) wrong.push(JSON.stringify(answer.document))
        faults.push(...wrong.map((fault) => `${operation.id} ${path}: ${answer.status} ${fault}`))
        sent.push(operation.id)
      }
    }

    expect(faults).toEqual([])
    const ending = contract.operations.filter(ends).map(({ id }) => id)
    expect([...new Set(sent)].sort()).toEqual(ending.sort())
    expect(sent.length).toBeGreaterThan(ending.length)
  }, 30_000)

  test('every write that is sent again after a restart is answered as it was, and does nothing more', async () => {
    await shop.stop()
    shop = await runShop(folder)
    const stock = async () =>
      (await shop.send({ method: 'GET', path: '/api/v1/movements?page[size]=100' })).document.data
    const before = await stock()

    const faults: string[] = []
    for (const { sending, answer } of writes) {
      const again = await shop.send(sending)
      const seen = ({ status, headers, document }: Answer) =>
        JSON.stringify([status, headers.get('ETag'), headers.get('Location'), document])
      if (seen(again) !== seen(answer)) faults.push(`${sending.path}: ${seen(answer)}, then ${seen(again)}`)
      if (again.headers.get('Idempotency-Replayed') !== 'true') faults.push(`${sending.path} was decided anew`)
    }

    expect(faults).toEqual([])
    expect(await stock()).toEqual(before)
    expect(writes.length).toBe(contract.operations.filter(isWrite).length)
  }, 60_000)

  test('an answer that is not as it says would be seen', () => {
    const getProduct = operations.find(({ id }) => id === 'getProduct')!

    expect(getProduct.faultsOf(200, { data: { type: 'products', id: 'lamp' } })).not.toEqual([])
    expect(getProduct.faultsOf(418, undefined)).toEqual(['the document knows no such status'])
  })
})

const lamp = { sku: 'LAMP-1', name: 'Desk lamp', price: '12.50', currency: 'EUR' }

type Errors = { errors?: { status: string; source: { pointer: string } }[] }

/** A copy in which products have a brand, and shorter names. */
function withBrand(original: Contract): Contract {
  const products = original.resources.products as Resource
  const brand = {
    schema: Type.String({ maxLength: 20 }),
    description: 'Who makes it.',
    example: 'Lumen',
    create: 'optional',
    update: 'optional',
  } as const
  const name = { ...products.attributes.name!, schema: Type.String({ minLength: 1, maxLength: 40 }) }
  const attributes = { ...products.attributes, name, brand }
  return { ...original, resources: { ...original.resources, products: { ...products, attributes } } }
}

/** A copy in which the list of products can also be asked for by this attribute. */
function withFilter(original: Contract, name: string): Contract {
  const filter = { schema: Type.String({ minLength: 1 }), maxValues: 3, description: 'Only those.', example: 'LAMP-1' }
  const operations = original.operations.map(
    (operation): Operation =>
      operation.id === 'listProducts' ? { ...operation, filters: { ...operation.filters, [name]: filter } } : operation,
  )
  return { ...original, operations }
}

/** The API made of a contract, over a service that takes whatever it is handed. */
function apiOf(contract: Contract) {
  const received: OperationRequest[] = []
  const take = async (request: OperationRequest) => {
    received.push(request)
    if (request.id === '' && request.context.operationId === '')
      return ok({ data: { items: [], hasPrevious: false, hasNext: false } })
    return ok({ data: { type: 'products', id: exampleId('products'), attributes: request.attributes, version: 1 } })
  }
  const bindings: Bindings = Object.fromEntries(contract.operations.map(({ id }) => [id, take]))
  const { fetch } = createHttpApp({
    contract,
    services: ['products'],
    bindings,
    authenticate: apiKeyAuthentication({ key: 'open-sesame' }),
    log: createLog({ service: 'test', level: 'silent' }),
  })
  const create = (attributes: object) =>
    fetch(
      new Request('http://localhost/api/v1/products', {
        method: 'POST',
        headers: { 'X-API-Key': 'open-sesame', 'Content-Type': MEDIA_TYPE },
        body: JSON.stringify({ data: { type: 'products', attributes } }),
      }),
    )
  const list = (skus: string) =>
    fetch(
      new Request(`http://localhost/api/v1/products?filter[sku]=${skus}`, { headers: { 'X-API-Key': 'open-sesame' } }),
    )
  const document = async () => (await fetch(new Request('http://localhost/openapi.json'))).json()
  return { create, list, document, received }
}

/** What the text of an example of an operation is, about what the shop holds. */
type Real = (example: string, operation: string) => string

/**
 * Puts what the examples speak of into the shop. The server chooses ids, versions and cursors, so those of the examples
 * stand for the real ones: the result says which.
 */
async function stockTheExamples(shop: RunningShop): Promise<Real> {
  const post = async (
    path: string,
    type: string,
    attributes: object,
    related: Record<string, [string, string]> = {},
  ) => {
    const named = Object.entries(related).map(([name, [type, id]]) => [name, { data: { type, id } }])
    const data = { type, attributes, relationships: Object.fromEntries(named) }
    const { status, document } = await shop.send({
      method: 'POST',
      path: `/api/v1${path}`,
      body: JSON.stringify({ data }),
    })
    expect([status, document]).toEqual([201, expect.anything()])
    return document.data.id as string
  }
  const warehouse = (name: string) => post('/warehouses', 'warehouses', { name })
  const another = (sku: string) => post('/products', 'products', { ...lamp, sku })
  const products = await another('LAMP-0')
  const product: [string, string] = ['products', products]
  await post('/inventory', 'inventory', { quantity: 100 }, { product })
  const purchases = await post('/purchases', 'purchases', { quantity: 1 }, { product })
  const warehouses = await warehouse('North')
  await post('/stock-levels', 'stock-levels', { onHand: 100 }, { product, warehouse: ['warehouses', warehouses] })
  const reservation = () => post('/reservations', 'reservations', { lines: [{ productId: products, quantity: 2 }] })

  const usual: Record<string, string> = {
    products,
    inventory: products,
    purchases,
    warehouses,
    reservations: await reservation(),
    'other-warehouses': await warehouse('South'),
  }
  // What is opened was not counted yet, an id that is chosen is free, and what is over was not over before.
  const unlike: Record<string, Record<string, string>> = {
    createInventory: { products: await another('LAMP-00') },
    createStockLevel: { products: await another('LAMP-000') },
    createReservation: { reservations: Bun.randomUUIDv7() },
    releaseReservation: { reservations: await reservation() },
    extendReservation: { reservations: await reservation() },
    deleteWarehouse: { warehouses: await warehouse('West') },
  }
  const moment = new Date(Date.now() + 1_000).toISOString()
  return (example, operation) =>
    Object.entries({ ...usual, ...unlike[operation] })
      .reduce((text, [type, id]) => text.replaceAll(exampleId(type), id), example)
      .replace('2026-01-31T09:30:00Z', moment)
}

type Example = { method: string; path: string; body: string | undefined; headers: Record<string, string> }

/** Every request that the examples of an operation make: its documents, and each of its parameters by itself. */
function sendingsOf(operation: DocumentedOperation, real: Real): Example[] {
  const { id, method, parameters } = operation
  const inPath = parameters.filter((parameter) => parameter.in === 'path')
  const path = inPath.reduce((text, { name, example }) => text.replace(`{${name}}`, real(example, id)), operation.path)
  const others = parameters.filter((parameter) => parameter.in !== 'path')
  if (method !== 'GET') {
    // A write is sent once, with all its headers, because a second one would meet what the first has done.
    const headers = Object.fromEntries(others.map(({ name, example }) => [name, example]))
    headers['Idempotency-Key'] += id
    const [example] = operation.examples
    return [{ method, path, body: example && real(JSON.stringify(example), id), headers }]
  }
  const plain: Example = { method, path, body: undefined, headers: {} }
  // The cursors of these are no ids, so the example that all lists share is not one of them.
  const isOfOwnOrder = ['listInventoryMovements', 'listMovements', 'listStockLevels', 'listBackorders'].includes(id)
  const fitting = others.filter(({ name }) => !isOfOwnOrder || !isCursor(name))
  const single = fitting.map((parameter): Example => {
    const { name, example } = parameter
    if (parameter.in === 'header') return { ...plain, headers: { [name]: example } }
    const value = isCursor(name) ? realCursor(example, real) : real([example].flat().join(','), id)
    return { ...plain, path: `${path}?${encodeURIComponent(name)}=${encodeURIComponent(value)}` }
  })
  return [plain, ...single]
}

/** The tag of a resource as it now is; that of the example stands for it. */
async function tagOf(shop: RunningShop, path: string): Promise<string> {
  const { headers } = await shop.send({ method: 'GET', path: path.replace(/\/adjustments$/, '') })
  return headers.get('ETag')!
}

const isCursor = (name: string): boolean => name === 'page[after]' || name === 'page[before]'

const realCursor = (example: string, real: Real): string =>
  Buffer.from(real(Buffer.from(example, 'base64url').toString(), '')).toString('base64url')

/** A stream goes on for as long as its reader stays, so what it says is read by tests of its own. */
const ends = ({ id }: { id: string }): boolean => id !== 'watchStock'

/**
 * What is counted is counted before any of it is sold. The SKU of the examples has one owner at a time, so the product
 * that is changed goes before another is created.
 */
function inOrder(operations: readonly DocumentedOperation[]): DocumentedOperation[] {
  const [first, last] = [['adjustStockLevel'], ['deleteProduct', 'createProduct']]
  const place = ({ id }: DocumentedOperation) => last.indexOf(id) - (first.includes(id) ? 2 : 0)
  return operations.toSorted((a, b) => place(a) - place(b))
}

const linesOf = (text: string): string[] => text.split('\n')
