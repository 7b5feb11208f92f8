import { expect } from 'bun:test'
import { Contention } from '@abasto/chassis/database/database'
import { isUuid, type Page, type PageRequest, type Uuid } from '@abasto/kernel'
import { movementPosition } from '../application/movements.ts'
import type { Stock } from '../application/ports.ts'
import { type Command, levelsOf, reservationOf, warehousesOf } from '../domain/command.ts'
import { decide } from '../domain/decide.ts'
import { fold, opening } from '../domain/examples.ts'
import type { Movement } from '../domain/movement.ts'
import type { Decision, StockState } from '../domain/state.ts'

/** Steps of the tests of a store, one at a time: read, decide, write, and look at what came of it. */

export const newId = (): Uuid => Bun.randomUUIDv7()
export const inAMinute = () => Date.now() + 60_000

export async function stocked(stock: Stock, quantity: number): Promise<Uuid> {
  const productId = newId()
  await effect(stock, opening(productId, quantity))
  return productId
}

export const stateFor = (stock: Stock, ...commands: readonly Command[]): Promise<StockState> =>
  stock.read({
    levels: commands.flatMap((command) => levelsOf(command, new Map())),
    reservations: commands.flatMap((command) => reservationOf(command) ?? []),
    warehouses: commands.flatMap(warehousesOf),
  })

export const decided = async (stock: Stock, command: Command): Promise<Decision> =>
  decide(await stateFor(stock, command), [command])

export async function effect(stock: Stock, command: Command): Promise<void> {
  const decision = await decided(stock, command)
  expect(decision.verdicts[0]!.ok).toBe(true)
  expect(await takesEffect(stock, decision)).toBe(true)
}

export async function takesEffect(stock: Stock, decision: Decision): Promise<boolean> {
  try {
    return (await stock.write([decision])).lost.size === 0
  } catch (error) {
    if (error instanceof Contention) return false
    throw error
  }
}

/** The level of a product as its movements add up to it; throws unless that is what the level says. */
export async function ledger(stock: Stock, productId: Uuid): Promise<ReturnType<typeof fold>> {
  const movements: Movement[] = []
  for (let page: Page<Movement> | undefined; !page || page.hasNext; ) {
    const last = movements.at(-1)
    page = await stock.movements(
      { productIds: [productId] },
      { size: 100, ...(last ? { after: movementPosition(last) } : {}) },
    )
    movements.push(...page.items)
  }
  const folded = fold(movements)
  expect(await stock.inventory(productId)).toMatchObject({ onHand: folded.onHand, reserved: folded.reserved })
  return folded
}

/** Walks a list forwards and backwards in pages of two and expects the same at least `atLeast` items, in order. */
export async function expectWalk<T>(
  list: (page: PageRequest) => Promise<Page<T>>,
  positionOf: (item: T) => string,
  atLeast: number,
): Promise<void> {
  const forwards: T[] = []
  let page = await list({ size: 2 })
  expect(page.hasPrevious).toBe(false)
  for (;;) {
    forwards.push(...page.items)
    if (!page.hasNext) break
    page = await list({ size: 2, after: positionOf(forwards.at(-1)!) })
    expect(page.hasPrevious).toBe(true)
  }
  const backwards: T[] = [forwards.at(-1)!]
  for (let hasPrevious = true; hasPrevious; ) {
    const before = await list({ size: 2, before: positionOf(backwards[0]!) })
    backwards.unshift(...before.items)
    hasPrevious = before.hasPrevious
  }

  expect(forwards.length).toBeGreaterThanOrEqual(atLeast)
  expect(backwards).toEqual(forwards)
  const positions = forwards.map(positionOf)
  expect(new Set(positions).size).toBe(positions.length)
  if (positions.every(isUuid)) expect(positions).toEqual(positions.toSorted())
}
