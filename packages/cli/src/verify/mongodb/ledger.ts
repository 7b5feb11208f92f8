import type { LevelDocument, MovementDocument } from '@abasto/inventory/infrastructure/mongodb/documents'
import { type Books, dateOf, type LevelName } from './books.ts'
import { causesOf } from './causes.ts'
import { hashOfSale } from './sales.ts'
import { readingOn, tally } from './streams.ts'

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

type Held = Readonly<{ _id: LevelName; held: number; first_expiry_at: Date }>

/**
 * Walks the ledger once, level by level in the order of its index, beside the levels and what is held of them: so it is
 * as much at a time as one batch, however long the ledger is. Of the sales it brings along the sum of their hashes.
 */
export async function checkLedger(books: Books, warehouses: ReadonlyMap<string, string>) {
  const levels = await readingOn(books.batches<LevelDocument>('stock_levels', [inOrder()]))
  const holds = await readingOn(books.batches<Held>('holds', heldOfLevels))
  const [sales, causes] = [tally(), causesOf(books)]
  let [movementCount, levelCount] = [0, 0]
  let folded: Folded | undefined

  /** Looks at the levels before this one, which have no movements, and at this one. */
  async function finish(own: Folded | undefined): Promise<void> {
    for (;;) {
      const level = levels.next()
      if (!level || (own && isBefore(own, level))) break
      const isOwn = own !== undefined && !isBefore(level, own)
      checkLevel(books, level, isOwn ? own : undefined, await heldOf(level))
      const isNamed = level._id === `${level.product_id}.${level.warehouse_id}`
      books.note('document_id', { level }, `${level.product_id}.${level.warehouse_id}`, level._id, !isNamed)
      books.note('level_warehouse', { level }, 'a warehouse of that id', 'none', !warehouses.has(level.warehouse_id))
      levelCount++
      await levels.take()
      if (isOwn) return
    }
    if (!own) return
    books.note('level_missing', { level: own }, 'a stock level', `none, but ${own.movements} movements of it`)
    books.note('level_movements', { level: own }, own.last, own.movements, own.movements !== own.last)
  }

  async function heldOf(level: LevelName): Promise<Held | undefined> {
    for (;;) {
      const held = holds.next()
      if (!held || isBefore(level, held._id)) return undefined
      if (!isBefore(held._id, level)) return held
      await holds.take()
    }
  }

  for await (const batch of books.batches<MovementDocument>('movements', [inOrder('sequence')])) {
    for (const movement of batch) {
      if (!folded || isBefore(folded, movement)) {
        if (folded) await finish(folded)
        folded = nothingOf(movement)
      }
      walk(books, folded, movement)
      movementCount++
      if (movement.purchase_id !== null) sales.add(hashOfSale(movement.purchase_id, movement, -movement.on_hand_change))
      await causes.add(movement)
    }
  }
  if (folded) await finish(folded)
  await finish(undefined)
  await causes.flush()
  return { movements: movementCount, levels: levelCount, sales: sales.text() }
}

const inOrder = (...more: readonly string[]) => ({
  $sort: Object.fromEntries(['product_id', 'warehouse_id', ...more].map((field) => [field, 1])),
})

const heldOfLevels = [
  {
    $group: {
      _id: { product_id: '$product_id', warehouse_id: '$warehouse_id' },
      held: { $sum: '$quantity' },
      first_expiry_at: { $min: '$expires_at' },
    },
  },
  { $sort: { '_id.product_id': 1, '_id.warehouse_id': 1 } },
]

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
function walk({ note }: Books, folded: Folded, movement: MovementDocument): void {
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
function checkLevel({ note }: Books, level: LevelDocument, folded: Folded | undefined, held: Held | undefined): void {
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
