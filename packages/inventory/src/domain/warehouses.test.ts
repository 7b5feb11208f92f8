import { expect, test } from 'bun:test'
import { ATTIC, exampleShop, NINE } from './example-shop.ts'
import { creation, deletion, renaming } from './examples.ts'
import { later } from './reservation.ts'
import { DEFAULT_WAREHOUSE } from './warehouse.ts'

const HARBOUR = '55555555-5555-7555-8555-555555555555'

test('a warehouse is opened, renamed and closed, and its version tells', () => {
  const shop = exampleShop()

  expect(shop.verdict(creation(HARBOUR))).toMatchObject({
    value: { warehouse: { id: HARBOUR, name: 'the other one', version: 1, createdAt: NINE, deletedAt: null } },
  })
  shop.wait(60)
  expect(shop.verdict(renaming(HARBOUR, 'Harbour', { expectedVersion: 1 }))).toMatchObject({
    value: { warehouse: { name: 'Harbour', version: 2, createdAt: NINE, updatedAt: later(NINE, 60) } },
  })
  expect(shop.verdict(deletion(HARBOUR, { expectedVersion: 2 }))).toMatchObject({
    value: { warehouse: { name: 'Harbour', version: 3, deletedAt: later(NINE, 60) } },
  })
})

test('an id belongs to one warehouse for ever', () => {
  const shop = exampleShop()

  expect(shop.verdict(creation(ATTIC))).toMatchObject({
    error: { kind: 'conflict', code: 'warehouse_exists', details: { id: ATTIC } },
  })
  shop.tell(deletion(ATTIC))
  expect(shop.refusals(creation(ATTIC))).toEqual(['warehouse_exists'])
})

test('what is not there, or no longer, is neither renamed nor closed', () => {
  const shop = exampleShop()
  shop.tell(deletion(ATTIC))

  for (const id of [ATTIC, HARBOUR]) {
    expect(shop.verdict(renaming(id, 'Harbour'))).toMatchObject({
      error: { kind: 'not_found', code: 'warehouse_not_found' },
    })
    expect(shop.refusals(deletion(id))).toEqual(['warehouse_not_found'])
  }
})

test('a change that was meant for another version is refused', () => {
  expect(
    exampleShop().refusals(renaming(ATTIC, 'Roof', { expectedVersion: 2 }), deletion(ATTIC, { expectedVersion: 2 })),
  ).toEqual(['version_mismatch', 'version_mismatch'])
})

test('the default warehouse can be renamed, and never closed', () => {
  const shop = exampleShop()

  expect(shop.refusals(renaming(DEFAULT_WAREHOUSE, 'Main'))).toEqual([undefined])
  expect(shop.verdict(deletion(DEFAULT_WAREHOUSE))).toMatchObject({
    error: { kind: 'conflict', code: 'default_warehouse' },
  })
})

test('a warehouse with something in the way of its closing stays', () => {
  const obstacle = { kind: 'conflict', code: 'warehouse_in_use', message: 'There is stock in it.' } as const
  const shop = exampleShop()

  expect(shop.refusals(deletion(ATTIC, { obstacle }))).toEqual(['warehouse_in_use'])
  expect(shop.shelf().warehouses.get(ATTIC)).toMatchObject({ version: 1, deletedAt: null })
})
