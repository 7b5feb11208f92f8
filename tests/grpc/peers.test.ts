import { expect, test } from 'bun:test'
import { connectGrpc } from '../../packages/chassis/src/grpc/client.ts'
import { createTelemetry } from '../../packages/chassis/src/telemetry/process-telemetry.ts'
import { fail, notFound, type Result, type Uuid } from '../../packages/kernel/src/kernel.ts'
import { productsOverGrpc } from '../../packages/products/src/api/grpc-client.ts'
import type { Product } from '../../packages/products/src/domain/product.ts'
import type { Products } from '../../packages/products/src/products.ts'
import { openProxy } from '../network/tcp-proxy.ts'
import { until } from '../processes/until.ts'
import { asked, connectProducts, memoryProducts, serveProducts } from './services.ts'

const NOBODY: Uuid = '11111111-1111-7111-8111-111111111111'

test('a peer that is not there is tried three times, then not at all for a while, and found again by itself', async () => {
  const listener = await serveProducts(memoryProducts())
  const { port } = listener
  await listener.stop()
  const shop = measured(`127.0.0.1:${port}`)

  for (let call = 0; call < 5; call++) expect(await shop.ask()).toMatchObject(absent)
  expect(await shop.figure('abasto_grpc_client_retries_total{peer="products"}')).toBe(10)
  expect(await shop.figure('abasto_grpc_products_breaker_state')).toBe(2)
  const startedMs = performance.now()
  expect(await shop.ask()).toMatchObject(absent)
  expect(performance.now() - startedMs).toBeLessThan(1_000)
  expect(await shop.figure('abasto_grpc_client_retries_total{peer="products"}')).toBe(10)

  const again = await serveProducts(memoryProducts(), { port })
  await answersWithin(10_000, shop.ask)
  expect(await shop.figure('abasto_grpc_products_breaker_state')).toBe(0)
  shop.peer.close()
  await again.stop()
}, 30_000)

test('a peer that hangs from the first moment costs nobody more than their deadline, and is found again', async () => {
  const listener = await serveProducts(memoryProducts())
  const proxy = await openProxy(listener.port)
  proxy.hang()
  const shop = measured(`127.0.0.1:${proxy.port}`)

  const startedMs = performance.now()
  const answers = await Promise.all(Array.from({ length: 6 }, () => shop.ask(1_000)))

  expect(performance.now() - startedMs).toBeWithin(500, 3_000)
  for (const answer of answers) expect(answer).toMatchObject(absent)
  // A server that comes back does not know the connections that it never answered.
  proxy.cut()
  proxy.pass()
  await answersWithin(10_000, shop.ask)
  shop.peer.close()
  await listener.stop()
  await proxy.close()
}, 30_000)

test('a connection that was never greeted is given up, so a peer that hung is found again over another', async () => {
  const mute = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => {} } })
  const { port } = mute
  const shop = measured(`127.0.0.1:${port}`)
  expect(await shop.ask(700)).toMatchObject(absent)

  // The address now leads to a server that answers; the old connection stays open, and as mute as it was.
  mute.stop(false)
  const well = await serveProducts(memoryProducts(), { port })
  await answersWithin(15_000, shop.ask)

  shop.peer.close()
  mute.stop(true)
  await well.stop()
}, 30_000)

test('a connection that falls silent is noticed before the caller has to give up', async () => {
  const listener = await serveProducts(memoryProducts())
  const proxy = await openProxy(listener.port)
  const shop = measured(`127.0.0.1:${proxy.port}`)
  await answersWithin(5_000, shop.ask)

  proxy.hang()
  expect(await shop.ask(5_000)).toMatchObject(absent)
  proxy.cut()
  proxy.pass()

  await answersWithin(10_000, shop.ask)
  shop.peer.close()
  await listener.stop()
  await proxy.close()
}, 30_000)

test('connections that are cut are made again, and no write is done twice', async () => {
  const products = memoryProducts()
  const listener = await serveProducts(products)
  const proxy = await openProxy(listener.port)
  const { peer, products: remote } = connectProducts(`127.0.0.1:${proxy.port}`)
  const cutting = setInterval(() => {
    proxy.cut()
    proxy.pass()
  }, 40)

  const writes = await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      await Bun.sleep(index * 5)
      const draft = { sku: `LAMP-${index}`, name: 'Lamp', price: '1', currency: 'EUR' }
      const context = asked()
      for (;;) {
        const written = await remote.createProduct({ ...context, deadlineMs: Date.now() + 5_000 }, draft)
        if (written.ok || written.error.kind !== 'unavailable') return written
        await Bun.sleep(50)
      }
    }),
  )

  clearInterval(cutting)
  expect(writes.filter(({ ok }) => !ok)).toEqual([])
  const skus = new Set<string>()
  for (let after: string | undefined; ; ) {
    const page = await products.listProducts(asked(), { size: 100, ...(after ? { after } : {}) })
    if (!page.ok) throw new Error(page.error.message)
    for (const { sku } of page.value.items) expect(skus.size).toBeLessThan(skus.add(sku).size)
    if (!page.value.hasNext) break
    after = page.value.items.at(-1)?.id
  }
  expect(skus.size).toBe(200)
  peer.close()
  await listener.stop()
  await proxy.close()
}, 60_000)

test('calls go to all addresses in turn, and none is lost when one of the servers is stopped', async () => {
  const seen = [0, 0]
  const counting = (index: number): Products => ({
    ...memoryProducts(),
    getProduct: async (_, id) => {
      seen[index]!++
      await Bun.sleep(5)
      return fail(notFound('product', id))
    },
  })
  const listeners = [await serveProducts(counting(0)), await serveProducts(counting(1))]
  const { peer, products } = connectProducts(listeners.map(({ port }) => `localhost:${port}`).join(','))
  let running = true
  const answers: Result<Product>[] = []
  const customers = Array.from({ length: 16 }, async () => {
    while (running) {
      const answer = await products.getProduct(asked(), NOBODY)
      answers.push(answer)
      if (!answer.ok && answer.error.kind === 'unavailable') await Bun.sleep(50)
    }
  })
  await until(async () => Math.min(...seen) > 10)

  listeners[0]!.drain()
  await listeners[0]!.stop()
  const [before, others] = seen
  await until(async () => seen[1]! > others! + 100)
  running = false
  await Promise.all(customers)

  expect(answers.filter((answer) => answer.ok || answer.error.kind !== 'not_found')).toEqual([])
  expect(seen[0]).toBe(before!)
  peer.close()
  await listeners[1]!.stop()
}, 30_000)

test('what a peer refuses, and who had no time, does not keep others away from it', async () => {
  const slow: Products = {
    ...memoryProducts(),
    getProduct: async (_, id) => {
      await Bun.sleep(100)
      return fail(notFound('product', id))
    },
  }
  const listener = await serveProducts(slow)
  const shop = measured(listener.url)

  for (let call = 0; call < 10; call++) expect(await shop.ask(20)).toMatchObject({ error: { kind: 'unavailable' } })
  for (let call = 0; call < 10; call++) expect(await shop.ask()).toMatchObject({ error: { kind: 'not_found' } })

  expect(await shop.figure('abasto_grpc_products_breaker_state')).toBe(0)
  expect(await shop.figure('abasto_grpc_client_retries_total{peer="products"}')).toBe(0)
  shop.peer.close()
  await listener.stop()
})

test('a caller that goes away ends its own call and no other', async () => {
  const patient: Products = {
    ...memoryProducts(),
    getProduct: async (_, id) => {
      await Bun.sleep(100)
      return fail(notFound('product', id))
    },
  }
  const listener = await serveProducts(patient)
  const { peer, products } = connectProducts(listener.url)
  const leaving = new AbortController()

  const left = products.getProduct(asked({ signal: leaving.signal }), NOBODY)
  const staying = products.getProduct(asked(), NOBODY)
  setTimeout(() => leaving.abort(), 20)

  expect(await left).toMatchObject({ error: { kind: 'unavailable' } })
  expect(await staying).toMatchObject({ error: { kind: 'not_found' } })
  peer.close()
  await listener.stop()
})

test('a peer may be named: alone, by DNS, or in a list', async () => {
  const listener = await serveProducts(memoryProducts())
  const { port } = listener

  for (const addresses of [`localhost:${port}`, `dns:///localhost:${port}`, `localhost:${port}, 127.0.0.1:${port}`]) {
    const { peer, products } = connectProducts(addresses)
    expect(await products.getProduct(asked(), NOBODY)).toMatchObject({ error: { code: 'product_not_found' } })
    peer.close()
  }
  await listener.stop()
})

test('a hundred of the largest products come in one answer', async () => {
  const listener = await serveProducts(memoryProducts())
  const { peer, products } = connectProducts(listener.url)
  const words = { description: '灯'.repeat(10_000), name: '灯'.repeat(255) }
  const images = Array.from({ length: 50 }, () => `https://a/${'x'.repeat(2_000)}`)
  const ids: Uuid[] = []
  for (let count = 0; count < 100; count++) {
    const draft = { sku: `LAMP-${count}`, price: '1', currency: 'EUR', ...words, images }
    const created = await products.createProduct(asked(), draft)
    if (created.ok) ids.push(created.value.id)
  }

  const found = await products.findProducts(asked(), ids)

  expect(found.ok && found.value.size).toBe(100)
  peer.close()
  await listener.stop()
}, 30_000)

test('what is no address is refused at the start', () => {
  for (const addresses of ['', 'localhost', 'http://localhost:50051', 'dns:///a:1,dns:///b:2', 'a:1,b', ',']) {
    expect(() => connectGrpc({ addresses, name: 'products' })).toThrow()
  }
})

test('a peer is up when it says that it can work, and only then', async () => {
  let isReady = false
  const listener = await serveProducts(memoryProducts(), { isReady: () => isReady })
  const { peer } = connectProducts(listener.url)

  expect(await peer.isUp()).toBe(false)
  isReady = true
  expect(await peer.isUp()).toBe(true)
  listener.drain()
  expect(await peer.isUp()).toBe(false)
  await listener.stop()
  expect(await peer.isUp()).toBe(false)
  peer.close()
})

const absent = { ok: false, error: { kind: 'unavailable', details: { peer: 'products' } } }

/** A client whose metrics can be read. */
function measured(addresses: string) {
  const telemetry = createTelemetry({ service: 'tests' })
  const peer = connectGrpc({ addresses, name: 'products', telemetry })
  const products = productsOverGrpc(peer)
  const ask = (waitMs = 5_000) => products.getProduct(asked({ deadlineMs: Date.now() + waitMs }), NOBODY)
  const figure = async (name: string) => {
    const { body } = await telemetry.metrics.page()
    const line = body.split('\n').find((line) => line.startsWith(`${name} `))
    return Number(line?.slice(name.length) ?? 0)
  }
  return { peer, ask, figure }
}

/** Asks until the peer answers again: what it answers is that there is no such product. */
async function answersWithin(ms: number, ask: (waitMs?: number) => Promise<Result<unknown>>): Promise<void> {
  const endsAtMs = performance.now() + ms
  for (;;) {
    const answer = await ask(1_000)
    if (!answer.ok && answer.error.kind === 'not_found') return
    if (performance.now() > endsAtMs) throw new Error(`No answer: ${JSON.stringify(answer)}`)
    await Bun.sleep(50)
  }
}
