import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Stock } from '../application/ports.ts'
import { keyOf } from '../domain/command.ts'
import { decide } from '../domain/decide.ts'
import { adjustment, levelOf, opening } from '../domain/examples.ts'
import type { StockLevel } from '../domain/stock-level.ts'
import type { OpenStock } from './promises.ts'

/** What a store refuses, in its own words, even if the rule were wrong: the CHECKs of SQL, the validators of MongoDB. */
export function lastLineOfDefence(name: string, refusal: string, open: () => Promise<OpenStock>): void {
  describe(`the last line of defence in ${name}`, () => {
    let stock: Stock
    let close: () => Promise<void>
    beforeAll(async () => {
      const opened = await open()
      stock = opened.stock
      close = opened.close
    }, 60_000)
    afterAll(() => close())

    const nonsense: [string, Partial<StockLevel>][] = [
      ['less than nothing on hand', { onHand: -1 }],
      ['less than nothing promised', { onHand: 4, reserved: -1 }],
      ['more promised than is there and allowed', { onHand: 4, reserved: 7, backorderLimit: 1, short: 1 }],
      ['a shortage below zero', { onHand: 4, short: -1 }],
      ['a backorder limit below zero', { onHand: 4, backorderLimit: -1 }],
    ]
    for (const [what, wrong] of nonsense) {
      test(`refuses ${what}, and nothing of that write stays`, async () => {
        const lamp = Bun.randomUUIDv7()
        const state = await stock.read({ levels: [levelOf(lamp)] })
        await stock.write([decide(state, [opening(lamp, 5)])])
        const decision = decide(await stock.read({ levels: [levelOf(lamp)] }), [adjustment(lamp, -1)])
        const [row] = decision.read
        const broken = { ...decision, read: [{ ...row!, after: { ...row!.after!, ...wrong } }] }

        await expect(stock.write([broken])).rejects.toThrow(refusal)

        const { levels, operations } = await stock.read({
          levels: [levelOf(lamp)],
          operations: [decision.operations[0]!.id],
        })
        expect(levels.get(keyOf(levelOf(lamp)))).toEqual(row!.before!)
        expect(operations.size).toBe(0)
        expect((await stock.movements({ productIds: [lamp] }, { size: 10 })).items).toHaveLength(1)
      }, 30_000)
    }

    test('allows exactly as much to be promised as is there, allowed and known to be short', async () => {
      const lamp = Bun.randomUUIDv7()
      await stock.write([decide(await stock.read({ levels: [levelOf(lamp)] }), [opening(lamp, 5)])])
      const decision = decide(await stock.read({ levels: [levelOf(lamp)] }), [adjustment(lamp, -1)])
      const [row] = decision.read
      const after = { ...row!.after!, onHand: 4, reserved: 7, backorderLimit: 2, short: 1 }

      const { lost } = await stock.write([{ ...decision, read: [{ ...row!, after }] }])

      expect(lost.size).toBe(0)
    }, 30_000)
  })
}
