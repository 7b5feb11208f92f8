import type { Failure, Uuid } from '@abasto/kernel'
import { keyOf } from './command.ts'
import type { LevelKey } from './stock-level.ts'

/** A failure of one line of a command, at its place. */
export const inLine = (index: number, failure: Failure): Failure => ({
  ...failure,
  at: ['lines', index, ...(failure.at ?? ['productId'])],
})

/** What all lines of one level ask for together. */
export const sumOf = (lines: readonly (LevelKey & Readonly<{ quantity: number }>)[], level: LevelKey): number =>
  lines.filter((line) => keyOf(line) === keyOf(level)).reduce((sum, line) => sum + line.quantity, 0)

/** The lines of a command added up: one for each level, in the order in which they first come. */
export function addedUp<L extends LevelKey & Readonly<{ quantity: number }>>(lines: readonly L[]): L[] {
  const sums = new Map<string, L>()
  for (const line of lines) {
    const known = sums.get(keyOf(line))
    sums.set(keyOf(line), known ? { ...known, quantity: known.quantity + line.quantity } : line)
  }
  return [...sums.values()]
}

export const noInventory = (productId: Uuid): Failure => ({
  kind: 'not_found',
  code: 'no_inventory',
  message: `The product ${productId} has no inventory.`,
  details: { productId },
})

export const noLevel = ({ productId, warehouseId }: LevelKey): Failure => ({
  kind: 'not_found',
  code: 'stock_level_not_found',
  message: `The product ${productId} has no stock level in the warehouse ${warehouseId}.`,
  details: { productId, warehouseId },
})
