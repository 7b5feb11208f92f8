import { expect, test } from 'bun:test'
import type { Context } from '@abasto/kernel'
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

const asked = (): Context => ({
  requestId: 'request-1',
  caller: { id: 'owner', permissions: ['*'] },
  deadlineMs: Date.now() + 10_000,
  operationId: Bun.randomUUIDv7(),
  fingerprint: '',
})
