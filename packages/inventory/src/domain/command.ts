import type { Failure, Money, Result, Uuid } from '@abasto/kernel'
import type { Reservation } from './reservation.ts'
import type { LevelKey, Reason } from './stock-level.ts'
import { DEFAULT_WAREHOUSE } from './warehouse.ts'

/** What is asked of the stock. Each command takes effect completely or not at all, and once per operation id. */
export type Command =
  | OpenLevel
  | AdjustStock
  | CountStock
  | ConfigureLevel
  | TransferStock
  | SellStock
  | ReserveStock
  | CommitReservation
  | ReleaseReservation
  | ExtendReservation
  | ExpireReservation
  | CreateWarehouse
  | RenameWarehouse
  | DeleteWarehouse

type Named = Readonly<{
  operationId: Uuid
  /** A hash of what the caller asked for; the same operation id with another one is refused. */
  fingerprint: string
  /** Who caused it. */
  actor: string
}>

/** What the caller is told: the level, or its product's inventory, which is the sum of this level and its siblings. */
type Shown = Readonly<{ shown: 'level' } | { shown: 'inventory'; siblings: readonly LevelKey[] }>

/** Begins to count a product in a warehouse. */
export type OpenLevel = Named &
  Shown &
  LevelKey &
  Readonly<{
    type: 'open'
    quantity: number
    settings?: LevelSettings | undefined
    /** Why the product cannot be counted, as its owner said when it was asked. */
    obstacle?: Failure | undefined
  }>

/** What a level is set up with; what is left out stays as it is. */
export type LevelSettings = Readonly<{
  /** At or below this many available units it is time to reorder; `null`: never. */
  reorderPoint?: number | null | undefined
  /** How far reservations may go beyond what is on hand. */
  backorderLimit?: number | undefined
  /** Units that are on their way. */
  incoming?: number | undefined
}>

/** Changes a level by hand. */
export type AdjustStock = Named &
  Shown &
  LevelKey &
  Readonly<{
    type: 'adjust'
    quantityDelta: number
    reason: Reason
    /** The version that the caller saw, of what it is shown; another one refuses the command. */
    expectedVersion?: number | undefined
  }>

/** Says how many units of a level are really there; refused unless the level is what it was counted against. */
export type CountStock = Named &
  LevelKey &
  Readonly<{
    type: 'count'
    countedOnHand: number
    expectedVersion?: number | undefined
    expectedOnHand?: number | undefined
  }>

export type ConfigureLevel = Named &
  LevelKey &
  Readonly<{ type: 'configure'; settings: LevelSettings; expectedVersion?: number | undefined }>

/** Moves 1 to 100 lines from warehouse to warehouse, all or none. A level that is not there yet is opened. */
export type TransferStock = Named & Readonly<{ type: 'transfer'; transferId: Uuid; lines: readonly TransferLine[] }>

export type TransferLine = Readonly<{ productId: Uuid; from: Uuid; to: Uuid; quantity: number }>

/** Sells 1 to 100 lines, all or none. */
export type SellStock = Named & Readonly<{ type: 'sell'; lines: readonly SellLine[] }>

export type SellLine = LevelKey &
  Readonly<{
    purchaseId: Uuid
    quantity: number
    /** What it costs, or why the owner of the product does not sell it (not found, not active). */
    offer: Result<Offer>
  }>

export type Offer = Readonly<{ unitPrice: Money; total: Money }>

/** Holds 1 to 100 lines for a while, all or none. */
export type ReserveStock = Named &
  Readonly<{
    type: 'reserve'
    reservationId: Uuid
    /** Whether the caller chose the id, so that it may be known already. */
    isIdChosen: boolean
    lines: readonly ReserveLine[]
    ttlSeconds: number
    reference: string | null
  }>

export type ReserveLine = LevelKey &
  Readonly<{
    quantity: number
    /** Why the owner of the product does not sell it. */
    obstacle?: Failure | undefined
  }>

type OfReservation = Named & Readonly<{ reservationId: Uuid }>

/** Takes what is held; all that is still held, or the lines of the levels that are named. */
export type CommitReservation = OfReservation & Readonly<{ type: 'commit'; lines?: readonly LevelKey[] | undefined }>

/** Gives back what is held; all that is still held, or the lines of the levels that are named. */
export type ReleaseReservation = OfReservation & Readonly<{ type: 'release'; lines?: readonly LevelKey[] | undefined }>

/** Holds it until so many seconds from now, if that is later. */
export type ExtendReservation = OfReservation & Readonly<{ type: 'extend'; ttlSeconds: number }>

/** Writes down that a reservation expired. */
export type ExpireReservation = OfReservation & Readonly<{ type: 'expire' }>

export type CreateWarehouse = Named & Readonly<{ type: 'create-warehouse'; warehouseId: Uuid; name: string }>

export type RenameWarehouse = Named &
  Readonly<{ type: 'rename-warehouse'; warehouseId: Uuid; name: string; expectedVersion?: number | undefined }>

export type DeleteWarehouse = Named &
  Readonly<{
    type: 'delete-warehouse'
    warehouseId: Uuid
    expectedVersion?: number | undefined
    /** Why it cannot go: there is stock in it. */
    obstacle?: Failure | undefined
  }>

/** Which levels a command reads, given the reservations that are known. */
export function levelsOf(command: Command, reservations: ReadonlyMap<Uuid, Reservation>): readonly LevelKey[] {
  switch (command.type) {
    case 'sell':
    case 'reserve':
      return command.lines
    case 'transfer':
      return command.lines.flatMap(({ productId, from, to }) => [
        { productId, warehouseId: from },
        { productId, warehouseId: to },
      ])
    case 'open':
    case 'adjust':
      return command.shown === 'inventory' ? [command, ...command.siblings] : [command]
    case 'count':
    case 'configure':
      return [command]
    case 'commit':
    case 'release':
    case 'extend':
    case 'expire':
      return reservations.get(command.reservationId)?.lines.filter(({ status }) => status === 'held') ?? []
    default:
      return []
  }
}

/** The reservation that a command reads, if it reads one. */
export const reservationOf = (command: Command): Uuid | undefined =>
  'reservationId' in command ? command.reservationId : undefined

/** Which warehouses a command reads. The default one can neither go nor come, so it is not looked at for its stock. */
export function warehousesOf(command: Command): readonly Uuid[] {
  switch (command.type) {
    case 'transfer':
      return command.lines.map(({ to }) => to).filter((id) => id !== DEFAULT_WAREHOUSE)
    case 'open':
      return command.warehouseId === DEFAULT_WAREHOUSE ? [] : [command.warehouseId]
    case 'create-warehouse':
    case 'rename-warehouse':
    case 'delete-warehouse':
      return [command.warehouseId]
    default:
      return []
  }
}

/** Names that were made before, by warehouse and product: making and hashing one anew costs more than finding it. */
const names = new Map<Uuid, Map<Uuid, string>>()
const MOST_NAMES = 100_000
let named = 0

/** The name of a level's row. */
export function keyOf({ productId, warehouseId }: LevelKey): string {
  const known = names.get(warehouseId)?.get(productId)
  if (known !== undefined) return known
  if (++named > MOST_NAMES) {
    names.clear()
    named = 1
  }
  const name = `${productId}.${warehouseId}`
  const inWarehouse = names.get(warehouseId)
  if (inWarehouse) inWarehouse.set(productId, name)
  else names.set(warehouseId, new Map([[productId, name]]))
  return name
}
