import { expect, test } from 'bun:test'
import type { LevelChange } from '../application/levels.ts'
import { DEFAULT_WAREHOUSE } from '../domain/warehouse.ts'
import { type Shop, succeeded } from './shop.ts'

/** Many changes by hand in one call. */
export function bulkSuite(shop: () => Shop): void {
  test('of many changes each has a verdict of its own, and what is refused does not hold up the rest', async () => {
    const { asked, inventory, stocked, level } = shop()
    const [lamp, chair] = [await stocked(5), await stocked(5)]
    const of = (productId: string) => ({ productId, warehouseId: DEFAULT_WAREHOUSE })
    const nothing = Bun.randomUUIDv7()
    const lines: LevelChange[] = [
      { ...of(lamp), quantityDelta: 3, reason: 'receipt', actor: 'Ada' },
      { ...of(chair), quantityDelta: -6, reason: 'loss' },
      { ...of(nothing), quantityDelta: 1, reason: 'receipt' },
      { ...of(chair), countedOnHand: 4, expectedOnHand: 9 },
      { ...of(chair), countedOnHand: 4 },
      { ...of(chair), quantityDelta: -1, reason: 'receipt' },
      { ...of(chair), countedOnHand: 4, expectedOnHand: 5 },
    ]
    const context = asked()

    const answer = await inventory.changeLevels(context, { lines })

    const verdicts = succeeded(answer)
    expect(verdicts).toMatchObject([
      { ok: true, value: { onHand: 8 } },
      { ok: false, error: { kind: 'conflict', code: 'insufficient_stock', details: { productId: chair } } },
      { ok: false, error: { kind: 'not_found', code: 'stock_level_not_found', details: of(nothing) } },
      { ok: false, error: { kind: 'precondition', code: 'quantity_mismatch', at: ['expectedOnHand'] } },
      { ok: false, error: { kind: 'invalid', code: 'count_without_base' } },
      { ok: false, error: { kind: 'invalid', code: 'reason_mismatch', at: ['reason'] } },
      { ok: true, value: { onHand: 4 } },
    ])
    expect(verdicts[0]).toEqual({ ok: true, value: await level(lamp) })
    expect(answer.replayed).toBeUndefined()
  })

  test('many changes that are sent again have the verdicts that they had, and take effect once', async () => {
    const { asked, inventory, stocked, level } = shop()
    const productId = await stocked(5)
    const key = { productId, warehouseId: DEFAULT_WAREHOUSE }
    const lines: LevelChange[] = [
      { ...key, quantityDelta: -3, reason: 'loss' },
      { ...key, quantityDelta: -3, reason: 'loss' },
    ]
    const context = asked()
    const first = succeeded(await inventory.changeLevels(context, { lines }))

    const again = await inventory.changeLevels(context, { lines })

    expect(again).toEqual({ ok: true, value: first.map((verdict) => ({ ...verdict, replayed: true })), replayed: true })
    expect(await level(productId)).toMatchObject({ onHand: 2, version: 2 })
    expect(await inventory.changeLevels({ ...context, fingerprint: '0'.repeat(32) }, { lines })).toMatchObject({
      error: { code: 'idempotency_key_reused' },
    })
  })

  test('up to a thousand changes are taken at once', async () => {
    const { asked, inventory, stocked, level } = shop()
    const productId = await stocked(0)
    const change = { productId, warehouseId: DEFAULT_WAREHOUSE, quantityDelta: 1, reason: 'receipt' } as const
    const lines = (count: number) => ({ lines: Array.from({ length: count }, () => change) })

    for (const count of [0, 1_001]) {
      expect(await inventory.changeLevels(asked(), lines(count))).toMatchObject({
        error: { kind: 'invalid', code: 'invalid_value', at: ['lines'] },
      })
    }
    expect(succeeded(await inventory.changeLevels(asked(), lines(1_000)))).toHaveLength(1_000)
    expect(await level(productId)).toMatchObject({ onHand: 1_000 })
  })
}
