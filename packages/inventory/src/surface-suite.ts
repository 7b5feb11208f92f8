import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Context, PageRequest, Result, Uuid } from '@abasto/kernel'
import type { Products } from '@abasto/products/products'
import type { Inventory } from './inventory.ts'

export type OpenInventory = Readonly<{
  inventory: Inventory
  /** The products that it asks. */
  products: Products
  /** A context as its callers have one: with the key that the service wants, where it wants one. */
  asked: () => Context
  close: () => Promise<void>
}>

/** What the inventory service promises to whoever asks it, wherever it runs and however it is asked. */
export function inventorySurface(name: string, open: () => Promise<OpenInventory>): void {
  describe(`the inventory, asked ${name}`, () => {
    let opened: OpenInventory
    let inventory: Inventory
    beforeAll(async () => {
      opened = await open()
      inventory = opened.inventory
    })
    afterAll(() => opened.close())

    const asked = (changes: Partial<Context> = {}): Context => ({ ...opened.asked(), ...changes })

    /** A new product, with this much of it on the shelf. */
    async function stocked(quantity: number, price = '12.50'): Promise<Uuid> {
      const draft = { sku: Bun.randomUUIDv7(), name: 'Lamp', price, currency: 'EUR' }
      const { id } = succeeded(await opened.products.createProduct(asked(), draft))
      succeeded(await inventory.openInventory(asked(), { productId: id, quantity }))
      return id
    }

    test('a product is counted once, from the quantity that it opens with', async () => {
      const draft = { sku: Bun.randomUUIDv7(), name: 'Lamp', price: '1', currency: 'EUR' }
      const { id: productId } = succeeded(await opened.products.createProduct(asked(), draft))

      const counted = await inventory.openInventory(asked(), { productId, quantity: 5 })

      const { updatedAt } = succeeded(counted)
      expect(counted).toEqual({ ok: true, value: { productId, onHand: 5, reserved: 0, version: 1, updatedAt } })
      expect(JSON.stringify(await inventory.getInventory(asked(), productId))).toBe(JSON.stringify(counted))
      expect(await inventory.openInventory(asked(), { productId, quantity: 5 })).toMatchObject({
        error: { kind: 'conflict', code: 'inventory_exists', details: { productId } },
      })
    })

    test('what does not exist cannot be counted, and what is not counted has no inventory', async () => {
      const nothing = Bun.randomUUIDv7()

      expect(await inventory.openInventory(asked(), { productId: nothing, quantity: 1 })).toEqual({
        ok: false,
        error: {
          kind: 'not_found',
          code: 'product_not_found',
          message: `There is no product ${nothing}.`,
          at: ['productId'],
          details: { productId: nothing },
        },
      })
      expect(await inventory.getInventory(asked(), nothing)).toMatchObject({ error: { code: 'no_inventory' } })
      expect(await inventory.getPurchase(asked(), nothing)).toMatchObject({ error: { code: 'purchase_not_found' } })
    })

    test('stock is changed by hand for a reason, and every change is written down', async () => {
      const productId = await stocked(5)
      const changes = [
        { quantityDelta: 3, reason: 'receipt' },
        { quantityDelta: 1, reason: 'return' },
        { quantityDelta: -2, reason: 'damage' },
        { quantityDelta: -1, reason: 'loss' },
        { quantityDelta: -1, reason: 'correction' },
      ] as const
      for (const change of changes) succeeded(await inventory.adjustStock(asked(), { productId, ...change }))

      const page = succeeded(await inventory.listMovements(asked(), { productId, page: { size: 10 } }))

      expect(page.items.map(({ kind, reason, onHandChange }) => [kind, reason, onHandChange])).toEqual([
        ['receipt', 'receipt', 5],
        ['receipt', 'receipt', 3],
        ['return', 'return', 1],
        ['adjustment', 'damage', -2],
        ['adjustment', 'loss', -1],
        ['adjustment', 'correction', -1],
      ])
      expect(page).toMatchObject({ hasPrevious: false, hasNext: false })
      expect(page.items.at(-1)).toMatchObject({ sequence: 6, onHandAfter: 5, reservedAfter: 0, purchaseId: null })
    })

    test('a change of what somebody saw is refused once it has changed', async () => {
      const productId = await stocked(5)
      const take = () =>
        inventory.adjustStock(asked(), { productId, quantityDelta: -1, reason: 'loss', expectedVersion: 1 })

      expect(await take()).toMatchObject({ value: { onHand: 4, version: 2 } })
      expect(await take()).toMatchObject({ error: { kind: 'precondition', code: 'version_mismatch', at: ['ifMatch'] } })
    })

    test('a sale takes all its lines at the prices of now, and can be read again', async () => {
      const [lamp, chair] = [await stocked(5), await stocked(5, '3')]

      const sold = await inventory.sell(asked(), {
        lines: [
          { productId: lamp, quantity: 2 },
          { productId: chair, quantity: 1 },
        ],
      })

      const [first, second] = succeeded(sold)
      expect(first).toMatchObject({ productId: lamp, quantity: 2, total: { minor: 2500, currency: 'EUR' } })
      expect(second).toMatchObject({ productId: chair, unitPrice: { minor: 300, currency: 'EUR' } })
      expect(JSON.stringify(await inventory.getPurchase(asked(), first!.id))).toBe(
        JSON.stringify({ ok: true, value: first }),
      )
      expect(await inventory.getInventory(asked(), lamp)).toMatchObject({ value: { onHand: 3 } })
    })

    test('a sale that is short of one line sells nothing, and says which', async () => {
      const [lamp, chair] = [await stocked(5), await stocked(1)]
      const lines = [
        { productId: lamp, quantity: 1 },
        { productId: chair, quantity: 2 },
      ]

      expect(await inventory.sell(asked(), { lines })).toEqual({
        ok: false,
        error: {
          kind: 'conflict',
          code: 'insufficient_stock',
          message: '2 asked for, 1 available.',
          at: ['lines', 1, 'quantity'],
          details: { productId: chair, requested: 2, available: 1 },
        },
      })
      expect(await inventory.getInventory(asked(), lamp)).toMatchObject({ value: { onHand: 5 } })
    })

    test('a sale of no lines, or of too many, is refused', async () => {
      const productId = await stocked(500)
      const lines = (count: number) => ({ lines: Array.from({ length: count }, () => ({ productId, quantity: 1 })) })

      for (const count of [0, 101]) {
        expect(await inventory.sell(asked(), lines(count))).toMatchObject({ error: { kind: 'invalid', at: ['lines'] } })
      }
      expect(succeeded(await inventory.sell(asked(), lines(100)))).toHaveLength(100)
    })

    test('a sale that is sent again is answered as it was, and takes effect once', async () => {
      const productId = await stocked(5)
      const context = asked()
      const line = { lines: [{ productId, quantity: 5 }] }
      const sold = await inventory.sell(context, line)

      expect(await inventory.sell(context, line)).toEqual({ ...sold, replayed: true })
      const refused = asked()
      const refusal = await inventory.sell(refused, line)
      expect(await inventory.sell(refused, line)).toEqual({ ...refusal, replayed: true })
      expect(await inventory.sell({ ...context, fingerprint: '0'.repeat(32) }, line)).toMatchObject({
        error: { code: 'idempotency_key_reused' },
      })
    })

    test('lists are walked in either direction', async () => {
      const products = [await stocked(5), await stocked(5), await stocked(5)].toSorted()
      const [first, second, third] = products as [Uuid, Uuid, Uuid]
      const sold = []
      for (const productId of products) {
        sold.push(succeeded(await inventory.sell(asked(), { lines: [{ productId, quantity: 1 }] }))[0]!)
      }
      const inventories = async (page: PageRequest) =>
        succeeded(await inventory.listInventory(asked(), page)).items.map(({ productId }) => productId)
      const purchases = async (page: PageRequest) => succeeded(await inventory.listPurchases(asked(), page))

      expect(await inventories({ size: 2, after: first })).toEqual([second, third])
      expect(await inventories({ size: 1, before: second })).toEqual([first])
      expect(await purchases({ size: 2, after: sold[0]!.id })).toEqual({
        items: sold.slice(1),
        hasPrevious: true,
        hasNext: false,
      })
      expect(await purchases({ size: 2, before: sold[2]!.id })).toMatchObject({
        items: sold.slice(0, 2),
        hasNext: true,
      })
      const movements = succeeded(await inventory.listMovements(asked(), { productId: first, page: { size: 1 } }))
      expect(movements).toMatchObject({ items: [{ kind: 'receipt' }], hasPrevious: false, hasNext: true })
    })

    test('a position that is none of the list is refused', async () => {
      const productId = await stocked(1)
      const page = { size: 2, after: 'nonsense' }

      for (const refused of [
        await inventory.listInventory(asked(), page),
        await inventory.listPurchases(asked(), page),
        await inventory.listMovements(asked(), { productId, page }),
      ]) {
        expect(refused).toMatchObject({ error: { code: 'invalid_cursor', at: ['page', 'after'] } })
      }
    })

    test('the products behind the stock are shown as their own service shows them', async () => {
      const id = await stocked(1)

      const found = succeeded(await inventory.findProducts(asked(), [id, Bun.randomUUIDv7()]))

      expect(JSON.stringify([...found.values()])).toBe(
        JSON.stringify([succeeded(await opened.products.getProduct(asked(), id))]),
      )
    })
  })
}

function succeeded<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`)
  return result.value
}
