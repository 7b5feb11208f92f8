import { expect, test } from 'bun:test'
import type { PageRequest, Uuid } from '@abasto/kernel'
import { type Shop, succeeded } from './shop.ts'

/** The stock of products as a whole, changed in the default warehouse. */
export function inventoriesSuite(shop: () => Shop): void {
  test('a product is counted once, from the quantity that it opens with', async () => {
    const { asked, inventory, product } = shop()
    const productId = await product()

    const counted = await inventory.openInventory(asked(), { productId, quantity: 5 })

    const { updatedAt } = succeeded(counted)
    expect(counted).toEqual({ ok: true, value: { productId, onHand: 5, reserved: 0, version: 1, updatedAt } })
    expect(JSON.stringify(await inventory.getInventory(asked(), productId))).toBe(JSON.stringify(counted))
    expect(await inventory.openInventory(asked(), { productId, quantity: 5 })).toMatchObject({
      error: { kind: 'conflict', code: 'inventory_exists', details: { productId } },
    })
  })

  test('what does not exist cannot be counted, and what is not counted has no inventory', async () => {
    const { asked, inventory } = shop()
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
    const { asked, inventory, stocked } = shop()
    const productId = await stocked(5)
    const changes = [
      { quantityDelta: 3, reason: 'receipt' },
      { quantityDelta: 1, reason: 'return' },
      { quantityDelta: -2, reason: 'damage' },
      { quantityDelta: -1, reason: 'loss' },
      { quantityDelta: -1, reason: 'correction' },
    ] as const
    for (const change of changes) succeeded(await inventory.adjustStock(asked(), { productId, ...change }))

    const page = succeeded(await inventory.listInventoryMovements(asked(), { productId, page: { size: 10 } }))

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
    const { asked, inventory, stocked } = shop()
    const productId = await stocked(5)
    const take = () =>
      inventory.adjustStock(asked(), { productId, quantityDelta: -1, reason: 'loss', expectedVersion: 1 })

    expect(await take()).toMatchObject({ value: { onHand: 4, version: 2 } })
    expect(await take()).toMatchObject({ error: { kind: 'precondition', code: 'version_mismatch', at: ['ifMatch'] } })
  })

  test('lists are walked in either direction', async () => {
    const { asked, inventory, stocked } = shop()
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
    const movements = succeeded(
      await inventory.listInventoryMovements(asked(), { productId: first, page: { size: 1 } }),
    )
    expect(movements).toMatchObject({ items: [{ kind: 'receipt' }], hasPrevious: false, hasNext: true })
  })

  test('a position that is none of the list is refused', async () => {
    const { asked, inventory, stocked } = shop()
    const productId = await stocked(1)
    const page = { size: 2, after: 'nonsense' }

    for (const refused of [
      await inventory.listInventory(asked(), page),
      await inventory.listPurchases(asked(), page),
      await inventory.listInventoryMovements(asked(), { productId, page }),
    ]) {
      expect(refused).toMatchObject({ error: { code: 'invalid_cursor', at: ['page', 'after'] } })
    }
  })

  test('the products behind the stock are shown as their own service shows them', async () => {
    const { asked, inventory, products, stocked } = shop()
    const id = await stocked(1)

    const found = succeeded(await inventory.findProducts(asked(), [id, Bun.randomUUIDv7()]))

    expect(JSON.stringify([...found.values()])).toBe(
      JSON.stringify([succeeded(await products.getProduct(asked(), id))]),
    )
  })
}
