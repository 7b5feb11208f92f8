import type { Failure, Money, Result, Uuid } from '@abasto/kernel'
import { DEFAULT_WAREHOUSE, type LevelKey, type Reason } from './stock-level.ts'

/** What is asked of the stock. Each command takes effect completely or not at all, and once per operation id. */
export type Command = OpenInventory | AdjustStock | SellStock

type Named = Readonly<{
  operationId: Uuid
  /** A hash of what the caller asked for; the same operation id with another one is refused. */
  fingerprint: string
  /** Who caused it. */
  actor: string
}>

/** Begins to count a product in the `default` warehouse. */
export type OpenInventory = Named &
  Readonly<{
    type: 'open'
    productId: Uuid
    quantity: number
    /** Why the product cannot be counted, as its owner said when it was asked. */
    obstacle?: Failure | undefined
  }>

/** Changes the `default` warehouse by hand. */
export type AdjustStock = Named &
  Readonly<{
    type: 'adjust'
    productId: Uuid
    quantityDelta: number
    reason: Reason
    /** The inventory's version that the caller saw; another one refuses the command. */
    expectedVersion?: number | undefined
  }>

/** Sells 1 to 100 lines, all or none. */
export type SellStock = Named & Readonly<{ type: 'sell'; lines: readonly SellLine[] }>

export type SellLine = Readonly<{
  purchaseId: Uuid
  productId: Uuid
  warehouseId: Uuid
  quantity: number
  /** What it costs, or why the owner of the product does not sell it (not found, not active). */
  offer: Result<Offer>
}>

export type Offer = Readonly<{ unitPrice: Money; total: Money }>

/** Which levels a command reads. */
export function levelsOf(command: Command): readonly LevelKey[] {
  if (command.type === 'sell') return command.lines
  return [{ productId: command.productId, warehouseId: DEFAULT_WAREHOUSE }]
}

/** The name of a level's row. */
export const keyOf = ({ productId, warehouseId }: LevelKey): string => `${productId}.${warehouseId}`
