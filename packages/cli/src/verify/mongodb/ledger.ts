import type { HoldDocument, LevelDocument, MovementDocument } from '@abasto/inventory/infrastructure/mongodb/documents'
import type { Document } from 'mongodb'
import { type Books, dateOf, type LevelName, type Note } from './books.ts'
import { checkCauses } from './causes.ts'
import type { Moment } from './moments.ts'
import { readingOn } from './streams.ts'

type Noting = Readonly<{ note: Note }>

/** What a level comes to by its movements alone. */
type Folded = LevelName & {
  movements: number
  last: number
  onHand: number
  reserved: number
  /** What the movement before left behind. */
  onHandAfter: number
  reservedAfter: number
}

type Held = { level: LevelName; held: number; first_expiry_at: Date }

/** What the walk hands on, movement by movement, for whoever compares it with something else. */
export type OnMovement = (movement: MovementDocument) => void

/**
 * Walks the ledger once, level by level in the order of its index, beside the levels and what is held of them: so it is
 * as much at a time as one batch, however long the ledger is.
 *
 * It is walked in slices, each of them at a moment of its own. What was written once is never changed, so what a level
 * had come to at one moment is gone on with at the next, and the level itself is looked at in the moment in which its
 * movements end.
 */
export async function checkLedger(books: Books, warehouses: ReadonlyMap<string, string>, onMovement: OnMovement) {
  const walked: Walked = { movements: 0, levels: 0 }
  let isAll = false
  while (!isAll) isAll = await books.moments.at((moment) => walkSlice(books, moment, warehouses, walked, onMovement))
  return { movements: walked.movements, levels: walked.levels }
}

/** How far it was walked. Whoever goes on, at whichever moment, does so from here. */
type Walked = {
  movements: number
  levels: number
  /** The level of the last movement, and whether it has been compared with its movements. */
  folded?: Folded
  isFinished?: boolean
  /** The last level that was looked at. */
  looked?: LevelName
}

/** Walks on for as long as a moment lasts. Says whether it has come to the end. */
async function walkSlice(
  { moments, note }: Books,
  moment: Moment,
  warehouses: ReadonlyMap<string, string>,
  walked: Walked,
  onMovement: OnMovement,
): Promise<boolean> {
  const start = walked.folded && { ...walked.folded }
  const rest = walked.looked ? [{ $match: afterLevel(walked.looked) }] : []
  const levels = await readingOn(moment.batches<LevelDocument>('stock_levels', [...rest, inOrder()]))
  const holds = await readingOn(moment.batches<HoldDocument>('holds', [...rest, inOrder('expires_at')]))
  await using reading = new AsyncDisposableStack()
  for (const reader of [levels, holds]) reading.defer(async () => void (await reader.stop()))
  let passed: MovementDocument[] = []

  function pass(folded: Folded, movement: MovementDocument): void {
    walk({ note }, folded, movement)
    walked.movements++
    onMovement(movement)
    passed.push(movement)
  }

  /** Looks at the levels before this one, which have no movements. */
  async function passTo(own: Folded | undefined): Promise<void> {
    for (let level = levels.next(); level && (!own || isBefore(level, own)); level = levels.next()) {
      // Where the slice before had come by already, one may have got its first movements since.
      await look(level, start && isBefore(level, start) ? await alone(level) : undefined)
    }
  }

  /** All that a level has come to since it was come by without any movement. */
  async function alone({ product_id, warehouse_id }: LevelDocument): Promise<MovementDocument[]> {
    const own = [{ $match: { product_id, warehouse_id } }, inOrder('sequence')]
    const found: MovementDocument[] = []
    for await (const batch of moment.batches<MovementDocument>('movements', own)) found.push(...batch)
    return found
  }

  async function finish(own: Folded): Promise<void> {
    await passTo(own)
    const level = levels.next()
    if (level && !isBefore(own, level)) return look(level, own)
    walked.isFinished = true
    note('level_missing', { level: own }, 'a stock level', `none, but ${own.movements} movements of it`)
    note('level_movements', { level: own }, own.last, own.movements, own.movements !== own.last)
  }

  /** Everything that is asked for is asked before anything is noted: the moment may turn out to be too old. */
  async function look(level: LevelDocument, own: Folded | MovementDocument[] | undefined): Promise<void> {
    const held = await heldOf(level)
    // One that is not known may have been opened since.
    const { warehouse_id } = level
    const isSomewhere = warehouses.has(warehouse_id) || (await moments.byId('warehouses', [warehouse_id])).size > 0
    const folded = Array.isArray(own) ? foldedOf(level, own) : own
    if (folded && folded === own) walked.isFinished = true
    walked.looked = level
    walked.levels++
    checkLevel({ note }, level, folded, held)
    const isNamed = level._id === `${level.product_id}.${warehouse_id}`
    note('document_id', { level }, `${level.product_id}.${warehouse_id}`, level._id, !isNamed)
    note('level_warehouse', { level }, 'a warehouse of that id', 'none', !isSomewhere)
    await levels.take()
  }

  function foldedOf(level: LevelName, movements: readonly MovementDocument[]): Folded | undefined {
    if (movements.length === 0) return undefined
    const folded = nothingOf(level)
    for (const movement of movements) pass(folded, movement)
    return folded
  }

  async function heldOf(level: LevelName): Promise<Held | undefined> {
    let found: Held | undefined
    for (let hold = holds.next(); hold && !isBefore(level, hold); hold = holds.next()) {
      if (!isBefore(hold, level)) {
        found ??= { level, held: 0, first_expiry_at: hold.expires_at }
        found.held += hold.quantity
        if (hold.expires_at < found.first_expiry_at) found.first_expiry_at = hold.expires_at
      }
      await holds.take()
    }
    return found
  }

  const following = start ? [{ $match: afterMovement(start) }] : []
  try {
    for await (const batch of moment.batches<MovementDocument>('movements', [...following, inOrder('sequence')])) {
      for (const movement of batch) {
        if (!walked.folded || isBefore(walked.folded, movement)) {
          if (walked.folded && !walked.isFinished) await finish(walked.folded)
          walked.folded = nothingOf(movement)
          walked.isFinished = false
        }
        pass(walked.folded, movement)
      }
      await checkCauses(note, moments, passed)
      passed = []
      if (moment.isOld()) return false
    }
    if (walked.folded && !walked.isFinished) await finish(walked.folded)
    await passTo(undefined)
    return true
  } finally {
    await checkCauses(note, moments, passed)
  }
}

const inOrder = (...more: readonly string[]) => ({
  $sort: Object.fromEntries(['product_id', 'warehouse_id', ...more].map((field) => [field, 1])),
})

const afterLevel = ({ product_id, warehouse_id }: LevelName): Document => ({
  $or: [{ product_id, warehouse_id: { $gt: warehouse_id } }, { product_id: { $gt: product_id } }],
})

/** What follows the last movement, as ranges of the index. */
const afterMovement = ({ product_id, warehouse_id, last }: Folded): Document => ({
  $or: [
    { product_id, warehouse_id, sequence: { $gt: last } },
    { product_id, warehouse_id: { $gt: warehouse_id } },
    { product_id: { $gt: product_id } },
  ],
})

const isBefore = (one: LevelName, other: LevelName): boolean =>
  one.product_id < other.product_id || (one.product_id === other.product_id && one.warehouse_id < other.warehouse_id)

const nothingOf = ({ product_id, warehouse_id }: LevelName): Folded => ({
  product_id,
  warehouse_id,
  movements: 0,
  last: 0,
  onHand: 0,
  reserved: 0,
  onHandAfter: 0,
  reservedAfter: 0,
})

/** The ledger by itself: numbered without gaps, each movement following from the one before, and doing what it says. */
function walk({ note }: Noting, folded: Folded, movement: MovementDocument): void {
  const { sequence, on_hand_change, reserved_change, on_hand_after, reserved_after } = movement
  const [number, onHand] = [folded.last + 1, folded.onHandAfter + on_hand_change]
  const reserved = folded.reservedAfter + reserved_change
  const id = `${folded.product_id}.${folded.warehouse_id}.${sequence}`
  const isMisfit = isUnfit(movement)
  if (
    isMisfit ||
    sequence !== number ||
    on_hand_after !== onHand ||
    reserved_after !== reserved ||
    movement._id !== id
  ) {
    const where = { level: movement, subject: `movement ${sequence}` }
    note('movement_number', where, number, sequence, sequence !== number)
    note('movement_on_hand_after', where, onHand, on_hand_after, on_hand_after !== onHand)
    note('movement_reserved_after', where, reserved, reserved_after, reserved_after !== reserved)
    note('document_id', where, id, movement._id, movement._id !== id)
    note('movement_kind', where, `what a ${movement.kind} does`, doingOf(movement), isMisfit)
  }
  folded.movements++
  folded.last = sequence
  folded.onHand += on_hand_change
  folded.reserved += reserved_change
  folded.onHandAfter = on_hand_after
  folded.reservedAfter = reserved_after
}

/** Whether a movement does what one of its kind cannot do. */
function isUnfit(movement: MovementDocument): boolean {
  const { kind, reason, on_hand_change: onHand, reserved_change: reserved, purchase_id, reservation_id } = movement
  if (movement.on_hand_after < 0 || movement.reserved_after < 0) return true
  if ((purchase_id !== null) !== (kind === 'sale')) return true
  if ((reservation_id !== null) !== OF_RESERVATIONS.has(kind)) return true
  switch (kind) {
    case 'sale':
    case 'transfer_out':
      return !(onHand < 0 && reserved === 0 && reason === null)
    case 'transfer_in':
      return !(onHand > 0 && reserved === 0 && reason === null)
    case 'receipt':
    case 'return':
      return !(onHand > 0 && reserved === 0 && reason === kind)
    case 'adjustment':
      if (reserved !== 0) return true
      if (reason === 'count') return false
      return reason === 'correction' ? onHand === 0 : !(onHand < 0 && (reason === 'damage' || reason === 'loss'))
    case 'reservation':
      return !(onHand === 0 && reserved > 0 && reason === null)
    case 'commit':
      return !(onHand < 0 && reserved === onHand && reason === null)
    case 'release':
    case 'expiry':
      return !(onHand === 0 && reserved < 0 && reason === null)
    default:
      return true
  }
}

const OF_RESERVATIONS: ReadonlySet<string> = new Set(['reservation', 'commit', 'release', 'expiry'])

const doingOf = (movement: MovementDocument): string =>
  `${movement.on_hand_change} on hand, ${movement.reserved_change} reserved, for the reason ${movement.reason ?? 'none'}, ` +
  `${movement.purchase_id === null ? 'no purchase' : `purchase ${movement.purchase_id}`}, ` +
  `${movement.reservation_id === null ? 'no reservation' : `reservation ${movement.reservation_id}`}`

/**
 * The level as its movements and holds say it must be. Backorder limit, incoming and reorder point are settings that no
 * movement records; given the limit, `short` is exactly what is promised beyond it.
 */
function checkLevel({ note }: Noting, level: LevelDocument, folded: Folded | undefined, held: Held | undefined): void {
  const { on_hand, reserved, short, backorder_limit, sequence, version, next_expiry_at } = level
  const last = folded?.last ?? 0
  const [onHandFolded, reservedFolded, heldFolded] = [folded?.onHand ?? 0, folded?.reserved ?? 0, held?.held ?? 0]
  const owed = Math.max(0, reserved - on_hand - backorder_limit)
  const most = on_hand + backorder_limit + short
  const amounts = `${on_hand} on hand, ${reserved} reserved, ${short} short, a backorder limit of ${backorder_limit}`
  const isBelow = Math.min(on_hand, reserved, short, backorder_limit) < 0
  const where = { level }
  note('level_on_hand', where, onHandFolded, on_hand, on_hand !== onHandFolded)
  note('level_reserved', where, reservedFolded, reserved, reserved !== reservedFolded)
  note('level_sequence', where, last, sequence, sequence !== last)
  note('level_movements', where, last, folded?.movements ?? 0, folded !== undefined && folded.movements !== last)
  note('level_version', where, `at least ${Math.max(1, last)}`, version, version < Math.max(1, last))
  note('level_short', where, owed, short, short !== owed)
  note('level_bounds', where, 'nothing below 0', amounts, isBelow)
  note('level_promises', where, `at most ${most}`, reserved, reserved > most)
  note('level_holds', where, reserved, heldFolded, reserved !== heldFolded)
  if (!held || (next_expiry_at !== null && held.first_expiry_at >= next_expiry_at)) return
  const expiry = next_expiry_at === null ? 'never' : dateOf(next_expiry_at)
  note('level_next_expiry', where, `${dateOf(held.first_expiry_at)} or before`, expiry)
}
