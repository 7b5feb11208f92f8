import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { type CatalogueState, createProduct, type Decision, deleteProduct, updateProduct } from './decide.ts'
import type { Product, ProductDraft } from './product.ts'

const LAMP = '11111111-1111-7111-8111-111111111111'
const OTHER = '22222222-2222-7222-8222-222222222222'
const NOW = '2026-01-31T09:30:00.000Z'

const draft: ProductDraft = { sku: 'LAMP-1', name: 'Desk lamp', price: '12.50', currency: 'EUR' }
const lamp: Product = {
  id: LAMP,
  sku: 'LAMP-1',
  name: 'Desk lamp',
  description: 'Bright.',
  price: { minor: 1250, currency: 'EUR' },
  images: ['https://example.com/lamp.jpg'],
  active: true,
  version: 3,
  createdAt: '2025-01-01T00:00:00.000Z',
  updatedAt: '2025-06-01T00:00:00.000Z',
}

test('adds a product, sold from the start, with nothing said about it yet', () => {
  const { changes, verdict } = createProduct({ now: NOW }, LAMP, draft)

  const product = {
    ...{ id: LAMP, sku: 'LAMP-1', name: 'Desk lamp', description: '', images: [], active: true, version: 1 },
    ...{ price: { minor: 1250, currency: 'EUR' }, createdAt: NOW, updatedAt: NOW },
  }
  expect(verdict).toEqual({ ok: true, value: product })
  expect(changes).toEqual([{ type: 'insert', product }])
})

test('does not add a second product under one SKU', () => {
  expect(refusal(createProduct({ now: NOW, skuOwner: OTHER }, LAMP, draft))).toBe('sku_taken')
})

test('does not add a product at a price that is none', () => {
  expect(refusal(createProduct({ now: NOW }, LAMP, { ...draft, price: '12.345' }))).toBe('invalid_price')
  expect(refusal(createProduct({ now: NOW }, LAMP, { ...draft, currency: 'EURO' }))).toBe('unknown_currency')
})

test('changes what is given and keeps the rest', () => {
  const { changes, verdict } = updateProduct(state(), LAMP, { name: 'Lamp', active: false })

  const after = { ...lamp, name: 'Lamp', active: false, version: 4, updatedAt: NOW }
  expect(verdict).toEqual({ ok: true, value: after })
  expect(changes).toEqual([{ type: 'update', before: lamp, after }])
})

test('a new price is in the currency that the product has, unless another is given', () => {
  expect(updateProduct(state(), LAMP, { price: '9' }).verdict).toMatchObject({ value: { price: { minor: 900 } } })
  expect(updateProduct(state(), LAMP, { price: '9', currency: 'JPY' }).verdict).toMatchObject({
    value: { price: { minor: 9, currency: 'JPY' } },
  })
})

test('a new currency alone keeps the amount, where the currency can hold it', () => {
  expect(updateProduct(state(), LAMP, { currency: 'USD' }).verdict).toMatchObject({
    value: { price: { minor: 1250, currency: 'USD' } },
  })
  expect(refusal(updateProduct(state(), LAMP, { currency: 'JPY' }))).toBe('invalid_price')
})

test('a product may keep its SKU, and take one that is free, but not one that another has', () => {
  expect(refusal(updateProduct(state({ skuOwner: LAMP }), LAMP, { sku: 'LAMP-1' }))).toBeUndefined()
  expect(refusal(updateProduct(state(), LAMP, { sku: 'LAMP-2' }))).toBeUndefined()
  expect(refusal(updateProduct(state({ skuOwner: OTHER }), LAMP, { sku: 'LAMP-2' }))).toBe('sku_taken')
})

test('nothing is done to a product that is not there, or was meant at another version', () => {
  expect(refusal(updateProduct({ now: NOW }, LAMP, { name: 'x' }))).toBe('product_not_found')
  expect(refusal(deleteProduct({ now: NOW }, LAMP))).toBe('product_not_found')
  expect(refusal(updateProduct(state(), LAMP, { name: 'x' }, 2))).toBe('version_mismatch')
  expect(refusal(deleteProduct(state(), LAMP, 2))).toBe('version_mismatch')
})

test('deletes the version that was meant', () => {
  expect(deleteProduct(state(), LAMP, 3)).toEqual({
    changes: [{ type: 'delete', before: lamp, at: NOW }],
    verdict: { ok: true, value: null },
  })
})

test('whatever is changed: a refusal changes nothing, a change raises the version by one and keeps the id', () => {
  const changes = fc.record(
    {
      sku: fc.string(),
      name: fc.string(),
      price: fc.constantFrom('1', '12.50', '-1', '1e3', '12.345'),
      currency: fc.constantFrom('EUR', 'JPY', 'EURO'),
      active: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(changes, fc.option(fc.constantFrom(LAMP, OTHER)), fc.option(fc.nat(4)), (given, owner, expected) => {
      const before = state(owner === null ? {} : { skuOwner: owner })
      const decision = updateProduct(before, LAMP, given, expected ?? undefined)

      if (!decision.verdict.ok) return expect(decision.changes).toEqual([])
      const after = decision.verdict.value
      expect(decision.changes).toEqual([{ type: 'update', before: lamp, after }])
      expect([after.id, after.version, after.createdAt]).toEqual([LAMP, lamp.version + 1, lamp.createdAt])
    }),
  )
})

const state = (others: Partial<CatalogueState> = {}): CatalogueState => ({ now: NOW, product: lamp, ...others })

const refusal = ({ verdict }: Decision<unknown>) => (verdict.ok ? undefined : verdict.error.code)
