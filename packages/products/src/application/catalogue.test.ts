import { expect, test } from 'bun:test'
import { type Context, unconfirmed } from '@abasto/kernel'
import { memoryCache, memoryCatalogue, noCache } from '../infrastructure/memory.ts'
import { createProducts } from '../products.ts'

test('a list of products that are named shows them as they are, whatever the cache remembers', async () => {
  const catalogue = memoryCatalogue()
  const ports = { catalogue, newId: () => Bun.randomUUIDv7(), announce: () => {} }
  const remembering = createProducts({ ...ports, cache: memoryCache() })
  // What another process writes, this one's cache is not told of.
  const another = createProducts({ ...ports, cache: noCache })
  const lamp = await another.createProduct(asked(), { sku: 'LAMP-1', name: 'Lamp', price: '12.50', currency: 'EUR' })
  if (!lamp.ok) throw new Error(lamp.error.message)
  const { id } = lamp.value
  await remembering.getProduct(asked(), id)

  await another.updateProduct(asked(), { id, changes: { name: 'Brass lamp' } })

  const [remembered, listed] = [
    await remembering.getProduct(asked(), id),
    await remembering.listProducts(asked(), { size: 25 }, { ids: [id] }),
  ]
  expect(remembered).toMatchObject({ value: { name: 'Lamp' } })
  expect(listed).toMatchObject({ value: { items: [{ name: 'Brass lamp' }] } })
})

test('a change that comes too late for whoever asked for it is still seen by everybody', async () => {
  const { products, lamp, holdWrites, announced } = await lampInSlowShop()
  const release = holdWrites()

  const answer = await products.updateProduct(asked(20), { id: lamp.id, changes: { name: 'Brass lamp' } })
  expect(answer).toMatchObject({ ok: false, error: unconfirmed })
  await release()

  expect(await products.getProduct(asked(), lamp.id)).toMatchObject({ value: { name: 'Brass lamp', version: 2 } })
  expect(announced()).toEqual(['product.created', 'product.updated'])
})

test('a product whose deletion comes too late is still gone for everybody', async () => {
  const { products, lamp, holdWrites, announced } = await lampInSlowShop()
  const release = holdWrites()

  expect(await products.deleteProduct(asked(20), { id: lamp.id })).toMatchObject({ ok: false, error: unconfirmed })
  await release()

  expect(await products.getProduct(asked(), lamp.id)).toMatchObject({ error: { code: 'product_not_found' } })
  expect(announced()).toEqual(['product.created', 'product.deleted'])
})

test('a new product that comes too late is announced when it is there', async () => {
  const { products, holdWrites, announced } = await lampInSlowShop()
  const release = holdWrites()

  const answer = await products.createProduct(asked(20), { sku: 'CHAIR-1', name: 'Chair', price: '1', currency: 'EUR' })
  expect(answer).toMatchObject({ ok: false, error: unconfirmed })
  expect(announced()).toEqual(['product.created'])
  await release()

  expect(announced()).toEqual(['product.created', 'product.created'])
})

test('nobody waits past their deadline for a cache, and nobody is told of success before it was told', async () => {
  const { products, lamp, holdNews } = await lampInSlowShop()
  const release = holdNews()

  const answer = await products.updateProduct(asked(20), { id: lamp.id, changes: { name: 'Brass lamp' } })
  await release()

  expect(answer).toMatchObject({ ok: false, error: unconfirmed })
})

test('what goes wrong after a change, when nobody waits for it any more, does not end the process', async () => {
  const { products, lamp, holdNews } = await lampInSlowShop()
  const release = holdNews(new Error('a cache that breaks its promise'))

  await products.updateProduct(asked(20), { id: lamp.id, changes: { name: 'Brass lamp' } })
  await release()

  expect(await products.listProducts(asked(), { size: 25 })).toMatchObject({ value: { items: [{ version: 2 }] } })
})

/** A shop that remembers its one lamp, and whose writes, or the news of them, can be held up. */
async function lampInSlowShop() {
  const catalogue = memoryCatalogue()
  const cache = memoryCache()
  const events: string[] = []
  let [write, news] = [Promise.resolve(), Promise.resolve()]
  const products = createProducts({
    catalogue: { ...catalogue, write: (...change) => write.then(() => catalogue.write(...change)) },
    cache: { ...cache, outdate: (written) => news.then(() => cache.outdate(written)) },
    newId: () => Bun.randomUUIDv7(),
    announce: (event) => void events.push(event),
  })
  const created = await products.createProduct(asked(), {
    sku: 'LAMP-1',
    name: 'Lamp',
    price: '12.50',
    currency: 'EUR',
  })
  if (!created.ok) throw new Error(created.error.message)
  await products.getProduct(asked(), created.value.id)
  return {
    products,
    lamp: created.value,
    announced: () => events,
    holdWrites: () => {
      const held = holdUp()
      write = held.promise
      return held.release
    },
    holdNews: (fault?: Error) => {
      const held = holdUp(fault)
      news = held.promise
      return held.release
    },
  }
}

/** Something to wait for until it is released, or fails with `fault` then. */
function holdUp(fault?: Error) {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const release = async () => {
    if (fault) reject(fault)
    else resolve()
    await Bun.sleep(10)
  }
  return { promise, release }
}

const asked = (timeoutMs = 10_000): Context => ({
  requestId: 'request-1',
  caller: { id: 'owner', permissions: ['*'] },
  deadlineMs: Date.now() + timeoutMs,
  operationId: Bun.randomUUIDv7(),
  fingerprint: '',
})
