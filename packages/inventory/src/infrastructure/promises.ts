import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { fail } from '@abasto/kernel'
import { createCommitter } from '../application/committer.ts'
import { movementPosition } from '../application/movements.ts'
import type { Stock } from '../application/ports.ts'
import { keyOf } from '../domain/command.ts'
import { decide } from '../domain/decide.ts'
import { adjustment, levelOf, line, opening, sale } from '../domain/examples.ts'
import type { Decision } from '../domain/state.ts'
import type { StockLevel } from '../domain/stock-level.ts'
import { decided, effect, expectWalk, inAMinute, ledger, newId, stateFor, stocked, takesEffect } from './deciding.ts'

/** A store under test; `another` is what a second process would hold of it. */
export type OpenStock = Readonly<{ stock: Stock; another: () => Stock; close: () => Promise<void> }>

/** What every store of the stock promises, whatever it is made of. */
export function stockPromises(name: string, open: () => Promise<OpenStock>): void {
  describe(`the stock in ${name}`, () => {
    let opened: OpenStock
    let stock: Stock
    beforeAll(async () => {
      opened = await open()
      stock = opened.stock
    }, 60_000)
    afterAll(() => opened.close())

    test('an empty shop has empty lists', async () => {
      const nothing = { items: [], hasPrevious: false, hasNext: false }

      expect(await stock.inventories({ size: 2 })).toEqual(nothing)
      expect(await stock.purchases({ size: 2 })).toEqual(nothing)
      expect(await stock.movements({ productIds: [newId()] }, { size: 2 })).toEqual(nothing)
      expect(await stock.inventory(newId())).toBeUndefined()
      expect(await stock.purchase(newId())).toBeUndefined()
    })

    test('what was written is what is read, to the last field', async () => {
      const lamp = await stocked(stock, 10)
      const bought = sale([line(lamp, 2), line(lamp, 1)])

      const decision = decide(await stateFor(stock, bought), [bought])
      await stock.write([decision])

      const { levels } = await stock.read({ levels: [levelOf(lamp)] })
      expect(levels.get(keyOf(levelOf(lamp)))).toEqual(decision.read[0]!.after!)
      const { items } = await stock.movements({ productIds: [lamp] }, { size: 10 })
      expect(items.slice(1)).toEqual([...decision.movements])
      for (const purchase of decision.purchases) expect(await stock.purchase(purchase.id)).toEqual(purchase)
      const { productId, onHand, reserved, version, updatedAt } = decision.read[0]!.after!
      expect(await stock.inventory(lamp)).toEqual({ productId, onHand, reserved, version, updatedAt })
    })

    test('a verdict comes back as it was given, a refusal included', async () => {
      const lamp = await stocked(stock, 3)
      const commands = [
        sale([line(lamp, 1), line(lamp, 1)]),
        sale([line(lamp, 9)]),
        sale([
          { ...line(lamp, 1), offer: fail({ kind: 'conflict', code: 'gone', message: '"é\\{},"', at: ['x', 0] }) },
        ]),
        adjustment(lamp, 5),
        adjustment(newId(), 5),
      ]
      const state = await stateFor(stock, ...commands)
      const decision = decide(state, commands)
      await stock.write([decision])

      const { operations } = await stock.read({ operations: commands.map(({ operationId }) => operationId) })

      expect(decision.verdicts.map(({ ok }) => ok)).toEqual([true, false, false, true, false])
      for (const [index, { operationId, fingerprint }] of commands.entries()) {
        expect(operations.get(operationId)).toEqual({
          id: operationId,
          fingerprint,
          verdict: decision.verdicts[index]!,
        })
      }
    })

    test('a decision loses when a level that it changes was changed meanwhile, and is told the level', async () => {
      const lamp = await stocked(stock, 5)
      const late = await decided(stock, sale([line(lamp, 5)]))
      await effect(stock, sale([line(lamp, 1)]))

      const written = await stock.write([late])

      expect([...written.lost]).toEqual([0])
      const told = written.levels.get(keyOf(levelOf(lamp)))
      if (told) expect(told.onHand).toBe(4)
      expect(await ledger(stock, lamp)).toMatchObject({ onHand: 4, sequence: 2 })
    })

    test('a decision loses when a level that it only read was changed meanwhile', async () => {
      const [lamp, chair] = [await stocked(stock, 5), await stocked(stock, 0)]
      // Refused for want of chairs, so it changes nothing; but chairs arrive before it is written down.
      const refused = await decided(stock, sale([line(lamp, 1), line(chair, 1)]))
      await effect(stock, adjustment(chair, 7))

      expect(await takesEffect(stock, refused)).toBe(false)
      const { operations } = await stock.read({ operations: [refused.operations[0]!.id] })
      expect(operations.size).toBe(0)
    })

    test('a decision loses where there is a level that was not there when it was read', async () => {
      const lamp = newId()
      const refused = await decided(stock, adjustment(lamp, 5))
      await effect(stock, opening(lamp, 5))

      expect(await takesEffect(stock, refused)).toBe(false)
    })

    test('a decision loses on a level that never was, even if its version is the one that was reckoned', async () => {
      const lamp = await stocked(stock, 100)
      const state = await stateFor(stock, adjustment(lamp, 1))
      const first = decide(state, [adjustment(lamp, -3)])
      // Decided on what the first will leave behind, before anyone knows whether it takes effect. It does not: another
      // process is quicker, and reaches the same version with other numbers.
      const second = decide({ ...state, levels: levelsAfter(first) }, [adjustment(lamp, -1)])
      await effect(stock, adjustment(lamp, -50))

      expect(await takesEffect(stock, first)).toBe(false)
      expect(await takesEffect(stock, second)).toBe(false)
      expect(await ledger(stock, lamp)).toMatchObject({ onHand: 50 })
    })

    test('what loses does not take its neighbours with it', async () => {
      const [lamp, chair, table] = [await stocked(stock, 5), await stocked(stock, 5), await stocked(stock, 5)]
      const decisions = [
        await decided(stock, sale([line(lamp, 1)])),
        await decided(stock, sale([line(chair, 1), line(table, 1)])),
      ]
      const neighbour = await decided(stock, sale([line(await stocked(stock, 1), 1)]))
      await effect(stock, sale([line(table, 5)]))

      const { lost } = await stock.write([...decisions, neighbour])

      expect([...lost]).toEqual([1])
      expect(await ledger(stock, lamp)).toMatchObject({ onHand: 4 })
      expect(await ledger(stock, chair)).toMatchObject({ onHand: 5, sequence: 1 })
      expect(await ledger(stock, table)).toMatchObject({ onHand: 0 })
    })

    test('an operation takes effect once, and what is written with a repeated one is not written at all', async () => {
      const [lamp, chair] = [await stocked(stock, 5), await stocked(stock, 5)]
      const bought = sale([line(lamp, 1)])
      await effect(stock, bought)
      const again = await decided(stock, sale([line(chair, 2)], { operationId: bought.operationId }))

      expect(await takesEffect(stock, again)).toBe(false)
      expect(await ledger(stock, chair)).toMatchObject({ onHand: 5, sequence: 1 })
    })

    test('of several who open the same product at the same time one does', async () => {
      const lamp = newId()
      const decisions = await Promise.all([1, 2, 3, 4].map((quantity) => decided(stock, opening(lamp, quantity))))

      const results = await Promise.all(decisions.map((decision) => takesEffect(opened.another(), decision)))

      expect(results.filter(Boolean)).toHaveLength(1)
      const { onHand, sequence } = await ledger(stock, lamp)
      expect({ onHand, sequence }).toEqual({ onHand: results.indexOf(true) + 1, sequence: 1 })
    })

    test('two committers that are sent the same operation answer alike, and it takes effect once', async () => {
      const lamp = await stocked(stock, 1_000)
      const shops = [createCommitter(stock), createCommitter(opened.another())]
      const bought = Array.from({ length: 20 }, () => sale([line(lamp, 1)]))

      const answers = await Promise.all(
        bought.map((command) =>
          Promise.all(shops.map(({ commit }) => commit({ ...command, lines: renamed(command.lines) }, inAMinute()))),
        ),
      )

      for (const [one, other] of answers) {
        expect(one!.ok).toBe(true)
        expect({ ...one, replayed: null }).toEqual({ ...other!, replayed: null })
      }
      expect(await ledger(stock, lamp)).toMatchObject({ onHand: 980, sequence: 21 })
    })

    test('sells no unit twice and leaves none when many processes compete for a few products', async () => {
      const products = await Promise.all(Array.from({ length: 3 }, () => stocked(stock, 40)))
      const shops = [stock, opened.another(), opened.another(), opened.another()].map((own) => createCommitter(own))
      const attempts = Array.from({ length: 240 }, (_, index) => {
        const [one, other] = [products[index % 3]!, products[(index + 1 + (index % 2)) % 3]!]
        return shops[index % 4]!.commit(sale([line(one, 1), line(other, 1)]), inAMinute())
      })

      const verdicts = await Promise.all(attempts)

      const sold = verdicts.filter(({ ok }) => ok).length
      const left = await Promise.all(products.map((product) => ledger(stock, product)))
      expect(left.reduce((sum, { onHand }) => sum + onHand, 0)).toBe(120 - 2 * sold)
      // Nobody is refused while both of their products are there: at most one product can have units left.
      expect(left.filter(({ onHand }) => onHand > 0).length).toBeLessThanOrEqual(1)
    })

    test('lists are walked page by page in both directions without a gap or a double', async () => {
      const lamp = await stocked(stock, 50)
      for (let sold = 0; sold < 6; sold++) await effect(stock, sale([line(lamp, 1)]))

      await expectWalk((page) => stock.movements({ productIds: [lamp] }, page), movementPosition, 7)
      await expectWalk(stock.inventories, ({ productId }) => productId, 2)
      await expectWalk(stock.purchases, ({ id }) => id, 6)
      const { items } = await stock.movements({ productIds: [lamp] }, { size: 100 })
      expect(items.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7])
    })

    test('a page beyond the end is empty and knows what is before it', async () => {
      await stocked(stock, 1)
      const end = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

      expect(await stock.inventories({ size: 5, after: end })).toEqual({ items: [], hasPrevious: true, hasNext: false })
      expect((await stock.inventories({ size: 1, before: end })).items).toHaveLength(1)
    })

    test('holds the largest numbers exactly', async () => {
      const lamp = await stocked(stock, Number.MAX_SAFE_INTEGER)

      const verdict = await createCommitter(stock).commit(adjustment(lamp, 1), inAMinute())

      expect(verdict).toMatchObject({ error: { code: 'quantity_out_of_range' } })
      expect((await stock.inventory(lamp))!.onHand).toBe(Number.MAX_SAFE_INTEGER)
    })
  })
}

/** The same lines, as another process would make them: with purchase ids of its own. */
const renamed = (lines: readonly ReturnType<typeof line>[]) => lines.map((own) => ({ ...own, purchaseId: newId() }))

const levelsAfter = ({ read }: Decision): ReadonlyMap<string, StockLevel> =>
  new Map(read.flatMap(({ key, after }) => (after ? [[keyOf(key), after] as const] : [])))
