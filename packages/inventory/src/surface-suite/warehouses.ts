import { expect, test } from 'bun:test'
import { DEFAULT_WAREHOUSE } from '../domain/warehouse.ts'
import { type Shop, succeeded } from './shop.ts'

/** The places that hold stock. */
export function warehousesSuite(shop: () => Shop): void {
  test('a warehouse is made, gets another name, and stands in the list beside the default one', async () => {
    const { asked, inventory } = shop()

    const made = succeeded(await inventory.createWarehouse(asked(), { name: 'Cellar' }))
    const { id, createdAt } = made
    expect(made).toEqual({ id, name: 'Cellar', version: 1, createdAt, updatedAt: createdAt, deletedAt: null })
    expect(JSON.stringify(await inventory.getWarehouse(asked(), id))).toBe(JSON.stringify({ ok: true, value: made }))

    const rename = () => inventory.renameWarehouse(asked(), { id, name: 'Attic', expectedVersion: 1 })
    expect(await rename()).toMatchObject({ value: { id, name: 'Attic', version: 2, createdAt } })
    expect(await rename()).toMatchObject({ error: { kind: 'precondition', code: 'version_mismatch' } })

    const first = succeeded(await inventory.listWarehouses(asked(), { size: 1 }))
    expect(first).toMatchObject({ items: [{ id: DEFAULT_WAREHOUSE, name: 'default' }], hasNext: true })
    const rest = succeeded(await inventory.listWarehouses(asked(), { size: 100, after: DEFAULT_WAREHOUSE }))
    expect(rest.items).toContainEqual(succeeded(await inventory.getWarehouse(asked(), id)))
    expect(rest.hasPrevious).toBe(true)
  })

  test('a warehouse is deleted only once nothing is in it, and is then no warehouse any more', async () => {
    const { asked, inventory, product, warehouse } = shop()
    const [productId, id] = [await product(), await warehouse()]
    const key = { productId, warehouseId: id }
    succeeded(await inventory.openLevel(asked(), { ...key, quantity: 1 }))

    expect(await inventory.deleteWarehouse(asked(), { id })).toMatchObject({
      error: { kind: 'conflict', code: 'warehouse_not_empty', details: { id } },
    })
    succeeded(await inventory.changeLevel(asked(), { ...key, quantityDelta: -1, reason: 'correction' }))
    expect(await inventory.deleteWarehouse(asked(), { id, expectedVersion: 7 })).toMatchObject({
      error: { kind: 'precondition', code: 'version_mismatch' },
    })
    const gone = succeeded(await inventory.deleteWarehouse(asked(), { id, expectedVersion: 1 }))

    expect(gone).toMatchObject({ id, version: 2, deletedAt: gone.updatedAt })
    const notFound = { error: { kind: 'not_found', code: 'warehouse_not_found', details: { id } } }
    expect(await inventory.getWarehouse(asked(), id)).toMatchObject(notFound)
    expect(await inventory.renameWarehouse(asked(), { id, name: 'Again' })).toMatchObject(notFound)
    expect(await inventory.deleteWarehouse(asked(), { id })).toMatchObject(notFound)
    const other = { productId: await product(), warehouseId: id, quantity: 1 }
    expect(await inventory.openLevel(asked(), other)).toMatchObject(notFound)
    const { items } = succeeded(await inventory.listWarehouses(asked(), { size: 100 }))
    expect(items.map((warehouse) => warehouse.id)).not.toContain(id)
    expect(await inventory.getLevel(asked(), key)).toMatchObject({ value: { onHand: 0, sequence: 2 } })
  })

  test('the default warehouse stays', async () => {
    const { asked, inventory } = shop()

    expect(await inventory.deleteWarehouse(asked(), { id: DEFAULT_WAREHOUSE })).toMatchObject({
      error: { kind: 'conflict', code: 'default_warehouse' },
    })
  })

  test('a warehouse that is asked for twice under one key is made once', async () => {
    const { asked, inventory } = shop()
    const context = asked()
    const made = await inventory.createWarehouse(context, { name: 'Cellar' })

    expect(await inventory.createWarehouse(context, { name: 'Cellar' })).toEqual({ ...made, replayed: true })
    const { id } = succeeded(made)
    const renaming = asked()
    const renamed = await inventory.renameWarehouse(renaming, { id, name: 'Attic' })
    expect(await inventory.renameWarehouse(renaming, { id, name: 'Attic' })).toEqual({ ...renamed, replayed: true })
    const deleting = asked()
    const deleted = await inventory.deleteWarehouse(deleting, { id })
    expect(await inventory.deleteWarehouse(deleting, { id })).toEqual({ ...deleted, replayed: true })
  })
}
