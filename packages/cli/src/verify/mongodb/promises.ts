import type {
  HoldDocument,
  MovementDocument,
  ReservationDocument,
} from '@abasto/inventory/infrastructure/mongodb/documents'
import { type Books, dateOf, type LevelName, type Note, type Where } from './books.ts'
import type { Moment } from './moments.ts'
import { both, gatherInto, partsOf, settle } from './relation.ts'

type Noting = Readonly<{ note: Note }>

/** What is known of a reservation, from the three places that tell it: itself, its movements and its holds. */
type Pledge = { reservation?: ReservationDocument; moved: MovementDocument[]; held: HoldDocument[] }

const nothing = (): Pledge => ({ moved: [], held: [] })

const MOVED = { reservation_id: { $ne: null } }
const MOVED_FIELDS = { purchase_id: 0, reason: 0, on_hand_after: 0, reserved_after: 0 }

/** How long a write may be under way, in milliseconds: by so much may the moment that it bears be before it is seen. */
const UNDER_WAY_MS = 60_000

/**
 * What each reservation has of each level: its lines, its movements and its hold. One movement made the promise and at
 * most one ended it. They are gathered in parts, in memory. A reservation may have very many lines, so a part is measured
 * by what is kept of it: `movements` is how many there are of reservations.
 */
export async function checkPromises(books: Books, movements: number): Promise<number> {
  const { moments, note } = books
  const pairs = (movements + (await moments.count('holds'))) / 2
  let count = 0
  for (const part of partsOf(Math.max(pairs, await moments.count('reservations')), moments.partSize)) {
    const groups = new Map<string, Pledge>()
    await gatherInto<Pledge, ReservationDocument>(moments, groups, nothing, {
      from: 'reservations',
      match: part('_id'),
      nameOf: ({ _id }) => _id,
      put: (group, reservation) => {
        group.reservation = reservation
        count++
      },
    })
    await checkTombstones(books, groups)
    await gatherInto<Pledge, HoldDocument>(moments, groups, nothing, {
      from: 'holds',
      match: part('reservation_id'),
      nameOf: ({ reservation_id }) => String(reservation_id),
      put: ({ held }, hold) => void held.push(hold),
    })
    const begun = await moments.clock()
    await gatherInto<Pledge, MovementDocument>(moments, groups, nothing, {
      from: 'movements',
      match: both(MOVED, part('reservation_id')),
      fields: MOVED_FIELDS,
      nameOf: ({ reservation_id }) => String(reservation_id),
      put: ({ moved }, movement) => void moved.push(movement),
    })
    const since = new Date(begun.getTime() - UNDER_WAY_MS)
    await settle(moments, note, { check, again: (moment, some) => seenAgain(moment, some, since) }, groups)
  }
  return count
}

/** Reservations and holds as they are at one moment, and of the movements what came after those that were read. */
async function seenAgain(moment: Moment, groups: ReadonlyMap<string, Pledge>, since: Date) {
  const fresh = new Map<string, Pledge>()
  for (const [name, { moved }] of groups) fresh.set(name, { moved: [...moved], held: [] })
  const later = [{ $match: { created_at: { $gte: since }, ...MOVED } }, { $project: MOVED_FIELDS }]
  for await (const batch of moment.batches<MovementDocument>('movements', later, { created_at: 1 })) {
    for (const movement of batch) {
      const known = fresh.get(String(movement.reservation_id))?.moved
      if (known && !known.some(({ _id }) => _id === movement._id)) known.push(movement)
    }
  }
  const reservations = await moment.byId<ReservationDocument>('reservations', [...groups.keys()])
  const holdIds = new Set<string>()
  for (const [name, group] of fresh) {
    const reservation = reservations.get(name)
    if (reservation) group.reservation = reservation
    for (const { product_id, warehouse_id } of [...group.moved, ...linesOf(reservation)]) {
      holdIds.add(`${product_id}.${warehouse_id}.${name}`)
    }
    for (const { _id } of groups.get(name)!.held) holdIds.add(_id)
  }
  const holds = await moment.byId<HoldDocument>('holds', [...holdIds])
  for (const hold of holds.values()) fresh.get(String(hold.reservation_id))?.held.push(hold)
  return fresh
}

const isBefore = (one: MovementDocument, other: MovementDocument): boolean =>
  one.product_id === other.product_id && one.warehouse_id === other.warehouse_id
    ? one.sequence < other.sequence
    : one.product_id + one.warehouse_id < other.product_id + other.warehouse_id

/** A tombstone has no lines, so nothing else says which operation released it. */
async function checkTombstones({ moments, note }: Books, groups: ReadonlyMap<string, Pledge>): Promise<void> {
  const tombstones = [...groups.values()].flatMap(({ reservation }) =>
    Array.isArray(reservation?.lines) && reservation.lines.length === 0 ? reservation : [],
  )
  for (let from = 0; from < tombstones.length; from += TOGETHER) {
    const some = tombstones.slice(from, from + TOGETHER)
    const ids = some.map(({ operation_id }) => operation_id)
    const operations = await moments.byId('operations', ids, { _id: 1 })
    for (const { _id, operation_id } of some) {
      const where = { subject: `reservation ${_id}` }
      const isMissing = !operations.has(operation_id)
      note('reservation_without_operation', where, `the record of operation ${operation_id}`, 'none', isMissing)
    }
  }
}

/** How many tombstones are looked at together. */
const TOGETHER = 10_000

function check(note: Note, name: string, { reservation, moved, held }: Pledge): void {
  const books = { note }
  if (reservation) checkStatus(books, reservation)
  const inOrder = moved.toSorted((one, other) => (isBefore(one, other) ? -1 : 1))
  for (const promise of byLevel(reservation, inOrder, held)) checkPromise(books, name, reservation, promise)
  for (const hold of held) {
    const id = `${hold.product_id}.${hold.warehouse_id}.${hold.reservation_id}`
    note('document_id', { level: hold, subject: `reservation ${name}` }, id, hold._id, hold._id !== id)
  }
}

type Line = LevelName & Readonly<{ quantity: number; status: string }>

/** The lines of a reservation, as far as they are such: what is missing of one equals no quantity and no status. */
const linesOf = (reservation: ReservationDocument | undefined): readonly Line[] =>
  listed(reservation?.lines).map((line) => ({
    ...(line as LevelName),
    quantity: typeof line?.quantity === 'number' ? line.quantity : Number.NaN,
    status: line?.status ?? 'none',
  }))

const listed = (lines: unknown): readonly (Partial<Line> | null)[] => (Array.isArray(lines) ? lines : [])

/** What one reservation has of one level. */
type Promised = {
  level: LevelName
  lines: Line[]
  made: MovementDocument[]
  ended: MovementDocument[]
  hold?: HoldDocument
}

function byLevel(
  reservation: ReservationDocument | undefined,
  movements: readonly MovementDocument[],
  holds: readonly HoldDocument[],
): Iterable<Promised> {
  const promises = new Map<string, Promised>()
  const of = ({ product_id, warehouse_id }: LevelName): Promised => {
    const key = `${product_id}.${warehouse_id}`
    const own = promises.get(key) ?? { level: { product_id, warehouse_id }, lines: [], made: [], ended: [] }
    promises.set(key, own)
    return own
  }
  for (const line of linesOf(reservation)) of(line).lines.push(line)
  for (const movement of movements) {
    const { made, ended } = of(movement)
    if (movement.kind === 'reservation') made.push(movement)
    else ended.push(movement)
  }
  for (const hold of holds) of(hold).hold = hold
  return promises.values()
}

/**
 * A hold that is past its time is ended by whichever write meets it first, so a line may still be called held after its
 * expiry was written down; nothing else may differ.
 */
function checkPromise(
  { note }: Noting,
  name: string,
  reservation: ReservationDocument | undefined,
  { level, lines, made, ended, hold }: Promised,
): void {
  const where: Where = { level, subject: `reservation ${name}` }
  const own = lines.length === 0 ? undefined : reservation
  const quantity = sumOf(lines.map((line) => line.quantity))
  const madeQuantity = sumOf(made.map(({ reserved_change }) => reserved_change))
  const endedQuantity = -sumOf(ended.map(({ reserved_change }) => reserved_change))
  const isMoved = made.length + ended.length > 0

  if (own && made.length === 0)
    note('reservation_without_movement', where, `a movement that reserved ${quantity}`, 'none')
  if (!own && isMoved) {
    const found = `none, but ${made.length + ended.length} movements of it`
    note('movement_without_reservation', where, 'a line of that reservation', found)
  }
  note('reserved_twice', where, '1 movement', `${made.length} movements`, made.length > 1)
  note('ended_twice', where, '1 movement at most', `${ended.length} movements`, ended.length > 1)
  if (made.length === 1) {
    note('reservation_quantity', where, madeQuantity, quantity, own !== undefined && quantity !== madeQuantity)
    note('ended_quantity', where, madeQuantity, endedQuantity, ended.length === 1 && endedQuantity !== madeQuantity)
  }
  const [first, last] = [made.at(-1), ended.at(-1)]
  if (first && last && last.sequence < first.sequence) {
    note('ended_before_made', where, `its end after movement ${first.sequence}`, `movement ${last.sequence}`)
  }
  if (own) checkAgainst({ note }, where, own, lines, made, ended)
  checkHold({ note }, where, own, { made: made.length, madeQuantity, ended: ended.length }, hold)
}

/** What the reservation itself says of lines, operation, actor and moments. */
function checkAgainst(
  { note }: Noting,
  where: Where,
  own: ReservationDocument,
  lines: Promised['lines'],
  made: Promised['made'],
  ended: Promised['ended'],
): void {
  const status = [...new Set(lines.map((line) => line.status))].sort().join(' and ')
  const end = ended.toSorted((one, other) => ENDS.indexOf(one.kind) - ENDS.indexOf(other.kind)).at(-1)
  const folded = end === undefined ? 'held' : (ENDED_AS[end.kind] ?? 'expired')
  note('line_status', where, folded, status, status !== folded && !(status === 'held' && folded === 'expired'))
  const first = made.at(-1)
  if (first) {
    const [by, at] = [`operation ${first.operation_id}`, dateOf(first.created_at)]
    const [otherBy, otherAt] = [`operation ${own.operation_id}`, dateOf(own.created_at)]
    note('reservation_operation', where, by, otherBy, by !== otherBy)
    note('reservation_actor', where, first.actor, own.actor, first.actor !== own.actor)
    note('reservation_time', where, at, otherAt, at !== otherAt)
  }
  const expired = ended.find(({ kind }) => kind === 'expiry')
  if (expired) {
    const found = `operation ${expired.operation_id}`
    note('expired_by_other', where, `operation ${own.operation_id}`, found, expired.operation_id !== own.operation_id)
  }
  if (!end) return
  const [moment, expiry] = [dateOf(end.created_at), dateOf(own.expires_at)]
  note('expired_early', where, `${expiry} or after`, moment, end.kind === 'expiry' && moment < expiry)
  note('committed_late', where, `before ${expiry}`, moment, end.kind === 'commit' && moment >= expiry)
}

const ENDS: readonly string[] = ['commit', 'release', 'expiry']

const ENDED_AS: Readonly<Record<string, string>> = { commit: 'committed', release: 'released' }

function checkHold(
  { note }: Noting,
  where: Where,
  own: ReservationDocument | undefined,
  { made, madeQuantity, ended }: Readonly<{ made: number; madeQuantity: number; ended: number }>,
  hold: HoldDocument | undefined,
): void {
  if (!hold) {
    note('hold_missing', where, `a hold of ${madeQuantity}`, 'none', made > 0 && ended === 0)
    return
  }
  note('hold_left', where, 'no hold', `a hold of ${hold.quantity}`, made === 0 || ended > 0)
  const isOther = made > 0 && ended === 0 && hold.quantity !== madeQuantity
  note('hold_quantity', where, madeQuantity, hold.quantity, isOther)
  if (!own) return
  const [until, otherUntil] = [dateOf(own.expires_at), dateOf(hold.expires_at)]
  const [by, otherBy] = [`operation ${own.operation_id}`, `operation ${hold.operation_id}`]
  const [at, otherAt] = [dateOf(own.created_at), dateOf(hold.created_at)]
  note('hold_expiry', where, until, otherUntil, until !== otherUntil)
  note('hold_operation', where, by, otherBy, by !== otherBy)
  note('hold_time', where, at, otherAt, at !== otherAt)
}

/** The reservation as its lines say it must be; without lines it is the tombstone of an id that was released. */
function checkStatus({ note }: Noting, reservation: ReservationDocument): void {
  const { _id, status, lines } = reservation
  const are = new Set(linesOf(reservation).map((line) => line.status))
  const expected = Array.isArray(lines) ? statusOf(are) : 'what a list of lines says'
  note(
    'reservation_status',
    { subject: `reservation ${_id}` },
    expected,
    status,
    !expected.split(' or ').includes(status),
  )
}

function statusOf(lines: ReadonlySet<string>): string {
  if (lines.size === 0) return 'released'
  if (lines.has('held')) return 'held'
  if (lines.has('committed')) return 'committed'
  if (!lines.has('released')) return 'expired'
  return lines.has('expired') ? 'released or expired' : 'released'
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0)
