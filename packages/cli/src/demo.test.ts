import { expect, test } from 'bun:test'
import { createDemo } from './demo.ts'
import { demoProducts } from './demo-products.ts'
import { fakeShop } from './fake-shop.ts'
import { readProducts } from './product-file.ts'

test('the demo adds twenty products with stock, and run again adds nothing', async () => {
  const { shop, stock } = fakeShop()

  const first = await createDemo(shop)
  await shop.purchases.create({ productId: first.get('LAMP-DESK') ?? '', quantity: 2 }, { idempotencyKey: 'a sale' })
  const second = await createDemo(shop)

  expect(second).toEqual(first)
  expect(stock().size).toBe(20)
  expect(stock().get('LAMP-DESK')).toBe(40)
})

test('the server would take every demo product', () => {
  const rows = demoProducts.map(({ sku, name, description, price, currency, quantity }) =>
    [sku, name, description, price, currency, quantity].map((cell) => JSON.stringify(String(cell))).join(','),
  )
  const text = ['sku,name,description,price,currency,quantity', ...rows].join('\n')

  expect(readProducts({ path: 'demo', bytes: Buffer.from(text), sha256: '' }).length).toBe(20)
})

test('the demo stops at a SKU that another product has', async () => {
  const { shop } = fakeShop()
  await shop.products.create({ sku: 'BOWL-24', name: 'Mine', price: '1', currency: 'EUR' }, { idempotencyKey: 'mine' })

  await expect(createDemo(shop)).rejects.toThrow('has the SKU BOWL-24 already')
})
