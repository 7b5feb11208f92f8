import {
  type Failure,
  fail,
  isKept,
  keyReused,
  ok,
  type Result,
  replayed,
  type Uuid,
  versionMismatch,
} from '@abasto/kernel'
import {
  type AdjustStock,
  type Command,
  keyOf,
  levelsOf,
  type OpenInventory,
  type SellLine,
  type SellStock,
} from './command.ts'
import type { Movement } from './movement.ts'
import type { Purchase } from './purchase.ts'
import {
  add,
  adjust,
  available,
  DEFAULT_WAREHOUSE,
  emptyLevel,
  insufficientStock,
  kindOf,
  type LevelKey,
  type StockLevel,
  sell,
} from './stock-level.ts'

/** What was read before deciding. */
export type StockState = Readonly<{
  /** The database's clock, RFC 3339. */
  now: string
  /** The levels that exist, by `keyOf`. */
  levels: ReadonlyMap<string, StockLevel>
  /** The operations that were decided before. */
  operations: ReadonlyMap<Uuid, RecordedOperation>
}>

export type RecordedOperation = Readonly<{ id: Uuid; fingerprint: string; verdict: Verdict }>

/** What a command came to; kept with its operation id for ever. */
export type Verdict = Result<Outcome>

export type Outcome =
  | Readonly<{ type: 'inventory'; level: StockLevel }>
  | Readonly<{ type: 'purchases'; purchases: readonly Purchase[] }>

/** What must be written, all of it or nothing, and what each command is told once it is. */
export type Decision = Readonly<{
  now: string
  /** Every level that was read, as it was; `undefined` where there is none yet. The guard of the write. */
  read: readonly Readonly<{ key: LevelKey; before: StockLevel | undefined; after: StockLevel | undefined }>[]
  movements: readonly Movement[]
  purchases: readonly Purchase[]
  operations: readonly RecordedOperation[]
  /** One for each command, in their order. */
  verdicts: readonly Verdict[]
}>

/**
 * The rule: folds commands over what was read, in the order in which they arrived, and says what must be written.
 * Pure; whether the state is still true is the business of the write, which is guarded by every version in `read`.
 */
export function decide(state: StockState, commands: readonly Command[]): Decision {
  const draft = new Draft(state)
  const verdicts = commands.map((command) => draft.verdictOn(command))
  return draft.decision(verdicts)
}

/** The levels and records as they would be after the commands that were folded so far. */
class Draft {
  private readonly state: StockState
  private readonly read = new Map<string, LevelKey>()
  private readonly levels = new Map<string, StockLevel>()
  private readonly operations = new Map<Uuid, RecordedOperation>()
  private readonly movements: Movement[] = []
  private readonly purchases: Purchase[] = []

  constructor(state: StockState) {
    this.state = state
  }

  verdictOn(command: Command): Verdict {
    for (const key of levelsOf(command)) this.read.set(keyOf(key), key)
    const known = this.state.operations.get(command.operationId) ?? this.operations.get(command.operationId)
    if (known) return known.fingerprint === command.fingerprint ? replayed(known.verdict) : fail(keyReused)
    const verdict = this.apply(command)
    const { operationId: id, fingerprint } = command
    if (isKept(verdict)) this.operations.set(id, { id, fingerprint, verdict })
    return verdict
  }

  decision(verdicts: readonly Verdict[]): Decision {
    const read = [...this.read].map(([name, key]) => {
      return { key, before: this.state.levels.get(name), after: this.levels.get(name) }
    })
    const { movements, purchases } = this
    return { now: this.state.now, read, movements, purchases, operations: [...this.operations.values()], verdicts }
  }

  private apply(command: Command): Verdict {
    switch (command.type) {
      case 'open':
        return this.open(command)
      case 'adjust':
        return this.adjust(command)
      case 'sell':
        return this.sell(command)
    }
  }

  private open(command: OpenInventory): Verdict {
    const key = { productId: command.productId, warehouseId: DEFAULT_WAREHOUSE }
    if (command.obstacle) return fail(command.obstacle)
    if (this.level(key)) return fail(inventoryExists(command.productId))
    const opened = add(emptyLevel(key, this.state.now), command.quantity)
    if (!opened.ok) return opened
    if (command.quantity === 0) return this.inventory(this.change(opened.value))
    const empty = emptyLevel(key, this.state.now)
    return this.inventory(this.move(empty, opened.value, { kind: 'receipt', reason: 'receipt', cause: command }))
  }

  private adjust(command: AdjustStock): Verdict {
    const key = { productId: command.productId, warehouseId: DEFAULT_WAREHOUSE }
    const level = this.level(key)
    if (!level) return fail(noInventory(command.productId))
    if (command.expectedVersion !== undefined && command.expectedVersion !== level.version) {
      return fail(versionMismatch(command.expectedVersion, level.version))
    }
    const adjusted = adjust(level, command.quantityDelta, command.reason)
    if (!adjusted.ok) return adjusted
    const { reason } = command
    return this.inventory(this.move(level, adjusted.value, { kind: kindOf(reason), reason, cause: command }))
  }

  private sell(command: SellStock): Verdict {
    const refusal = this.refusalOf(command.lines)
    if (refusal) return fail(refusal)
    const purchases = command.lines.map((line) => this.sellLine(line, command))
    return ok({ type: 'purchases', purchases })
  }

  /** Why none of the lines can be sold; lines of one level are summed before they are compared with it. */
  private refusalOf(lines: readonly SellLine[]): Failure | undefined {
    const requested = new Map<string, number>()
    for (const [index, line] of lines.entries()) {
      if (!line.offer.ok) return inLine(index, line.offer.error)
      const level = this.level(line)
      if (!level) return inLine(index, noInventory(line.productId))
      const sum = (requested.get(keyOf(line)) ?? 0) + line.quantity
      if (sum > available(level)) return inLine(index, insufficientStock(line, sumOf(lines, line), available(level)))
      requested.set(keyOf(line), sum)
    }
    return undefined
  }

  private sellLine(line: SellLine, command: SellStock): Purchase {
    const level = this.level(line)!
    const sold = sell(level, line.quantity)
    if (!sold.ok || !line.offer.ok) throw new Error('a line was sold that had not been checked')
    const { purchaseId, productId, warehouseId, quantity } = line
    this.move(level, sold.value, { kind: 'sale', reason: null, cause: command, purchaseId })
    const { operationId } = command
    const bought = { id: purchaseId, productId, warehouseId, quantity, ...line.offer.value }
    const purchase = { ...bought, operationId, createdAt: this.state.now }
    this.purchases.push(purchase)
    return purchase
  }

  /** Writes a change of a level down: the level gets its next state, the ledger its next movement. */
  private move(before: StockLevel, after: StockLevel, { kind, reason, cause, purchaseId = null }: Why): StockLevel {
    const level = this.change({ ...after, sequence: before.sequence + 1 })
    this.movements.push({
      productId: level.productId,
      warehouseId: level.warehouseId,
      sequence: level.sequence,
      kind,
      onHandChange: after.onHand - before.onHand,
      reservedChange: after.reserved - before.reserved,
      onHandAfter: after.onHand,
      reservedAfter: after.reserved,
      reason,
      actor: cause.actor,
      purchaseId,
      operationId: cause.operationId,
      createdAt: this.state.now,
    })
    return level
  }

  /** The version counts commands, not writes: two that are written together still answer with different versions. */
  private change(level: StockLevel): StockLevel {
    const changed = { ...level, version: level.version + 1, updatedAt: this.state.now }
    this.levels.set(keyOf(level), changed)
    return changed
  }

  private level(key: LevelKey): StockLevel | undefined {
    return this.levels.get(keyOf(key)) ?? this.state.levels.get(keyOf(key))
  }

  private inventory(level: StockLevel): Verdict {
    return ok({ type: 'inventory', level })
  }
}

type Why = Pick<Movement, 'kind' | 'reason'> & Readonly<{ cause: Command; purchaseId?: Uuid | null }>

const inLine = (index: number, failure: Failure): Failure => ({
  ...failure,
  at: ['lines', index, ...(failure.at ?? ['productId'])],
})

const sumOf = (lines: readonly SellLine[], level: LevelKey): number =>
  lines.filter((line) => keyOf(line) === keyOf(level)).reduce((sum, line) => sum + line.quantity, 0)

export const noInventory = (productId: Uuid): Failure => ({
  kind: 'not_found',
  code: 'no_inventory',
  message: `The product ${productId} has no inventory.`,
  details: { productId },
})

const inventoryExists = (productId: Uuid): Failure => ({
  kind: 'conflict',
  code: 'inventory_exists',
  message: `The product ${productId} has an inventory already.`,
  at: ['productId'],
  details: { productId },
})
