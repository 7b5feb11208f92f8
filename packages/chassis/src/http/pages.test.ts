import { afterAll, expect, test } from 'bun:test'
import { contract } from '@abasto/contract/contract'
import { exampleId } from '@abasto/contract/example-id'
import { submissionOf } from '@abasto/contract/submission'
import { createHealth } from './health.ts'
import { lampDocument, openShop } from './toy-shop.ts'

const shop = openShop({ health: createHealth({ database: { isUp: async () => true, isNeeded: true } }) })
afterAll(shop.close)

const ask = (path: string, method = 'GET') => fetch(shop.url + path, { method, redirect: 'manual' })

test('the front door leads to the docs', async () => {
  const answer = await ask('/')

  expect([answer.status, answer.headers.get('location')]).toEqual([302, '/docs'])
  expect(answer.headers.get('x-request-id')).toBeString()
})

test('the docs come from this server alone, and run no script that stands in the page', async () => {
  const page = await ask('/docs')
  const html = await page.text()
  const addresses = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '')

  expect(page.status).toBe(200)
  expect(page.headers.get('content-type')).toStartWith('text/html')
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self';")
  expect(html).not.toMatch(/<script[^>]*>[^<]/)
  expect(html).not.toContain('://')
  expect(addresses).toEqual([
    '/docs/swagger-ui.css',
    '/docs/page.css',
    '/docs/favicon-32x32.png',
    '/docs/swagger-ui-bundle.js',
    '/docs/start.js',
  ])
  for (const address of addresses) {
    const file = await ask(address)
    expect(file.status).toBe(200)
    expect((await file.text()).length).toBeGreaterThan(100)
  }
})

test('the docs begin with the document of this server', async () => {
  const start = await (await ask('/docs/start.js')).text()

  const url = /"url":"([^"]+)"/.exec(start)?.[1] ?? ''
  expect(new URL(url, `${shop.url}/docs`).pathname).toBe('/openapi.json')
})

test('the document of the API is served as JSON, and names every operation', async () => {
  const answer = await ask('/openapi.json')
  const document = (await answer.json()) as {
    openapi: string
    paths: Record<string, Record<string, { operationId: string }>>
  }

  expect(answer.headers.get('content-type')).toBe('application/json')
  expect(document.openapi).toStartWith('3.1')
  const ids = Object.values(document.paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId))
  expect(ids.sort()).toEqual(contract.operations.map(({ id }) => id).sort() as string[])
})

test('the examples of the document are accepted by the server', async () => {
  type Media = { content: Record<string, { schema: { $ref: string } }> }
  const document = (await (await ask('/openapi.json')).json()) as {
    paths: Record<string, Record<string, { requestBody?: Media }>>
    components: { schemas: Record<string, { examples: unknown[] }> }
  }
  const lamp = (await shop.send('POST', '/api/v1/products', { document: lampDocument('EXAMPLE-1') })).document.data.id
  const accepted: number[] = []

  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, { requestBody }] of Object.entries(methods)) {
      const name = requestBody?.content['application/vnd.api+json']?.schema.$ref.split('/').at(-1)
      if (!name) continue
      // Only the ids of what this shop keeps are made to fit it.
      const text = JSON.stringify(document.components.schemas[name]!.examples[0])
      const body = text.replaceAll(exampleId('products'), lamp).replaceAll(exampleId('inventory'), lamp)
      const { id } = JSON.parse(body).data
      const other = path.includes('{stockLevelId}') ? `${lamp}.${lamp}` : lamp
      const answer = await shop.send(method.toUpperCase(), path.replace(/\{\w+\}/, id ?? other), { body })
      accepted.push(answer.status)
    }
  }

  const taking = contract.operations.filter((operation) => submissionOf(contract, operation))
  expect(accepted.toSorted()).toEqual(taking.map(({ action }) => (action === 'create' ? 201 : 200)).sort())
})

test('health says whether the process lives and can work, and on what that depends', async () => {
  const well = await Promise.all(
    ['/health/live', '/health/ready', '/health'].map(async (path) => (await ask(path)).json()),
  )

  expect(well).toEqual([{ status: 'up' }, { status: 'up' }, { status: 'up', dependencies: { database: 'up' } }])
})

test('health says so when something it depends on is down or cannot be asked', async () => {
  const ill = openShop({ health: createHealth({ database: { isUp: async () => false, isNeeded: true } }) })
  const isUp = async () => {
    throw new Error('no answer')
  }
  const broken = openShop({ health: createHealth({ database: { isUp, isNeeded: true } }) })

  const statuses = []
  for (const { url } of [ill, broken]) {
    for (const path of ['/health/live', '/health/ready', '/health']) statuses.push((await fetch(url + path)).status)
  }
  await Promise.all([ill.close(), broken.close()])

  expect(statuses).toEqual([200, 503, 503, 200, 503, 503])
})

test('HEAD and OPTIONS are answered outside the API too', async () => {
  const head = await ask('/openapi.json', 'HEAD')
  const options = await ask('/docs', 'OPTIONS')

  expect([head.status, await head.text()]).toEqual([200, ''])
  expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS'])
})
