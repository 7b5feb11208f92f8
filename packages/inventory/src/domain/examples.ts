import { type Money, ok, type Uuid } from '@abasto/kernel'
import type { AdjustStock, Command, OpenInventory, SellLine, SellStock } from './command.ts'
import type { Movement } from './movement.ts'
import { DEFAULT_WAREHOUSE, type LevelKey, type Reason } from './stock-level.ts'

/** Commands as tests need them: small, and each with an operation id of its own unless told otherwise. */

type Name = Partial<Pick<Command, 'operationId' | 'fingerprint'>>

const named = (name: Name) => ({
  operationId: Bun.randomUUIDv7(),
  fingerprint: 'f'.repeat(32),
  actor: 'tester',
  ...name,
})

export const opening = (productId: Uuid, quantity: number, name: Name = {}): OpenInventory => ({
  type: 'open',
  productId,
  quantity,
  ...named(name),
})

export const adjustment = (
  productId: Uuid,
  quantityDelta: number,
  { reason = 'correction', ...name }: Name & { reason?: Reason; expectedVersion?: number } = {},
): AdjustStock => ({ type: 'adjust', productId, quantityDelta, reason, ...named(name) })

export const sale = (lines: readonly SellLine[], name: Name = {}): SellStock => ({
  type: 'sell',
  lines,
  ...named(name),
})

/** A line at 2.50 EUR a piece. */
export const line = (productId: Uuid, quantity: number, warehouseId = DEFAULT_WAREHOUSE): SellLine => ({
  purchaseId: Bun.randomUUIDv7(),
  productId,
  warehouseId,
  quantity,
  offer: ok({ unitPrice: euros(250), total: euros(250 * quantity) }),
})

const euros = (minor: number): Money => ({ minor, currency: 'EUR' })

export const levelOf = (productId: Uuid): LevelKey => ({ productId, warehouseId: DEFAULT_WAREHOUSE })

/** Adds the movements of one level up and throws where the ledger contradicts itself. */
export function fold(movements: readonly Movement[]): Readonly<{ onHand: number; reserved: number; sequence: number }> {
  let [onHand, reserved, sequence] = [0, 0, 0]
  for (const movement of movements) {
    onHand += movement.onHandChange
    reserved += movement.reservedChange
    sequence += 1
    const isSound =
      movement.sequence === sequence && movement.onHandAfter === onHand && movement.reservedAfter === reserved
    if (!isSound) throw new Error(`the ledger contradicts itself: ${JSON.stringify({ movement, onHand, sequence })}`)
  }
  return { onHand, reserved, sequence }
}
