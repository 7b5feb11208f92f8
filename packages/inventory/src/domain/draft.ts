import { fail, isKept, keyReused, replayed, type Uuid } from '@abasto/kernel'
import { type Command, keyOf, levelsOf, reservationOf, warehousesOf } from './command.ts'
import type { Movement } from './movement.ts'
import type { Purchase } from './purchase.ts'
import { type Hold, isPast, type Reservation } from './reservation.ts'
import type {
  Decision,
  HoldExtension,
  HoldKey,
  ProductTotals,
  RecordedOperation,
  ReservationChange,
  StockState,
  Verdict,
} from './state.ts'
import { type LevelKey, release, type StockLevel } from './stock-level.ts'
import type { Warehouse } from './warehouse.ts'

/** Why a level moves, as its movement says it. */
export type Why = Pick<Movement, 'kind' | 'reason' | 'actor' | 'operationId'> &
  Readonly<{ purchaseId?: Uuid; reservationId?: Uuid }>

/** The name of who ends what is past its time. */
const CLOCK = 'abasto'

/** The rows and records as they would be after the commands that were folded so far. */
export class Draft {
  /** The database's clock: what is past its time is so by this. */
  readonly now: string
  /** The moment under which everything is written down. */
  readonly at: string
  private readonly state: StockState
  private readonly read = new Map<string, LevelKey>()
  private readonly seen = new Set<Uuid>()
  private readonly seenWarehouses = new Set<Uuid>()
  private readonly levels = new Map<string, StockLevel>()
  private readonly changed = new Set<string>()
  private readonly reservations = new Map<Uuid, Reservation>()
  private readonly validBefore = new Map<Uuid, string>()
  private readonly warehouses = new Map<Uuid, Warehouse>()
  private readonly placed = new Map<string, Hold>()
  private readonly extended = new Map<string, HoldExtension>()
  private readonly ended = new Map<string, HoldKey>()
  private readonly operations = new Map<Uuid, RecordedOperation>()
  private readonly movements: Movement[] = []
  private readonly purchases: Purchase[] = []

  constructor(state: StockState, at: string) {
    this.state = state
    this.now = state.now
    this.at = at
  }

  /** Decides one command by the rule that is given, unless its operation was decided before. */
  verdictOn<C extends Command>(command: C, rule: (draft: Draft, command: C) => Verdict): Verdict {
    this.reads(command)
    const known = this.state.operations.get(command.operationId) ?? this.operations.get(command.operationId)
    if (known) return known.fingerprint === command.fingerprint ? replayed(known.verdict) : fail(keyReused)
    const verdict = rule(this, command)
    const { operationId: id, fingerprint } = command
    if (isKept(verdict)) this.operations.set(id, { id, fingerprint, verdict })
    return verdict
  }

  /** A level as it is now; what is past its time on it has been ended. */
  level(key: LevelKey): StockLevel | undefined {
    const name = keyOf(key)
    const drafted = this.levels.get(name)
    if (drafted) return drafted
    const level = this.state.levels.get(name)
    return level && this.withoutExpired(name, level)
  }

  /** Units of a level that are past their time and not ended yet, because there were too many. */
  lapsed(key: LevelKey): number {
    return this.state.due.get(keyOf(key))?.lapsed ?? 0
  }

  /** Whether nothing on the level is past its time any more, as far as was read. */
  isSwept(key: LevelKey): boolean {
    const due = this.level(key)?.nextExpiryAt
    return !due || !isPast(due, this.now)
  }

  /** Writes a change of a level down: the level gets its next state, the ledger its next movement. */
  move(before: StockLevel, after: StockLevel, why: Why): StockLevel {
    const level = this.change({ ...after, sequence: before.sequence + 1 })
    this.movements.push({
      productId: level.productId,
      warehouseId: level.warehouseId,
      sequence: level.sequence,
      kind: why.kind,
      onHandChange: after.onHand - before.onHand,
      reservedChange: after.reserved - before.reserved,
      onHandAfter: after.onHand,
      reservedAfter: after.reserved,
      reason: why.reason,
      actor: why.actor,
      purchaseId: why.purchaseId ?? null,
      reservationId: why.reservationId ?? null,
      operationId: why.operationId,
      createdAt: this.at,
    })
    return level
  }

  /** The version counts commands, not writes: two that are written together still answer with different versions. */
  change(level: StockLevel): StockLevel {
    const changed = { ...level, version: level.version + 1, updatedAt: this.at }
    this.levels.set(keyOf(level), changed)
    this.changed.add(keyOf(level))
    return changed
  }

  totals(keys: readonly LevelKey[]): ProductTotals {
    const levels = keys.flatMap((key) => this.level(key) ?? [])
    const sum = (amount: (level: StockLevel) => number) => levels.reduce((total, level) => total + amount(level), 0)
    return {
      productId: keys[0]!.productId,
      onHand: sum(({ onHand }) => onHand),
      reserved: sum((level) => level.reserved - this.lapsed(level)),
      version: sum(({ version }) => version),
      updatedAt: levels.map(({ updatedAt }) => updatedAt).reduce((one, other) => (one > other ? one : other), ''),
    }
  }

  buy(purchase: Purchase): Purchase {
    this.purchases.push(purchase)
    return purchase
  }

  reservation(id: Uuid): Reservation | undefined {
    return this.reservations.get(id) ?? this.state.reservations.get(id)
  }

  changeReservation(reservation: Reservation): Reservation {
    const changed = { ...reservation, version: reservation.version + 1, updatedAt: this.at }
    this.reservations.set(changed.id, changed)
    return changed
  }

  /** The write that is being decided takes effect only while the promise, as it was read, is alive. */
  whileAlive({ id }: Reservation): void {
    const before = this.state.reservations.get(id)
    if (before) this.validBefore.set(id, before.expiresAt)
  }

  warehouse(id: Uuid): Warehouse | undefined {
    return this.warehouses.get(id) ?? this.state.warehouses.get(id)
  }

  changeWarehouse(warehouse: Warehouse): Warehouse {
    const changed = { ...warehouse, version: warehouse.version + 1, updatedAt: this.at }
    this.warehouses.set(changed.id, changed)
    return changed
  }

  place(hold: Hold): void {
    this.placed.set(nameOf(hold), hold)
  }

  extend({ productId, warehouseId, reservationId }: HoldKey, expiresAt: string): void {
    const name = nameOf({ productId, warehouseId, reservationId })
    const placed = this.placed.get(name)
    if (placed) this.placed.set(name, { ...placed, expiresAt })
    else this.extended.set(name, { productId, warehouseId, reservationId, expiresAt })
  }

  end({ productId, warehouseId, reservationId }: HoldKey): void {
    const name = nameOf({ productId, warehouseId, reservationId })
    this.extended.delete(name)
    // What was placed by this very write never comes to be.
    if (!this.placed.delete(name)) this.ended.set(name, { productId, warehouseId, reservationId })
  }

  decision(verdicts: readonly Verdict[]): Decision {
    const { at, movements, purchases, state } = this
    return {
      at,
      read: [...this.read].map(([name, key]) => {
        const after = this.changed.has(name) ? this.levels.get(name) : undefined
        return { key, before: state.levels.get(name), after }
      }),
      reservations: [...this.seen].map(
        (id): ReservationChange => ({
          id,
          before: state.reservations.get(id),
          after: this.reservations.get(id),
          validBefore: this.validBefore.get(id) ?? null,
        }),
      ),
      warehouses: [...this.seenWarehouses].map((id) => {
        return { id, before: state.warehouses.get(id), after: this.warehouses.get(id) }
      }),
      holds: {
        placed: [...this.placed.values()],
        extended: [...this.extended.values()],
        ended: [...this.ended.values()],
      },
      movements,
      purchases,
      operations: [...this.operations.values()],
      verdicts,
    }
  }

  private reads(command: Command): void {
    const reservationId = reservationOf(command)
    if (reservationId) this.seen.add(reservationId)
    for (const id of warehousesOf(command)) this.seenWarehouses.add(id)
    const held = reservationId && this.reservation(reservationId)
    for (const key of levelsOf(command, held ? new Map([[held.id, held]]) : NO_RESERVATIONS)) {
      this.read.set(keyOf(key), { productId: key.productId, warehouseId: key.warehouseId })
    }
  }

  private withoutExpired(name: string, level: StockLevel): StockLevel {
    const due = this.state.due.get(name)
    if (!due) return level
    let current = { ...level, nextExpiryAt: due.nextExpiryAt }
    this.levels.set(name, current)
    for (const hold of due.holds) {
      this.end(hold)
      const { reservationId, operationId } = hold
      const why = { kind: 'expiry', reason: null, actor: CLOCK, reservationId, operationId } as const
      current = this.move(current, release(current, hold.quantity), why)
    }
    return current
  }
}

const NO_RESERVATIONS: ReadonlyMap<Uuid, Reservation> = new Map()

const nameOf = (hold: HoldKey): string => `${keyOf(hold)}.${hold.reservationId}`
