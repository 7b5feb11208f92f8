import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Contention } from '@abasto/chassis/database/database'
import type { Context, Uuid } from '@abasto/kernel'
import type { Catalogue } from '../application/ports.ts'
import type { Change } from '../domain/decide.ts'
import type { Product, ProductDraft } from '../domain/product.ts'
import { createProducts } from '../products.ts'
import { noCache } from './memory.ts'

/** A store under test; `another` is what a second process would hold of it. */
export type OpenCatalogue = Readonly<{ catalogue: Catalogue; another: () => Catalogue; close: () => Promise<void> }>

/** What every store of the catalogue promises, whatever it is made of. */
export function cataloguePromises(name: string, open: () => Promise<OpenCatalogue>): void {
  describe(`the catalogue in ${name}`, () => {
    let opened: OpenCatalogue
    let catalogue: Catalogue
    beforeAll(async () => {
      opened = await open()
      catalogue = opened.catalogue
    }, 60_000)
    afterAll(() => opened.close(), 60_000)

    const shop = (own = catalogue) =>
      createProducts({ catalogue: own, cache: noCache, newId: () => Bun.randomUUIDv7(), announce: () => {} })
    const lamp = async (changes: Partial<ProductDraft> = {}) =>
      created(await shop().createProduct(asked(), draft(changes)))

    test('an empty catalogue has an empty list', async () => {
      expect(await catalogue.list({ size: 5 })).toEqual({ items: [], hasPrevious: false, hasNext: false })
      expect(await catalogue.find([Bun.randomUUIDv7()])).toEqual([])
      expect(await catalogue.find([])).toEqual([])
    })

    test('what was written is what is read, to the last character', async () => {
      const odd = {
        name: `"'\\{}, é 灯 \u{1f4a1}`,
        description: 'a\nb\tc',
        images: ['https://a/b?c=1&d="2"'],
        active: false,
      }
      const product = await lamp(odd)

      expect(product).toMatchObject(odd)
      expect(await catalogue.find([product.id])).toEqual([product])
    })

    test('what a product costs is what it costs now, and nothing that is gone has a price', async () => {
      const [one, other, gone] = [await lamp(), await lamp(), await lamp()]
      await shop().updateProduct(asked(), { id: other.id, changes: { price: '3', active: false } })
      await shop().deleteProduct(asked(), { id: gone.id })

      const prices = await catalogue.prices([one.id, other.id, gone.id, Bun.randomUUIDv7()])

      const figures = prices.map(({ id, price, active }) => ({ id, price, active }))
      expect(figures.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
        { id: one.id, price: { minor: 1250, currency: 'EUR' }, active: true },
        { id: other.id, price: { minor: 300, currency: 'EUR' }, active: false },
      ])
      expect(await catalogue.prices([])).toEqual([])
    })

    test('an operation that is sent again, to another process, is answered as it was, a refusal included', async () => {
      const [first, refused] = [asked(), asked()]
      const wanted = draft()
      const product = await shop().createProduct(first, wanted)
      const refusal = await shop().createProduct(refused, wanted)

      const others = shop(opened.another())
      expect(await others.createProduct(first, wanted)).toEqual({ ...product, replayed: true })
      expect(refusal).toMatchObject({ error: { code: 'sku_taken' } })
      expect(await others.createProduct(refused, wanted)).toEqual({ ...refusal, replayed: true })
    })

    test('an operation id cannot be used for another command', async () => {
      const first = asked()
      await shop().createProduct(first, draft())

      const other = await shop().createProduct({ ...first, fingerprint: '0'.repeat(32) }, draft())

      expect(other).toMatchObject({ error: { code: 'idempotency_key_reused' } })
    })

    test('of many who want the same SKU at the same time one gets it', async () => {
      const wanted = draft()
      const shops = [shop(), shop(opened.another()), shop(opened.another())]

      const results = await Promise.all(
        Array.from({ length: 12 }, (_, index) => shops[index % 3]!.createProduct(asked(), wanted)),
      )

      expect(results.filter(({ ok }) => ok)).toHaveLength(1)
      for (const result of results) if (!result.ok) expect(result.error.code).toBe('sku_taken')
    })

    test('of many who change a product at the same time none is forgotten', async () => {
      const { id } = await lamp()
      const shops = [shop(), shop(opened.another())]

      await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          shops[index % 2]!.updateProduct(asked(), { id, changes: { price: String(index) } }),
        ),
      )

      const [after] = await catalogue.find([id])
      expect(after!.version).toBe(11)
    })

    test('a change loses where the product was changed or deleted meanwhile, and writes nothing', async () => {
      const product = await lamp()
      const late: Change[] = [
        { type: 'update', before: product, after: { ...product, name: 'Late', version: product.version + 1 } },
      ]
      await shop().updateProduct(asked(), { id: product.id, changes: { name: 'First' } })

      expect(await takesEffect(late)).toBe(false)
      await shop().deleteProduct(asked(), { id: product.id })
      expect(await takesEffect(late)).toBe(false)
      expect(await catalogue.find([product.id])).toEqual([])
    })

    test('all changes of a write take effect, or none', async () => {
      const [stays, gone] = [await lamp(), await lamp()]
      await shop().deleteProduct(asked(), { id: gone.id })

      const isDone = await takesEffect([
        { type: 'update', before: stays, after: { ...stays, sku: `${stays.sku}-new`, version: 2 } },
        { type: 'update', before: gone, after: { ...gone, name: 'Back', version: 2 } },
      ])

      expect(isDone).toBe(false)
      expect(await catalogue.find([stays.id])).toEqual([stays])
      expect(
        (await catalogue.read({ operationId: Bun.randomUUIDv7(), sku: `${stays.sku}-new` })).skuOwner,
      ).toBeUndefined()
    })

    test('a deleted product is gone from every list, and its SKU is free again', async () => {
      const product = await lamp()
      expect(await shop().deleteProduct(asked(), { id: product.id })).toMatchObject({ ok: true })

      const again = await lamp({ sku: product.sku })

      expect(await catalogue.find([product.id, again.id])).toEqual([again])
      expect((await allOf(catalogue)).map(({ id }) => id)).not.toContain(product.id)
      expect(await shop().getProduct(asked(), product.id)).toMatchObject({ error: { code: 'product_not_found' } })
    })

    test('a product that takes another SKU gives its own back', async () => {
      const product = await lamp()
      await shop().updateProduct(asked(), { id: product.id, changes: { sku: `${product.sku}-new` } })

      expect(await lamp({ sku: product.sku })).toMatchObject({ sku: product.sku })
      expect(await shop().createProduct(asked(), draft({ sku: `${product.sku}-new` }))).toMatchObject({ ok: false })
    })

    test('a list of those that are named has them in its own order, page by page, without those that are gone', async () => {
      const [one, other, third, gone] = [await lamp(), await lamp(), await lamp(), await lamp()]
      await shop().deleteProduct(asked(), { id: gone.id })
      const ids = [third.id, gone.id, one.id, Bun.randomUUIDv7(), other.id]

      const whole = await catalogue.list({ size: 5 }, { ids })
      const first = await catalogue.list({ size: 2 }, { ids })
      const second = await catalogue.list({ size: 2, after: other.id }, { ids })

      expect(whole).toEqual({ items: [one, other, third], hasPrevious: false, hasNext: false })
      expect(first).toEqual({ items: [one, other], hasPrevious: false, hasNext: true })
      expect(second).toEqual({ items: [third], hasPrevious: true, hasNext: false })
      expect((await catalogue.list({ size: 5 }, { ids: [] })).items).toEqual([])
    })

    test('a list is walked page by page in both directions without a gap or a double', async () => {
      for (let count = 0; count < 5; count++) await lamp()

      const forwards = await allOf(catalogue)
      const ids = forwards.map(({ id }) => id)
      const { items } = await catalogue.list({ size: 3, before: ids.at(-1)! })

      expect(ids).toEqual(ids.toSorted())
      expect(new Set(ids).size).toBe(ids.length)
      expect(items).toEqual(forwards.slice(-4, -1))
    })

    async function takesEffect(changes: readonly Change[]): Promise<boolean> {
      const operation = {
        id: Bun.randomUUIDv7(),
        fingerprint: 'f'.repeat(32),
        verdict: { ok: true, value: null },
      } as const
      const done = await catalogue.write(changes, operation, new Date().toISOString()).catch((error) => {
        if (error instanceof Contention) return false
        throw error
      })
      const { operation: recorded } = await catalogue.read({ operationId: operation.id })
      expect(recorded !== undefined).toBe(done)
      return done
    }
  })
}

const asked = (): Context => ({
  requestId: 'test',
  caller: { id: 'tester', permissions: ['*'] },
  deadlineMs: Date.now() + 30_000,
  operationId: Bun.randomUUIDv7(),
  fingerprint: 'f'.repeat(32),
})

const draft = (changes: Partial<ProductDraft> = {}): ProductDraft => ({
  sku: `LAMP-${Bun.randomUUIDv7()}`,
  name: 'Desk lamp',
  price: '12.50',
  currency: 'EUR',
  ...changes,
})

function created(result: Awaited<ReturnType<ReturnType<typeof createProducts>['createProduct']>>): Product {
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

async function allOf(catalogue: Catalogue): Promise<Product[]> {
  const found: Product[] = []
  for (let after: Uuid | undefined; ; after = found.at(-1)!.id) {
    const page = await catalogue.list({ size: 2, ...(after === undefined ? {} : { after }) })
    found.push(...page.items)
    if (!page.hasNext) return found
  }
}
