import { expect, test } from 'bun:test'
import { type Shop, succeeded } from './shop.ts'

/** What is sold at once. */
export function purchasesSuite(shop: () => Shop): void {
  test('a sale takes all its lines at the prices of now, and can be read again', async () => {
    const { asked, inventory, stocked } = shop()
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
    const { asked, inventory, stocked } = shop()
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
    const { asked, inventory, stocked } = shop()
    const productId = await stocked(500)
    const lines = (count: number) => ({ lines: Array.from({ length: count }, () => ({ productId, quantity: 1 })) })

    for (const count of [0, 101]) {
      expect(await inventory.sell(asked(), lines(count))).toMatchObject({ error: { kind: 'invalid', at: ['lines'] } })
    }
    expect(succeeded(await inventory.sell(asked(), lines(100)))).toHaveLength(100)
  })

  test('a sale that is sent again is answered as it was, and takes effect once', async () => {
    const { asked, inventory, stocked } = shop()
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
}
