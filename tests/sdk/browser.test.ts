import { expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { runShop, temporaryFolder } from '../running-shop.ts'
import { builtPackage } from './built-package.ts'

const executablePath = Bun.which('chromium') ?? Bun.which('chromium-browser') ?? Bun.which('google-chrome')

if (!executablePath) console.log('The SDK in a browser was not tested: there is no Chromium.')
else {
  test('a page loads the package as it is, sells a lamp and is told of what it cannot have', async () => {
    await using shop = await openShop()
    using site = siteFor(shop, readFileSync(join((await builtPackage()).folder, 'abasto.js'), 'utf8'))
    await using browser = await openBrowser(executablePath)
    const page = await browser.newPage()
    const problems: string[] = []
    page.on('pageerror', ({ message }) => problems.push(message))

    await page.goto(site.url)
    await page.waitForFunction('document.title !== "Selling"', undefined, { timeout: 30_000 })

    expect(problems).toEqual([])
    expect(await page.title()).toBe('Sold')
    expect(JSON.parse((await page.textContent('pre')) ?? '')).toEqual({
      total: '25.00',
      replays: [false, true],
      changes: [100, -2],
      found: ['LAMP-1'],
      available: 98,
      caught: ['ConflictError', 'insufficient_stock', true],
      aborted: 'AbortedError',
    })
    expect(site.traced()).toBeGreaterThan(0)
  }, 90_000)
}

/** What runs in the page. */
const script = (apiKey: string) => `
import { Abasto, AbastoError, ConflictError } from './abasto.js'

const abasto = new Abasto({
  apiKey: ${JSON.stringify(apiKey)},
  baseUrl: location.origin,
  onRequest: () => ({ traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' }),
})
try {
  const lamp = await abasto.products.create({ sku: 'LAMP-1', name: 'Desk lamp', price: '12.50', currency: 'EUR' })
  await abasto.inventory.create({ productId: lamp.id, quantity: 100 })
  const replays = []
  const options = { idempotencyKey: 'one sale', onResponse: ({ replayed }) => replays.push(replayed) }
  let sale
  for (let send = 0; send < 2; send++) sale = await abasto.purchases.create({ productId: lamp.id, quantity: 2 }, options)
  const changes = []
  for await (const { onHandChange } of abasto.inventory.movements(lamp.id)) changes.push(onHandChange)
  const { items } = await abasto.products.list({ filter: { id: [lamp.id] } }).page()
  const { available } = await abasto.inventory.get(lamp.id)
  const conflict = await abasto.purchases.create({ productId: lamp.id, quantity: 99 }).catch((error) => error)
  const caught = [conflict.name, conflict.code, conflict instanceof ConflictError && conflict instanceof AbastoError]
  const aborted = await abasto.products.get(lamp.id, { signal: AbortSignal.abort() }).catch(({ name }) => name)
  const told = { total: sale.total, replays, changes, found: items.map(({ sku }) => sku), available, caught, aborted }
  document.querySelector('pre').textContent = JSON.stringify(told)
  document.title = 'Sold'
} catch (error) {
  document.querySelector('pre').textContent = String(error.stack)
  document.title = 'Failed: ' + error.message
}
`

type Shop = Readonly<{ urls: Readonly<{ products: string; inventory: string }>; apiKey: string }>

/** One origin for the page, the package and the API, as whoever sells in a browser has to have. */
function siteFor({ urls, apiKey }: Shop, sdk: string) {
  let traced = 0
  const files: Readonly<Record<string, readonly [type: string, text: string]>> = {
    '/': [
      'text/html',
      '<!doctype html><title>Selling</title><pre></pre><script type="module" src="/page.js"></script>',
    ],
    '/page.js': ['text/javascript', script(apiKey)],
    '/abasto.js': ['text/javascript', sdk],
    '/favicon.ico': ['image/png', ''],
  }
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: async (request) => {
      const { pathname, search } = new URL(request.url)
      const [type, text] = files[pathname] ?? []
      if (type !== undefined) return new Response(text, { headers: { 'Content-Type': type } })
      if (request.headers.has('traceparent')) traced++
      const target = pathname.startsWith('/api/v1/products') ? urls.products : urls.inventory
      const { method, headers } = request
      const body = method === 'GET' ? {} : { body: await request.arrayBuffer() }
      return fetch(target + pathname + search, { method, headers, ...body })
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}/`,
    /** How many requests came with what the hook of the page adds. */
    traced: () => traced,
    [Symbol.dispose]: () => void server.stop(true),
  }
}

async function openShop() {
  const { folder, remove } = temporaryFolder()
  const { urls, apiKey, stop } = await runShop(folder)
  return { urls, apiKey, [Symbol.asyncDispose]: () => stop().finally(remove) }
}

/** A browser with a profile of its own, which asks for nothing that the page does not. */
async function openBrowser(executablePath: string) {
  const profile = mkdtempSync(join(tmpdir(), 'abasto-browser-'))
  const flags = ['no-sandbox', 'disable-gpu', 'disable-quic', 'no-first-run', 'disable-background-networking']
  const more = ['disable-component-update', 'disable-sync']
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: ['--headless=new', ...[...flags, ...more].map((flag) => `--${flag}`)],
  })
  return {
    newPage: () => context.newPage(),
    [Symbol.asyncDispose]: async () => {
      await context.close()
      rmSync(profile, { recursive: true, force: true })
    },
  }
}
