import { expect, test } from 'bun:test'
import type { TransferLine } from './command.ts'
import { ATTIC, CHAIR, exampleShop, inAttic, LAMP, SOFA } from './example-shop.ts'
import {
  adjustment,
  configuration,
  counting,
  deletion,
  lineHeld,
  opening,
  releasing,
  reservation,
  transfer,
} from './examples.ts'
import { DEFAULT_WAREHOUSE } from './warehouse.ts'

const MOST = Number.MAX_SAFE_INTEGER

test('a product is counted in each warehouse for itself', () => {
  const shop = exampleShop({ [LAMP]: 5 })

  expect(shop.verdict({ ...opening(LAMP, 3, { warehouseId: ATTIC }), shown: 'level' })).toMatchObject({
    value: { type: 'level', level: { warehouseId: ATTIC, onHand: 3, version: 1 } },
  })
  expect(shop.level(LAMP).onHand).toBe(5)
})

test('a level is opened once, in a warehouse that is there', () => {
  const shop = exampleShop({ [LAMP]: 5 })
  const again = { ...opening(LAMP, 1), shown: 'level' } as const

  expect(shop.verdict(again)).toMatchObject({
    error: { kind: 'conflict', code: 'stock_level_exists', at: ['productId'] },
  })
  expect(shop.verdict(opening(LAMP, 1))).toMatchObject({ error: { kind: 'conflict', code: 'inventory_exists' } })
  expect(shop.verdict(opening(CHAIR, 1, { warehouseId: SOFA }))).toMatchObject({
    error: { kind: 'not_found', code: 'warehouse_not_found', at: ['warehouseId'] },
  })
  shop.tell(deletion(ATTIC))
  expect(shop.refusals(opening(CHAIR, 1, { warehouseId: ATTIC }))).toEqual(['warehouse_not_found'])
})

test('a product that is counted anywhere has an inventory already', () => {
  const shop = exampleShop()
  shop.tell(opening(LAMP, 3, { warehouseId: ATTIC }))

  expect(shop.refusals({ ...opening(LAMP, 1), shown: 'inventory', siblings: [inAttic(LAMP)] })).toEqual([
    'inventory_exists',
  ])
})

test('a level is opened with all that it is set up with', () => {
  const settings = { backorderLimit: 4, incoming: 7, reorderPoint: 2 }

  const { verdicts } = exampleShop().tell({ ...opening(LAMP, 3), shown: 'level', settings })

  expect(verdicts).toMatchObject([{ value: { level: { onHand: 3, ...settings, version: 1, sequence: 1 } } }])
})

test('a change of one level of a product shows the product: the sum over its warehouses', () => {
  const shop = exampleShop({ [LAMP]: 5 })
  shop.tell(opening(LAMP, 3, { warehouseId: ATTIC }), reservation([lineHeld(LAMP, 2, ATTIC)]))
  const shown = { shown: 'inventory', siblings: [inAttic(LAMP)] } as const

  expect(shop.verdict({ ...adjustment(LAMP, 1), ...shown, expectedVersion: 2 })).toMatchObject({
    error: { kind: 'precondition', code: 'version_mismatch' },
  })
  expect(shop.verdict({ ...adjustment(LAMP, 1), ...shown, expectedVersion: 3 })).toMatchObject({
    value: { type: 'inventory', level: { productId: LAMP, onHand: 9, reserved: 2, version: 4 } },
  })
})

test('nothing is changed where nobody counts', () => {
  const shop = exampleShop()

  expect(
    shop.refusals(
      { ...adjustment(LAMP, 1), shown: 'level' },
      adjustment(LAMP, 1),
      counting(LAMP, 1, { expectedOnHand: 0 }),
      configuration(LAMP, {}),
    ),
  ).toEqual(['stock_level_not_found', 'no_inventory', 'stock_level_not_found', 'stock_level_not_found'])
})

test('a count holds only for what it was counted against', () => {
  const shop = exampleShop({ [LAMP]: 5 })

  expect(shop.verdict(counting(LAMP, 4, { expectedOnHand: 6 }))).toMatchObject({
    error: {
      kind: 'precondition',
      code: 'quantity_mismatch',
      at: ['expectedOnHand'],
      details: { expected: 6, onHand: 5 },
    },
  })
  expect(shop.verdict(counting(LAMP, 4, { expectedVersion: 2 }))).toMatchObject({
    error: { kind: 'precondition', code: 'version_mismatch' },
  })
  expect(shop.refusals(counting(LAMP, 4, { expectedVersion: 1 }), counting(LAMP, 4, { expectedVersion: 1 }))).toEqual([
    undefined,
    'version_mismatch',
  ])
  expect(shop.refusals(counting(LAMP, 6, { expectedOnHand: 4 }))).toEqual([undefined])
  expect(shop.level(LAMP)).toMatchObject({ onHand: 6, version: 3 })
})

test('a count is written down as what it changed, even if that is nothing', () => {
  const shop = exampleShop({ [LAMP]: 5 })

  const { movements } = shop.tell(
    counting(LAMP, 3, { expectedOnHand: 5 }),
    counting(LAMP, 9, { expectedOnHand: 3 }),
    counting(LAMP, 9, { expectedOnHand: 9 }),
  )

  expect(movements.map(({ kind, reason, onHandChange }) => [kind, reason, onHandChange])).toEqual([
    ['adjustment', 'count', -2],
    ['adjustment', 'count', 6],
    ['adjustment', 'count', 0],
  ])
})

test('a count below what is promised is a fact: it is accepted, and what is missing is short', () => {
  const shop = exampleShop({ [LAMP]: { onHand: 5, backorderLimit: 1 } })
  shop.tell(reservation([lineHeld(LAMP, 5)]))

  expect(shop.verdict(counting(LAMP, 2, { expectedOnHand: 5 }))).toMatchObject({
    value: { level: { onHand: 2, reserved: 5, short: 2 } },
  })
  expect(shop.refusals(reservation([lineHeld(LAMP, 1)]))).toEqual(['insufficient_stock'])
})

test('a level is set up bit by bit, and what is not named stays', () => {
  const shop = exampleShop({ [LAMP]: 5 })

  shop.tell(configuration(LAMP, { reorderPoint: 2 }), configuration(LAMP, { backorderLimit: 3 }))
  const { verdicts, movements } = shop.tell(configuration(LAMP, { incoming: 9 }, { expectedVersion: 3 }))

  expect(verdicts).toMatchObject([
    { value: { level: { reorderPoint: 2, backorderLimit: 3, incoming: 9, version: 4 } } },
  ])
  expect(movements).toEqual([])
  expect(shop.refusals(configuration(LAMP, { reorderPoint: null }, { expectedVersion: 3 }))).toEqual([
    'version_mismatch',
  ])
  shop.tell(configuration(LAMP, { reorderPoint: null }))
  expect(shop.level(LAMP)).toMatchObject({ reorderPoint: null, sequence: 1 })
})

test('a backorder limit is not lowered below what is owed', () => {
  const shop = exampleShop({ [LAMP]: { onHand: 2, backorderLimit: 5 } })
  const owing = reservation([lineHeld(LAMP, 5)])
  shop.tell(owing)

  expect(shop.verdict(configuration(LAMP, { backorderLimit: 2 }))).toMatchObject({
    error: { kind: 'conflict', code: 'backorder_limit_too_low', at: ['backorderLimit'], details: { owed: 3 } },
  })
  expect(shop.refusals(configuration(LAMP, { backorderLimit: 3 }))).toEqual([undefined])
  shop.tell(releasing(owing.reservationId))
  expect(shop.refusals(configuration(LAMP, { backorderLimit: 0 }))).toEqual([undefined])
})

test('a higher backorder limit makes good what was short', () => {
  const shop = exampleShop({ [LAMP]: 5 })
  shop.tell(reservation([lineHeld(LAMP, 5)]), adjustment(LAMP, -3, { reason: 'loss' }))
  expect(shop.level(LAMP).short).toBe(3)

  shop.tell(configuration(LAMP, { backorderLimit: 2 }))

  expect(shop.level(LAMP).short).toBe(1)
})

test('no level passes the largest number that is exact', () => {
  const shop = exampleShop({ [LAMP]: MOST - 1, [CHAIR]: 3 })
  shop.tell(opening(CHAIR, MOST, { warehouseId: ATTIC }))
  const tooMuch = [
    adjustment(LAMP, 2, { reason: 'receipt' }),
    counting(LAMP, MOST + 1, { expectedOnHand: MOST - 1 }),
    configuration(LAMP, { backorderLimit: 2 }),
    { ...opening(SOFA, MOST), settings: { backorderLimit: 1 } },
    transfer([moved(CHAIR, 1)]),
  ]

  expect(shop.refusals(...tooMuch)).toEqual(tooMuch.map(() => 'quantity_out_of_range'))
})

test('stock moves from one warehouse to another, and both write it down', () => {
  const shop = exampleShop({ [LAMP]: 5 })

  const { verdicts, movements } = shop.tell(transfer([moved(LAMP, 3), moved(LAMP, 1)]))

  expect(verdicts).toMatchObject([
    { value: { transfer: { lines: [{ quantity: 3 }, { quantity: 1 }], actor: 'tester' } } },
  ])
  expect(movements.map(({ kind, warehouseId, onHandChange }) => [kind, warehouseId, onHandChange])).toEqual([
    ['transfer_out', DEFAULT_WAREHOUSE, -3],
    ['transfer_in', ATTIC, 3],
    ['transfer_out', DEFAULT_WAREHOUSE, -1],
    ['transfer_in', ATTIC, 1],
  ])
  expect([shop.level(LAMP).onHand, shop.level(LAMP, ATTIC).onHand]).toEqual([1, 4])
})

test('nothing moves when one line cannot; lines that leave one level are added up', () => {
  const shop = exampleShop({ [LAMP]: 5, [CHAIR]: 3 })
  shop.tell(reservation([lineHeld(LAMP, 1)]))

  const { verdicts, movements } = shop.tell(transfer([moved(CHAIR, 1), moved(LAMP, 2), moved(LAMP, 3)]))

  expect(verdicts).toMatchObject([
    { error: { code: 'insufficient_stock', at: ['lines', 2, 'quantity'], details: { requested: 5, available: 4 } } },
  ])
  expect(movements).toEqual([])
  expect(shop.level(CHAIR).onHand).toBe(3)
})

test('stock moves only from where it is, and to another place that is there', () => {
  const shop = exampleShop({ [LAMP]: 5 })
  const [away, home] = [moved(SOFA, 1), { ...moved(LAMP, 1), to: DEFAULT_WAREHOUSE }]

  expect(shop.verdict(transfer([moved(LAMP, 1), away]))).toMatchObject({
    error: { kind: 'not_found', code: 'stock_level_not_found', at: ['lines', 1, 'productId'] },
  })
  expect(shop.verdict(transfer([home]))).toMatchObject({
    error: { kind: 'invalid', code: 'same_warehouse', at: ['lines', 0, 'to'] },
  })
  expect(shop.verdict(transfer([{ ...moved(LAMP, 1), to: SOFA }]))).toMatchObject({
    error: { kind: 'not_found', code: 'warehouse_not_found', at: ['lines', 0, 'to'] },
  })
})

test('what arrives with one line does not leave again with another', () => {
  const shop = exampleShop({ [LAMP]: 5 })
  shop.tell(opening(LAMP, 0, { warehouseId: ATTIC }))
  const back = { productId: LAMP, from: ATTIC, to: DEFAULT_WAREHOUSE, quantity: 1 }

  expect(shop.refusals(transfer([moved(LAMP, 5), back]))).toEqual(['insufficient_stock'])
})

test('what is in a deleted warehouse can still be moved out', () => {
  const shop = exampleShop()
  shop.tell(opening(LAMP, 4, { warehouseId: ATTIC }), deletion(ATTIC))
  const out = { productId: LAMP, from: ATTIC, to: DEFAULT_WAREHOUSE, quantity: 4 }

  expect(shop.refusals(transfer([moved(LAMP, 1)]), transfer([out]), transfer([moved(LAMP, 1)]))).toEqual([
    'stock_level_not_found',
    undefined,
    'warehouse_not_found',
  ])
})

const moved = (productId: string, quantity: number): TransferLine => ({
  productId,
  from: DEFAULT_WAREHOUSE,
  to: ATTIC,
  quantity,
})
