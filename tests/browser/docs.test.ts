import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { contract } from '../../packages/contract/src/contract.ts'
import { furnish, temporaryFolder } from '../running-shop.ts'
import { API_KEY, type Service, startService } from '../stock/service.ts'
import { type Browser, chromiumPath, HOST_NAME, startBrowser, type Window } from './browser.ts'
import { pictureOf } from './picture.ts'
import { authorize, execute, fold, openDocs, operation, operationsShown } from './swagger-ui.ts'

if (chromiumPath === undefined) console.log('Swagger UI in a browser not tested: there is no Chromium on this machine.')

describe.if(chromiumPath !== undefined)('a person at the docs', () => {
  const { folder, remove } = temporaryFolder()
  let shop: Service
  let browser: Browser
  beforeAll(async () => {
    await furnish([join(folder, 'database')])
    shop = await startService({ ABASTO_DATA: folder, ABASTO_API_KEY: API_KEY, LOG_LEVEL: 'warn' })
    browser = await startBrowser(chromiumPath!)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await shop?.end('SIGTERM')
    remove()
  }, 30_000)

  test('authorizes, creates a product, gives it stock and buys it, and nothing leaves the shop', async () => {
    await using window = await browser.open()
    const { page, requests, complaints } = window
    await openDocs(page, `${shop.url}/docs`)
    await authorize(page, API_KEY)

    const product = await execute(page, 'createProduct', {
      edit: (example) => having(example, { sku: 'READING-LAMP', name: 'Reading lamp' }),
    })
    const { id } = product.document.data
    const stock = await execute(page, 'createInventory', { edit: (example) => about(example, id) })
    const purchase = await execute(page, 'createPurchase', { edit: (example) => about(example, id) })
    const left = await execute(page, 'getInventory', { parameters: { productId: id } })

    expect([product.status, stock.status, purchase.status, left.status]).toEqual([201, 201, 201, 200])
    expect(product.document.data.attributes).toMatchObject({ name: 'Reading lamp', price: '12.50' })
    expect(purchase.document.data.attributes).toMatchObject({ quantity: 2, unitPrice: '12.50', total: '25.00' })
    expect(purchase.headers).toContain(`location: /api/v1/purchases/${purchase.document.data.id}`)
    expect(left.document.data.attributes).toMatchObject({ quantity: 98, available: 98 })
    const sold = requests.find((request) => request.url().endsWith('/purchases'))!
    expect(sold.headers()).toMatchObject({
      'content-type': 'application/vnd.api+json',
      accept: 'application/vnd.api+json',
      'x-api-key': API_KEY,
    })
    expect(sold.headers()).not.toHaveProperty('idempotency-key')
    expect(elsewhere(requests, shop.url)).toEqual([])
    expect(complaints).toEqual([])

    const picture = process.env.ABASTO_SCREENSHOT
    if (picture) await pictureOf(page, operation(page, 'createPurchase'), picture)
  }, 120_000)

  test('sends a write twice under one key: it is answered as the first time, and another one is refused', async () => {
    await using window = await browser.open()
    const { page } = window
    await openDocs(page, `${shop.url}/docs`)
    await authorize(page, API_KEY)
    const send = (sku: string) =>
      execute(page, 'createProduct', {
        parameters: { 'Idempotency-Key': 'my first lamp' },
        edit: (example) => having(example, { sku }),
      })

    const [first, second, another] = [await send('TWICE'), await send('TWICE'), await send('ANOTHER')]

    expect([first.status, second.status, another.status]).toEqual([201, 201, 422])
    expect(second.document).toEqual(first.document)
    expect(second.headers).toContain('idempotency-replayed: true')
    expect(another.document.errors[0].code).toBe('idempotency_key_reused')
  }, 120_000)

  test('executes what is offered: what may be left out is not filled in', async () => {
    await using window = await browser.open()
    const { page } = window
    await openDocs(page, `${shop.url}/docs`)
    await authorize(page, API_KEY)
    const product = await execute(page, 'createProduct', { edit: (example) => having(example, { sku: 'OFFERED' }) })
    const { id } = product.document.data
    const productId = { productId: id }

    const statuses: number[] = []
    for (const [operationId, entries] of [
      ['listProducts', {}],
      ['getProduct', { parameters: productId }],
      ['updateProduct', { parameters: productId, edit: (example: Example) => named(example, id) }],
    ] as const) {
      statuses.push((await execute(page, operationId, entries)).status)
      await fold(page, operationId)
    }

    expect(statuses).toEqual([200, 200, 200])
  }, 120_000)

  test('is told so when the key is wrong, and may take another', async () => {
    await using window = await browser.open()
    const { page } = window
    await openDocs(page, `${shop.url}/docs`)

    const without = await execute(page, 'listProducts')
    await authorize(page, 'not-the-key-of-this-shop')
    const wrong = await execute(page, 'listProducts')
    await authorize(page, API_KEY)
    const right = await execute(page, 'listProducts')

    expect([without.status, wrong.status, right.status]).toEqual([401, 401, 200])
    expect(wrong.document.errors[0].code).toBe('unauthenticated')
  }, 120_000)

  test('follows a link to one operation under any name of the shop, and is still known after a reload', async () => {
    await using window = await browser.open()
    const { page, requests, complaints } = window
    const here = shop.url.replace('127.0.0.1', HOST_NAME)
    await openDocs(page, `${here}/docs#/purchases/createPurchase`)
    await operation(page, 'createPurchase').locator('.opblock-body').waitFor()
    await authorize(page, API_KEY)

    await page.reload()
    const list = await execute(page, 'listPurchases')

    expect(list.status).toBe(200)
    expect(await page.title()).toBe('Abasto API')
    expect(elsewhere(requests, here)).toEqual([])
    expect(complaints).toEqual([])
  }, 120_000)

  test('finds at each service its own operations, and can try them', async () => {
    const urls = /products also at (\S+), inventory at (\S+)\)/.exec(shop.welcome)!
    const seen = []
    for (const [url, list] of [
      [urls[1]!, 'listProducts'],
      [urls[2]!, 'listPurchases'],
    ] as const) {
      await using window = await browser.open()
      const { page, requests, complaints } = window
      await openDocs(page, `${url}/docs`)
      await authorize(page, API_KEY)
      const { status } = await execute(page, list)
      seen.push({ operations: await operationsShown(page), status })
      expect([...elsewhere(requests, url), ...complaints]).toEqual([])
    }

    const idsOf = (service: string) =>
      contract.operations.filter((each) => each.service === service).map((each): string => each.id)
    expect(seen.map(({ status }) => status)).toEqual([200, 200])
    expect(seen.map(({ operations }) => operations.sort())).toEqual([
      idsOf('products').sort(),
      idsOf('inventory').sort(),
    ])
  }, 120_000)

  test('would be told if the page asked anyone else, or ran what is not a file of the shop', async () => {
    await using window = await browser.open()
    const { page, requests, complaints } = window
    await openDocs(page, `${shop.url}/docs`)

    await page.evaluate(PLANTED)

    const refused = () => complaints.filter((complaint) => complaint.includes('refused by the policy'))
    const untold = () =>
      ['script-src', 'img-src', 'connect-src'].filter(
        (directive) => !refused().some((each) => each.includes(directive)),
      )
    for (let wait = 0; wait < 300 && untold().length > 0; wait++) await page.waitForTimeout(100)
    expect(untold()).toEqual([])
    expect(elsewhere(requests, shop.url)).toContain('http://elsewhere.test/script.js')
    expect(await page.evaluate('window.planted')).toBeUndefined()
  }, 120_000)
})

/** A script, a picture and a call to another server, and a script in the page. */
const PLANTED = `{
  const add = (name, members) => document.head.append(Object.assign(document.createElement(name), members))
  add('script', { src: 'http://elsewhere.test/script.js' })
  add('img', { src: 'http://elsewhere.test/picture.png' })
  add('script', { textContent: 'window.planted = true' })
  fetch('http://elsewhere.test/').catch(() => {})
}`

const elsewhere = (requests: Window['requests'], url: string): string[] =>
  requests.map((request) => request.url()).filter((each) => !each.startsWith(`${url}/`) && !each.startsWith('data:'))

type Example = { data: { id?: string; attributes: object; relationships: { product: { data: { id: string } } } } }

/** The example with other attributes, about this product, or of this id. */
const having = (example: Example, attributes: object) => {
  Object.assign(example.data.attributes, attributes)
  return example
}
const about = (example: Example, product: string) => {
  example.data.relationships.product.data.id = product
  return example
}
const named = (example: Example, id: string) => {
  example.data.id = id
  return example
}
