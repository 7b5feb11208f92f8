import {
  type Context,
  cursorRefusal,
  type Failure,
  fail,
  invalid,
  isUuid,
  notFound,
  ok,
  type Page,
  type PageRequest,
  type Result,
  type Uuid,
} from '@abasto/kernel'
import type { ReserveLine } from '../domain/command.ts'
import { type Reservation, TTL_SECONDS } from '../domain/reservation.ts'
import type { Outcome } from '../domain/state.ts'
import type { LevelKey } from '../domain/stock-level.ts'
import { DEFAULT_WAREHOUSE } from '../domain/warehouse.ts'
import { asked, commit, lineCountRefusal, named, recallOr, resultOf } from './operation.ts'
import type { Backorder, BackorderFilter, Ports, ReservationFilter } from './ports.ts'
import { obstacleOf } from './purchases.ts'

export type LineToReserve = Readonly<{ productId: Uuid; quantity: number; warehouseId?: Uuid | undefined }>

/** Which lines of a reservation are meant: all of them that are of this level. */
export type LineNamed = Readonly<{ productId: Uuid; warehouseId?: Uuid | undefined }>

/** Holds 1 to 100 lines for a while, all or none. */
export async function reserveStock(
  ports: Ports,
  context: Context,
  input: Readonly<{
    lines: readonly LineToReserve[]
    /** Chosen by the caller, so that it can be released before it is known to be made. */
    id?: Uuid | undefined
    /** 1 s to 30 days; 10 minutes if it is not said. */
    ttlSeconds?: number | undefined
    reference?: string | null | undefined
  }>,
): Promise<Result<Reservation>> {
  const { lines, id, ttlSeconds = TTL_SECONDS.usual, reference = null } = input
  const refusal = lineCountRefusal('reservation', lines.length) ?? ttlRefusal(ttlSeconds)
  if (refusal) return fail(refusal)
  const found = await ports.products.priceProducts(context, [...new Set(lines.map(({ productId }) => productId))])
  if (!found.ok) return resultOf(await recallOr(ports, context, found.error), reservationOf)

  const toReserve = lines.map((line): ReserveLine => {
    const { productId, quantity, warehouseId = DEFAULT_WAREHOUSE } = line
    return { productId, quantity, warehouseId, obstacle: obstacleOf(found.value.get(productId), productId) }
  })
  const which = { reservationId: id ?? ports.newId(), isIdChosen: id !== undefined }
  const command = { type: 'reserve', ...which, lines: toReserve, ttlSeconds, reference, ...named(context) } as const
  const result = resultOf(await commit(ports, context, command), reservationOf)
  return announced(ports, context, result, 'reservation.held')
}

type ToEnd = Readonly<{ id: Uuid; lines?: readonly LineNamed[] | undefined }>

/** Takes what is held, which leaves the shop; all of it, or the lines that are named. */
export const commitReservation = (ports: Ports, context: Context, input: ToEnd): Promise<Result<Reservation>> =>
  endReservation(ports, context, input, { type: 'commit', event: 'reservation.committed' })

/** Gives back what is held; all of it, or the lines that are named. */
export const releaseReservation = (ports: Ports, context: Context, input: ToEnd): Promise<Result<Reservation>> =>
  endReservation(ports, context, input, { type: 'release', event: 'reservation.released' })

async function endReservation(
  ports: Ports,
  context: Context,
  { id, lines }: ToEnd,
  { type, event }: Readonly<{ type: 'commit' | 'release'; event: string }>,
): Promise<Result<Reservation>> {
  const refusal = lines && lineCountRefusal('reservation', lines.length)
  if (refusal) return fail(refusal)
  const command = { type, reservationId: id, lines: lines?.map(levelNamedBy), ...named(context) }
  return announced(ports, context, resultOf(await commit(ports, context, command), reservationOf), event)
}

/** Holds it until so many seconds from now, if that is later than its end. */
export async function extendReservation(
  ports: Ports,
  context: Context,
  { id, ttlSeconds = TTL_SECONDS.usual }: Readonly<{ id: Uuid; ttlSeconds?: number | undefined }>,
): Promise<Result<Reservation>> {
  const refusal = ttlRefusal(ttlSeconds)
  if (refusal) return fail(refusal)
  const command = { type: 'extend', reservationId: id, ttlSeconds, ...named(context) } as const
  return resultOf(await commit(ports, context, command), reservationOf)
}

export async function getReservation(ports: Ports, context: Context, id: Uuid): Promise<Result<Reservation>> {
  const found = await asked(context, (trace) => ports.stock.reservation(id, trace))
  if (!found.ok) return found
  return found.value ? ok(found.value) : fail(notFound('reservation', id))
}

export async function listReservations(
  ports: Ports,
  context: Context,
  { filter, page }: Readonly<{ filter: ReservationFilter; page: PageRequest }>,
): Promise<Result<Page<Reservation>>> {
  const refusal = cursorRefusal(page)
  return refusal ? fail(refusal) : asked(context, (trace) => ports.stock.reservations(filter, page, trace))
}

/** What is owed: held beyond what is there. The oldest first; what comes in serves them in that order. */
export async function listBackorders(
  ports: Ports,
  context: Context,
  { filter, page }: Readonly<{ filter: BackorderFilter; page: PageRequest }>,
): Promise<Result<Page<Backorder>>> {
  const refusal = cursorRefusal(page, isBackorderPosition)
  return refusal ? fail(refusal) : asked(context, (trace) => ports.stock.backorders(filter, page, trace))
}

/** Where a backorder stands in the list: by age, then by reservation and level. */
export const backorderPosition = ({ createdAt, reservationId, productId, warehouseId }: Backorder): string =>
  `${createdAt}_${reservationId}_${productId}_${warehouseId}`

function isBackorderPosition(text: string): boolean {
  const [moment = '', ...ids] = text.split('_')
  return isWritten(moment) && ids.length === 3 && ids.every(isUuid)
}

/** Only as it is written here: other spellings mean something else to a database, or nothing. */
function isWritten(moment: string): boolean {
  const ms = /^[12]\d{3}-/.test(moment) ? Date.parse(moment) : Number.NaN
  return !Number.isNaN(ms) && new Date(ms).toISOString() === moment
}

const levelNamedBy = ({ productId, warehouseId = DEFAULT_WAREHOUSE }: LineNamed): LevelKey => ({
  productId,
  warehouseId,
})

function ttlRefusal(ttlSeconds: number): Failure | undefined {
  const { least, most } = TTL_SECONDS
  if (Number.isSafeInteger(ttlSeconds) && ttlSeconds >= least && ttlSeconds <= most) return undefined
  return invalid('invalid_value', `Stock is held for ${least} to ${most} seconds, not ${ttlSeconds}.`, ['ttlSeconds'])
}

const reservationOf = ({ reservation }: Extract<Outcome, { type: 'reservation' }>): Reservation => reservation

function announced(ports: Ports, context: Context, result: Result<Reservation>, event: string): Result<Reservation> {
  if (!result.ok || result.replayed) return result
  const { id: reservation_id, status, reference, lines, expiresAt: expires_at } = result.value
  ports.announce(event, context, { reservation_id, status, reference, lines: lines.length, expires_at })
  return result
}
