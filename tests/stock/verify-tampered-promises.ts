import type { ReservationDocument } from '../../packages/inventory/src/infrastructure/mongodb/documents.ts'
import { NOBODY, type Tampered, type Tampering, tampered } from './verify-tampering.ts'

/** The kinds of `verify-planted-promises.ts`, in documents. */

/** The reservation that holds lamps. */
const held = (books: Tampering): ReservationDocument =>
  books.first('reservations', ({ _id }) => _id === books.hold().reservation_id)

const committed = (books: Tampering): ReservationDocument =>
  books.first('reservations', ({ status }) => status === 'committed')

const tombstone = (books: Tampering): ReservationDocument =>
  books.first('reservations', ({ lines }) => lines.length === 0)

/** The lines of a reservation with one of them altered. */
const linesWith = ({ lines }: ReservationDocument, place: number, to: Partial<ReservationDocument['lines'][number]>) =>
  lines.map((line, index) => (index === place ? { ...line, ...to } : line))

type Line = ReservationDocument['lines'][number]

/** Lets the lines of a reservation be what no lines are. */
function rewrite(
  books: Tampering,
  reservation: ReservationDocument,
  by: (lines: readonly [Line, ...Line[]]) => unknown,
) {
  const lines = by(reservation.lines as [Line, ...Line[]])
  books.change('reservations', reservation, { lines: lines as ReservationDocument['lines'] })
}

const later = (moment: Date, seconds: number) => new Date(moment.getTime() + 1_000 * seconds)

/** What can be wrong with reservations and holds. */
export const ofPromises: readonly Tampered[] = [
  tampered(
    'a reservation is there without its movement',
    (books) => books.add('reservations', { ...held(books), _id: NOBODY }),
    'reservation_without_movement',
  ),
  tampered(
    'a reservation has lost its movements and the gap is closed',
    (books) => books.reknit(books.lamp('reservation', 0)),
    'reservation_without_movement',
  ),
  tampered(
    'a reservation that was committed is removed',
    (books) => books.remove('reservations', committed(books)),
    'movement_without_reservation',
    'operation_without_reservation',
  ),
  tampered(
    'a reservation that is held is removed',
    (books) => books.remove('reservations', held(books)),
    'movement_without_reservation',
  ),
  tampered(
    'the end of a reservation is removed and the gap closed',
    (books) => books.reknit(books.lamp('commit')),
    'hold_missing',
    'line_status',
    'level_holds',
  ),
  tampered(
    'stock is reserved twice',
    (books) => books.again(books.lamp('reservation', 3)),
    'reserved_twice',
    'level_holds',
  ),
  tampered('a reservation is ended twice', (books) => books.again(books.lamp('commit')), 'ended_twice', 'level_holds'),
  tampered(
    'a hold is edited',
    (books) => books.change('holds', books.hold(), { quantity: books.hold().quantity + 1 }),
    'hold_quantity',
    'level_holds',
  ),
  tampered(
    'a hold expires at another moment',
    (books) => books.change('holds', books.hold(), { expires_at: later(books.hold().expires_at, 86_400) }),
    'hold_expiry',
  ),
  tampered(
    'a hold is of another operation',
    (books) => books.change('holds', books.hold(), { operation_id: NOBODY }),
    'hold_operation',
  ),
  tampered(
    'a hold is of another moment',
    (books) => books.change('holds', books.hold(), { created_at: later(books.hold().created_at, -1) }),
    'hold_time',
  ),
  tampered('a hold is removed', (books) => books.remove('holds', books.hold()), 'hold_missing', 'level_holds'),
  tampered(
    'a hold is added',
    (books) => {
      const { product_id, warehouse_id } = books.hold()
      const _id = `${product_id}.${warehouse_id}.${NOBODY}`
      books.add('holds', { ...books.hold(), _id, reservation_id: NOBODY, quantity: 1 })
    },
    'hold_left',
    'level_holds',
  ),
  tampered(
    'a hold is another reservation’s',
    (books) => books.change('holds', books.hold(), { reservation_id: NOBODY }),
    'hold_left',
    'hold_missing',
  ),
  tampered(
    'a hold is another reservation’s, and its own name left as it was',
    (books) => books.add('holds', { ...books.hold(), reservation_id: NOBODY }),
    'document_id',
  ),
  tampered(
    'a hold of what was committed is left',
    (books) => {
      const { product_id, warehouse_id, reservation_id, operation_id, created_at } = books.lamp('commit')
      const _id = `${product_id}.${warehouse_id}.${reservation_id}`
      const left = {
        _id,
        reservation_id: reservation_id!,
        quantity: 1,
        expires_at: created_at,
        operation_id,
        created_at,
      }
      books.add('holds', { ...books.hold(), ...left })
    },
    'hold_left',
    'level_holds',
  ),
  tampered(
    'a held reservation is called released',
    (books) => books.change('reservations', held(books), { status: 'released' }),
    'reservation_status',
  ),
  tampered(
    'a committed reservation is called expired',
    (books) => books.change('reservations', committed(books), { status: 'expired' }),
    'reservation_status',
  ),
  tampered(
    'a tombstone is called held',
    (books) => books.change('reservations', tombstone(books), { status: 'held' }),
    'reservation_status',
  ),
  tampered(
    'a held line is called committed',
    (books) => books.change('reservations', held(books), { lines: linesWith(held(books), 0, { status: 'committed' }) }),
    'line_status',
  ),
  tampered(
    'a committed line is called held',
    (books) => {
      const lines = linesWith(committed(books), 0, { status: 'held' })
      books.change('reservations', committed(books), { lines, status: 'held' })
    },
    'line_status',
  ),
  tampered(
    'a committed line has lost its status',
    (books) => rewrite(books, committed(books), ([{ status, ...rest }, ...others]) => [rest, ...others]),
    'line_status',
  ),
  tampered(
    'the status of a committed line is nothing',
    (books) => rewrite(books, committed(books), ([line, ...others]) => [{ ...line, status: null }, ...others]),
    'line_status',
  ),
  tampered(
    'a line has lost its quantity',
    (books) => rewrite(books, held(books), ([{ quantity, ...rest }, ...others]) => [rest, ...others]),
    'reservation_quantity',
  ),
  tampered(
    'a line is added once more, without its quantity',
    (books) =>
      rewrite(books, held(books), ([{ quantity, ...rest }, ...others]) => [rest, { ...rest, quantity }, ...others]),
    'reservation_quantity',
  ),
  tampered(
    'a line of something else is added without a quantity',
    (books) =>
      rewrite(books, held(books), (lines) => {
        const { quantity, ...rest } = lines[0]
        return [...lines, { ...rest, product_id: NOBODY }]
      }),
    'reservation_without_movement',
  ),
  tampered(
    'the quantity of a line is no whole number',
    (books) => books.change('reservations', held(books), { lines: linesWith(held(books), 0, { quantity: 1.5 }) }),
    'reservation_quantity',
  ),
  tampered(
    'the quantity of a line is a word',
    (books) => rewrite(books, held(books), ([line, ...others]) => [{ ...line, quantity: 'two' }, ...others]),
    'reservation_quantity',
  ),
  tampered(
    'the product of a line is a word',
    (books) =>
      books.change('reservations', held(books), { lines: linesWith(held(books), 1, { product_id: 'a lamp' }) }),
    'reservation_without_movement',
    'movement_without_reservation',
  ),
  tampered(
    'a line of a reservation is nothing',
    (books) => rewrite(books, held(books), ([line, , ...others]) => [line, null, ...others]),
    'reservation_without_movement',
    'movement_without_reservation',
  ),
  tampered(
    'the lines of a reservation are no list',
    (books) => rewrite(books, held(books), () => ({})),
    'movement_without_reservation',
    'reservation_status',
  ),
  tampered(
    'the lines of a reservation are nothing',
    (books) => rewrite(books, held(books), () => null),
    'movement_without_reservation',
    'reservation_status',
  ),
  tampered(
    'the lines of a tombstone are no list',
    (books) => rewrite(books, tombstone(books), () => ({})),
    'reservation_status',
  ),
  tampered(
    'the quantity of a line is edited',
    (books) => books.change('reservations', held(books), { lines: linesWith(held(books), 0, { quantity: 77 }) }),
    'reservation_quantity',
  ),
  tampered(
    'a line is of another product',
    (books) => books.change('reservations', held(books), { lines: linesWith(held(books), 1, { product_id: NOBODY }) }),
    'reservation_without_movement',
    'movement_without_reservation',
  ),
  tampered(
    'a reservation expires at another moment',
    (books) => books.change('reservations', held(books), { expires_at: later(held(books).expires_at, 3_600) }),
    'hold_expiry',
  ),
  tampered(
    'a reservation is of another operation',
    (books) => books.change('reservations', held(books), { operation_id: NOBODY }),
    'reservation_operation',
    'hold_operation',
  ),
  tampered(
    'a reservation is another’s',
    (books) => books.change('reservations', held(books), { actor: 'someone' }),
    'reservation_actor',
  ),
  tampered(
    'a reservation is of another moment',
    (books) => books.change('reservations', held(books), { created_at: later(held(books).created_at, -1) }),
    'reservation_time',
    'hold_time',
  ),
  tampered(
    'more was ended than reserved',
    (books) => {
      const { on_hand_change, reserved_change } = books.lamp('commit')
      const more = { on_hand_change: on_hand_change - 1, reserved_change: reserved_change - 1 }
      books.change('movements', books.lamp('commit'), more)
    },
    'ended_quantity',
    'movement_on_hand_after',
  ),
  tampered(
    'a reservation is ended before it was made',
    (books) => {
      const [made, ended] = [books.lamp('reservation'), books.lamp('commit')]
      books.change('movements', made, { kind: ended.kind, reservation_id: ended.reservation_id })
      books.change('movements', ended, { kind: made.kind, reservation_id: made.reservation_id })
    },
    'ended_before_made',
    'movement_kind',
  ),
]
