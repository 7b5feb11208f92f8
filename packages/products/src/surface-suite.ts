import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Context, Result, Uuid } from '@abasto/kernel'
import type { Product, ProductDraft } from './domain/product.ts'
import type { Products } from './products.ts'

export type OpenProducts = Readonly<{
  products: Products
  /** A context as its callers have one: with the key that the service wants, where it wants one. */
  asked: () => Context
  close: () => Promise<void>
}>

/** What the products service promises to whoever asks it, wherever it runs and however it is asked. */
export function productsSurface(
  name: string,
  open: () => Promise<OpenProducts>,
  {
    showsVersions = true,
  }: Readonly<{ /** Whether the products of a list tell their version. */ showsVersions?: boolean }> = {},
): void {
  describe(`the products, asked ${name}`, () => {
    let opened: OpenProducts
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened.close())

    const asked = (changes: Partial<Context> = {}): Context => ({ ...opened.asked(), ...changes })
    const add = async (changes: Partial<ProductDraft> = {}) =>
      succeeded(await opened.products.createProduct(asked(), draft(changes)))
    const listed = (product: Product): Product => (showsVersions ? product : { ...product, version: 0 })

    test('a product that was created is read as it was given, to the last character', async () => {
      const odd = {
        name: `"'\\{}, é 灯 \u{1f4a1}`,
        description: 'a\nb\tc',
        price: '999999999999.99',
        images: ['https://a/b?c=1&d=%222', 'https://e/'],
        active: false,
      }
      const created = await opened.products.createProduct(asked(), draft(odd))

      const product = succeeded(created)
      const { price: _, ...others } = odd
      expect(product).toMatchObject({
        ...others,
        price: { minor: 99_999_999_999_999, currency: 'EUR' },
        version: 1,
      })
      expect(created).toEqual({ ok: true, value: product })
      expect(JSON.stringify(await opened.products.getProduct(asked(), product.id))).toBe(JSON.stringify(created))
    })

    test('what was left out is as it should be: sold, without words or pictures', async () => {
      expect(await add()).toMatchObject({ description: '', images: [], active: true })
    })

    test('a change keeps what it does not name, and can take pictures away', async () => {
      const lamp = await add({ images: ['https://a/b'], description: 'Brass.' })
      const changes = { price: '13', active: false }

      const dearer = await opened.products.updateProduct(asked(), { id: lamp.id, changes })
      const bare = await opened.products.updateProduct(asked(), {
        id: lamp.id,
        changes: { images: [], description: '' },
      })

      const price = { minor: 1300, currency: 'EUR' }
      expect(succeeded(dearer)).toEqual({
        ...lamp,
        price,
        active: false,
        version: 2,
        updatedAt: succeeded(dearer).updatedAt,
      })
      expect(succeeded(bare)).toMatchObject({ images: [], description: '', price, version: 3 })
    })

    test('of two who change what they saw, the second is told that it has changed', async () => {
      const { id } = await add()
      const change = (name: string) =>
        opened.products.updateProduct(asked(), { id, changes: { name }, expectedVersion: 1 })

      expect(await change('Floor lamp')).toMatchObject({ value: { version: 2 } })
      expect(await change('Ceiling lamp')).toEqual(versionMismatch)
      expect(await opened.products.deleteProduct(asked(), { id, expectedVersion: 1 })).toEqual(versionMismatch)
      expect(await opened.products.deleteProduct(asked(), { id, expectedVersion: 2 })).toEqual({
        ok: true,
        value: null,
      })
    })

    test('a product that was deleted is gone, and its SKU is free again', async () => {
      const { id, sku } = await add()

      expect(await opened.products.deleteProduct(asked(), { id })).toEqual({ ok: true, value: null })
      expect(await opened.products.getProduct(asked(), id)).toEqual(noProduct(id))
      expect(await opened.products.updateProduct(asked(), { id, changes: { name: 'Lamp' } })).toEqual(noProduct(id))
      expect(await opened.products.deleteProduct(asked(), { id })).toEqual(noProduct(id))
      expect(await add({ sku })).toMatchObject({ sku })
    })

    test('a SKU has one product, and a refusal says all that it knows', async () => {
      const { sku } = await add()

      expect(await opened.products.createProduct(asked(), draft({ sku }))).toEqual({
        ok: false,
        error: {
          kind: 'conflict',
          code: 'sku_taken',
          message: `Another product has the SKU ${sku}.`,
          at: ['sku'],
          details: { sku },
        },
      })
    })

    test('a price that cannot be paid is refused where it stands', async () => {
      const decimals = { code: 'invalid_price', message: 'EUR has 2 decimals, not 3.', at: ['price'] }
      expect(await opened.products.createProduct(asked(), draft({ price: '1.234' }))).toEqual({
        ok: false,
        error: { kind: 'invalid', ...decimals },
      })
      expect(await opened.products.createProduct(asked(), draft({ currency: 'XXX' }))).toMatchObject({
        error: { code: 'unknown_currency', at: ['currency'] },
      })
    })

    test('a write that is sent again is answered as it was, and takes effect once', async () => {
      const context = asked()
      const sku = newSku()
      const first = await opened.products.createProduct(context, draft({ sku }))

      expect(await opened.products.createProduct(context, draft({ sku }))).toEqual({ ...first, replayed: true })
      const refused = asked()
      const refusal = await opened.products.createProduct(refused, draft({ sku }))
      expect(refusal).toMatchObject({ ok: false, error: { code: 'sku_taken' } })
      expect(await opened.products.createProduct(refused, draft({ sku }))).toEqual({ ...refusal, replayed: true })
    })

    test('one name for two writes is refused', async () => {
      const context = asked()
      await opened.products.createProduct(context, draft())

      const other = { ...context, fingerprint: '0'.repeat(32) }
      expect(await opened.products.createProduct(other, draft())).toMatchObject({
        error: { kind: 'invalid', code: 'idempotency_key_reused', at: ['idempotencyKey'] },
      })
    })

    test('several are found at once, and those that are not there are left out', async () => {
      const lamps = [await add(), await add({ active: false, price: '3' })]
      const [one, other] = lamps.map(({ id }) => id) as [Uuid, Uuid]
      const ids = [one, Bun.randomUUIDv7(), other]

      const found = succeeded(await opened.products.findProducts(asked(), ids))
      const prices = succeeded(await opened.products.priceProducts(asked(), ids))

      expect([...found.keys()].toSorted()).toEqual([one, other].toSorted())
      expect(lamps.map(({ id }) => found.get(id))).toEqual(lamps.map(listed))
      expect(prices.get(one)).toMatchObject({ id: one, price: { minor: 1250, currency: 'EUR' }, active: true })
      expect(prices.get(other)).toMatchObject({ id: other, price: { minor: 300, currency: 'EUR' }, active: false })
      expect(prices.size).toBe(2)
    })

    test('any number of ids may be asked for, none among them', async () => {
      const lamp = await add()
      const ids = [...Array.from({ length: 250 }, () => Bun.randomUUIDv7()), lamp.id]

      expect(succeeded(await opened.products.findProducts(asked(), ids)).size).toBe(1)
      expect(succeeded(await opened.products.priceProducts(asked(), ids)).get(lamp.id)?.active).toBe(true)
      expect(succeeded(await opened.products.findProducts(asked(), [])).size).toBe(0)
    })

    test('the list is walked in either direction', async () => {
      const [first, second, third] = [await add(), await add(), await add()]
      const page = async (request: { after?: string; before?: string }) =>
        succeeded(await opened.products.listProducts(asked(), { size: 2, ...request }))

      expect(await page({ after: first.id })).toMatchObject({ items: [{ id: second.id }, { id: third.id }] })
      expect(await page({ after: second.id })).toEqual({ items: [listed(third)], hasPrevious: true, hasNext: false })
      expect(await page({ before: third.id })).toMatchObject({
        items: [{ id: first.id }, { id: second.id }],
        hasNext: true,
      })
      expect((await page({})).items).toHaveLength(2)
    })

    test('of a list those can be asked for that are named', async () => {
      const [lamp, chair] = [await add(), await add()]
      const named = async (ids: readonly Uuid[]) =>
        succeeded(await opened.products.listProducts(asked(), { size: 5 }, { ids })).items

      expect(await named([chair.id, lamp.id, Bun.randomUUIDv7()])).toEqual([lamp, chair].map(listed))
      expect(await named([])).toEqual([])
    })

    test('a position that is none of the list is refused', async () => {
      const refused = await opened.products.listProducts(asked(), { size: 2, after: 'nonsense' })
      expect(refused).toEqual({
        ok: false,
        error: {
          kind: 'invalid',
          code: 'invalid_cursor',
          message: 'The cursor is not one of this list.',
          at: ['page', 'after'],
        },
      })
    })

    test('nobody is answered who has stopped waiting', async () => {
      const { id } = await add()

      const late = await opened.products.getProduct(asked({ deadlineMs: Date.now() - 1 }), id)

      expect(late).toMatchObject({ ok: false, error: { kind: 'unavailable', code: 'unavailable' } })
    })
  })
}

let made = 0
const newSku = () => `SKU-${++made}`

const draft = (changes: Partial<ProductDraft> = {}): ProductDraft => ({
  sku: newSku(),
  name: 'Desk lamp',
  price: '12.50',
  currency: 'EUR',
  ...changes,
})

function succeeded<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`)
  return result.value
}

const noProduct = (id: Uuid) => ({
  ok: false as const,
  error: {
    kind: 'not_found' as const,
    code: 'product_not_found',
    message: `There is no product ${id}.`,
    details: { id },
  },
})

const versionMismatch = {
  ok: false as const,
  error: {
    kind: 'precondition' as const,
    code: 'version_mismatch',
    message: 'The version is 2, not 1.',
    at: ['ifMatch'],
  },
}
