import type { Result, Uuid } from '@abasto/kernel'
import type { Movement } from './movement.ts'
import type { Purchase } from './purchase.ts'
import type { Hold, Reservation } from './reservation.ts'
import type { LevelKey, StockLevel } from './stock-level.ts'
import type { Transfer } from './transfer.ts'
import type { Warehouse } from './warehouse.ts'

/** What was read before deciding. */
export type StockState = Readonly<{
  /** The database's clock, RFC 3339. */
  now: string
  /** The levels that exist, by `keyOf`. */
  levels: ReadonlyMap<string, StockLevel>
  /** What is past its time on those levels, by `keyOf`, where their `nextExpiryAt` has come. */
  due: ReadonlyMap<string, Due>
  /** The reservations that exist, tombstones too. Their levels are among `levels`. */
  reservations: ReadonlyMap<Uuid, Reservation>
  /** The warehouses that exist, deleted ones too. */
  warehouses: ReadonlyMap<Uuid, Warehouse>
  /** The operations that were decided before. */
  operations: ReadonlyMap<Uuid, RecordedOperation>
}>

/** What is past its time on one level. */
export type Due = Readonly<{
  /** The oldest of the holds that expired, at most `MOST_DUE`: they are ended by the next write. */
  holds: readonly Hold[]
  /** How many units the expired holds beyond those hold: they count no more, and are ended by later writes. */
  lapsed: number
  /** The level's `nextExpiryAt` once `holds` are gone. */
  nextExpiryAt: string | null
}>

/** How many expired holds of a level one write ends. */
export const MOST_DUE = 500

export type RecordedOperation = Readonly<{ id: Uuid; fingerprint: string; verdict: Verdict }>

/** What a command came to; kept with its operation id for ever. */
export type Verdict = Result<Outcome>

export type Outcome =
  | Readonly<{ type: 'inventory'; level: ProductTotals }>
  | Readonly<{ type: 'level'; level: StockLevel }>
  | Readonly<{ type: 'purchases'; purchases: readonly Purchase[] }>
  | Readonly<{ type: 'reservation'; reservation: Reservation }>
  | Readonly<{ type: 'transfer'; transfer: Transfer }>
  | Readonly<{ type: 'warehouse'; warehouse: Warehouse }>

/** How much of one product there is, over all its levels; its version is the sum of theirs. */
export type ProductTotals = Readonly<{
  productId: Uuid
  onHand: number
  reserved: number
  version: number
  updatedAt: string
}>

/** What must be written, all of it or nothing, and what each command is told once it is. */
export type Decision = Readonly<{
  /** The moment under which all of it is written down, RFC 3339. */
  at: string
  /** Every level that was read, as it was; `undefined` where there is none yet. The guard of the write. */
  read: readonly Readonly<{ key: LevelKey; before: StockLevel | undefined; after: StockLevel | undefined }>[]
  reservations: readonly ReservationChange[]
  warehouses: readonly Readonly<{ id: Uuid; before: Warehouse | undefined; after: Warehouse | undefined }>[]
  holds: HoldChanges
  movements: readonly Movement[]
  purchases: readonly Purchase[]
  operations: readonly RecordedOperation[]
  /** One for each command, in their order. */
  verdicts: readonly Verdict[]
}>

export type ReservationChange = Readonly<{
  id: Uuid
  before: Reservation | undefined
  after: Reservation | undefined
  /** The write takes effect only before this moment of the database's clock: the promise was taken to be alive. */
  validBefore: string | null
}>

export type HoldChanges = Readonly<{
  placed: readonly Hold[]
  extended: readonly HoldExtension[]
  ended: readonly HoldKey[]
}>

export type HoldKey = LevelKey & Readonly<{ reservationId: Uuid }>

export type HoldExtension = HoldKey & Readonly<{ expiresAt: string }>

/**
 * The moment under which what is decided on a state is written down: now by the database's clock, but never before what
 * is there already. Another server's clock may be behind, and the past of a level must stay in the order of its ledger.
 */
export function momentOf({ now, levels, reservations, warehouses }: StockState): string {
  let at = now
  for (const { updatedAt } of levels.values()) if (updatedAt > at) at = updatedAt
  for (const { updatedAt } of reservations.values()) if (updatedAt > at) at = updatedAt
  for (const { updatedAt } of warehouses.values()) if (updatedAt > at) at = updatedAt
  return at
}
